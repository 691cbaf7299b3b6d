"""Side doors under /_sandbox: what tests and a simulated world do that no merchant's API can."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from headwater.sandbox.faults import Faults
from headwater.sandbox.pay.notices import Notices
from headwater.sandbox.pay.payments import CannotPay, Payments
from headwater.sandbox.pay.refunds import Refunds
from headwater.sandbox.people import NoSuchPerson, NumberTaken, People, Person
from headwater.sandbox.weixin.messages import Messages
from headwater.sandbox.weixin.tokens import Tokens

Answer = tuple[int, Any]
Body = TypeVar("Body")
Verb = Callable[[Request, bytes, datetime], Answer]


class NewPerson(msgspec.Struct, forbid_unknown_fields=True):
    nickname: Annotated[str, Meta(min_length=1, max_length=32)]
    phone_number: Annotated[str, Meta(pattern=r"^1[3-9][0-9]{9}\Z")] | None = None
    follows: bool = True


class Decision(msgspec.Struct, forbid_unknown_fields=True):
    """A person at the pay sheet; a JSAPI order knows its payer, a scanned code does not."""

    decision: Literal["approve", "refuse", "wait"] = "approve"
    prepay_id: str | None = None
    code_url: str | None = None
    person_id: str | None = None


class Words(msgspec.Struct, forbid_unknown_fields=True):
    text: Annotated[str, Meta(min_length=1, max_length=600)]


class Following(msgspec.Struct, forbid_unknown_fields=True):
    follows: bool


class NotDone(Exception):
    """A side door's plain refusal: a status and a reason."""

    def __init__(self, status: int, why: str) -> None:
        self.status = status
        self.why = why
        super().__init__(why)


