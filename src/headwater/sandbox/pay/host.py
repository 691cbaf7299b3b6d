"""The pay host: its paths, and which verb answers each."""

from __future__ import annotations

from datetime import datetime
from itertools import chain
from urllib.parse import urlencode

import msgspec
from starlette.applications import Starlette
from starlette.routing import Route

from headwater.sandbox.hosts import Ground, Host, Others, Telling
from headwater.sandbox.pay.answering import Answering, Call, Said, Verb
from headwater.sandbox.pay.bills.desk import Desk, FundBill, TradeBill
from headwater.sandbox.pay.errors import bad_parameter
from headwater.sandbox.pay.guides import AssignRequest, GuideChange, GuideRequest, Guides
from headwater.sandbox.pay.keys import Keys
from headwater.sandbox.pay.notices import Notices
from headwater.sandbox.pay.payments import SCAN_PREFIX, Payments, Prepay
from headwater.sandbox.pay.prepays import PrepayRequest
from headwater.sandbox.pay.refunds import RefundRequest, Refunds
from headwater.sandbox.pay.sharing.receivers import ReceiverGone, ReceiverRequest, Receivers
from headwater.sandbox.pay.sharing.returns import ReturnRequest, Returns
from headwater.sandbox.pay.sharing.shares import ShareRequest, Shares, UnfreezeRequest
from headwater.sandbox.pay.side_doors import PaySideDoors
from headwater.sandbox.pay.signing import Gatekeeper

ORDERS = "/v3/pay/transactions"
BY_NUMBER = ORDERS + "/out-trade-no/{out_trade_no}"
REFUNDS = "/v3/refund/domestic/refunds"
SHARING = "/v3/profitsharing"
GUIDES = "/v3/smartguide/guides"


class CloseRequest(msgspec.Struct):
    mchid: str


