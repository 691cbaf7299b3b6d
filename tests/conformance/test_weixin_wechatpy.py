"""PyPI's wechatpy against the simulated account and mini program: every line on the other side is
its own, down to the signature of a JS call and the sealing of a reply.

It asks hard-coded hosts, so an adapter of `requests` leads it here. Where the documents of the
platform say otherwise than the library of 2021 does, a test says so.
"""

from __future__ import annotations

import asyncio
import io
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import zxingcpp
from PIL import Image
from requests.adapters import HTTPAdapter
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from tests.conformance.strangers import HEARD_WITHIN_SECONDS, Town, open_shop, town
from wechatpy import WeChatClient, WeChatOAuth, parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.exceptions import WeChatClientException, WeChatOAuthException
from wechatpy.replies import create_reply
from wechatpy.utils import check_signature

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 24
BUTTONS = {
    "button": [
        {"type": "click", "name": "查积分", "key": "points"},
        {"name": "服务", "sub_button": [{"type": "view", "name": "商城", "url": "http://a.test/"}]},
    ]
}


class LedHere(HTTPAdapter):
    """Takes what is meant for the platform to the sandbox."""

    def __init__(self, base_url: str) -> None:
        super().__init__()
        self._base_url = base_url

    def send(  # type: ignore[override]
        self, request: requests.PreparedRequest, **more: Any
    ) -> requests.Response:
        assert request.url is not None
        parts = urlsplit(request.url)
        request.url = f"{self._base_url}{parts.path}?{parts.query}"
        return super().send(request, **more)


def led(sdk: Any, base_url: str) -> Any:
    """The same SDK, its platform led here."""
    sdk._http.trust_env = False
    sdk._http.mount("https://api.weixin.qq.com/", LedHere(base_url))
    return sdk


@dataclass
class Merchant:
    """A merchant whose every line is wechatpy's: client, signature check, opening, sealing."""

    there: Town
    crypto: Any
    account: Any
    program: Any
    reply: Callable[[Any], Any] = field(default=lambda message: None)
    seals: bool = True
    heard: list[Any] = field(default_factory=list)
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def hear(self, request: Request) -> Response:
        query = request.query_params
        token = self.there.known["official_account"]["token"]
        check_signature(token, query["signature"], query["timestamp"], query["nonce"])
        if request.method == "GET":
            return Response(query["echostr"])
        body = await request.body()
        if "msg_signature" in query:
            signed = (query["msg_signature"], query["timestamp"], query["nonce"])
            body = self.crypto.decrypt_message(body, *signed)
        message = parse_message(body)
        async with self.news:
            self.heard.append(message)
            self.news.notify_all()
        said = self.reply(message)
        if said is None:
            return Response("success")
        if not self.seals:
            return Response(said.render())
        nonce, timestamp = secrets.token_hex(4), str(int(time.time()))
        return Response(self.crypto.encrypt_message(said, nonce, timestamp))

    async def told(self, kind: str) -> Any:
        """Wait until a message or an event of this kind is heard."""

        def found() -> list[Any]:
            return [one for one in self.heard if kind in (one.type, getattr(one, "event", ""))]

        async with asyncio.timeout(HEARD_WITHIN_SECONDS), self.news:
            await self.news.wait_for(lambda: bool(found()))
        return found()[-1]

    async def chat(self, person: dict[str, Any], count: int) -> list[dict[str, Any]]:
        """The person's chat with the account, once so much stands in it."""
        async with asyncio.timeout(HEARD_WITHIN_SECONDS):
            while True:
                said = await self.there.side("GET", f"/people/{person['id']}/messages")
                found: list[dict[str, Any]] = said["messages"]
                if len(found) >= count:
                    return found


@asynccontextmanager
async def merchant(folder: Path) -> AsyncIterator[Merchant]:
    """A merchant at a served sandbox, whose address the platform has checked."""
    async with town(folder) as there, open_shop() as (shop, port):
        account, program = there.known["official_account"], there.known["mini_program"]
        keys = (account["token"], account["encoding_aes_key"], account["appid"])
        built = Merchant(
            there,
            WeChatCrypto(*keys),
            *(
                led(WeChatClient(one["appid"], one["secret"], timeout=5), one["api_base_url"])
                for one in (account, program)
            ),
        )
        shop.routes.append(Route("/pushes", built.hear, methods=["GET", "POST"]))
        url = f"http://127.0.0.1:{port}/pushes"
        await there.side("POST", "/weixin/verifications", app="official_account", url=url)
        yield built


@pytest.fixture
async def brand(tmp_path: Path) -> AsyncIterator[Merchant]:
    """A merchant for one test."""
    async with merchant(tmp_path) as built:
        yield built


