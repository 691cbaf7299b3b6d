"""The pay host's door: checks every request, calls one verb, signs every good answer."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import msgspec
from cryptography import x509
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from headwater.sandbox.credentials import read_private
from headwater.sandbox.hosts import Ground, Host, Others, Telling
from headwater.sandbox.pay.errors import PayError, bad_parameter
from headwater.sandbox.pay.notices import Notices, Sealing
from headwater.sandbox.pay.payments import SCAN_PREFIX, Payments, PrepayRequest
from headwater.sandbox.pay.refunds import RefundRequest, Refunds
from headwater.sandbox.pay.side_doors import PaySideDoors
from headwater.sandbox.pay.signing import Asked, Gatekeeper, seal, signed_headers
from headwater.sandbox.pay.wire import read, wire_time

Answer = dict[str, Any] | None
Verb = Callable[[Request, bytes, datetime], Answer]


class CloseRequest(msgspec.Struct):
    mchid: str


class PayHost(Host):
    """APIv3 over HTTP, at its own root as the signed path demands."""

    def __init__(self, ground: Ground) -> None:
        pay = ground.credentials["pay"]
        key = read_private(pay["merchant_private_key_pem"]).public_key()
        self._gatekeeper = Gatekeeper(pay["mchid"], pay["merchant_serial"], key)
        self._sealing = sealing(pay)
        self._certificate_pem = pay["platform_certificate_pem"]
        self._certificate = x509.load_pem_x509_certificate(self._certificate_pem.encode())
        self._faults, self._speed, self._now = ground.faults, ground.speed, ground.now
        self.notices = Notices(ground, self._sealing)
        self.payments = Payments(ground, self.notices)
        self.refunds = Refunds(ground, self.payments, self.notices)
        self._doors = PaySideDoors(ground, self.payments, self.refunds, self.notices)

    def side_doors(self) -> list[Route]:
        """What people do with money."""
        return self._doors.routes()

    def take_due(self, now: datetime) -> list[Telling]:
        """Settle the refunds whose time has come, and tell what is to be told."""
        self.refunds.settle_due(now)
        return [self.notices.deliver(notice, now) for notice in self.notices.take_due(now)]

    def app(self) -> Starlette:
        """The host as an ASGI application."""
        order = "/v3/pay/transactions/out-trade-no/{out_trade_no}"
        refund = "/v3/refund/domestic/refunds"
        return Starlette(
            routes=[
                Route("/v3/pay/transactions/jsapi", self._door(self._jsapi), methods=["POST"]),
                Route("/v3/pay/transactions/native", self._door(self._native), methods=["POST"]),
                Route(order, self._door(self._order), methods=["GET"]),
                Route(order + "/close", self._door(self._close), methods=["POST"]),
                Route(
                    "/v3/pay/transactions/id/{transaction_id}",
                    self._door(self._transaction),
                    methods=["GET"],
                ),
                Route(refund, self._door(self._refund), methods=["POST"]),
                Route(refund + "/{out_refund_no}", self._door(self._refund_query), methods=["GET"]),
                Route("/v3/certificates", self._door(self._certificates), methods=["GET"]),
            ]
        )

    def _door(self, verb: Verb) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            body = await request.body()
            now = self._now()
            try:
                self._gatekeeper.check(_asked(request, body), now)
                if self._faults.spends("fail_next"):
                    raise PayError(500, "SYSTEM_ERROR", "系统错误")
                said = verb(request, body, now)
            except PayError as error:
                return _refused(error)
            if self._faults.spends("hang_next"):
                await asyncio.sleep(self._faults.hang_seconds / self._speed)
                return Response("Bad Gateway", 502)
            return self._signed(said, request.headers.get("wechatpay-serial", ""), now)

        return answer

    def _signed(self, said: Answer, wanted_serial: str, now: datetime) -> Response:
        body = b"" if said is None else msgspec.json.encode(said)
        by_upper = {serial.upper(): serial for serial in self._sealing.keys}
        serial = by_upper.get(wanted_serial.upper(), self._sealing.public_key_id)
        headers = signed_headers(serial, self._sealing.keys[serial], body, now)
        headers["Request-ID"] = secrets.token_hex(16).upper()
        if said is None:
            return Response(status_code=204, headers=headers)
        return Response(body, headers=headers, media_type="application/json")

    def _jsapi(self, request: Request, body: bytes, now: datetime) -> Answer:
        prepay = self.payments.prepay(read(body, PrepayRequest), "JSAPI", now)
        return {"prepay_id": prepay.prepay_id}

    def _native(self, request: Request, body: bytes, now: datetime) -> Answer:
        prepay = self.payments.prepay(read(body, PrepayRequest), "NATIVE", now)
        return {"code_url": SCAN_PREFIX + prepay.scan_code}

    def _order(self, request: Request, body: bytes, now: datetime) -> Answer:
        self._check_mchid(request.query_params.get("mchid", ""), "query")
        self.refunds.settle_due(now)
        return self.payments.shown(self.payments.find(request.path_params["out_trade_no"]))

    def _transaction(self, request: Request, body: bytes, now: datetime) -> Answer:
        self._check_mchid(request.query_params.get("mchid", ""), "query")
        self.refunds.settle_due(now)
        transaction_id = request.path_params["transaction_id"]
        return self.payments.shown(self.payments.find_transaction(transaction_id))

    def _close(self, request: Request, body: bytes, now: datetime) -> Answer:
        self._check_mchid(read(body, CloseRequest).mchid, "body")
        self.payments.close(request.path_params["out_trade_no"], now)
        return None

    def _refund(self, request: Request, body: bytes, now: datetime) -> Answer:
        return self.refunds.shown(self.refunds.ask(read(body, RefundRequest), now))

    def _refund_query(self, request: Request, body: bytes, now: datetime) -> Answer:
        return self.refunds.shown(self.refunds.find(request.path_params["out_refund_no"], now))

    def _certificates(self, request: Request, body: bytes, now: datetime) -> Answer:
        pem = self._certificate_pem.encode()
        one = {
            "serial_no": self._sealing.certificate_serial,
            "effective_time": wire_time(self._certificate.not_valid_before_utc),
            "expire_time": wire_time(self._certificate.not_valid_after_utc),
            "encrypt_certificate": seal(self._sealing.apiv3_key, pem, "certificate"),
        }
        return {"data": [one]}

    def _check_mchid(self, mchid: str, location: str) -> None:
        if mchid != self.payments.mchid:
            raise bad_parameter("mchid", "is not the merchant that signed", location)


def plug(ground: Ground, others: Others) -> PayHost:
    """The pay host of this sandbox."""
    return PayHost(ground)


def sealing(pay: dict[str, Any]) -> Sealing:
    """With what this merchant's notices are sealed and signed."""
    held = pay["only_the_sandbox_holds"]
    public_key_id, serial = pay["platform_public_key_id"], pay["platform_certificate_serial"]
    keys = {
        public_key_id: read_private(held["platform_private_key_pem"]),
        serial: read_private(held["platform_certificate_private_key_pem"]),
    }
    return Sealing(pay["apiv3_key"], keys, public_key_id, serial)


def _asked(request: Request, body: bytes) -> Asked:
    # The signature covers the target exactly as sent, so nothing decoded may be used here.
    raw_path: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    query: bytes = request.scope["query_string"]
    target = raw_path + (b"?" + query if query else b"")
    authorization = request.headers.get("authorization", "")
    return Asked(request.method, target.decode("latin-1"), body, authorization)


def _refused(error: PayError) -> Response:
    # Refusals leave unsigned: the real servers do so now and then, and clients must bear it.
    return Response(
        msgspec.json.encode(error.body),
        error.status,
        headers={"Request-ID": secrets.token_hex(16).upper()},
        media_type="application/json",
    )
