"""Senders: how the gate's messages reach people on each channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from headwater.connect.official_account import OfficialAccount
from headwater.web.kit.building import Templates

TITLE_MOST = 20
BODY_MOST = 200
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
                first: str(content["title"])[:TITLE_MOST],
                second: str(content["body"])[:BODY_MOST],
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
