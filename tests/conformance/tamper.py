"""Messages of WeChat Pay with one bit flipped: what our client makes of each."""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from itertools import islice
from typing import Any

import httpx2
from tests.connect.pay_bills import DAY, URL
from tests.connect.provider import KEY_ID, NOON, credentials, sealed_notice, signed_headers
from tests.connect.test_pay_keys import entry

from headwater.base.errors import Forged, Refusal, Trouble
from headwater.connect.wechat_pay import WechatPay

NUMBER = "R20261122-0001"
HEADERS = {"signature", "serial", "nonce", "timestamp"}
TAG_BYTES = 16
CERTIFICATES = "/v3/certificates"

Headers = Mapping[str, str]
Ask = Callable[[WechatPay], Awaitable[object]]


@dataclass(frozen=True)
class Message:
    """A genuine message, and how our client comes to read it."""

    name: str
    body: bytes
    # An answer is asked for; a notice comes by itself.
    ask: Ask | None = None

    @property
    def parts(self) -> list[str]:
        """Say where a bit can be flipped; an answer without a body has only headers."""
        parts = ["body"] if self.body else []
        parts += ["signature", "serial", "nonce", "timestamp"]
        return parts + (["ciphertext", "tag"] if b"ciphertext" in self.body else [])


@dataclass(frozen=True)
class Outcome:
    """What became of all flips in one part of one message."""

    message: str
    part: str
    flips: int
    forged: int
    trouble: int
    accepted: int
    changed: int


def paid(**more: Any) -> dict[str, Any]:
    return {
        "mchid": "1900000001",
        "appid": "wx1234567890abcdef",
        "out_trade_no": NUMBER,
        "transaction_id": "4200001",
        "trade_state": "SUCCESS",
        "amount": {"total": 19_900, "currency": "CNY"},
        "success_time": "2026-11-22T12:00:00+08:00",
        "payer": {"openid": "o-1"},
    } | more


def refunded(word: str) -> dict[str, Any]:
    return {
        "mchid": "1900000001",
        "out_trade_no": NUMBER,
        "out_refund_no": "RF-1",
        "refund_id": "503001",
        word: "SUCCESS",
        "success_time": "2026-11-22T12:05:00+08:00",
        "amount": {"total": 19_900, "refund": 40, "currency": "CNY"},
    }


def _json(body: Any) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()


@cache
def messages() -> tuple[Message, ...]:
    """Every kind of message that moves money or keys."""
    until = NOON + timedelta(minutes=15)
    announced = {"hash_type": "SHA1", "hash_value": "0" * 40, "download_url": URL}
    sharing = {
        "transaction_id": "4200001",
        "out_order_no": "PS-1",
        "order_id": "3008",
        "state": "FINISHED",
    }
    return (
        Message("notice: paid", sealed_notice("TRANSACTION.SUCCESS", paid())),
        Message("notice: refunded", sealed_notice("REFUND.SUCCESS", refunded("refund_status"))),
        Message(
            "answer: prepay",
            _json({"prepay_id": "wx1"}),
            lambda pay: pay.prepay_jsapi(NUMBER, 19_900, "o-1", "围巾", until),
        ),
        Message("answer: query", _json(paid()), lambda pay: pay.query(NUMBER)),
        Message("answer: closed (204)", b"", lambda pay: pay.close(NUMBER)),
        Message(
            "answer: refund",
            _json(refunded("status")),
            lambda pay: pay.refund("RF-1", NUMBER, 40, 19_900, "退货"),
        ),
        Message("answer: bill announced", _json(announced), lambda pay: pay.bills.trade(DAY)),
        Message(
            "answer: sharing",
            _json(sharing),
            lambda pay: pay.profit_sharing().query("PS-1", "4200001"),
        ),
        Message(
            "answer: certificates",
            _json({"data": [entry("second")]}),
            lambda pay: pay.refresh_platform_keys(),
        ),
    )


