"""What simulated people do at the doors: they log in, look, order and pay, as anybody would."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2

from headwater.world import forms

Clients = Callable[[], httpx2.AsyncClient]
_LEFT = re.compile(r'name="(quantity_\d+)" value="\d+" min="0" max="(\d+)"')
_BUY = re.compile(r"/cart/([0-9a-f-]{36})/([0-9a-f-]{36})")


class TurnedAway(Exception):
    """A door answered in a way that a person could not go on from."""


@dataclass(frozen=True)
class Thing:
    """Something on the shelf that can be bought."""

    store_id: str
    variant_id: str


@dataclass
class Visitor:
    """One person with a browser of their own."""

    person_id: str
    shop: str
    phone: str
    client: httpx2.AsyncClient
    is_logged_in: bool = field(default=False)

    async def log_in(self) -> None:
        """Come in through WeChat, which knows who holds the phone."""
        if self.is_logged_in:
            return
        to_wechat = await self._get("/login/wechat?next=/me")
        back = await self.client.get(f"{to_wechat.partition('#')[0]}&as={self.person_id}")
        arrived = await self.client.get(back.headers["location"])
        if arrived.status_code != 303:
            raise TurnedAway(f"login answered {arrived.status_code}")
        self.is_logged_in = True

    async def allow(self, purpose: str) -> None:
        """Say yes to a purpose on the page of one's own data."""
        page = await self.client.get(f"{self.shop}/me/data")
        offered, _links = forms.read(page.text)
        for form in offered:
            if form.fields.get("purpose") == purpose and form.action.endswith("/me/consents"):
                await self.client.post(f"{self.shop}/me/consents", data=form.filled())
                return

    async def look_around(self, pages: list[str]) -> list[Thing]:
        """Walk along shelves and note what can be bought."""
        seen: dict[tuple[str, str], Thing] = {}
        for path in pages:
            page = await self.client.get(f"{self.shop}{path}")
            for store_id, variant_id in _BUY.findall(page.text):
                seen.setdefault((store_id, variant_id), Thing(store_id, variant_id))
        return list(seen.values())

    async def order(self, things: list[tuple[Thing, int]]) -> dict[str, Any] | None:
        """Order things, or come away without them when they are sold out."""
        lines = [{"variant_id": t.variant_id, "quantity": count} for t, count in things]
        body = {"store_id": things[0][0].store_id, "lines": lines}
        answer = await self.client.post(f"{self.shop}/api/orders", json=body)
        if answer.status_code == 409:
            return None
        if answer.status_code != 201:
            raise TurnedAway(f"order answered {answer.status_code}: {answer.text[:200]}")
        placed: dict[str, Any] = answer.json()
        return placed

    async def pay(self, number: str) -> None:
        """Open the sheet and put in the password."""
        await self._pay(number, {"person_id": self.person_id})

    async def pay_as_payer(self, number: str) -> None:
        """Let whoever the order names put in the password."""
        await self._pay(number, {})

    async def _pay(self, number: str, who: dict[str, str]) -> None:
        sheet = await self._get(f"/orders/{number}/pay")
        package = parse_qs(urlsplit(sheet).query).get("package")
        if package is None:
            raise TurnedAway(f"paying {number} led to {sheet}, where no sheet is")
        decision = {"prepay_id": package[0].partition("=")[2], **who}
        paid = await self.client.post(f"{self.phone}/_sandbox/payments", json=decision)
        if paid.status_code != 200:
            raise TurnedAway(f"the sheet answered {paid.status_code}: {paid.text[:200]}")

    async def bring_back(self, number: str) -> bool:
        """Ask for all of an order back, and tell whether the page still offered it."""
        page = await self.client.get(f"{self.shop}/orders/{number}/refund")
        if page.status_code != 200:
            return False
        form = forms.form_to(page.text, f"/orders/{number}/refunds")
        lines = dict(_LEFT.findall(page.text))
        answer = await self.client.post(f"{self.shop}{form.action}", data=form.fields | lines)
        if answer.status_code != 303:
            raise TurnedAway(f"{form.action} answered {answer.status_code}")
        return True

    async def messages(self) -> list[dict[str, Any]]:
        """Read what came to one's phone."""
        inbox = await self.client.get(f"{self.phone}/_sandbox/people/{self.person_id}/messages")
        found: list[dict[str, Any]] = inbox.json()["messages"]
        return found

    async def _get(self, path: str) -> str:
        answer = await self.client.get(f"{self.shop}{path}")
        if answer.status_code not in (302, 303):
            raise TurnedAway(f"{path} answered {answer.status_code}")
        return answer.headers["location"]
