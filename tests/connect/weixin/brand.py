"""A brand with its clients at a sandbox, which hears pushes as its own door would."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Literal

import httpx2
from tests.connect.weixin.stub import NOON

from headwater.connect.callbacks import CallbackKeys, open_sealed, verify_plain
from headwater.connect.mini_program import MiniProgram, MiniProgramCredentials
from headwater.connect.mini_program.login import Session
from headwater.connect.mini_program.shipping import PaymentKey
from headwater.connect.official_account import OfficialAccount, OfficialAccountCredentials
from headwater.connect.pushes import sealed_in
from headwater.connect.wechat_pay import WechatPay, WechatPayCredentials
from headwater.connect.weixin_pushes import Push, read_push, replies
from headwater.sandbox import Credentials, Sandbox, make_credentials, make_sandbox

App = Literal["official_account", "mini_program"]


@cache
def known_credentials() -> Credentials:
    """Make the keys once; making them is slow, and every sandbox starts empty anyway."""
    return make_credentials(7, NOON)


@dataclass
class Brand:
    """An official account and a mini program at one sandbox."""

    sandbox: Sandbox
    http: httpx2.AsyncClient
    clock: list[datetime]
    heard: list[Push] = field(default_factory=list)
    reply: Callable[[Push], bytes] = lambda push: replies.HEARD

    def __post_init__(self) -> None:
        known = self.sandbox.credentials
        account, program = known["official_account"], known["mini_program"]
        self.account = OfficialAccount(
            OfficialAccountCredentials(
                account["appid"],
                account["secret"],
                account["api_base_url"],
                account["open_base_url"],
            ),
            self.http,
            self.now,
        )
        self.program = MiniProgram(
            MiniProgramCredentials(program["appid"], program["secret"], program["api_base_url"]),
            self.http,
            self.now,
        )

        pay = known["pay"]
        self.pay = WechatPay(
            WechatPayCredentials(
                mchid=pay["mchid"],
                appid=account["appid"],
                merchant_serial=pay["merchant_serial"],
                merchant_private_key=pay["merchant_private_key_pem"],
                apiv3_key=pay["apiv3_key"],
                platform_keys={pay["platform_public_key_id"]: pay["platform_public_key_pem"]},
                notify_url="http://shop.example/hooks/wechat-pay",
                refund_notify_url="http://shop.example/hooks/wechat-pay",
                answer_serial=pay["platform_public_key_id"],
                base_url=pay["base_url"],
                mini_program_appid=program["appid"],
            ),
            self.http,
            self.now,
        )

    def now(self) -> datetime:
        return self.clock[0]

    async def passes(self, seconds: float) -> None:
        """Let time pass and the sandbox do what it owes."""
        self.clock[0] += timedelta(seconds=seconds)
        await self.sandbox.deliver_due(self.now())

    async def beside(self, method: str, door: str, **body: Any) -> Any:
        url = self.sandbox.credentials["side_doors"]["base_url"] + door
        answer = await self.http.request(method, url, json=body or None)
        assert answer.is_success, answer.text
        return answer.json()

    async def person(self, **more: Any) -> dict[str, Any]:
        made: dict[str, Any] = await self.beside("POST", "/people", nickname="小满", **more)
        return made

    async def came(self, person: dict[str, Any]) -> Session:
        """Let a person open the mini program and log in there."""
        visit = await self.beside("POST", f"/people/{person['id']}/visits", path="", query="")
        return await self.program.login.session(visit["login_code"])

    async def bought(self, session: Session, number: str) -> PaymentKey:
        """Let a person pay for something in the mini program."""
        until = self.now() + timedelta(minutes=30)
        asked = (number, 19_900, session.openid, "羊绒围巾 😀", until)
        prepay_id = await self.pay.prepay_mini_program(*asked)
        await self.beside("POST", "/payments", prepay_id=prepay_id)
        return PaymentKey(mchid=self.sandbox.credentials["pay"]["mchid"], out_trade_no=number)

    async def listens(self, app: App) -> None:
        """Have pushes of one app sent to us, each sealed as the platform seals it."""
        await self.beside("POST", "/callbacks", **{app: f"http://shop.example/{app}"})

    def hear(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.path.startswith("/hooks/"):
            return httpx2.Response(204)
        known = self.sandbox.credentials[request.url.path.strip("/")]
        keys = CallbackKeys(known["token"], known["encoding_aes_key"], known["appid"])
        is_sealed = request.url.params.get("encrypt_type") == "aes"
        push = read_push(self._believed(keys, request, is_sealed))
        self.heard.append(push)
        reply = self.reply(push)
        if reply != replies.HEARD and is_sealed:
            reply = replies.sealed(keys, reply, "n0nce", self.now())
        return httpx2.Response(200, content=reply)

    def _believed(self, keys: CallbackKeys, request: httpx2.Request, is_sealed: bool) -> bytes:
        query, now = request.url.params, self.now()
        stamp, nonce = query["timestamp"], query["nonce"]
        if not is_sealed:
            verify_plain(keys, query["signature"], stamp, nonce, now)
            return request.content
        sealed = sealed_in(request.content)
        return open_sealed(keys, query["msg_signature"], stamp, nonce, sealed, now)


@asynccontextmanager
async def opened() -> AsyncIterator[Brand]:
    """Open a fresh sandbox with a brand that knows its credentials."""
    clock = [NOON]
    sandbox = make_sandbox(7, 1.0, now=lambda: clock[0], credentials=known_credentials())
    async with sandbox.client() as http:
        brand = Brand(sandbox, http, clock)
        sandbox.notify_through(
            lambda: httpx2.AsyncClient(transport=httpx2.MockTransport(brand.hear))
        )
        yield brand
        await sandbox.close()