class SideDoors:
    """JSON in, JSON out, unsigned: reachable only where the sandbox itself is."""

    def __init__(
        self,
        people: People,
        weixin: tuple[Messages, Tokens],
        pay: tuple[Payments, Refunds, Notices],
        faults: Faults,
        settle: Callable[[datetime], Awaitable[int]],
        now: Callable[[], datetime],
    ) -> None:
        self._people = people
        self._messages, self._tokens = weixin
        self._payments, self._refunds, self._notices = pay
        self._faults = faults
        self._settle = settle
        self._now = now

    def mount(self) -> Mount:
        """All side doors, to be hung into the phone's host."""
        person = "/people/{person_id}"
        return Mount(
            "/_sandbox",
            routes=[
                Route("/people", self._door(self._list_people), methods=["GET"]),
                Route("/people", self._door(self._create_person), methods=["POST"]),
                Route(person + "/messages", self._door(self._inbox), methods=["GET"]),
                Route(person + "/words", self._door(self._hear), methods=["POST"]),
                Route(person + "/following", self._door(self._follow), methods=["PUT"]),
                Route("/texts/{number}", self._door(self._texts), methods=["GET"]),
                Route("/payments", self._door(self._pay), methods=["POST"]),
                Route("/misbehaviour", self._door(self._faults_shown), methods=["GET"]),
                Route("/misbehaviour", self._door(self._misbehave), methods=["PUT"]),
                Route("/expired-tokens", self._door(self._expire), methods=["POST"]),
                Route("/notices", self._door(self._list_notices), methods=["GET"]),
                Route("/bill", self._door(self._bill), methods=["GET"]),
                Route("/deliveries", self._deliver, methods=["POST"]),
            ],
        )

    def _door(self, verb: Verb) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            try:
                status, said = verb(request, await request.body(), self._now())
            except (NoSuchPerson, NumberTaken) as error:
                known = isinstance(error, NumberTaken)
                status, said = (409 if known else 404), {"error": f"{type(error).__name__}"}
            except NotDone as error:
                status, said = error.status, {"error": error.why}
            return Response(msgspec.json.encode(said), status, media_type="application/json")

        return answer

    def _list_people(self, request: Request, body: bytes, now: datetime) -> Answer:
        return 200, {"people": [self._shown(one) for one in self._people.everybody()]}

    def _create_person(self, request: Request, body: bytes, now: datetime) -> Answer:
        asked = _read(body, NewPerson)
        person = self._people.create(asked.nickname, asked.phone_number, asked.follows)
        return 201, self._shown(person)

    def _inbox(self, request: Request, body: bytes, now: datetime) -> Answer:
        person = self._people.get(request.path_params["person_id"])
        texts = self._people.texts(person.phone_number)
        return 200, {"messages": self._people.messages(person), "texts": texts}

    def _texts(self, request: Request, body: bytes, now: datetime) -> Answer:
        return 200, {"texts": self._people.texts(request.path_params["number"])}

    def _hear(self, request: Request, body: bytes, now: datetime) -> Answer:
        person = self._people.get(request.path_params["person_id"])
        if not person.follows:
            raise NotDone(409, "the person does not follow the account")
        self._messages.hear(person, _read(body, Words).text, now)
        return 201, {}

    def _follow(self, request: Request, body: bytes, now: datetime) -> Answer:
        person = self._people.get(request.path_params["person_id"])
        follows = _read(body, Following).follows
        return 200, self._shown(self._messages.follow(person, follows, now))

    def _pay(self, request: Request, body: bytes, now: datetime) -> Answer:
        asked = _read(body, Decision)
        try:
            prepay_id = asked.prepay_id or self._payments.scanned(asked.code_url or "")
            order = self._payments.payable(prepay_id, now)
            person = self._payer(asked, order.openid)
            if asked.decision == "approve":
                order = self._payments.pay(prepay_id, person, now)
        except CannotPay as error:
            raise NotDone(409, str(error)) from None
        return 200, self._payments.shown(order)

    def _payer(self, asked: Decision, openid: str | None) -> Person:
        if asked.person_id is not None:
            return self._people.get(asked.person_id)
        if openid is None:
            raise NotDone(422, "person_id: a scanned code does not say who pays")
        return self._people.behind(openid, self._payments.appid)

    def _faults_shown(self, request: Request, body: bytes, now: datetime) -> Answer:
        return 200, self._faults

    def _misbehave(self, request: Request, body: bytes, now: datetime) -> Answer:
        wanted = _read(body, Faults)
        for name in Faults.__struct_fields__:
            setattr(self._faults, name, getattr(wanted, name))
        return 200, self._faults

    def _expire(self, request: Request, body: bytes, now: datetime) -> Answer:
        self._tokens.expire()
        return 200, {}

    def _list_notices(self, request: Request, body: bytes, now: datetime) -> Answer:
        return 200, {"notices": self._notices.everything()}

    def _bill(self, request: Request, body: bytes, now: datetime) -> Answer:
        self._refunds.settle_due(now)
        rows = [
            {
                "out_trade_no": order.out_trade_no,
                "transaction_id": order.transaction_id,
                "state": order.state,
                "paid_fen": order.total_fen,
                "refunded_fen": self._refunds.settled_fen(order.out_trade_no),
                "refunds_accepted_fen": self._refunds.accepted_fen(order.out_trade_no),
            }
            for order in self._payments.everything()
            if order.paid_at is not None
        ]
        sums = ("paid_fen", "refunded_fen", "refunds_accepted_fen")
        return 200, {"orders": rows, **{name: sum(row[name] for row in rows) for name in sums}}

    async def _deliver(self, request: Request) -> Response:
        heard = await self._settle(self._now())
        return Response(msgspec.json.encode({"heard": heard}), media_type="application/json")

    def _shown(self, person: Person) -> dict[str, Any]:
        openid = self._people.openid(person, self._payments.appid)
        return {**msgspec.to_builtins(person), "openid": openid}


def _read(body: bytes, body_type: type[Body]) -> Body:
    try:
        return msgspec.json.decode(body or b"{}", type=body_type)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NotDone(422, str(error)) from None
