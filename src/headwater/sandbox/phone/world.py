"""What both phones look at and act on, and how one of their pages is answered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from headwater.sandbox.hosts import Clock, Ground, Others
from headwater.sandbox.pay.host import PayHost
from headwater.sandbox.pay.payments import Payments
from headwater.sandbox.pay.refunds import Refunds
from headwater.sandbox.people import NoSuchPerson, People, Person
from headwater.sandbox.phone.pages import GUIDE_COOKIE, Pages, chosen_person
from headwater.sandbox.phone.sheet import Sheets
from headwater.sandbox.wecom.acts import Acts as Company
from headwater.sandbox.wecom.company.staff import Member
from headwater.sandbox.wecom.corp import CannotDo
from headwater.sandbox.wecom.host import WecomHost
from headwater.sandbox.weixin.acts import Acts
from headwater.sandbox.weixin.host import WeixinHost
from headwater.sandbox.weixin.oauth import origin

LONGEST_WORDS = 600
OWN = ("own", "own_image")

Held = Callable[[Request, Person], Awaitable[Response]]
Served = Callable[[Request, Member], Awaitable[Response]]


@dataclass(frozen=True)
class World:
    """The simulated Tencent as a phone sees it: people, money, the account, the company."""

    ground: Ground
    payments: Payments
    refunds: Refunds
    sheets: Sheets
    weixin: Acts
    wecom: WecomHost
    seen: dict[tuple[str, str], int] = field(default_factory=dict)

    @property
    def people(self) -> People:
        """Everybody with a phone."""
        return self.ground.people

    @property
    def pages(self) -> Pages:
        """What renders the pages."""
        return self.ground.pages

    @property
    def now(self) -> Clock:
        """The sandbox's clock."""
        return self.ground.now

    @property
    def company(self) -> Company:
        """What people do with the brand's WeCom."""
        return self.wecom.acts

    @property
    def merchant_name(self) -> str:
        """Who gets the money."""
        return str(self.ground.credentials["pay"]["merchant_name"])

    @property
    def account_name(self) -> str:
        """What the service account calls itself."""
        return str(self.ground.credentials["official_account"]["name"])

    @property
    def program_name(self) -> str:
        """What the mini program calls itself."""
        return str(self.ground.credentials["mini_program"]["name"])

    @property
    def shop(self) -> str | None:
        """Where the brand's own pages are, told from where its pushes or notices go."""
        told = [url for url in self.ground.callbacks.everything().values() if url]
        told += [order.notify_url for order in self.payments.everything()[-1:]]
        places = [place for place in map(_origin, told) if place]
        return places[0] if places else None

    def frames(self) -> str:
        """What may be looked at inside a phone: the brand's pages, and where they send people."""
        weixin = self.ground.credentials["official_account"]["open_base_url"]
        return " ".join(["'self'", _origin(weixin), *([self.shop] if self.shop else [])])

    def media(self, media_id: str) -> str:
        """Where a picture that somebody sent is found, in the company or among WeChat's own."""
        if self.wecom.house.media.find(media_id) is not None:
            return f"{self.ground.credentials['wecom']['base_url']}/wwpic/{media_id}"
        weixin = self.ground.credentials["official_account"]["api_base_url"]
        return f"{weixin}/_sandbox/media/{media_id}"

    def own_picture(self, url: str) -> str | None:
        """The address of a picture, if it lies with the brand or with the sandbox."""
        return url if _origin(url) in self._homes() else None

    def shows(self, place: str) -> bool:
        """Whether the phone's browser shows pages from there: the brand's, and WeChat's own."""
        weixin = self.ground.credentials["official_account"]["open_base_url"]
        return place in (self.shop, _origin(weixin))

    def _homes(self) -> list[str]:
        known = self.ground.credentials
        urls = (known["official_account"]["api_base_url"], known["wecom"]["base_url"], self.shop)
        return [_origin(url) for url in urls if url]

    def staff_name(self, userid: str) -> str:
        """A member's name, of one who has left too."""
        found = self.wecom.house.corp.staff.find(userid)
        return found.name if found is not None else userid

    def name_of(self, who: str) -> str:
        """The name of somebody in a group, customer or staff."""
        try:
            return self.people.behind_external(who).nickname
        except NoSuchPerson:
            return self.staff_name(who)

    def guide(self, request: Request) -> Member | None:
        """Whoever is logged in to the guide's phone."""
        named = request.query_params.get("as") or request.cookies.get(GUIDE_COOKIE, "")
        try:
            return self.company.member(named)
        except CannotDo:
            return None

    def holder(self, request: Request) -> Person | None:
        """Whoever holds the phone, if somebody was chosen."""
        try:
            return chosen_person(request, self.people)
        except NoSuchPerson:
            return None

    def served(self, handler: Served) -> Callable[[Request], Awaitable[Response]]:
        """A page of a guide's phone; nobody's phone asks first who logs in."""

        async def answer(request: Request) -> Response:
            guide = self.guide(request)
            if guide is None:
                return go("/phone/guide/login")
            return await handler(request, guide)

        return answer

    def held(self, handler: Held) -> Callable[[Request], Awaitable[Response]]:
        """A page of somebody's phone; nobody's phone asks first whose it is."""

        async def answer(request: Request) -> Response:
            person = self.holder(request)
            if person is None:
                return go("/phone/people")
            return await handler(request, person)

        return answer

    def show(
        self, request: Request, template: str, status: int = 200, /, **values: Any
    ) -> Response:
        """A page of the shopper's phone."""
        return self.pages.show(
            request,
            template,
            status,
            **{"moment": self.now(), "side": "shopper", "images": " ".join(self._homes())} | values,
        )

    def unread(self, person: Person, chat: str, reader: str = "") -> int:
        """How many messages came since the conversation was last open; one's own do not count.

        The reader is a guide's userid, or nothing for the person whose conversation it is.
        """
        rows = self.people.messages(person, chat)[self.seen.get((reader + person.id, chat), 0) :]
        return sum((row.kind in OWN) == bool(reader) for row in rows)

    def read(self, person: Person, chat: str, reader: str = "") -> None:
        """The conversation was opened: everything in it is known."""
        self.seen[reader + person.id, chat] = len(self.people.messages(person, chat))


def make_world(ground: Ground, others: Others) -> World:
    """The world of the phones over the hosts that were built before."""
    pay = others.the(PayHost)
    ground.pages.framed_by = _origin(ground.credentials["phone"]["base_url"])
    sheets = Sheets(pay.payments, ground.people, pay.keys.merchants)
    weixin = others.the(WeixinHost).acts
    return World(ground, pay.payments, pay.refunds, sheets, weixin, others.the(WecomHost))


def cannot(world: World, request: Request, side: str) -> Response:
    """What was tried is not allowed, or not there: say so on the phone that tried it."""
    why = world.pages.words(request)["cannot_do"]
    return world.show(request, "sorry.html", 409, why=why, back=None, side=side)


def go(path: str) -> Response:
    """Lead the browser on after something was done."""
    return RedirectResponse(path, 303)


def text_of(form: FormData | Mapping[str, Any], name: str, most: int = LONGEST_WORDS) -> str:
    """A field of a form as words, no longer than the platform lets pass."""
    value = form.get(name, "")
    return value.strip()[:most] if isinstance(value, str) else ""


def _origin(url: str) -> str:
    """Where an address leads; nowhere if it is none, since it was typed and goes into headers."""
    return origin(url) or ""
