"""What the program refuses."""

from __future__ import annotations

from headwater.base.errors import NotFound, Refusal


class NoSuchProgram(NotFound):
    """There is no program with this id."""


class ProgramRuns(Refusal):
    """The brand has a program that runs; it is ended first."""
