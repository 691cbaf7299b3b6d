"""Refusals and troubles: the two ways in which the system says no."""

from __future__ import annotations

import re
from typing import Any, ClassVar


class Refusal(Exception):
    """The request cannot be done as asked.

    The docstring of each kind is the sentence for developers; the class name becomes the code
    that clients see, and the wording files hold the sentence for people, in each language.
    """

    status: ClassVar[int] = 409

    def __init__(self, **details: Any) -> None:
        self.details = details
        super().__init__(f"{self.code}: {details}" if details else self.code)

    @property
    def code(self) -> str:
        """The name by which clients and wording files know this refusal."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", type(self).__name__).lower()


class BadInput(Refusal):
    """A field of the request does not hold what it must hold."""

    status = 422

    def __init__(self, field: str, why: str, **details: Any) -> None:
        self.field = field
        self.why = why
        super().__init__(field=field, why=why, **details)


class NotFound(Refusal):
    """There is nothing here, or nothing that is yours."""

    status = 404


class NotLoggedIn(Refusal):
    """Nobody is logged in, or the login has ended."""

    status = 401


class NotPermitted(Refusal):
    """Your role does not allow this."""

    status = 403


class TooOften(Refusal):
    """You tried this too often; wait a while."""

    status = 429


class Forged(Refusal):
    """The message was not signed by whom it claims, or it is stale, or it came before."""

    status = 401


class Trouble(Exception):
    """The outside failed; the same request may be tried again."""


class NotReached(Trouble):
    """The outside could not be reached at all, so surely nothing was done there."""
