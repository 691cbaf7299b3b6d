"""What the program refuses."""

from __future__ import annotations

from headwater.base.errors import NotFound


class NoSuchProgram(NotFound):
    """There is no program with this id."""
