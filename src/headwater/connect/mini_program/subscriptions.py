"""Subscription messages: one tap of "allow" in the mini program is one message that may be sent.

The taps come back to the page, and as pushes (AuthorisationsGiven, AuthorisationsTakenBack). How
many are left is a balance that the business keeps per member and template, with the consent;
`authorisation_after` says what each send has done to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from headwater.base.errors import NotReached, Refusal
from headwater.connect.errors import NoAuthorisationLeft
from headwater.connect.mini_program.codes import Version
from headwater.connect.weixin_api import WeixinApp

_STATES: Mapping[Version, str] = {
    "release": "formal",
    "trial": "trial",
    "develop": "developer",
}


class Authorisation(Enum):
    """What a send did to the authorisations of a person for a template."""

    USED = "used"
    KEPT = "kept"
    NONE_LEFT = "none_left"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Subscriptions:
    """The subscription messages of one mini program."""

    app: WeixinApp

    async def send(
        self,
        openid: str,
        template_id: str,
        fields: Mapping[str, str],
        page: str | None = None,
        version: Version = "release",
    ) -> None:
        """Send one message, which uses up one authorisation.

        A repeat is a second message and uses up another, so silence (Trouble) is not repeated
        blindly. Refusals: NoAuthorisationLeft, MessageDoesNotFit, TemplateUnknown, PageUnknown.
        """
        body: dict[str, Any] = {
            "touser": openid,
            "template_id": template_id,
            "data": {name: {"value": value} for name, value in fields.items()},
            "miniprogram_state": _STATES[version],
            "lang": "zh_CN",
        }
        if page is not None:
            body["page"] = page
        await self.app.do("/cgi-bin/message/subscribe/send", body)


def authorisation_after(outcome: Exception | None) -> Authorisation:
    """Tell what a send did to the balance: `outcome` is what it raised, or None for an arrival.

    UNKNOWN follows silence. Counting it as used errs on the side of sending one message fewer;
    the push SubscriptionsSent settles it.
    """
    match outcome:
        case None:
            return Authorisation.USED
        case NoAuthorisationLeft():
            return Authorisation.NONE_LEFT
        case Refusal() | NotReached():
            return Authorisation.KEPT
        case _:
            return Authorisation.UNKNOWN
