"""Side doors of the pay host: a person at the pay sheet, notices, and the bill as it stands."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec
from starlette.requests import Request
from starlette.routing import Route

from headwater.sandbox.hosts import Ground
from headwater.sandbox.pay.notices import Notices
from headwater.sandbox.pay.payments import CannotPay, Order, Payments
from headwater.sandbox.pay.refunds import Refunds
from headwater.sandbox.people import Person
from headwater.sandbox.side_doors import Answer, NotDone, door, read


class Decision(msgspec.Struct, forbid_unknown_fields=True):
    """A person at the pay sheet; a JSAPI order knows its payer, a scanned code does not."""

    decision: Literal["approve", "refuse", "wait"] = "approve"
    prepay_id: str | None = None
    code_url: str | None = None
    person_id: str | None = None


class PaySideDoors:
    """What people do with money, without a phone in hand."""

    def __init__(
        self, ground: Ground, payments: Payments, refunds: Refunds, notices: Notices
    ) -> None:
        self._ground = ground
        self._payments = payments
        self._refunds = refunds
        self._notices = notices

    def routes(self) -> list[Route]:
        """The doors, to be hung under /_sandbox."""
        now = self._ground.now
        return [
            Route("/payments", door(self._pay, now), methods=["POST"]),
            Route("/notices", door(self._list_notices, now), methods=["GET"]),
            Route("/bill", door(self._bill, now), methods=["GET"]),
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