class PayHost(Host):
    """APIv3 over HTTP, at its own root as the signed path demands."""

    def __init__(self, ground: Ground) -> None:
        pay = ground.credentials["pay"]
        self._phone = ground.credentials["phone"]["base_url"]
        self.keys = Keys(ground)
        self.gatekeeper = Gatekeeper(pay["mchid"], self.keys.merchants())
        self._answering = Answering(ground, self.gatekeeper, self.keys)
        self.notices = Notices(ground, self.keys)
        self.payments = Payments(ground, self.notices)
        self.refunds = Refunds(ground, self.payments, self.notices)
        self.guides = Guides(ground, self.keys)
        self.receivers = Receivers(ground)
        self.shares = Shares(ground, self.payments, self.refunds, self.receivers)
        self.returns = Returns(ground, self.shares)
        self.refunds.shared_fen = self.shares.given_fen
        self.bills = Desk(
            ground,
            self.payments,
            self.refunds,
            lambda: chain(self.shares.flows(), self.returns.flows()),
        )
        self._doors = PaySideDoors(ground, self)

    def side_doors(self) -> list[Route]:
        """What people do with money."""
        return self._doors.routes()

    def take_due(self, now: datetime) -> list[Telling]:
        """Settle the refunds whose time has come, and tell what is to be told."""
        self.refunds.settle_due(now)
        return [self.notices.deliver(notice, now) for notice in self.notices.take_due(now)]

    def app(self) -> Starlette:
        """The host as an ASGI application."""
        return Starlette(
            routes=[
                *self._routes("GET", self._questions()),
                *self._routes("POST", self._requests()),
                *self._routes("PATCH", {GUIDES + "/{guide_id}": self._change_guide}),
            ]
        )

    def _questions(self) -> dict[str, Verb]:
        return {
            BY_NUMBER: self._order,
            ORDERS + "/id/{transaction_id}": self._transaction,
            REFUNDS + "/{out_refund_no}": self._refund_query,
            "/v3/certificates": lambda call: {"data": self.keys.listed(call.now)},
            "/v3/bill/tradebill": lambda call: self.bills.trade(call.asked(TradeBill), call.now),
            "/v3/bill/fundflowbill": lambda call: self.bills.funds(call.asked(FundBill), call.now),
            "/v3/billdownload/file": lambda call: self.bills.download(
                call.query("token"), call.now
            ),
            SHARING + "/orders/{out_order_no}": self._share_query,
            SHARING + "/return-orders/{out_return_no}": self._return_query,
            SHARING + "/transactions/{transaction_id}/amounts": self._unsplit,
            GUIDES: lambda call: self.guides.listed(dict(call.request.query_params), call.serial),
        }

    def _requests(self) -> dict[str, Verb]:
        return {
            ORDERS + "/jsapi": lambda call: self._prepared(call, "JSAPI"),
            ORDERS + "/app": lambda call: self._prepared(call, "APP"),
            ORDERS + "/native": self._native,
            ORDERS + "/h5": self._h5,
            BY_NUMBER + "/close": self._close,
            REFUNDS: self._refund,
            SHARING + "/receivers/add": self._receiver,
            SHARING + "/receivers/delete": lambda call: self.receivers.remove(
                call.read(ReceiverGone)
            ),
            SHARING + "/orders": self._share,
            SHARING + "/orders/unfreeze": self._unfreeze,
            SHARING + "/return-orders": self._return,
            GUIDES: lambda call: self.guides.register(call.read(GuideRequest), call.serial),
            GUIDES + "/{guide_id}/assign": self._assign,
        }

    def _routes(self, method: str, verbs: dict[str, Verb]) -> list[Route]:
        return [
            Route(path, self._answering.door(verb), methods=[method])
            for path, verb in verbs.items()
        ]

    def _prepay(self, call: Call, trade_type: str) -> Prepay:
        return self.payments.prepay(call.read(PrepayRequest), trade_type, call.now)

    def _prepared(self, call: Call, trade_type: str) -> Said:
        return {"prepay_id": self._prepay(call, trade_type).prepay_id}

    def _native(self, call: Call) -> Said:
        return {"code_url": SCAN_PREFIX + self._prepay(call, "NATIVE").scan_code}

    def _h5(self, call: Call) -> Said:
        # The real page leads from a browser into WeChat; here it leads to the phone's pay sheet.
        code = SCAN_PREFIX + self._prepay(call, "MWEB").scan_code
        return {"h5_url": f"{self._phone}/phone/pay?{urlencode({'code': code})}"}

    def _order(self, call: Call) -> Said:
        self._check_mchid(call.query("mchid"), "query")
        self.refunds.settle_due(call.now)
        return self.payments.shown(self.payments.find(call.named("out_trade_no")))

    def _transaction(self, call: Call) -> Said:
        self._check_mchid(call.query("mchid"), "query")
        self.refunds.settle_due(call.now)
        return self.payments.shown(self.payments.find_transaction(call.named("transaction_id")))

    def _close(self, call: Call) -> Said:
        self._check_mchid(call.read(CloseRequest).mchid, "body")
        self.payments.close(call.named("out_trade_no"), call.now)
        return None

    def _refund(self, call: Call) -> Said:
        return self.refunds.shown(self.refunds.ask(call.read(RefundRequest), call.now))

    def _refund_query(self, call: Call) -> Said:
        return self.refunds.shown(self.refunds.find(call.named("out_refund_no"), call.now))

    def _receiver(self, call: Call) -> Said:
        return self.receivers.add(
            call.read(ReceiverRequest),
            lambda field, sealed: self.keys.opened(field, sealed, call.serial),
        )

    def _share(self, call: Call) -> Said:
        return self.shares.shown(self.shares.ask(call.read(ShareRequest), call.now), call.now)

    def _unfreeze(self, call: Call) -> Said:
        share = self.shares.unfreeze(call.read(UnfreezeRequest), call.now)
        return self.shares.shown(share, call.now)

    def _share_query(self, call: Call) -> Said:
        share = self.shares.find(call.named("out_order_no"))
        if call.query("transaction_id") != share.transaction_id:
            raise bad_parameter("transaction_id", "is not the one that was shared", "query")
        return self.shares.shown(share, call.now)

    def _return(self, call: Call) -> Said:
        return self.returns.shown(self.returns.ask(call.read(ReturnRequest), call.now), call.now)

    def _return_query(self, call: Call) -> Said:
        found = self.returns.find(call.named("out_return_no"), call.query("out_order_no"))
        return self.returns.shown(found, call.now)

    def _unsplit(self, call: Call) -> Said:
        number = call.named("transaction_id")
        return {"transaction_id": number, "unsplit_amount": self.shares.unsplit_of(number)}

    def _assign(self, call: Call) -> Said:
        self.guides.assign(call.named("guide_id"), call.read(AssignRequest), call.now)
        return None

    def _change_guide(self, call: Call) -> Said:
        self.guides.change(call.named("guide_id"), call.read(GuideChange), call.serial)
        return None

    def _check_mchid(self, mchid: str, location: str) -> None:
        if mchid != self.payments.mchid:
            raise bad_parameter("mchid", "is not the merchant that signed", location)


def plug(ground: Ground, others: Others) -> PayHost:
    """The pay host of this sandbox."""
    return PayHost(ground)
