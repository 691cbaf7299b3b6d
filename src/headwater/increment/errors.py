"""What increment refuses."""

from __future__ import annotations

from headwater.base.errors import NotFound, Refusal


class NoSuchExperiment(NotFound):
    """There is no experiment with this id."""


class CannotEstimate(Refusal):
    """The figures do not allow an estimate; `why` names what they lack."""

    status = 422


class ReadAtTheSameMoment(Refusal):
    """Somebody else added to the ledger just now; read again."""


class NotOverYet(Refusal):
    """Only a program whose half year is over rotates."""
