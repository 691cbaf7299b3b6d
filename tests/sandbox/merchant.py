"""A merchant written for these tests alone: signs its requests and checks what comes back."""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import httpx2
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from headwater.sandbox import Credentials, Sandbox, make_credentials, make_sandbox
from headwater.sandbox.simulated import in_process

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
NOTIFY_URL = "http://shop.test/hooks/pay"
PKCS1 = padding.PKCS1v15()


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.moment = NOON

    def __call__(self) -> datetime:
        return self.moment

    def move(self, **length: float) -> datetime:
        self.moment += timedelta(**length)
        return self.moment


@cache
def credentials() -> Credentials:
    """One set of keys for all tests: drawing RSA keys is the slow part."""
    return make_credentials(7, NOON)


@cache
def read_key(pem: str) -> rsa.RSAPrivateKey:
    """The merchant's key, read once."""
    key = serialization.load_pem_private_key(pem.encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


@dataclass
class Shop:
    """The merchant's server: keeps every notice, and answers as it is told."""

    status: int = 204
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    has_heard: asyncio.Event = field(default_factory=asyncio.Event)

    def app(self) -> Starlette:
        async def hear(request: Request) -> Response:
            self.heard.append((dict(request.headers), await request.body()))
            self.has_heard.set()
            return Response(status_code=self.status)

        return Starlette(routes=[Route("/hooks/pay", hear, methods=["POST"])])


@dataclass
class Town:
    """A sandbox, a clock, a shop that listens, and a client that reaches all of them."""

    sandbox: Sandbox
    clock: Clock
    shop: Shop
    http: httpx2.AsyncClient

    @property
    def pay(self) -> dict[str, Any]:
        part: dict[str, Any] = self.sandbox.credentials["pay"]
        return part

    @property
    def account(self) -> dict[str, Any]:
        part: dict[str, Any] = self.sandbox.credentials["official_account"]
        return part

    def openid(self, person_id: str = "p1") -> str:
        return self.sandbox.people.openid(self.sandbox.people.get(person_id), self.account["appid"])

    def body(self, number: str = "T20261122-0001", **changes: Any) -> dict[str, Any]:
        plain = {
            "appid": self.account["appid"],
            "mchid": self.pay["mchid"],
            "description": "龙井茶 50g",
            "out_trade_no": number,
            "notify_url": NOTIFY_URL,
            "amount": {"total": 3_990, "currency": "CNY"},
            "payer": {"openid": self.openid()},
        }
        return {**plain, **changes}

    async def post(self, path: str, body: dict[str, Any], **headers: str) -> httpx2.Response:
        content = json.dumps(body, ensure_ascii=False).encode()
        return await self.send("POST", path, content, self.signed("POST", path, content) | headers)

    async def get(self, path: str, **headers: str) -> httpx2.Response:
        return await self.send("GET", path, b"", self.signed("GET", path, b"") | headers)

    async def send(
        self, method: str, path: str, content: bytes, headers: dict[str, str]
    ) -> httpx2.Response:
        url = self.pay["base_url"] + path
        return await self.http.request(method, url, content=content, headers=headers)

    def signed(
        self, method: str, path: str, content: bytes, at: datetime | None = None, nonce: str = ""
    ) -> dict[str, str]:
        timestamp = str(int((at or self.clock()).timestamp()))
        nonce = nonce or secrets.token_hex(16)
        signature = self.sign(
            f"{method}\n{path}\n{timestamp}\n{nonce}\n".encode() + content + b"\n"
        )
        serial = self.pay["merchant_serial"].lower()
        return {
            "Authorization": f'WECHATPAY2-SHA256-RSA2048 mchid="{self.pay["mchid"]}",'
            f'serial_no="{serial}",nonce_str="{nonce}",timestamp="{timestamp}",'
            f'signature="{signature}"',
            "Wechatpay-Serial": self.pay["platform_public_key_id"],
        }

    def sign(self, message: bytes) -> str:
        key = read_key(self.pay["merchant_private_key_pem"])
        return base64.b64encode(key.sign(message, PKCS1, hashes.SHA256())).decode()

    def believes(self, headers: Any, body: bytes, pem: str | None = None) -> None:
        """Raise InvalidSignature unless the platform signed these bytes."""
        public = (pem or self.pay["platform_public_key_pem"]).encode()
        key = serialization.load_pem_public_key(public)
        assert isinstance(key, rsa.RSAPublicKey)
        message = f"{headers['wechatpay-timestamp']}\n{headers['wechatpay-nonce']}\n".encode()
        signature = base64.b64decode(headers["wechatpay-signature"])
        key.verify(signature, message + body + b"\n", PKCS1, hashes.SHA256())

    def opened(self, resource: dict[str, str]) -> bytes:
        sealed = base64.b64decode(resource["ciphertext"])
        key = AESGCM(self.pay["apiv3_key"].encode())
        aad = resource["associated_data"].encode()
        return key.decrypt(resource["nonce"].encode(), sealed, aad)

    def notice(self, place: int = -1) -> dict[str, Any]:
        """What a notice says once it is opened."""
        headers, body = self.shop.heard[place]
        self.believes(headers, body)
        said: dict[str, Any] = json.loads(self.opened(json.loads(body)["resource"]))
        return said

    async def prepay(self, number: str = "T20261122-0001", **changes: Any) -> str:
        answer = await self.post("/v3/pay/transactions/jsapi", self.body(number, **changes))
        assert answer.status_code == 200, answer.text
        return str(answer.json()["prepay_id"])

    async def paid(self, number: str = "T20261122-0001", **changes: Any) -> str:
        """An order that its payer has paid."""
        prepay_id = await self.prepay(number, **changes)
        answer = await self.side("POST", "/payments", {"prepay_id": prepay_id})
        assert answer.status_code == 200, answer.text
        return prepay_id

    async def side(self, method: str, path: str, body: Any = None) -> httpx2.Response:
        url = self.sandbox.credentials["side_doors"]["base_url"] + path
        return await self.http.request(method, url, json=body)

    def call(self, prepay_id: str, return_url: str = "http://shop.test/orders/1") -> dict[str, str]:
        """What a shop's page hands to the phone to open the pay sheet."""
        timestamp, nonce = str(int(self.clock().timestamp())), secrets.token_hex(8)
        package = f"prepay_id={prepay_id}"
        message = f"{self.account['appid']}\n{timestamp}\n{nonce}\n{package}\n"
        return {
            "prepay_id": prepay_id,
            "appId": self.account["appid"],
            "timeStamp": timestamp,
            "nonceStr": nonce,
            "package": package,
            "signType": "RSA",
            "paySign": self.sign(message.encode()),
            "return_url": return_url,
        }


@asynccontextmanager
async def town(state_file: Path | None = None, speed: float = 1.0) -> AsyncIterator[Town]:
    """Everything in one process; nothing is listened for, nothing sleeps."""
    clock, shop = Clock(), Shop()
    sandbox = make_sandbox(7, speed, clock, None, credentials(), state_file)
    to_shop: dict[str, httpx2.AsyncBaseTransport | None] = {
        "http://shop.test": httpx2.ASGITransport(shop.app())
    }
    sandbox.notify_through(lambda: in_process(to_shop))
    async with sandbox.client() as http:
        yield Town(sandbox, clock, shop, http)
    await sandbox.close()
