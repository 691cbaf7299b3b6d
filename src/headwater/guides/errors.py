"""What the guides' room refuses."""

from __future__ import annotations

from headwater.base.errors import Refusal


class NotYourCustomer(Refusal):
    """This person is not one of your customers, or not any more."""

    status = 404


class NotYourShare(Refusal):
    """This share is not yours, or there is none."""

    status = 404


class NobodyInAnyBook(Refusal):
    """No guide of this brand has a customer yet."""
