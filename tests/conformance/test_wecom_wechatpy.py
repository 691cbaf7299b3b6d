"""PyPI's wechatpy against the simulated WeCom: its cryptography, and a customer's whole journey.

It asks the hard-coded host, so an adapter of `requests` leads it here. It is of 2021: for results
of broadcasts it knows only a call that the platform has retired since, so that one is asked
through its generic `post`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
import requests
from requests.adapters import HTTPAdapter
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from tests.conformance.strangers import HEARD_WITHIN_SECONDS, Town, open_shop, town
from wechatpy.enterprise import WeChatClient
from wechatpy.enterprise.crypto import WeChatCrypto
from wechatpy.enterprise.exceptions import InvalidCorpIdException
from wechatpy.exceptions import InvalidSignatureException, WeChatClientException

from headwater.sandbox.wecom.sealing import Seal, close, open_signed, signature

PLATFORM = "https://qyapi.weixin.qq.com/"


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


@dataclass
class Merchant:
    """A merchant whose every line is wechatpy's: client, signature check, opening."""

    there: Town
    crypto: WeChatCrypto
    client: Any
    app: Any
    heard: list[dict[str, str]] = field(default_factory=list)
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def hear(self, request: Request) -> Response:
        query = request.query_params
        signed = (query["msg_signature"], query["timestamp"], query["nonce"])
        if request.method == "GET":
            return Response(self.crypto.check_signature(*signed, query["echostr"]))
        plain = self.crypto.decrypt_message(await request.body(), *signed)
        async with self.news:
            self.heard.append(fields_of(plain))
            self.news.notify_all()
        return Response()

    async def event(self, change: str) -> dict[str, str]:
        """Wait until a change of this kind is heard."""

        def found() -> list[dict[str, str]]:
            return [one for one in self.heard if one["ChangeType"] == change]

        async with asyncio.timeout(HEARD_WITHIN_SECONDS), self.news:
            await self.news.wait_for(lambda: bool(found()))
        return found()[-1]

    async def act(self, **act: Any) -> Any:
        """Do what people do: they have no SDK."""
        return (await self.there.side("POST", "/wecom/acts", **act))["done"]


def fields_of(plain: str) -> dict[str, str]:
    return {one.tag: one.text or "" for one in ElementTree.fromstring(plain)}


def sdk(known: dict[str, Any], secret: str) -> Any:
    client = WeChatClient(known["corpid"], known[secret], timeout=5)
    client._http.trust_env = False
    client._http.mount(PLATFORM, LedHere(known["base_url"]))
    return client


@asynccontextmanager
async def merchant(folder: Path) -> AsyncIterator[Merchant]:
    async with town(folder) as there, open_shop() as (shop, port):
        known = there.known["wecom"]
        crypto = WeChatCrypto(known["token"], known["encoding_aes_key"], known["corpid"])
        clients = [sdk(known, secret) for secret in ("contact_secret", "secret")]
        built = Merchant(there, crypto, *clients)
        shop.routes.append(Route("/hooks/wecom", built.hear, methods=["GET", "POST"]))
        await there.side("POST", "/wecom/callback", url=f"http://127.0.0.1:{port}/hooks/wecom")
        yield built


@pytest.fixture
async def brand(tmp_path: Path) -> AsyncIterator[Merchant]:
    async with merchant(tmp_path) as built:
        yield built


async def ask(verb: Any, *given: Any, **more: Any) -> Any:
    """One call of the SDK, which knows no other way than to wait."""
    return await asyncio.to_thread(verb, *given, **more)


async def test_a_customer_is_met_greeted_tagged_and_written_to(brand: Merchant) -> None:
    contact = brand.client.external_contact
    way = await ask(contact.add_contact_way, 1, 2, user=["zhangmin"], state="shelf-7")
    await brand.act(act="add", person_id="p1", code=way["qr_code"])
    event = await brand.event("add_external_contact")
    assert (event["UserID"], event["State"]) == ("zhangmin", "shelf-7")
    greeting = {"welcome_code": event["WelcomeCode"], "text": {"content": "欢迎光临 🌊"}}
    await ask(contact.send_welcome_msg, greeting)
    with pytest.raises(WeChatClientException) as again:
        await ask(contact.send_welcome_msg, greeting)
    assert again.value.errcode == 41051
    external = event["ExternalUserID"]
    made = await ask(contact.add_corp_tag, None, "等级", 1, [{"name": "金"}])
    tag_id = made["tag_group"]["tag"][0]["id"]
    await ask(contact.mark_tag, "zhangmin", external, add_tag=[tag_id])
    known = await ask(contact.get, external)
    assert known["follow_user"][0]["state"] == "shelf-7"
    assert known["follow_user"][0]["tags"][0]["tag_name"] == "金"
    words = {"external_userid": [external], "text": {"content": "周末到店有礼"}}
    sent = await ask(contact.add_msg_template, words)
    confirmed = {"userid": "zhangmin", "kind": "broadcast", "task_id": sent["msgid"]}
    await brand.act(act="confirm", **confirmed)
    asked = {"msgid": sent["msgid"], "userid": "zhangmin"}
    path = "externalcontact/get_groupmsg_send_result"
    result = await ask(brand.client.post, path, data=asked)
    assert [one["status"] for one in result["send_list"]] == [1]
    chat = await brand.there.side("GET", "/wecom/people/p1/chats/zhangmin")
    assert [one["title"] for one in chat["messages"]] == ["欢迎光临 🌊", "周末到店有礼"]


