"""A small WeChat Pay for tests: it checks our signature and signs its answers with its own key."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

import httpx2
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from headwater.base.times import Clock
from headwater.connect.wechat_pay import WechatPay, WechatPayCredentials

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
KEY_ID = "PUB_KEY_ID_0119000000012026112200000000000001"
OLD_SERIAL = "5F1A2B3C4D"
APIV3_KEY = "a-key-of-exactly-thirty-two-byte"

Answerer = Callable[[httpx2.Request], httpx2.Response]


@cache
def key_named(name: str) -> rsa.RSAPrivateKey:
    """Make each key once per run; making one is slow."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def private_pem(name: str) -> str:
    return (
        key_named(name)
        .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        .decode("ascii")
    )


def public_pem(name: str) -> str:
    return (
        key_named(name)
        .public_key()
        .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        .decode("ascii")
    )


def signature_by(name: str, message: bytes) -> str:
    return base64.b64encode(key_named(name).sign(message, padding.PKCS1v15(), SHA256())).decode()


def signed_headers(
    body: bytes, key: str = "new", serial: str = KEY_ID, at: datetime = NOON, nonce: str = "n0nce"
) -> dict[str, str]:
    stamp = str(int(at.timestamp()))
    return {
        "Wechatpay-Timestamp": stamp,
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Serial": serial,
        "Wechatpay-Signature": signature_by(key, f"{stamp}\n{nonce}\n".encode() + body + b"\n"),
        "Wechatpay-Signature-Type": "WECHATPAY2-SHA256-RSA2048",
    }


def sealed_notice(event: str, inside: Any, **changes: Any) -> bytes:
    """Build a notice's body as WeChat does: the resource sealed with the merchant's APIv3 key."""
    plain = inside if isinstance(inside, bytes) else json.dumps(inside).encode()
    sealed = AESGCM(APIV3_KEY.encode()).encrypt(b"twelve-bytes", plain, b"transaction")
    notice = {
        "id": "EV-1",
        "event_type": event,
        "resource_type": "encrypt-resource",
        "resource": {
            "algorithm": "AEAD_AES_256_GCM",
            "ciphertext": base64.b64encode(sealed).decode(),
            "associated_data": "transaction",
            "nonce": "twelve-bytes",
        },
    }
    return json.dumps(notice | changes, ensure_ascii=False).encode()


def credentials(**changes: Any) -> WechatPayCredentials:
    values: dict[str, Any] = {
        "mchid": "1900000001",
        "appid": "wx1234567890abcdef",
        "merchant_serial": "7a8b9c",
        "merchant_private_key": private_pem("merchant"),
        "apiv3_key": APIV3_KEY,
        "platform_keys": {KEY_ID: public_pem("new"), OLD_SERIAL: public_pem("old")},
        "notify_url": "https://brand.example/hooks/wechat-pay",
        "refund_notify_url": "https://brand.example/hooks/wechat-pay-refund",
        "answer_serial": KEY_ID,
        "base_url": "https://pay.example",
        "mini_program_appid": "wx-of-the-program",
        "app_appid": "wx-of-the-app",
    }
    return WechatPayCredentials(**(values | changes))


@dataclass
class Provider:
    """Answers what the test lays out, and remembers what it was asked."""

    answers: list[Answerer] = field(default_factory=list)
    asked: list[httpx2.Request] = field(default_factory=list)

    def will(self, status: int, body: Any = None, **headers: str) -> None:
        """Answer next with this body, properly signed unless the headers say otherwise."""
        content = body if isinstance(body, bytes) else b"" if body is None else _json(body)
        self.will_send(status, content, signed_headers(content) | headers)

    def will_send(self, status: int, content: bytes, headers: Mapping[str, str]) -> None:
        self.answers.append(
            lambda request: httpx2.Response(status, content=content, headers=dict(headers))
        )

    def will_raise(self, error: Exception) -> None:
        def answer(request: httpx2.Request) -> httpx2.Response:
            raise error

        self.answers.append(answer)

    def body(self) -> Any:
        return json.loads(self.asked[-1].content)

    def handle(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        check_request_signature(request)
        return self.answers.pop(0)(request)

    def client(self, clock: Clock = lambda: NOON, **changes: Any) -> WechatPay:
        http = httpx2.AsyncClient(transport=httpx2.MockTransport(self.handle))
        return WechatPay(credentials(**changes), http, clock)


def check_request_signature(request: httpx2.Request) -> None:
    """Check, as the server does, that the merchant signed exactly what was sent."""
    header = request.headers["Authorization"]
    assert header.startswith("WECHATPAY2-SHA256-RSA2048 ")
    said = dict(re.findall(r'(\w+)="([^"]*)"', header))
    assert said["serial_no"] == "7A8B9C"
    message = (
        f"{request.method}\n{request.url.raw_path.decode()}\n"
        f"{said['timestamp']}\n{said['nonce_str']}\n".encode()
        + request.content
        + b"\n"
    )
    key_named("merchant").public_key().verify(
        base64.b64decode(said["signature"]), message, padding.PKCS1v15(), SHA256()
    )


def _json(body: Any) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()
