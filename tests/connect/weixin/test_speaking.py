"""Menus, free messages and mass sends, as they go over the wire."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.connect.weixin.stub import NOON, OK, Weixin, refusal

from headwater.base.errors import BadInput, Trouble
from headwater.connect.errors import CannotReach, ProviderRefused, WindowClosed, WindowSpent
from headwater.connect.official_account.chat import Link, ProgramCard
from headwater.connect.official_account.mass import Message, Stage, left_this_month
from headwater.connect.official_account.menu import Button, PersonalMenu

PRESS = Button("新品 😀", "click", "new")
VIEW = Button("商城", "view", "https://b.example")
CARD = Button("小程序", "miniprogram", "https://b.example", "wx34", "pages/index")


async def test_a_menu_goes_out_as_it_shall_look() -> None:
    weixin = Weixin()
    weixin.will(OK)
    await weixin.account.menu.create([PRESS, Button("更多", behind=(VIEW, CARD))])
    assert weixin.body == {
        "button": [
            {"type": "click", "name": "新品 😀", "key": "new"},
            {
                "name": "更多",
                "sub_button": [
                    {"type": "view", "name": "商城", "url": "https://b.example"},
                    {
                        "type": "miniprogram",
                        "name": "小程序",
                        "url": "https://b.example",
                        "appid": "wx34",
                        "pagepath": "pages/index",
                    },
                ],
            },
        ]
    }
    assert "新品 😀".encode() in weixin.raw


@pytest.mark.parametrize(
    "buttons",
    [
        [],
        [PRESS] * 4,
        [Button("更多", behind=(PRESS,) * 6)],
        [Button("", "click", "new")],
        [Button("x" * 17, "click", "new")],
        [Button("a", behind=(Button("x" * 61, "click", "new"),))],
        [Button("a", "click", "")],
        [Button("a", "click", "x" * 129)],
        [Button("a", "view", "x" * 1025)],
        [Button("a", None, "new")],
        [Button("a", behind=(Button("b", behind=(PRESS,)),))],
    ],
)
async def test_a_menu_beyond_its_limits_is_not_sent(buttons: list[Button]) -> None:
    weixin = Weixin()
    with pytest.raises(BadInput):
        await weixin.account.menu.create(buttons)
    assert weixin.asked == []


async def test_a_menu_at_its_limits_is_sent() -> None:
    weixin = Weixin()
    weixin.will(OK)
    most = Button("x" * 16, behind=(Button("x" * 60, "click", "x" * 128),) * 5)
    await weixin.account.menu.create([most, most, Button("a", "view", "x" * 1024)])


async def test_menus_are_read_with_those_for_a_tag() -> None:
    weixin = Weixin()
    behind = {"name": "更多", "sub_button": [{"type": "tomorrow", "name": "b", "key": "k"}]}
    rule = {"menuid": 7, "button": [{"type": "click", "name": "a", "key": "k"}]}
    weixin.will(
        {
            "menu": {"button": [behind], "menuid": 6},
            "conditionalmenu": [{**rule, "matchrule": {"group_id": 134}}],
        }
    )
    menus = await weixin.account.menu.get()
    assert menus is not None
    assert menus.buttons == (Button("更多", behind=(Button("b", "tomorrow", "k"),)),)
    assert menus.personal == (PersonalMenu("7", "134", (Button("a", "click", "k"),)),)


async def test_no_menu_is_no_error() -> None:
    weixin = Weixin()
    weixin.will(refusal(46003, "menu no exist"))
    assert await weixin.account.menu.get() is None


async def test_personal_menus_come_and_go_by_their_id() -> None:
    weixin = Weixin()
    weixin.will({"menuid": "208379533"}, OK, OK)
    assert await weixin.account.menu.create_for_tag([PRESS], 134) == "208379533"
    assert weixin.body["matchrule"] == {"tag_id": "134"}
    await weixin.account.menu.delete_for_tag("208379533")
    assert weixin.body == {"menuid": "208379533"}
    await weixin.account.menu.delete()
    assert (weixin.path, weixin.asked[-1].method) == ("/cgi-bin/menu/delete", "GET")


async def test_free_messages_have_their_forms() -> None:
    weixin = Weixin()
    chat = weixin.account.chat
    weixin.will(*[OK] * 7)
    await chat.say("o-1", "还有 😀")
    assert weixin.body == {"touser": "o-1", "msgtype": "text", "text": {"content": "还有 😀"}}
    assert "还有 😀".encode() in weixin.raw
    await chat.show("o-1", "m-1")
    assert weixin.body["image"] == {"media_id": "m-1"}
    await chat.link("o-1", Link("新品", "羊绒", "https://b.example", "https://b.example/p"))
    assert weixin.body["news"]["articles"][0]["picurl"] == "https://b.example/p"
    await chat.article("o-1", "a-1")
    assert weixin.body["mpnewsarticle"] == {"article_id": "a-1"}
    await chat.card("o-1", ProgramCard("商城", "wx34", "pages/index?x=1", "m-2"))
    assert weixin.body["miniprogrampage"]["thumb_media_id"] == "m-2"
    await chat.ask("o-1", "满意吗？", {"101": "满意", "102": "不满意"})
    assert weixin.body["msgmenu"]["list"][1] == {"id": "102", "content": "不满意"}
    await chat.typing("o-1")
    assert weixin.body == {"touser": "o-1", "command": "Typing"}


async def test_free_words_have_2048_bytes_and_no_more() -> None:
    weixin = Weixin()
    weixin.will(OK)
    await weixin.account.chat.say("o-1", "x" * 2048)
    for text in ("", "x" * 2049, "围" * 683):
        with pytest.raises(BadInput):
            await weixin.account.chat.say("o-1", text)


@pytest.mark.parametrize(
    "errcode,kind", [(45015, WindowClosed), (45047, WindowSpent), (43004, CannotReach)]
)
async def test_a_shut_window_is_told_in_our_words(errcode: int, kind: type[Exception]) -> None:
    weixin = Weixin()
    weixin.will(refusal(errcode))
    with pytest.raises(kind) as refused:
        await weixin.account.chat.say("o-1", "hi")
    assert isinstance(refused.value, CannotReach)
    assert len(weixin.asked) == 1


WORDS = Message.words("双十一 😀")


async def test_a_mass_send_chooses_all_a_tag_or_people() -> None:
    weixin = Weixin()
    mass = weixin.account.mass
    taken = {"errcode": 0, "errmsg": "ok", "msg_id": 34182, "msg_data_id": 206227730}
    weixin.will(taken, taken, taken)
    sent = await mass.send_to_all(WORDS, "c-1")
    assert (sent.mass_id, sent.data_id, sent.was_sent_before) == ("34182", "206227730", False)
    assert weixin.body["filter"] == {"is_to_all": True}
    assert weixin.body["clientmsgid"] == "c-1"
    await mass.send_to_tag(Message.articles("d-1"), 134, "c-2")
    assert weixin.body["filter"] == {"is_to_all": False, "tag_id": 134}
    assert (weixin.body["msgtype"], weixin.body["mpnews"]) == ("mpnews", {"media_id": "d-1"})
    await mass.send_to_people(Message.pictures(["m-1"]), ["o-1", "o-2"], "c-3")
    assert weixin.path == "/cgi-bin/message/mass/send"
    assert weixin.body["images"] == {"media_ids": ["m-1"]}


async def test_a_key_that_came_before_names_the_send_it_began() -> None:
    weixin = Weixin()
    weixin.will(refusal(45065) | {"msg_id": 34182})
    sent = await weixin.account.mass.send_to_all(WORDS, "c-1")
    assert (sent.mass_id, sent.was_sent_before) == ("34182", True)


async def test_a_key_repeated_too_soon_is_trouble() -> None:
    weixin = Weixin()
    weixin.will(refusal(45066))
    with pytest.raises(Trouble):
        await weixin.account.mass.send_to_all(WORDS, "c-1")


async def test_mass_sends_keep_to_their_limits() -> None:
    weixin = Weixin()
    mass = weixin.account.mass
    weixin.will(*[{"msg_id": 1}] * 3)
    await mass.send_to_people(WORDS, ["o-1"] * 2, "c")
    await mass.send_to_people(WORDS, ["o-1"] * 10_000, "c")
    await mass.send_to_all(WORDS, "x" * 64)
    for count in (1, 10_001):
        with pytest.raises(BadInput):
            await mass.send_to_people(WORDS, ["o-1"] * count, "c")
    for once_key in ("", "x" * 65):
        with pytest.raises(BadInput):
            await mass.send_to_all(WORDS, once_key)
    with pytest.raises(BadInput):
        Message.words("")


@pytest.mark.parametrize(
    "word,stage",
    [
        ("SEND_SUCCESS", Stage.SENT),
        ("SENDING", Stage.SENDING),
        ("SEND_FAIL", Stage.FAILED),
        ("DELETE", Stage.DELETED),
        ("TOMORROW", Stage.UNKNOWN),
    ],
)
async def test_a_mass_send_has_a_stage(word: str, stage: Stage) -> None:
    weixin = Weixin()
    weixin.will({"msg_id": 34182, "msg_status": word})
    assert await weixin.account.mass.stage("34182") is stage


async def test_a_mass_send_is_shown_to_one_and_taken_away() -> None:
    weixin = Weixin()
    weixin.will({**OK, "msg_id": 1}, OK)
    await weixin.account.mass.preview(WORDS, "o-1")
    assert weixin.body["touser"] == "o-1"
    await weixin.account.mass.delete("34182", 2)
    assert weixin.body == {"msg_id": "34182", "article_idx": 2}


def test_four_mass_messages_a_month_of_the_shops_calendar() -> None:
    last_of_october = datetime(2026, 10, 31, 15, 59, tzinfo=UTC)
    first_of_november = datetime(2026, 10, 31, 16, 0, tzinfo=UTC)
    assert left_this_month([], NOON) == 4
    assert left_this_month([last_of_october] * 4, NOON) == 4
    assert left_this_month([first_of_november] * 3, NOON) == 1
    assert left_this_month([first_of_november] * 4, NOON) == 0
    assert left_this_month([first_of_november] * 5, NOON) == 0
    assert left_this_month([NOON.replace(year=2025)] * 4, NOON) == 4


async def test_what_is_refused_otherwise_keeps_the_platforms_number_and_words() -> None:
    weixin = Weixin()
    answer: Any = refusal(45157, "invalid tag name")
    weixin.will(answer)
    with pytest.raises(ProviderRefused) as refused:
        await weixin.account.tags.create("x")
    assert refused.value.provider_code == "45157"
    assert "rid:" in refused.value.provider_message
