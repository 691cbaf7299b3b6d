"""A shopper for tests of the shop's doors: a browser that fills in our own forms."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import httpx2
from tests import make
from tests.house import House

from headwater.base.db import SYSTEM, member_walls
from headwater.trade import orders
from headwater.trade.orders import Order

TOKEN = re.compile(r'name="form_token" value="([^"]+)"')
PART = {"HX-Request": "true", "HX-Request-Type": "partial"}


@dataclass
class Shelf:
    """A store with something on its shelf."""

    shop: make.Shop
    item: make.Item

    @property
    def product(self) -> str:
        """Where the item's own page is."""
        return f"/products/{self.item.product_id}"

    @property
    def line(self) -> str:
        """Where the item is laid into the cart."""
        return f"/cart/{self.shop.store_id}/{self.item.variant_id}"


@dataclass
class Shopper:
    """Somebody at the shop's door, with a browser of their own."""

    house: House
    client: httpx2.AsyncClient
    token: str = ""
    member_id: UUID | None = None
    page: str = field(default="", repr=False)

    async def sees(self, address: str, status: int = 200) -> str:
        """Open a page."""
        answer = await self.client.get(address)
        assert answer.status_code == status, (address, answer.status_code, answer.text[:400])
        return self._read(answer)

    async def sends(self, address: str, **fields: object) -> httpx2.Response:
        """Send a form of a page."""
        if not self.token:
            await self.sees("/cart")
        body = {"form_token": self.token, **{name: str(each) for name, each in fields.items()}}
        answer = await self.client.post(address, data=body)
        self._read(answer)
        return answer

    async def chooses(self, shelf: Shelf) -> None:
        """Choose a store."""
        answer = await self.sends("/stores/choice", store_id=shelf.shop.store_id, next="/")
        assert answer.status_code == 303

    async def logs_in(self) -> UUID:
        """Come in through WeChat, as somebody new."""
        self.member_id = await self.house.member()
        await self.house.log_in(self.client, self.member_id)
        return self.member_id

    async def checks_out(self, shelf: Shelf, **changed: object) -> httpx2.Response:
        """Agree to what the checkout shows."""
        await self.sees(f"/checkout?store={shelf.shop.store_id}")
        names = ("order_id", "store_id", "shown_fen", "coupon_id")
        return await self.sends(
            "/checkout", **{name: self.hidden(name) for name in names} | changed
        )

    async def pays(self, number: str, decision: str = "approve") -> httpx2.Response:
        """Go to the pay sheet on the phone, decide there, and come back."""
        opened = await self.client.get(f"/orders/{number}/pay")
        assert opened.status_code == 303, opened.text[:400]
        sheet = urlsplit(opened.headers["location"])
        fields = dict(parse_qsl(sheet.query))
        async with self.house.sandbox.client() as phone:
            address = f"{sheet.scheme}://{sheet.netloc}{sheet.path}"
            decided = await phone.post(
                address, data={**fields, "decision": decision, "password": "123456"}
            )
        assert decided.status_code == 303, decided.text[:400]
        return await self.client.get(decided.headers["location"])

    async def order(self, number: str) -> Order:
        """How one's order stands in the books."""
        assert self.member_id is not None
        async with self.house.building.transaction(member_walls(self.member_id)) as db:
            return await orders.one(db, await orders.id_by_number(db, number))

    def hidden(self, name: str) -> str:
        """What a hidden field of the last page holds."""
        found = re.search(rf'name="{name}" value="([^"]*)"', self.page)
        assert found, name
        return found[1]

    def _read(self, answer: httpx2.Response) -> str:
        self.page = answer.text
        found = TOKEN.search(answer.text)
        self.token = found[1] if found else self.token
        return answer.text


@asynccontextmanager
async def shopper(house: House, **headers: str) -> AsyncIterator[Shopper]:
    """Let somebody come to the shop."""
    async with house.client(**headers) as client:
        yield Shopper(house, client)


async def shelf(
    house: House, price_fen: int = 1_990, stock: int = 10, member_price_fen: int | None = None
) -> Shelf:
    """Open a store with one item; the shop keeps its list of stores, so it is made to look anew."""
    async with house.building.transaction(SYSTEM) as db:
        shop = await make.shop(db)
        made = Shelf(shop, await make.item(db, shop, price_fen, stock, member_price_fen))
    house.app.state.storefront_directory = None
    return made


def number_of(answer: httpx2.Response) -> str:
    """The number of the order that a checkout led to."""
    assert answer.status_code == 303, answer.text[:400]
    return str(answer.headers["location"]).split("/")[2]


def texted(house: House, phone: str) -> str:
    """The code in the last text message to a phone."""
    found = re.search(r"\d{6}", house.sandbox.people.texts(phone)[-1].title)
    assert found
    return found[0]
