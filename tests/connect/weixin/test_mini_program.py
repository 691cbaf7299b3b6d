"""The mini program's login, codes, links, messages and checks, as they go over the wire."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx2
import pytest
from tests.connect.weixin.stub import NOON, OK, PNG, Weixin, refusal

from headwater.base.errors import BadInput, NotReached, Trouble
from headwater.connect.errors import (
    CannotReach,
    LoginCodeSpent,
    MessageDoesNotFit,
    NoAuthorisationLeft,
    NotAuthorised,
    PageUnknown,
    PersonBarred,
    ProviderRefused,
    TemplateUnknown,
    VisitTooOld,
)
from headwater.connect.mini_program import MiniProgramCredentials
from headwater.connect.mini_program.content import Form, Place, Suggestion, Verdict
from headwater.connect.mini_program.links import Target
from headwater.connect.mini_program.login import Session
from headwater.connect.mini_program.subscriptions import Authorisation, authorisation_after

KEY = "tiihtNczf5v6AKRyjwEUhQ=="
SESSION = {"openid": "o-1", "session_key": KEY}


async def test_a_code_becomes_a_person_and_a_key_that_is_not_shown() -> None:
    weixin = Weixin()
    weixin.will(SESSION | {"unionid": "u-1"})
    session = await weixin.program.login.session("c0de")
    assert session == Session("o-1", "u-1", KEY)
    assert KEY not in repr(session)
    assert weixin.path == "/sns/jscode2session"
    assert weixin.query == {
        "appid": "wx34",
        "secret": "pr0gram",
        "js_code": "c0de",
        "grant_type": "authorization_code",
    }
    assert weixin.tokens_asked == 0


async def test_a_person_may_come_without_a_union_id() -> None:
    weixin = Weixin()
    weixin.will(SESSION)
    assert (await weixin.program.login.session("c0de")).unionid is None


@pytest.mark.parametrize(
    "errcode,kind",
    [
        (40029, LoginCodeSpent),
        (40163, LoginCodeSpent),
        (40226, PersonBarred),
        (40125, NotAuthorised),
        (45011, Trouble),
        (-1, Trouble),
    ],
)
async def test_a_login_that_fails_is_asked_for_once(errcode: int, kind: type[Exception]) -> None:
    weixin = Weixin()
    weixin.will(refusal(errcode))
    with pytest.raises(kind):
        await weixin.program.login.session("c0de")
    assert len(weixin.asked) == 1


@pytest.mark.parametrize(
    "error", [httpx2.ReadTimeout("silence"), httpx2.RemoteProtocolError("gone")]
)
async def test_silence_spends_the_code_and_is_not_repeated(error: Exception) -> None:
    weixin = Weixin()
    weixin.will(error)
    with pytest.raises(Trouble) as trouble:
        await weixin.program.login.session("c0de")
    assert not isinstance(trouble.value, NotReached)
    assert len(weixin.asked) == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"<html>",
        {},
        {"openid": "o-1"},
        SESSION | {"openid": ""},
        SESSION | {"session_key": 5},
        SESSION | {"session_key": "short"},
    ],
)
async def test_a_session_that_is_none_is_trouble(answer: Any) -> None:
    weixin = Weixin()
    weixin.will(answer)
    with pytest.raises(Trouble):
        await weixin.program.login.session("c0de")


def phone_info(**changes: Any) -> dict[str, Any]:
    info = {
        "phoneNumber": "13800138000",
        "purePhoneNumber": "13800138000",
        "countryCode": "86",
        "watermark": {"timestamp": 1_637_744_274, "appid": "wx34"},
    }
    return {"errcode": 0, "errmsg": "ok", "phone_info": info | changes}


async def test_a_buttons_code_becomes_a_phone_number() -> None:
    weixin = Weixin()
    weixin.will(phone_info())
    phone = await weixin.program.login.phone("b0tton")
    assert (phone.national, phone.international) == ("13800138000", "+8613800138000")
    assert (weixin.path, weixin.body) == (
        "/wxa/business/getuserphonenumber",
        {"code": "b0tton"},
    )
    weixin.will(refusal(40029))
    with pytest.raises(LoginCodeSpent):
        await weixin.program.login.phone("b0tton")


@pytest.mark.parametrize(
    "changes",
    [{"watermark": {"appid": "wx99"}}, {"purePhoneNumber": "+86 138"}, {"countryCode": None}],
)
async def test_a_phone_number_of_another_app_or_shape_is_trouble(changes: Any) -> None:
    weixin = Weixin()
    weixin.will(phone_info(**changes))
    with pytest.raises(Trouble):
        await weixin.program.login.phone("b0tton")


EVERY_SIGN = "0Az!#$&'()*+,/:;=?@-._~"


@pytest.mark.parametrize("scene", ["x" * 32, EVERY_SIGN, "s"])
async def test_a_code_is_drawn_for_a_scene_within_the_rules(scene: str) -> None:
    weixin = Weixin()
    weixin.will(PNG)
    assert await weixin.program.codes.make(scene, "pages/store/index") == PNG
    assert weixin.body == {
        "scene": scene,
        "page": "pages/store/index",
        "check_path": True,
        "env_version": "release",
        "width": 430,
    }


@pytest.mark.parametrize("scene", ["", "x" * 33, "100%", "a b", "围巾", "a\n", 'a"b'])
async def test_a_scene_that_a_code_cannot_carry_is_not_sent(scene: str) -> None:
    weixin = Weixin()
    with pytest.raises(BadInput):
        await weixin.program.codes.make(scene, "pages/index")
    assert weixin.asked == []


async def test_a_codes_page_and_width_keep_to_the_rules() -> None:
    weixin = Weixin()
    for page in ("", "/pages/index", "pages/index?x=1"):
        with pytest.raises(BadInput):
            await weixin.program.codes.make("s", page)
    for width in (279, 1281):
        with pytest.raises(BadInput):
            await weixin.program.codes.make("s", "pages/index", width)
    weixin.will(PNG, b"\xff\xd8\xff\xe0 a jpeg")
    for width in (280, 1280):
        assert await weixin.program.codes.make("s", "pages/index", width)


@pytest.mark.parametrize(
    "answer,kind",
    [
        (refusal(41030, "invalid page"), PageUnknown),
        (refusal(40169), ProviderRefused),
        (refusal(-1), Trouble),
        (OK, Trouble),
        (b"", Trouble),
        (b"<html>", Trouble),
        (b"\x89PN", Trouble),
    ],
)
async def test_what_comes_in_place_of_a_picture_is_told(answer: Any, kind: Any) -> None:
    weixin = Weixin()
    weixin.will(answer)
    with pytest.raises(kind):
        await weixin.program.codes.make("s", "pages/index")


async def test_a_dead_token_in_place_of_a_picture_is_replaced() -> None:
    weixin = Weixin()
    weixin.will(refusal(40001), PNG)
    assert await weixin.program.codes.make("s", "pages/index") == PNG
    assert (weixin.tokens_asked, weixin.query["access_token"]) == (2, "token-2")


async def test_links_live_from_a_minute_to_thirty_days() -> None:
    weixin = Weixin()
    links, target = weixin.program.links, Target("pages/drop", "d=1%202")
    weixin.will({**OK, "url_link": "https://wxaurl.cn/a"})
    longest, shortest = NOON + timedelta(days=30), NOON + timedelta(minutes=1)
    assert await links.url_link(target, longest, NOON) == "https://wxaurl.cn/a"
    assert weixin.body == {
        "path": "pages/drop",
        "query": "d=1%202",
        "env_version": "release",
        "expire_type": 0,
        "expire_time": int(longest.timestamp()),
    }
    weixin.will({**OK, "openlink": "weixin://dl/business/?t=a"})
    assert await links.scheme(target, shortest, NOON) == "weixin://dl/business/?t=a"
    assert weixin.body["jump_wxa"]["path"] == "pages/drop"
    for until in (longest + timedelta(seconds=1), shortest - timedelta(seconds=1)):
        for make in (links.url_link, links.scheme):
            with pytest.raises(BadInput):
                await make(target, until, NOON)


async def test_a_links_query_has_1024_characters_of_an_address() -> None:
    weixin = Weixin()
    until = NOON + timedelta(days=1)
    weixin.will({"url_link": "https://wxaurl.cn/a"})
    await weixin.program.links.url_link(Target("", "x" * 1024), until, NOON)
    for wrong in (Target("", "x" * 1025), Target("", "名=1"), Target("pages/a?x=1")):
        with pytest.raises(BadInput):
            await weixin.program.links.url_link(wrong, until, NOON)


async def test_a_mini_program_that_was_never_released_is_a_thing_to_set_up() -> None:
    weixin = Weixin()
    weixin.will(refusal(85079))
    with pytest.raises(NotAuthorised):
        await weixin.program.links.url_link(Target(""), NOON + timedelta(days=1), NOON)


async def test_a_subscription_message_goes_out_as_plain_utf_8() -> None:
    weixin = Weixin()
    weixin.will(OK)
    fields = {"thing1": "围巾 😀", "amount2": "199.00元"}
    await weixin.program.subscriptions.send("o-1", "t-1", fields, "pages/order?id=1", "trial")
    assert "围巾 😀".encode() in weixin.raw
    assert weixin.body == {
        "touser": "o-1",
        "template_id": "t-1",
        "data": {"thing1": {"value": "围巾 😀"}, "amount2": {"value": "199.00元"}},
        "page": "pages/order?id=1",
        "miniprogram_state": "trial",
        "lang": "zh_CN",
    }


@pytest.mark.parametrize(
    "answer,kind,authorisation",
    [
        (OK, None, Authorisation.USED),
        (refusal(43101), NoAuthorisationLeft, Authorisation.NONE_LEFT),
        (refusal(47003), MessageDoesNotFit, Authorisation.KEPT),
        (refusal(40037), TemplateUnknown, Authorisation.KEPT),
        (refusal(41030), PageUnknown, Authorisation.KEPT),
        (refusal(40003), ProviderRefused, Authorisation.KEPT),
        (httpx2.ConnectError("no road"), NotReached, Authorisation.KEPT),
        (httpx2.ReadTimeout("silence"), Trouble, Authorisation.UNKNOWN),
        (refusal(-1), Trouble, Authorisation.UNKNOWN),
    ],
)
async def test_a_send_says_what_became_of_the_authorisation(
    answer: Any, kind: Any, authorisation: Authorisation
) -> None:
    weixin = Weixin()
    weixin.will(answer)
    outcome: Exception | None = None
    try:
        await weixin.program.subscriptions.send("o-1", "t-1", {"thing1": "x"})
    except Exception as error:
        outcome = error
    assert type(outcome) is (kind or type(None))
    assert authorisation_after(outcome) is authorisation
    assert len(weixin.asked) == 1


def test_who_took_the_authorisation_back_may_be_reached_otherwise() -> None:
    assert issubclass(NoAuthorisationLeft, CannotReach)


async def test_what_people_write_is_checked_with_who_wrote_it_and_where() -> None:
    weixin = Weixin()
    content = weixin.program.content
    weixin.will({**OK, "result": {"suggest": "risky", "label": 20001}, "trace_id": "tr-1"})
    verdict = await content.check_text("o-1", "好看 😀", Place.COMMENT, nickname="小满")
    assert verdict == Verdict(Suggestion.RISKY, 20001, "tr-1")
    assert weixin.body == {
        "openid": "o-1",
        "scene": 2,
        "version": 2,
        "content": "好看 😀",
        "nickname": "小满",
    }
    weixin.will({**OK, "result": {"suggest": "a word of tomorrow"}})
    verdict = await content.check_text("o-1", "围" * 2500, Place.COMMENT)
    assert verdict.suggestion is Suggestion.UNKNOWN
    for text in ("", "围" * 2501):
        with pytest.raises(BadInput):
            await content.check_text("o-1", text, Place.COMMENT)


async def test_who_left_two_hours_ago_cannot_be_checked() -> None:
    weixin = Weixin()
    weixin.will(refusal(61010))
    with pytest.raises(VisitTooOld):
        await weixin.program.content.check_text("o-1", "x", Place.PROFILE)


async def test_a_pictures_check_has_a_number_that_the_push_will_name() -> None:
    weixin = Weixin()
    weixin.will({**OK, "trace_id": "tr-2"})
    url = "https://b.example/p.jpg"
    media = await weixin.program.content.check_media("o-1", url, Form.PICTURE, Place.SOCIAL_LOG)
    assert media == "tr-2"
    assert (weixin.body["media_type"], weixin.body["scene"]) == (2, 4)


def test_credentials_do_not_show_their_secret() -> None:
    assert "pr0gram" not in repr(MiniProgramCredentials("wx34", "pr0gram"))
    assert "pr0gram" not in repr(Weixin().program.login)
    assert "s3cret" not in repr(Weixin().account.web_login)
