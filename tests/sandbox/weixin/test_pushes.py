"""Pushes: three modes, two formats, three tries, and what the reply does in the chat."""

from __future__ import annotations

import json
from typing import Any

import pytest
from starlette.responses import Response
from tests.sandbox.weixin.brand import Brand, Heard

from headwater.sandbox.weixin.apps import App
from headwater.sandbox.weixin.pushes.crypto import NotSealed, Sealer, signature
from headwater.sandbox.weixin.pushes.wire import NoXml, read_xml, xml

SORRY = "该公众号提供的服务出现故障，请稍后再试"


async def settings(brand: Brand, **wanted: Any) -> None:
    answer = await brand.town.side("PUT", "/weixin/push-settings", wanted)
    assert answer.status_code == 200


def opened(app: App, heard: Heard) -> bytes:
    """A sealed push as its receiver reads it."""
    encrypt = str(read_xml(heard.body)["Encrypt"])
    query = heard.query
    parts = (app.token, query["timestamp"], query["nonce"], encrypt)
    assert signature(*parts) == query["msg_signature"]
    return Sealer(app.encoding_aes_key, app.appid).open(encrypt)


def is_signed(app: App, heard: Heard) -> bool:
    query = heard.query
    return signature(app.token, query["timestamp"], query["nonce"]) == query["signature"]


async def test_a_sealed_push_shows_nothing_but_whom_it_is_for(brand: Brand) -> None:
    app = brand.app("official_account")
    brand.acts.say(brand.person(), "有货吗😀]]>", brand.town.clock())
    (heard,) = await brand.told()
    assert is_signed(app, heard)
    assert set(read_xml(heard.body)) == {"ToUserName", "Encrypt"}
    fields = read_xml(opened(app, heard))
    assert fields["Content"] == "有货吗😀]]>"
    assert fields["FromUserName"] == brand.openid() == heard.query["openid"]
    assert fields["ToUserName"] == app.original_id


async def test_a_plain_push_is_signed_and_a_compatible_one_is_both(brand: Brand) -> None:
    app = brand.app("official_account")
    for mode, has_plain, has_sealed in (("plain", True, False), ("compatible", True, True)):
        await settings(brand, official_account={"mode": mode})
        brand.acts.say(brand.person(), "有货吗", brand.town.clock())
        (heard,) = await brand.told()
        assert is_signed(app, heard)
        fields = read_xml(heard.body)
        assert ("Content" in fields, "Encrypt" in fields) == (has_plain, has_sealed)
        assert ("msg_signature" in heard.query) is has_sealed


async def test_the_program_gets_json_or_xml_as_it_chose(brand: Brand) -> None:
    template_id = next(iter(brand.acts.program.templates()))
    await settings(brand, mini_program={"mode": "plain", "format": "json"})
    brand.acts.subscribe(brand.person(), {template_id: True}, brand.town.clock())
    (heard,) = await brand.told()
    listed = json.loads(heard.body)["List"]
    assert listed[0]["SubscribeStatusString"] == "accept"
    await settings(brand, mini_program={"mode": "plain", "format": "xml"})
    brand.acts.subscribe(brand.person(), {template_id: False}, brand.town.clock())
    (heard,) = await brand.told()
    said = read_xml(heard.body)["SubscribeMsgPopupEvent"]["List"]
    assert said["SubscribeStatusString"] == "reject"


async def test_without_a_good_answer_there_are_three_tries_with_one_id(brand: Brand) -> None:
    await settings(brand, official_account={"mode": "plain"})
    brand.server.answer = lambda heard: Response(status_code=500)
    brand.acts.say(brand.person(), "有货吗", brand.town.clock())
    heard = await brand.told()
    for _ in range(5):
        heard += await brand.told(seconds=5)
    assert len(heard) == 3
    assert len({read_xml(one.body)["MsgId"] for one in heard}) == 1
    assert len({one.query["nonce"] for one in heard}) == 3
    assert brand.messages()[-1].title == SORRY


async def test_a_silent_event_is_dropped_without_a_word(brand: Brand) -> None:
    brand.server.answer = lambda heard: Response(status_code=500)
    brand.acts.unfollow(brand.person(), brand.town.clock())
    await brand.told()
    for _ in range(3):
        await brand.told(seconds=5)
    assert brand.host.pushes.everything()[0].state == "given up"
    assert brand.messages() == []


async def test_duplicates_delays_and_losses_come_when_asked_for(brand: Brand) -> None:
    await settings(brand, official_account={"mode": "plain"})
    faults = brand.town.sandbox.faults
    faults.push_duplicates, faults.push_delay_seconds = 2, 30.0
    brand.acts.say(brand.person(), "有货吗", brand.town.clock())
    assert await brand.told(seconds=29) == []
    heard = [*await brand.told(seconds=1), *await brand.told(seconds=2)]
    assert len(heard) == 3
    assert len({read_xml(one.body)["MsgId"] for one in heard}) == 1
    faults.push_duplicates, faults.push_delay_seconds, faults.push_drop_next = 0, 0.0, 1
    brand.acts.say(brand.person(), "还在吗", brand.town.clock())
    assert await brand.told(seconds=60) == []