async def ask(verb: Any, *given: Any, **more: Any) -> Any:
    """One call of the SDK, which knows no other way than to wait."""
    return await asyncio.to_thread(verb, *given, **more)


async def test_a_person_writes_is_answered_at_once_and_later(brand: Merchant) -> None:
    person = await brand.there.person()
    brand.reply = lambda message: create_reply("有的 🍵", message)
    await brand.there.side("POST", f"/people/{person['id']}/words", text="有货吗 <b>]]>")
    message = await brand.told("text")
    assert (message.content, message.source) == ("有货吗 <b>]]>", person["openid"])
    assert (await brand.chat(person, 2))[1]["title"] == "有的 🍵"
    for _ in range(5):
        await ask(brand.account.message.send_text, person["openid"], "到店即取")
    with pytest.raises(WeChatClientException) as sixth:
        await ask(brand.account.message.send_text, person["openid"], "到店即取")
    assert sixth.value.errcode == 45047
    assert len(await brand.chat(person, 7)) == 7


@pytest.mark.parametrize("mode", ["plain", "compatible"])
async def test_an_open_push_is_believed_and_answered_openly(brand: Merchant, mode: str) -> None:
    settings = {"official_account": {"mode": mode}}
    await brand.there.side("PUT", "/weixin/push-settings", **settings)
    person = await brand.there.person()
    brand.reply = lambda message: create_reply("有的", message)
    brand.seals = mode == "compatible"
    await brand.there.side("POST", f"/people/{person['id']}/words", text="有货吗")
    assert (await brand.told("text")).content == "有货吗"
    assert (await brand.chat(person, 2))[1]["title"] == "有的"


async def test_a_news_reply_stands_in_the_chat(brand: Merchant) -> None:
    person = await brand.there.person()
    card = {"title": "新茶", "description": "到店", "image": "", "url": "http://a.test/"}
    brand.reply = lambda message: create_reply([card], message)
    await brand.there.side("POST", f"/people/{person['id']}/words", text="新品")
    assert (await brand.chat(person, 2))[1]["title"] == "新茶"


async def test_followers_tags_and_menu_are_what_the_sdk_expects(brand: Merchant) -> None:
    person = await brand.there.person()
    openid, account = person["openid"], brand.account
    shown = await ask(account.user.get, openid)
    assert (shown["subscribe"], shown["unionid"]) == (1, person["unionid"])
    assert openid in list(await ask(lambda: list(account.user.iter_followers())))
    several = await ask(account.user.get_batch, [openid, openid])
    assert [one["openid"] for one in several] == [openid, openid]
    assert (await ask(account.user.update_remark, openid, "老顾客"))["errcode"] == 0
    tag = await ask(account.tag.create, "金卡")
    await ask(account.tag.tag_user, tag["id"], openid)
    assert await ask(account.tag.get_tag_users, tag["id"])
    await ask(account.menu.create, BUTTONS)
    assert (await ask(account.menu.get))["menu"]["button"][0]["key"] == "points"
    await brand.there.side("POST", f"/people/{person['id']}/presses", path=[0])
    assert (await brand.told("click")).key == "points"
    await ask(account.menu.delete)
    assert await ask(account.menu.get) is None


async def test_a_code_brings_a_follower_with_its_scene(brand: Merchant) -> None:
    body = {
        "expire_seconds": 1_800,
        "action_name": "QR_STR_SCENE",
        "action_info": {"scene": {"scene_str": "store-7"}},
    }
    made = await ask(brand.account.qrcode.create, body)
    address = brand.account.qrcode.get_url(made["ticket"])
    assert urlsplit(address).path == "/cgi-bin/showqrcode"
    url = brand.there.known["official_account"]["api_base_url"]
    picture = await brand.there.http.get(f"{url}/cgi-bin/showqrcode?{urlsplit(address).query}")
    (read,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture.content)))
    person = await brand.there.person()
    await brand.there.side("PUT", f"/people/{person['id']}/following", follows=False)
    await brand.told("unsubscribe")
    await brand.there.side("POST", f"/people/{person['id']}/scans", code=read.text)
    event = await brand.told("subscribe_scan")
    assert (event.scene_id, event.ticket) == ("store-7", made["ticket"])


async def test_a_template_and_a_mass_message_end_with_their_events(brand: Merchant) -> None:
    person = await brand.there.person()
    template_id = brand.there.known["official_account"]["template_ids"]["order_paid"]
    data = {"thing1": {"value": "龙井茶"}, "amount2": {"value": "39.90元"}}
    sent = await ask(brand.account.message.send_template, person["openid"], template_id, data)
    done = await brand.told("templatesendjobfinish")
    assert (int(done.id), done.status) == (sent["msgid"], "success")
    mass = await ask(
        brand.account.message.send_mass_text, None, "新茶到店", is_to_all=True, client_msg_id="c1"
    )
    out = await brand.told("masssendjobfinish")
    assert (int(out.id), out.status, int(out.sent_count)) == (mass["msg_id"], "send success", 7)
    assert (await ask(brand.account.message.get_mass, mass["msg_id"]))["msg_status"] == (
        "SEND_SUCCESS"
    )


