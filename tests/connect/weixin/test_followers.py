"""Who follows, their tags, and the codes that they scan."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.connect.weixin.stub import OK, Weixin, refusal

from headwater.base.errors import BadInput, Trouble
from headwater.connect.errors import ProviderRefused, QuotaSpent
from headwater.connect.official_account.followers import Follower
from headwater.connect.official_account.tags import Tag

AT = 1_434_093_047
WIRE = {
    "subscribe": 1,
    "openid": "o-1",
    "language": "",
    "subscribe_time": AT,
    "unionid": "u-1",
    "remark": "老客",
    "groupid": 0,
    "tagid_list": [128, 2],
    "subscribe_scene": "ADD_SCENE_OF_TOMORROW",
    "qr_scene": 0,
    "qr_scene_str": "s12",
}


async def test_a_follower_is_known_by_id_and_time_and_scene() -> None:
    weixin = Weixin()
    weixin.will(WIRE)
    assert await weixin.account.followers.get("o-1") == Follower(
        openid="o-1",
        is_following=True,
        unionid="u-1",
        followed_at=datetime.fromtimestamp(AT, UTC),
        remark="老客",
        tag_ids=(128, 2),
        came_by="ADD_SCENE_OF_TOMORROW",
        scene="s12",
    )
    assert weixin.query == {"access_token": "token-1", "openid": "o-1", "lang": "zh_CN"}


async def test_who_does_not_follow_has_only_an_open_id() -> None:
    weixin = Weixin()
    weixin.will({"subscribe": 0, "openid": "o-1"})
    follower = await weixin.account.followers.get("o-1")
    assert (follower.is_following, follower.unionid, follower.followed_at) == (False, None, None)


async def test_a_hundred_people_are_asked_for_at_once_and_no_more() -> None:
    weixin = Weixin()
    weixin.will({"user_info_list": [WIRE] * 100})
    assert len(await weixin.account.followers.get_many(["o-1"] * 100)) == 100
    assert weixin.body["user_list"][0] == {"openid": "o-1", "lang": "zh_CN"}
    for count in (0, 101):
        with pytest.raises(BadInput):
            await weixin.account.followers.get_many(["o-1"] * count)
    assert len(weixin.asked) == 1


async def test_followers_are_listed_page_by_page_to_the_end() -> None:
    weixin = Weixin()
    weixin.will(
        {"total": 3, "count": 2, "data": {"openid": ["o-1", "o-2"]}, "next_openid": "o-2"},
        {"total": 3, "count": 0, "next_openid": ""},
    )
    first = await weixin.account.followers.page()
    assert (first.total, first.openids, first.next_openid) == (3, ("o-1", "o-2"), "o-2")
    assert "next_openid" not in weixin.query
    last = await weixin.account.followers.page(first.next_openid)
    assert (last.openids, last.next_openid) == ((), None)
    assert weixin.query["next_openid"] == "o-2"


async def test_a_remark_is_shorter_than_thirty_characters() -> None:
    weixin = Weixin()
    weixin.will(OK)
    await weixin.account.followers.set_remark("o-1", "围" * 29)
    with pytest.raises(BadInput):
        await weixin.account.followers.set_remark("o-1", "围" * 30)


async def test_a_tag_is_made_listed_renamed_and_deleted() -> None:
    weixin = Weixin()
    tags = weixin.account.tags
    weixin.will({"tag": {"id": 134, "name": "上海"}})
    assert await tags.create("上海") == Tag(134, "上海", 0)
    assert "上海".encode() in weixin.raw
    weixin.will({"tags": [{"id": 134, "name": "上海", "count": 7}]})
    assert await tags.list() == [Tag(134, "上海", 7)]
    weixin.will(OK, OK)
    await tags.rename(134, "华东")
    assert weixin.body == {"tag": {"id": 134, "name": "华东"}}
    await tags.delete(134)
    assert weixin.body == {"tag": {"id": 134}}


async def test_a_tags_name_has_thirty_bytes_and_no_more() -> None:
    weixin = Weixin()
    weixin.will({"tag": {"id": 1, "name": "x"}})
    await weixin.account.tags.create("围" * 10)
    for name in ("", "围" * 10 + "x"):
        with pytest.raises(BadInput):
            await weixin.account.tags.create(name)


async def test_fifty_people_get_a_tag_at_once_and_no_more() -> None:
    weixin = Weixin()
    tags = weixin.account.tags
    weixin.will(OK, OK)
    await tags.tag(134, ["o-1"] * 50)
    assert (weixin.path, weixin.body["tagid"]) == ("/cgi-bin/tags/members/batchtagging", 134)
    await tags.untag(134, ["o-1"])
    assert weixin.path == "/cgi-bin/tags/members/batchuntagging"
    for verb in (tags.tag, tags.untag):
        for count in (0, 51):
            with pytest.raises(BadInput):
                await verb(134, ["o-1"] * count)


async def test_tags_of_a_person_and_people_of_a_tag_are_listed() -> None:
    weixin = Weixin()
    weixin.will({"tagid_list": [134, 2]})
    assert await weixin.account.tags.of("o-1") == (134, 2)
    weixin.will({"count": 1, "data": {"openid": ["o-1"]}, "next_openid": "o-1"}, {"count": 0})
    page = await weixin.account.tags.people(134)
    assert (page.openids, page.next_openid) == (("o-1",), "o-1")
    assert (await weixin.account.tags.people(134, "o-1")).next_openid is None


async def test_a_code_is_lent_for_thirty_days_and_no_longer() -> None:
    weixin = Weixin()
    weixin.will({"ticket": "gQ=/x", "expire_seconds": 60, "url": "http://weixin.qq.com/q/k"})
    code = await weixin.account.qr_codes.lend("s12", timedelta(days=30))
    assert code.content == "http://weixin.qq.com/q/k"
    assert code.picture_url == "https://mp.weixin.qq.com/cgi-bin/showqrcode?ticket=gQ%3D%2Fx"
    assert weixin.body == {
        "expire_seconds": 2_592_000,
        "action_name": "QR_STR_SCENE",
        "action_info": {"scene": {"scene_str": "s12"}},
    }
    for lasts in (timedelta(0), timedelta(days=30, seconds=1)):
        with pytest.raises(BadInput):
            await weixin.account.qr_codes.lend("s12", lasts)


async def test_a_codes_scene_has_sixty_four_characters_and_no_more() -> None:
    weixin = Weixin()
    weixin.will({"ticket": "t", "url": "u"})
    await weixin.account.qr_codes.keep("x" * 64)
    assert weixin.body["action_name"] == "QR_LIMIT_STR_SCENE"
    for scene in ("", "x" * 65):
        with pytest.raises(BadInput):
            await weixin.account.qr_codes.keep(scene)


VERBS: list[Callable[[Weixin], Awaitable[Any]]] = [
    lambda weixin: weixin.account.followers.get("o-1"),
    lambda weixin: weixin.account.followers.get_many(["o-1"]),
    lambda weixin: weixin.account.followers.page(),
    lambda weixin: weixin.account.tags.create("x"),
    lambda weixin: weixin.account.tags.list(),
    lambda weixin: weixin.account.tags.of("o-1"),
    lambda weixin: weixin.account.tags.people(1),
    lambda weixin: weixin.account.qr_codes.keep("s"),
]


@pytest.mark.parametrize("verb", VERBS)
async def test_junk_busy_and_refused_are_told_apart(verb: Callable[..., Any]) -> None:
    for answer in (b"", b"[]", b"\xff", {"errcode": "none"}, refusal(-1)):
        weixin = Weixin()
        weixin.will(answer)
        with pytest.raises(Trouble):
            await verb(weixin)
    weixin = Weixin()
    weixin.will(refusal(45009), refusal(40032))
    with pytest.raises(QuotaSpent):
        await verb(weixin)
    with pytest.raises(ProviderRefused) as refused:
        await verb(weixin)
    assert refused.value.provider_code == "40032"