def reply(brand: Brand, **fields: Any) -> bytes:
    plain = {
        "ToUserName": brand.openid(),
        "FromUserName": brand.app("official_account").original_id,
        "CreateTime": 1_800_000_000,
        "MsgType": "text",
        "Content": "有的",
    }
    return xml(plain | fields)


def sealed(brand: Brand, plain: bytes, **changes: str) -> bytes:
    app = brand.app("official_account")
    encrypt = Sealer(app.encoding_aes_key, app.appid).seal(plain)
    signed = signature(app.token, "1800000000", "n1", encrypt)
    fields = {"Encrypt": encrypt, "MsgSignature": signed, "TimeStamp": "1800000000", "Nonce": "n1"}
    return xml(fields | changes)


async def answered(brand: Brand, body: bytes) -> list[Any]:
    """What stands in the chat after somebody wrote and the server answered so."""
    brand.server.answer = lambda heard: Response(body)
    before = len(brand.messages())
    brand.acts.say(brand.person(), "有货吗", brand.town.clock())
    await brand.told()
    return [(one.kind, one.title) for one in brand.messages()[before + 1 :]]


async def test_a_sealed_reply_stands_in_the_chat(brand: Brand) -> None:
    assert await answered(brand, sealed(brand, reply(brand))) == [("text", "有的")]


async def test_a_plain_reply_is_enough_when_the_push_was_plain(brand: Brand) -> None:
    await settings(brand, official_account={"mode": "plain"})
    item = {"Title": "新茶", "Description": "到店", "PicUrl": "", "Url": "http://shop.test/"}
    news = reply(brand, MsgType="news", ArticleCount=1, Articles={"item": item})
    assert await answered(brand, news) == [("news", "新茶")]
    assert brand.messages()[-1].url == "http://shop.test/"


async def test_a_reply_takes_nothing_from_the_window(brand: Brand) -> None:
    await answered(brand, sealed(brand, reply(brand)))
    body = {"touser": brand.openid(), "msgtype": "text", "text": {"content": "您好"}}
    said = [(await brand.account("message/custom/send", body))["errcode"] for _ in range(6)]
    assert said == [0] * 5 + [45047]


async def test_a_wrong_reply_shows_a_fault_instead(brand: Brand) -> None:
    wrong = (
        sealed(brand, reply(brand), MsgSignature="0" * 40),
        sealed(brand, reply(brand, ToUserName="o-other")),
        sealed(brand, reply(brand, FromUserName="gh_other")),
        sealed(brand, reply(brand, Content="茶" * 683)),
        sealed(brand, reply(brand, MsgType="dance")),
        sealed(brand, b"no xml"),
        reply(brand),
        b"<xml><Encrypt>AAAA</Encrypt></xml>",
        b'<!DOCTYPE x [<!ENTITY e "x">]><xml><Encrypt>&e;</Encrypt></xml>',
        b"failed",
    )
    for body in wrong:
        assert await answered(brand, body) == [("system", SORRY)], body


async def test_a_copy_that_is_answered_again_shows_the_reply_once(brand: Brand) -> None:
    brand.town.sandbox.faults.push_duplicates = 2
    body = sealed(brand, reply(brand))
    await answered(brand, body)
    await brand.told(seconds=2)
    assert len(brand.server.heard) == 3
    assert [one.title for one in brand.messages()] == ["有货吗", "有的"]


async def test_an_address_is_taken_once_it_echoes(brand: Brand) -> None:
    app = brand.app("official_account")
    asked = {"app": "official_account", "url": "http://brand.test/hooks/other"}

    def echo(heard: Heard) -> Response:
        return Response(heard.query["echostr"] if is_signed(app, heard) else "")

    refused = await brand.town.side("POST", "/weixin/verifications", asked)
    assert (refused.status_code, refused.json()["error"]) == (409, "token验证失败")
    brand.server.answer = echo
    taken = await brand.town.side("POST", "/weixin/verifications", asked)
    assert taken.json()["official_account"] == asked["url"]
    lost = await brand.town.side("POST", "/weixin/verifications", asked | {"url": "ftp://x"})
    assert lost.status_code == 422


@pytest.mark.parametrize(
    "text",
    [
        "<!DOCTYPE xml><xml><a>1</a></xml>",
        '<!DOCTYPE x [<!ENTITY a "b">]><xml>&a;</xml>',
        "<!entity a><xml><a>1</a></xml>",
        "<xml><a>1</xml>",
        "<a>1</a>",
        "<xml>words</xml>",
        "<xml>" + "<a>" * 20 + "</a>" * 20 + "</xml>",
        "<xml><a>&unknown;</a></xml>",
        "",
    ],
)
def test_what_is_no_plain_xml_is_refused(text: str) -> None:
    with pytest.raises(NoXml):
        read_xml(text.encode())


def test_what_was_cut_changed_or_meant_for_another_is_not_opened() -> None:
    sealer = Sealer("a" * 43, "wx1")
    whole = sealer.seal(b"<xml/>")
    assert sealer.open(whole) == b"<xml/>"
    for wrong in (whole[:-8], whole[:-24], "", "=", whole + "!", "A" * 64):
        with pytest.raises(NotSealed):
            sealer.open(wrong)
    with pytest.raises(NotSealed):
        Sealer("a" * 43, "wx2").open(whole)