async def test_a_file_comes_back_as_it_went(brand: Merchant) -> None:
    file = ("tea.png", PNG, "image/png")
    made = await ask(brand.account.media.upload, "image", file)
    assert (await ask(brand.account.media.download, made["media_id"])).content == PNG
    kept = await ask(brand.account.material.add, "image", file)
    assert (await ask(brand.account.material.get_count))["image_count"] == 1
    assert (await ask(brand.account.material.get, kept["media_id"])).content == PNG


async def test_a_page_is_signed_so_that_the_phone_takes_it(brand: Merchant) -> None:
    ticket = await ask(brand.account.jsapi.get_jsapi_ticket)
    sign, now = brand.account.jsapi.get_jsapi_signature, int(time.time())
    answers = {}
    for name, url in {"bare": "http://a.test/?x=1", "hash": "http://a.test/?x=1#/cart"}.items():
        config = {
            "appId": brand.there.appid,
            "timestamp": now,
            "nonceStr": "n1",
            "signature": sign("n1", ticket, now, url),
            "url": url,
        }
        said = await brand.there.side("POST", "/weixin/jsapi-configs", **config)
        answers[name] = said["errMsg"]
    # The JS-SDK's appendix signs the address without "#" and what follows; the SDK signs it whole.
    assert answers == {"bare": "config:ok", "hash": "config:invalid signature"}


async def test_a_visitor_logs_in_and_is_refreshed(brand: Merchant) -> None:
    account, person = brand.there.known["official_account"], await brand.there.person()
    login = WeChatOAuth(
        account["appid"], account["secret"], "http://a.test/back", "snsapi_userinfo", "s1"
    )
    led(login, account["api_base_url"])
    path = urlsplit(login.authorize_url)
    page = f"{account['open_base_url']}{path.path}?{path.query}&as={person['id']}"
    back = (await brand.there.http.get(page)).headers["location"]
    code = parse_qs(urlsplit(back).query)["code"][0]
    traded = await ask(login.fetch_access_token, code)
    assert traded["openid"] == person["openid"]
    assert (await ask(login.get_user_info))["nickname"] == person["nickname"]
    fresh = await ask(login.refresh_access_token, traded["refresh_token"])
    assert fresh["access_token"] != traded["access_token"]
    assert await ask(login.check_access_token)
    with pytest.raises(WeChatOAuthException) as used:
        await ask(login.fetch_access_token, code)
    assert used.value.errcode == 40163


async def test_a_program_code_is_a_picture_that_a_camera_reads(brand: Merchant) -> None:
    made = await ask(brand.program.wxa.get_wxa_code_unlimited, "s=7", page="pages/shop/shop")
    (read,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(made.content)))
    assert read.text.endswith("/pages/shop/shop?scene=s%3D7")
    with pytest.raises(WeChatClientException) as wrong:
        await ask(brand.program.wxa.get_wxa_code_unlimited, "x" * 33)
    assert wrong.value.errcode == 40169
    person = await brand.there.person()
    code = (await brand.there.side("POST", f"/people/{person['id']}/login-codes"))["code"]
    session = await ask(brand.program.wxa.code_to_session, code)
    assert session["openid"] == person["openids"]["mini_program"]


async def test_a_token_that_dies_is_fetched_anew(brand: Merchant) -> None:
    person = await brand.there.person()
    await ask(brand.account.user.get, person["openid"])
    await brand.there.misbehave(tokens_die_next=1)
    assert (await ask(brand.account.user.get, person["openid"]))["subscribe"] == 1


async def test_two_processes_take_each_others_token(brand: Merchant) -> None:
    """The SDK knows only /cgi-bin/token; documents point to stable_token for this reason."""
    account = brand.there.known["official_account"]
    other = led(WeChatClient(account["appid"], account["secret"]), account["api_base_url"])
    first = (await ask(brand.account.fetch_access_token))["access_token"]
    second = (await ask(other.fetch_access_token))["access_token"]
    assert first != second


async def test_a_tag_is_named_by_its_former_name(brand: Merchant) -> None:
    """Mass messages name a tag_id since 2016; the SDK still sends group_id, which names nobody."""
    with pytest.raises(WeChatClientException) as unknown:
        await ask(brand.account.message.send_mass_text, 100, "新茶到店")
    assert unknown.value.errcode == 45159
