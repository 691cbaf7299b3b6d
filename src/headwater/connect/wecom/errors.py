"""What WeCom refuses, in words that a guide's desk can act upon."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from headwater.connect.errors import NotAuthorised, ProviderRefused, UnknownToProvider


class NotACustomer(ProviderRefused):
    """This person is not, or no longer, a customer of this staff member at WeCom."""


class WelcomeSpent(ProviderRefused):
    """The chat has begun or twenty seconds have passed, so no welcome can be sent any more."""


# From developer.work.weixin.qq.com/document/path/90313 (global codes); read in November 2026.
REFUSALS: Final[Mapping[int, type[ProviderRefused]]] = {
    40003: UnknownToProvider,  # no such user id
    40096: UnknownToProvider,  # no such external user id
    60111: UnknownToProvider,  # no such user id in the directory
    41051: WelcomeSpent,
    84061: NotACustomer,
    84084: NotACustomer,
    40001: NotAuthorised,  # the secret is wrong
    40013: NotAuthorised,  # the corpid is wrong
    48002: NotAuthorised,  # the app may not call this
    60011: NotAuthorised,  # the person is outside of what the app may see
    60020: NotAuthorised,  # our address is not on the app's list
    84074: NotAuthorised,  # the app may not see customers
    301002: NotAuthorised,  # the app may not speak for this agent
    610016: NotAuthorised,  # the company is not verified
}
# Surely without effect, and worth another try later.
LATER: Final[Mapping[int, str]] = {
    41063: "is still handing out this broadcast",
    41096: "is still handing out this welcome",
    45009: "has counted too many calls of ours",
    45033: "has too many calls of ours under way",
}
BUSY: Final = -1
DEAD_TOKEN: Final = frozenset({"40014", "42001"})