async def test_a_guide_is_read_told_and_logged_in(brand: Merchant) -> None:
    member = await ask(brand.app.user.get, "zhangmin")
    assert member["name"] == "张敏"
    agentid = brand.there.known["wecom"]["agentid"]
    said = await ask(brand.app.message.send_text, agentid, "zhangmin", "今天回访三位客户")
    assert said["errcode"] == 0
    address = urlsplit(brand.app.oauth.authorize_url("http://127.0.0.1/guide", "st4te"))
    page = f"{brand.there.known['wecom']['login_url']}{address.path}?{address.query}&as=zhangmin"
    answer = await brand.there.http.get(page)
    code = answer.headers["location"].partition("code=")[2].partition("&")[0]
    assert (await ask(brand.app.oauth.get_user_info, code))["UserId"] == "zhangmin"


async def test_both_tickets_sign_pages_that_the_platform_believes(brand: Merchant) -> None:
    url, nonce, timestamp = "http://shop.test/guide", "n0nce", "1763784000"
    for kind, verb in (
        ("config", brand.app.jsapi.get_ticket),
        ("agentConfig", brand.app.jsapi.get_agent_ticket),
    ):
        ticket = (await ask(verb))["ticket"]
        made = brand.app.jsapi.get_jsapi_signature(nonce, ticket, timestamp, url)
        given = {"kind": kind, "url": url, "noncestr": nonce, "timestamp": timestamp}
        checked = await brand.there.side("POST", "/wecom/signatures", **given, signature=made)
        assert checked == {"is_good": True}


async def test_a_token_that_died_early_is_fetched_anew(brand: Merchant) -> None:
    await ask(brand.app.user.get, "zhangmin")
    await brand.there.misbehave(wecom_tokens_die_next=1)
    assert (await ask(brand.app.user.get, "zhangmin"))["errcode"] == 0


async def test_a_photo_is_uploaded(brand: Merchant, tmp_path: Path) -> None:
    photo = tmp_path / "photo.png"
    photo.write_bytes(b"\x89PNG\r\n\x1a\n" + b"photo")
    with photo.open("rb") as file:
        kept = await ask(brand.client.media.upload, "image", file)
    assert kept["media_id"]


SEAL = Seal("QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", "wx5823bf96d3bd56c7")
THEIRS = WeChatCrypto(SEAL.token, SEAL.aes_key, SEAL.receiver_id)


def test_what_the_sandbox_seals_wechatpy_opens() -> None:
    sealed = close(SEAL, "<xml>门店 🌊</xml>".encode())
    envelope = f"<xml><Encrypt>{sealed}</Encrypt></xml>"
    made = signature(SEAL, "1409659813", "n0nce", sealed)
    opened = THEIRS.decrypt_message(envelope, made, "1409659813", "n0nce")
    assert opened == "<xml>门店 🌊</xml>"
    with pytest.raises(InvalidSignatureException):
        THEIRS.decrypt_message(envelope, made, "1409659814", "n0nce")
    other = WeChatCrypto(SEAL.token, SEAL.aes_key, "wxnobody")
    with pytest.raises(InvalidCorpIdException):
        other.decrypt_message(envelope, made, "1409659813", "n0nce")


def test_what_wechatpy_seals_the_sandbox_opens() -> None:
    said = fields_of(THEIRS.encrypt_message("<xml>门店</xml>", "n0nce", "1409659813"))
    opened = open_signed(
        SEAL, said["MsgSignature"], said["TimeStamp"], said["Nonce"], said["Encrypt"]
    )
    assert opened.decode() == "<xml>门店</xml>"
