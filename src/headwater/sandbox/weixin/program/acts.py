"""What people do in the mini program, as its front end on their phone would see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from headwater.sandbox.hosts import Ground
from headwater.sandbox.pay.payments import Order
from headwater.sandbox.people import PROGRAM, SERVICE, Message, NoSuchPerson, Person
from headwater.sandbox.weixin.led import CannotAct, Led
from headwater.sandbox.weixin.program.links import LinkOver
from headwater.sandbox.weixin.program.program import Program
from headwater.sandbox.weixin.program.subscriptions import CannotAsk
from headwater.sandbox.weixin.program.templates import Template
from headwater.sandbox.weixin.pushes.queue import Pushes
from headwater.sandbox.weixin.speaking.windows import Windows

# The number with which a program hears that it was opened from the list of programs.
OPENED = 1_001


@dataclass(frozen=True)
class Visit:
    """The program as it was opened: where, with what, and a fresh login code."""

    login_code: str
    path: str
    query: str
    scene: int


@dataclass(frozen=True)
class Card:
    """A page of the program, ready to be sent to somebody."""

    title: str
    appid: str
    path: str


class ProgramActs:
    """People's hands on the mini program."""

    def __init__(self, ground: Ground, program: Program, pushes: Pushes, windows: Windows) -> None:
        self._people = ground.people
        self._program = program
        self._pushes = pushes
        self._windows = windows

    def open(
        self, person: Person, path: str, query: str, scene: int | None, now: datetime
    ) -> Visit:
        """The program opens, by a card, a code or a link."""
        page = path.removeprefix("/") or "pages/index/index"
        if not self._program.pages.has(page):
            raise CannotAct("页面不存在")
        code = self._program.logins.login_code(person, now)
        return Visit(code, page, query, OPENED if scene is None else scene)

    def login_code(self, person: Person, now: datetime) -> str:
        """wx.login."""
        return self._program.logins.login_code(person, now)

    def phone_code(self, person: Person, now: datetime) -> str:
        """The getPhoneNumber button."""
        return self._program.logins.phone_code(person, now)

    def sealed_phone(self, person: Person, now: datetime) -> tuple[str, str]:
        """The same button as older clients know it: encryptedData and iv."""
        try:
            return self._program.logins.sealed_phone(person, now)
        except NoSuchPerson:
            raise CannotAct("请先登录") from None

    def templates(self) -> dict[str, Template]:
        """What the program may ask for, by template id."""
        return dict(self._program.subscriptions.templates)

    def subscribe(self, person: Person, choices: dict[str, bool], now: datetime) -> dict[str, str]:
        """wx.requestSubscribeMessage: each template accepted or refused."""
        try:
            return self._program.subscriptions.answer(person, choices, now)
        except CannotAsk as error:
            raise CannotAct(str(error)) from None

    def unsubscribe(self, person: Person, template_id: str, now: datetime) -> None:
        """The switch in the program's settings."""
        self._program.subscriptions.give_up(person, template_id, now)

    def accepted(self, person: Person) -> dict[str, int]:
        """How many messages of each kind the person still lets through."""
        listed = self._program.subscriptions
        return {one: listed.left(person, one) for one in listed.templates}

    def share(
        self, person: Person, title: str, path: str, now: datetime, to: Person | None = None
    ) -> Card:
        """A card of a page; to a friend it arrives in their chat with the sharer."""
        card = Card(title, self._program.app.appid, path)
        if to is not None:
            message = Message(
                "miniprogrampage", title, (), None, now, appid=card.appid, pagepath=path
            )
            self._people.deliver(to, message, f"friend:{person.id}")
        return card

    def open_link(self, person: Person, url: str, now: datetime) -> Led:
        """A URL link or a scheme; the first who opens it keeps it."""
        try:
            target = self._program.links.open(person, url, now)
        except LinkOver as error:
            return Led("nothing", words=str(error))
        return Led("program", path=target.path, query=target.query)

    def orders(self, person: Person) -> list[Order]:
        """What the person has paid for in the program."""
        return self._program.orders.of(self._openid(person))

    def order_state(self, order: Order, now: datetime) -> int:
        """Where an order is: 1 to ship, 2 shipped, 3 received, 6 settling, 4 done, 5 refunded."""
        return self._program.shipping.state(order, now)

    def receive(self, person: Person, out_trade_no: str, now: datetime) -> None:
        """The person confirms that an order came."""
        for order in self.orders(person):
            if order.out_trade_no == out_trade_no:
                self._program.shipping.receive(order, now)

    def enter_service(self, person: Person, path: str, now: datetime) -> None:
        """The person opens the program's customer service, which opens a minute for two."""
        self._windows.open(self._program.app, person, "enter", now)
        said = {"Event": "user_enter_tempsession", "SessionFrom": path}
        self._pushes.event(self._program.app, self._openid(person), said, now)

    def say_to_service(self, person: Person, words: str, now: datetime) -> None:
        """The person writes to the program's customer service."""
        self._windows.open(self._program.app, person, "message", now)
        self._people.deliver(person, Message("own", words, (), None, now), SERVICE)
        said = {"MsgType": "text", "Content": words}
        self._pushes.message(self._program.app, self._openid(person), said, now)

    def notices(self, person: Person) -> list[Message]:
        """The service notices of the program."""
        return self._people.messages(person, PROGRAM)

    def _openid(self, person: Person) -> str:
        return self._people.openid(person, self._program.app.appid)