async def tried(message: Message, part: str, every: int = 1) -> Outcome:
    """Flip every n-th bit of a part, one at a time, and count what our client makes of it."""
    wire = Wire()
    client = WechatPay(credentials(), wire.http, lambda: NOON)
    counted: Counter[str] = Counter()
    for headers, body in flipped(message, part, every):
        before = (client._line.keys.serials(), len(client.heard))
        counted["flips"] += 1
        counted[await _made_of(client, wire, message, headers, body)] += 1
        after = (client._line.keys.serials(), len(client.heard))
        counted["changed"] += before != after or wire.acted
    kinds = ("flips", "forged", "trouble", "accepted", "changed")
    return Outcome(message.name, part, *(counted[kind] for kind in kinds))


async def _made_of(
    client: WechatPay, wire: Wire, message: Message, headers: Headers, body: bytes
) -> str:
    try:
        if message.ask is None:
            await client.hear(headers, body, NOON)
        else:
            wire.will(200 if body else 204, headers, body)
            await message.ask(client)
    except Forged:
        return "forged"
    except (Refusal, Trouble):
        return "trouble"
    return "accepted"


class Wire:
    """Gives the tampered answer once; certificates cannot be had, and a bill is never fetched."""

    def __init__(self) -> None:
        self.http = httpx2.AsyncClient(transport=httpx2.MockTransport(self._answer))
        self.acted = False
        self._next: httpx2.Response | None = None

    def will(self, status: int, headers: Headers, body: bytes) -> None:
        self._next = httpx2.Response(status, headers=dict(headers), content=body)

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        answer, self._next = self._next, None
        if answer is not None:
            return answer
        # Whoever believed the answer comes back, for the bill that it announced for instance.
        self.acted = self.acted or request.url.path != CERTIFICATES
        return httpx2.Response(503)


def flipped(message: Message, part: str, every: int) -> Iterator[tuple[Headers, bytes]]:
    """Give the message once for every n-th bit of a part, with that bit flipped."""
    headers = genuine_headers(message.body)
    if part == "body":
        for body in islice(_each_bit(message.body), 0, None, every):
            yield headers, body
    elif part in HEADERS:
        name = f"Wechatpay-{part.capitalize()}"
        for value in islice(_each_bit_of_text(headers[name]), 0, None, every):
            # Serials come in both cases, so the same letters in the other case are the same.
            if part != "serial" or value.upper() != headers[name].upper():
                yield headers | {name: value}, message.body
    else:
        for body in islice(_resealed(message.body, part), 0, None, every):
            yield genuine_headers(body), body


def genuine_headers(body: bytes) -> dict[str, str]:
    """Sign as the platform does, with a nonce as long as its own."""
    return signed_headers(body, "new", KEY_ID, nonce="EcZ9Cmy4Xyx1i6RlJQzLcCyEqDa26NBz")


def _resealed(raw: bytes, part: str) -> Iterator[bytes]:
    """Flip a bit behind the signature: the platform signs again what somebody spoiled inside."""
    body = json.loads(raw)
    seal = body["resource"] if "resource" in body else body["data"][0]["encrypt_certificate"]
    sealed = base64.b64decode(seal["ciphertext"])
    inner, tag = sealed[:-TAG_BYTES], sealed[-TAG_BYTES:]
    spoiled = (inner + each for each in _each_bit(tag))
    if part == "ciphertext":
        spoiled = (each + tag for each in _each_bit(inner))
    for each in spoiled:
        seal["ciphertext"] = base64.b64encode(each).decode()
        yield _json(body)


def _each_bit(raw: bytes) -> Iterator[bytes]:
    for place in range(len(raw)):
        for bit in range(8):
            changed = bytearray(raw)
            changed[place] ^= 1 << bit
            yield bytes(changed)


def _each_bit_of_text(text: str) -> Iterator[str]:
    """Headers are ASCII, so seven bits of each letter can flip."""
    for place, letter in enumerate(text):
        for bit in range(7):
            yield text[:place] + chr(ord(letter) ^ (1 << bit)) + text[place + 1 :]
