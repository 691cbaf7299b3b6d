"""What scan and go refuses."""

from __future__ import annotations

from headwater.base.errors import Refusal


class VisitOver(Refusal):
    """This visit has ended, or it is not yours; begin a new one."""

    status = 410


class NoSuchStore(Refusal):
    """No open store has this code."""

    status = 404


class NotPaidYet(Refusal):
    """The order is not paid, so there is no pass for it."""


class PassExpired(Refusal):
    """The pass is too old; a person looks at the receipt instead."""

    status = 410


class PassUsed(Refusal):
    """This pass has let somebody out already."""


class PassUnknown(Refusal):
    """This is no pass of this store."""

    status = 404
