"""Senders: how the gate's messages reach people on each channel."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from headwater.base.errors import NotReached
from headwater.connect.errors import TemplateUnknown
from headwater.connect.mini_program.balance import Balanced
from headwater.connect.official_account import OfficialAccount
from headwater.connect.wecom.outreach.content import Content, Link
from headwater.connect.wecom.outreach.welcomes import Welcomes, WelcomeTicket
from headwater.web.kit.building import Templates

# The channel of the one message that a guide's new customer gets at WeCom.
WELCOME = "wecom_welcome"
WELCOME_TRIES = 5
# Subscription messages of the mini program.
SUBSCRIPTION = "mini_program"
# What a template's field of the kind "thing" holds; anything longer is refused with 47003.
THING_MOST = 20
# Which fields of an approved template carry the title and the body.
FIELDS = {"order_paid": ("thing1", "amount2"), "refunded": ("thing2", "amount1")}


@dataclass(frozen=True)
class OfficialAccountSender:
    """Sends template messages through the official account."""

    account: OfficialAccount
    templates: Templates
    public_url: str

    async def send(self, address: str, content: Mapping[str, Any], once_key: str) -> str:
        """Send to an open id; a repeat with the same key within ten minutes is one message."""
        link = content.get("url")
        kind = str(content.get("kind", ""))
        first, second = FIELDS.get(kind, ("thing1", "thing2"))
        return await self.account.templates.send(
            address,
            self._template(kind),
            {
                first: _fitting(first, str(content["title"])),
                second: _fitting(second, str(content["body"])),
            },
            f"{self.public_url}{link}" if link else None,
            once_key,
        )

    def _template(self, kind: str) -> str:
        known = {
            "order_paid": self.templates.order_paid,
            "order_ready": self.templates.order_ready,
            "refunded": self.templates.refunded,
        }
        return known.get(kind, self.templates.member_care)


def _fitting(field: str, text: str) -> str:
    """A field as its kind allows it: the rest is read behind the link."""
    if field.startswith("amount"):
        return text.replace(",", "")
    return text if len(text) <= THING_MOST else text[: THING_MOST - 1] + "…"


@dataclass(frozen=True)
class SubscriptionSender:
    """Sends subscription messages through the mini program, out of what each person allowed."""

    balanced: Balanced
    template_ids: Mapping[str, str]

    async def send(self, address: str, content: Mapping[str, Any], once_key: str) -> str:
        """Send to an open id; a repeat is a second message, and takes another authorisation.

        The content names its template and every field of it, since each template differs.
        """
        name = str(content.get("template", ""))
        if name not in self.template_ids:
            raise TemplateUnknown("", f"the credentials name no template {name}")
        fields = {str(field): str(text) for field, text in content["fields"].items()}
        page = content.get("page")
        await self.balanced.send(
            address, self.template_ids[name], fields, str(page) if page else None
        )
        return ""


@dataclass(frozen=True)
class WelcomeSender:
    """Sends the welcome of a guide's new customer, which must leave within twenty seconds."""

    welcomes: Welcomes
    rest: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def send(self, address: str, content: Mapping[str, Any], once_key: str) -> str:
        """Send the one welcome of this ticket; a repeat after success is refused as spent.

        WeCom asks to try again while it is still handing the code out, and nobody but us has the
        time for it: what waits for the gate's next round comes too late.
        """
        ticket = WelcomeTicket(content["code"], datetime.fromisoformat(content["until"]))
        link = content.get("url")
        beside = (Link(str(content["link"]), str(link)),) if link else ()
        said = Content(str(content["body"]), beside)
        for _try in range(WELCOME_TRIES - 1):
            try:
                await self.welcomes.send(ticket, said)
            except NotReached:
                await self.rest(1)
                continue
            return ""
        await self.welcomes.send(ticket, said)
        return ""
