"""Whose phone it is: the choice of a person, the own page, the wallet with its bill."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from headwater.sandbox.people import Person
from headwater.sandbox.phone.pages import PERSON_COOKIE, remember
from headwater.sandbox.phone.shopper.chats import choose
from headwater.sandbox.phone.world import World, go, text_of


@dataclass(frozen=True)
class Entry:
    """One movement of money as its owner sees it."""

    title: str
    number: str
    amount_fen: int
    is_refund: bool
    at: datetime


class Mine:
    """Pages about the person."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[Route]:
        """The choice of a person, the own page and the wallet."""
        held = self._world.held
        return [
            Route("/phone/people", self._choose, methods=["GET"]),
            Route("/phone/people", self._create, methods=["POST"]),
            Route("/phone/me", held(self._me), methods=["GET"]),
            Route("/phone/wallet", held(self._wallet), methods=["GET"]),
            Route("/phone/discover", held(self._discover), methods=["GET"]),
        ]

    async def _choose(self, request: Request) -> Response:
        return await choose(self._world, request)

    async def _create(self, request: Request) -> Response:
        nickname = text_of(await request.form(), "nickname", 32)
        person = self._world.people.create(nickname or "新朋友")
        return remember(go("/phone"), PERSON_COOKIE, person.id)

    async def _me(self, request: Request, person: Person) -> Response:
        world, known = self._world, self._world.ground.credentials
        people = world.people
        return world.show(
            request,
            "me.html",
            person=person,
            tab="me",
            ids=(
                ("openid_account", people.openid(person, known["official_account"]["appid"])),
                ("openid_program", people.openid(person, known["mini_program"]["appid"])),
                ("unionid", person.unionid),
                ("external_userid", people.external_userid(person)),
            ),
        )

    async def _discover(self, request: Request, person: Person) -> Response:
        return self._world.show(request, "discover.html", tab="discover", shop=self._world.shop)

    async def _wallet(self, request: Request, person: Person) -> Response:
        entries = self._entries(person)
        paid = sum(one.amount_fen for one in entries if not one.is_refund)
        back = sum(one.amount_fen for one in entries if one.is_refund)
        return self._world.show(
            request, "wallet.html", entries=entries, paid_fen=paid, refunded_fen=back
        )

    def _entries(self, person: Person) -> list[Entry]:
        """What was paid and what came back, the latest first."""
        people, found = self._world.people, []
        for order in self._world.payments.everything():
            if order.paid_at is None or order.payer_openid != people.openid(person, order.appid):
                continue
            title, number = order.description, order.out_trade_no
            found.append(Entry(title, number, order.total_fen, False, order.paid_at))
            for refund in self._world.refunds.settled(number):
                assert refund.settled_at is not None
                back = Entry(title, number, refund.refund_fen, True, refund.settled_at)
                found.append(back)
        return sorted(found, key=lambda entry: entry.at, reverse=True)
