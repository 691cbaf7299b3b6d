"""Side doors of the pay host: a person at the pay sheet, notices, and the bill as it stands."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Literal, Protocol

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.routing import Route

from headwater.sandbox.credentials import read_private
from headwater.sandbox.hosts import Ground
from headwater.sandbox.pay.errors import PayError
from headwater.sandbox.pay.keys import Keys
from headwater.sandbox.pay.notices import Notices
from headwater.sandbox.pay.payments import CannotPay, Order, Payments
from headwater.sandbox.pay.refunds import Refunds
from headwater.sandbox.pay.signing import Gatekeeper
from headwater.sandbox.people import Person
from headwater.sandbox.side_doors import Answer, NotDone, door, read


class Decision(msgspec.Struct, forbid_unknown_fields=True):
    """A person at the pay sheet; a JSAPI order knows its payer, a scanned code does not."""

    decision: Literal["approve", "refuse", "wait"] = "approve"
    prepay_id: str | None = None
    code_url: str | None = None
    person_id: str | None = None


class Rotation(msgspec.Struct, forbid_unknown_fields=True):
    """A new platform certificate; it is listed at once, and signs after so many seconds."""

    signs_after_seconds: Annotated[float, Meta(ge=0, le=864_000)] = 0.0


class Settled(msgspec.Struct, forbid_unknown_fields=True):
    """How a person ends an abnormal refund in the merchant's console."""

    outcome: Literal["SUCCESS", "CLOSED"]


class PayParts(Protocol):
    """What the doors reach of the pay host."""

    payments: Payments
    refunds: Refunds
    notices: Notices
    keys: Keys
    gatekeeper: Gatekeeper


class PaySideDoors:
    """What people do with money, without a phone in hand."""

    def __init__(self, ground: Ground, host: PayParts) -> None:
        self._ground = ground
        self._host = host
        self._payments = host.payments
        self._refunds = host.refunds
        self._notices = host.notices

    def routes(self) -> list[Route]:
        """The doors, to be hung under /_sandbox."""
        now = self._ground.now
        return [
            Route("/payments", door(self._pay, now), methods=["POST"]),
            Route("/notices", door(self._list_notices, now), methods=["GET"]),
            Route("/bill", door(self._bill, now), methods=["GET"]),
            Route("/refunds/{out_refund_no}", door(self._decide, now), methods=["POST"]),
            Route("/certificates", door(self._rotate, now), methods=["POST"]),
            Route("/merchant-keys", door(self._new_merchant_key, now), methods=["POST"]),
        ]

    def _pay(self, request: Request, body: bytes, now: datetime) -> Answer:
        asked = read(body, Decision)
        try:
            prepay_id = asked.prepay_id or self._payments.scanned(asked.code_url or "")
            order = self._payments.payable(prepay_id, now)
            person = self._payer(asked, order)
            if asked.decision == "approve":
                order = self._payments.pay(prepay_id, person, now)
        except CannotPay as error:
            raise NotDone(409, str(error)) from None
        return 200, self._payments.shown(order)

    def _payer(self, asked: Decision, order: Order) -> Person:
        if asked.person_id is not None:
            return self._ground.people.get(asked.person_id)
        if order.openid is None:
            raise NotDone(422, "person_id: a scanned code does not say who pays")
        return self._ground.people.behind(order.openid, order.appid)

    def _list_notices(self, request: Request, body: bytes, now: datetime) -> Answer:
        return 200, {"notices": self._notices.everything()}

    def _decide(self, request: Request, body: bytes, now: datetime) -> Answer:
        number, asked = request.path_params["out_refund_no"], read(body, Settled)
        try:
            decided = self._refunds.decide(number, asked.outcome, now)
        except PayError as error:
            raise NotDone(409 if error.status == 400 else error.status, error.message) from None
        return 200, self._refunds.shown(decided)

    def _rotate(self, request: Request, body: bytes, now: datetime) -> Answer:
        seconds = read(body, Rotation).signs_after_seconds / self._ground.speed
        new = self._host.keys.rotate(now + timedelta(seconds=seconds), now)
        return 201, {"serial": new.serial, "pem": new.pem, "signs_from": new.signs_from}

    def _new_merchant_key(self, request: Request, body: bytes, now: datetime) -> Answer:
        new = self._host.keys.new_merchant_key()
        self._host.gatekeeper.admit(new.serial, read_private(new.private_key_pem).public_key())
        return 201, {"merchant_serial": new.serial, "merchant_private_key_pem": new.private_key_pem}

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
