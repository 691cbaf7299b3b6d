"""Free messages in their windows, of every kind, and template messages with their event."""

from __future__ import annotations

from typing import Any

import pytest
from tests.sandbox.weixin.brand import PNG, Brand


async def say(brand: Brand, **content: Any) -> int:
    body = {"touser": brand.openid(), "msgtype": "text", "text": {"content": "您好"}} | content
    return int((await brand.account("message/custom/send", body))["errcode"])


async def test_a_press_and_a_scan_open_a_minute_for_three(brand: Brand) -> None:
    button = {"type": "click", "name": "查积分", "key": "points"}
    await brand.account("menu/create", {"button": [button]})
    scene = {"scene": {"scene_str": "s"}}
    body = {"action_name": "QR_STR_SCENE", "expire_seconds": 600, "action_info": scene}
    url = (await brand.account("qrcode/create", body))["url"]
    for is_scanned in (False, True):
        assert await say(brand) == 45015
        if is_scanned:
            brand.acts.scan(brand.person(), url, brand.town.clock())
        else:
            brand.acts.press(brand.person(), (0,), brand.town.clock())
        assert [await say(brand) for _ in range(4)] == [0, 0, 0, 45047]
        brand.town.clock.move(minutes=1)


async def test_who_leaves_can_be_told_nothing(brand: Brand) -> None:
    brand.acts.say(brand.person(), "有货吗", brand.town.clock())
    assert await say(brand) == 0
    brand.acts.unfollow(brand.person(), brand.town.clock())
    assert await say(brand) == 45015


async def test_a_free_message_may_be_of_many_kinds(brand: Brand) -> None:
    brand.acts.say(brand.person(), "有货吗", brand.town.clock())
    image = (await brand.upload("/cgi-bin/media/upload", type="image"))["media_id"]
    card = {
        "title": "新茶",
        "appid": brand.app("mini_program").appid,
        "pagepath": "pages/tea/tea",
        "thumb_media_id": image,
    }
    article = {"title": "新茶", "description": "到店", "url": "http://shop.test/", "picurl": ""}
    menu = {"head_content": "满意吗", "list": [{"id": "1", "content": "好"}], "tail_content": "谢"}
    kinds: dict[str, Any] = {
        "image": {"media_id": image},
        "miniprogrampage": card,
        "news": {"articles": [article]},
        "msgmenu": menu,
    }
    for kind, content in kinds.items():
        assert await say(brand, msgtype=kind, **{kind: content}) == 0
    arrived = brand.messages()
    assert [one.kind for one in arrived] == ["own", *kinds]
    assert arrived[1].media_id == image
    assert (arrived[2].appid, arrived[2].pagepath) == (card["appid"], "pages/tea/tea")


@pytest.mark.parametrize(
    "content, code",
    [
        ({"text": {"content": "茶" * 682 + "ab"}}, 0),
        ({"text": {"content": "茶" * 682 + "abc"}}, 45002),
        ({"text": {"content": ""}}, 44004),
        ({"msgtype": "image", "image": {"media_id": "x"}}, 40007),
        ({"msgtype": "dance"}, 40008),
        ({"msgtype": "news", "news": {"articles": []}}, 45008),
        ({"touser": "o-nobody"}, 40003),
    ],
)
async def test_a_free_message_is_refused_with_the_platforms_numbers(
    brand: Brand, content: dict[str, Any], code: int
) -> None:
    brand.acts.say(brand.person(), "有货吗", brand.town.clock())
    assert await say(brand, **content) == code


async def test_the_programs_service_answers_twice_after_entering(brand: Brand) -> None:
    body = {
        "touser": brand.openid(kind="mini_program"),
        "msgtype": "text",
        "text": {"content": "您好"},
    }

    async def sent() -> int:
        return int((await brand.program("/cgi-bin/message/custom/send", body))["errcode"])

    assert await sent() == 45015
    brand.acts.program.enter_service(brand.person(), "pages/shop/shop", brand.town.clock())
    assert [await sent() for _ in range(3)] == [0, 0, 45047]
    brand.acts.program.say_to_service(brand.person(), "有货吗", brand.town.clock())
    assert [await sent() for _ in range(6)] == [0] * 5 + [45047]
    assert len(brand.messages(chat="service")) == 8
    assert brand.messages() == []


async def test_a_template_message_ends_with_an_event(brand: Brand) -> None:
    body = {
        "touser": brand.openid(),
        "template_id": brand.town.account["template_ids"]["order_paid"],
        "miniprogram": {"appid": brand.app("mini_program").appid, "pagepath": "pages/order/order"},
        "data": {"thing1": {"value": "龙井茶"}},
    }
    sent = await brand.account("message/template/send", body)
    assert brand.messages()[-1].pagepath == "pages/order/order"
    (event,) = [one.fields for one in brand.host.pushes.everything()]
    assert (event["Event"], event["MsgID"], event["Status"]) == (
        "TEMPLATESENDJOBFINISH",
        sent["msgid"],
        "success",
    )
    listed = await brand.account("template/get_all_private_template")
    assert body["template_id"] in [one["template_id"] for one in listed["template_list"]]


@pytest.mark.parametrize(
    "data, code",
    [
        ({"thing1": "茶" * 20}, 0),
        ({"thing1": "茶" * 21}, 47003),
        ({"amount2": "1234567890.00"}, 0),
        ({"amount2": "¥1,234.00"}, 47003),
        ({"time3": "2026-11-22 15:01"}, 0),
        ({"time3": "soon"}, 47003),
        ({"other": "x" * 300}, 0),
    ],
)
async def test_a_templates_fields_have_the_rules_of_their_kind(
    brand: Brand, data: dict[str, str], code: int
) -> None:
    body = {
        "touser": brand.openid(),
        "template_id": brand.town.account["template_ids"]["order_paid"],
        "data": {name: {"value": value} for name, value in data.items()},
    }
    assert (await brand.account("message/template/send", body))["errcode"] == code


async def test_a_picture_that_a_person_sends_can_be_fetched(brand: Brand) -> None:
    media_id = brand.acts.show(brand.person(), PNG, brand.town.clock())
    answer = await brand.raw("official_account", "/cgi-bin/media/get", query={"media_id": media_id})
    assert answer.content == PNG
    seen = await brand.send("GET", f"/_sandbox/media/{media_id}")
    assert (seen.content, seen.headers["content-type"]) == (PNG, "image/png")
    brand.town.clock.move(days=3)
    gone = await brand.raw("official_account", "/cgi-bin/media/get", query={"media_id": media_id})
    assert gone.json()["errcode"] == 40007


@pytest.mark.parametrize(
    "name, kind, headed",
    [
        ("a.amr", "audio/amr", 'attachment; filename="a.amr"'),
        ("茶.amr", "声音/茶", "attachment; filename=\"_.amr\"; filename*=UTF-8''%E8%8C%B6.amr"),
    ],
)
async def test_a_file_comes_back_under_its_name_in_any_letters(
    brand: Brand, name: str, kind: str, headed: str
) -> None:
    files = {"media": (name, b"sound", kind)}
    query = {"type": "voice"}
    path = "/cgi-bin/media/upload"
    kept = (await brand.raw("official_account", path, files=files, query=query)).json()
    query = {"media_id": kept["media_id"]}
    back = await brand.raw("official_account", "/cgi-bin/media/get", query=query)
    assert (back.status_code, back.content) == (200, b"sound")
    assert back.headers["content-disposition"] == headed
