"""Customers: two answers of different shape read as one, and every limit held before it is sent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.connect.wecom.company import NOON, Company

from headwater.base.errors import BadInput, Trouble
from headwater.connect.wecom.customers.contacts import Contact, Follower, Remark
from headwater.connect.wecom.customers.tags import Tag, TagGroup
from headwater.connect.wecom.customers.ways import MadeWay, NewWay, Temporary
from headwater.connect.wecom.outreach.content import Closing, Link

PERSON = {
    "external_userid": "wm-1",
    "name": "林晓",
    "avatar": "https://a.example/1",
    "type": 1,
    "gender": 2,
    "unionid": "o6-1",
}
FOLLOW = {
    "userid": "zhangsan",
    "remark": "林女士",
    "description": "爱买围巾",
    "createtime": 1_795_000_000,
    "remark_mobiles": ["13800000001"],
    "state": "share-7",
    "add_way": 1,
    "oper_userid": "wm-1",
}
KNOWN_BY = Follower(
    user_id="zhangsan",
    since_at=datetime.fromtimestamp(1_795_000_000, UTC),
    remark="林女士",
    description="爱买围巾",
    tag_ids=("et-1",),
    mobiles=("13800000001",),
    state="share-7",
    came_by=1,
    added_by="wm-1",
)
LIN = Contact("wm-1", "林晓", True, "o6-1", "https://a.example/1", (KNOWN_BY,))


async def test_the_single_answer_and_the_batch_read_as_the_same_customer() -> None:
    company = Company()
    tags = [
        {"group_name": "喜好", "tag_name": "围巾", "tag_id": "et-1", "type": 1},
        {"group_name": "", "tag_name": "自己的", "type": 2},
    ]
    company.will(external_contact=PERSON, follow_user=[FOLLOW | {"tags": tags}])
    single = await company.wecom.contacts.get("wm-1")
    entry = {"external_contact": PERSON, "follow_info": FOLLOW | {"tag_id": ["et-1"]}}
    company.will(external_contact_list=[entry], next_cursor="c2")
    batch = await company.wecom.contacts.batch(("zhangsan",))
    assert single == LIN
    assert batch.items == (LIN,)
    assert batch.next_cursor == "c2"


async def test_a_customer_of_more_than_five_hundred_is_read_over_all_pages() -> None:
    company = Company()
    company.will(external_contact=PERSON, follow_user=[FOLLOW], next_cursor="more")
    company.will(external_contact=PERSON, follow_user=[FOLLOW | {"userid": "lisi"}])
    contact = await company.wecom.contacts.get("wm-1")
    assert [follower.user_id for follower in contact.followers] == ["zhangsan", "lisi"]
    assert company.asked[-1].url.params["cursor"] == "more"
    assert "cursor" not in company.asked[-2].url.params


async def test_a_customer_may_come_without_union_id_state_or_phone() -> None:
    company = Company()
    bare = {"userid": "lisi", "createtime": 1}
    company.will(external_contact={"external_userid": "wm-2", "type": 2}, follow_user=[bare])
    contact = await company.wecom.contacts.get("wm-2")
    assert (contact.unionid, contact.is_on_wechat) == (None, False)
    assert contact.followers[0].state is None


@pytest.mark.parametrize(
    "change",
    [
        {"external_contact": PERSON | {"external_userid": ""}},
        {"external_contact": PERSON | {"name": "a\u0000b"}},
        {"external_contact": None},
        {"follow_user": [FOLLOW | {"createtime": -1}]},
        {"follow_user": [FOLLOW | {"createtime": 10**18}]},
        {"follow_user": {"userid": "zhangsan"}},
        {"follow_user": [FOLLOW | {"tags": ["et-1"]}]},
        {"next_cursor": 7},
    ],
)
async def test_a_customer_in_another_shape_is_trouble(change: dict[str, Any]) -> None:
    company = Company()
    company.will(**({"external_contact": PERSON, "follow_user": [FOLLOW]} | change))
    with pytest.raises(Trouble):
        await company.wecom.contacts.get("wm-1")


async def test_a_batch_takes_a_hundred_staff_and_not_one_more() -> None:
    company = Company()
    company.will()
    hundred = tuple(f"u{number}" for number in range(100))
    assert (await company.wecom.contacts.batch(hundred)).next_cursor is None
    assert company.body() == {"userid_list": list(hundred), "limit": 100}
    with pytest.raises(BadInput):
        await company.wecom.contacts.batch((*hundred, "u100"))
    with pytest.raises(BadInput):
        await company.wecom.contacts.batch(())


@pytest.mark.parametrize("limit", [0, 101])
async def test_a_batch_page_has_from_one_to_a_hundred(limit: int) -> None:
    with pytest.raises(BadInput):
        await Company().wecom.contacts.batch(("zhangsan",), limit=limit)


async def test_sixty_four_characters_are_a_user_id_and_one_more_is_none() -> None:
    company = Company()
    company.will()
    await company.wecom.contacts.batch(("x" * 64,))
    with pytest.raises(BadInput):
        await company.wecom.contacts.batch(("zhangsan", "x" * 65))


async def test_somebody_without_customers_has_an_empty_list() -> None:
    company = Company()
    company.will_refuse(84061, "not external contact")
    assert await company.wecom.contacts.ids_of("zhangsan") == ()


async def test_only_what_was_said_of_a_note_is_written() -> None:
    company = Company()
    company.will()
    note = Remark(name="围" * 20, description="巾" * 150, company="", mobiles=())
    await company.wecom.contacts.note("zhangsan", "wm-1", note)
    assert company.body() == {
        "userid": "zhangsan",
        "external_userid": "wm-1",
        "remark": "围" * 20,
        "description": "巾" * 150,
        "remark_company": "",
        "remark_mobiles": [""],
    }
    company.will()
    await company.wecom.contacts.note("zhangsan", "wm-1", Remark(name="林"))
    assert sorted(company.body()) == ["external_userid", "remark", "userid"]


@pytest.mark.parametrize(
    "note",
    [Remark(name="围" * 21), Remark(description="巾" * 151), Remark(company="厂" * 21)],
)
async def test_a_note_that_would_be_cut_is_not_sent(note: Remark) -> None:
    company = Company()
    with pytest.raises(BadInput):
        await company.wecom.contacts.note("zhangsan", "wm-1", note)
    assert company.asked == []


async def test_tags_are_put_on_and_taken_off_in_one_call() -> None:
    company = Company()
    company.will()
    await company.wecom.contacts.mark("zhangsan", "wm-1", add=("et-1",), remove=("et-2",))
    assert (company.body()["add_tag"], company.body()["remove_tag"]) == (["et-1"], ["et-2"])
    with pytest.raises(BadInput):
        await company.wecom.contacts.mark("zhangsan", "wm-1")


async def test_a_union_id_finds_the_customer() -> None:
    company = Company()
    company.will(external_userid="wm-1")
    assert await company.wecom.contacts.by_unionid("o6-1", "o-1") == "wm-1"
    assert company.body() == {"unionid": "o6-1", "openid": "o-1"}


async def test_tag_groups_come_without_what_was_deleted() -> None:
    company = Company()
    group = {"group_id": "eg-1", "group_name": "喜好", "create_time": 1, "order": 1}
    tags = [{"id": "et-1", "name": "围巾"}, {"id": "et-2", "name": "旧", "deleted": True}]
    gone = {"group_id": "eg-2", "group_name": "旧", "deleted": True}
    company.will(tag_group=[group | {"tag": tags}, gone])
    wanted = TagGroup("eg-1", "喜好", (Tag("et-1", "围巾"),))
    assert await company.wecom.tags.groups() == (wanted,)


async def test_a_tag_is_added_renamed_and_removed() -> None:
    company = Company()
    made = {"group_id": "eg-1", "group_name": "喜好", "tag": [{"id": "et-1", "name": "围" * 30}]}
    company.will(tag_group=made)
    added = await company.wecom.tags.add("喜好", ("围" * 30,))
    assert added.tags[0].tag_id == "et-1"
    company.will()
    await company.wecom.tags.rename("et-1", "帽子")
    company.will()
    await company.wecom.tags.remove(tag_ids=("et-1",))
    assert company.body() == {"tag_id": ["et-1"]}


@pytest.mark.parametrize("name", ["", " ", "围" * 31])
async def test_a_tag_has_a_name_of_at_most_thirty(name: str) -> None:
    with pytest.raises(BadInput):
        await Company().wecom.tags.add("喜好", (name,))


async def test_a_contact_way_carries_its_state() -> None:
    company = Company()
    company.will(config_id="cfg-1", qr_code="https://p.example/qr")
    new = NewWay(("zhangsan",), state="s" * 30, remark="门" * 30)
    assert await company.wecom.ways.create(new) == MadeWay("cfg-1", "https://p.example/qr")
    assert company.body() == {
        "type": 1,
        "scene": 2,
        "state": "s" * 30,
        "remark": "门" * 30,
        "skip_verify": True,
        "user": ["zhangsan"],
    }


@pytest.mark.parametrize(
    "new",
    [
        NewWay(("zhangsan",), state="s" * 31),
        NewWay(("zhangsan",), state="s", remark="门" * 31),
        NewWay((), state="s"),
        NewWay(("a", "b"), state="s", temporary=Temporary()),
        NewWay(("a",), state="s", temporary=Temporary(code_seconds=14 * 86_400 + 1)),
        NewWay(("a",), state="s", temporary=Temporary(chat_seconds=14 * 86_400 + 1)),
        NewWay(("a",), state="s", temporary=Temporary(closing=Closing())),
    ],
)
async def test_a_contact_way_beyond_its_limits_is_not_made(new: NewWay) -> None:
    company = Company()
    with pytest.raises(BadInput):
        await company.wecom.ways.create(new)
    assert company.asked == []


async def test_a_temporary_way_ends_with_words_and_one_thing() -> None:
    company = Company()
    company.will(config_id="cfg-2")
    closing = Closing("再见", Link("新品", "https://b.example"))
    kept = Temporary(14 * 86_400, 14 * 86_400, for_unionid="o6-1", closing=closing)
    made = await company.wecom.ways.create(NewWay(("zhangsan",), state="s", temporary=kept))
    assert made.code_url is None
    body = company.body()
    assert (body["is_temp"], body["expires_in"], body["unionid"]) == (True, 1_209_600, "o6-1")
    assert body["conclusions"] == {
        "text": {"content": "再见"},
        "link": {"title": "新品", "url": "https://b.example"},
    }


async def test_a_contact_way_is_read_changed_listed_and_deleted() -> None:
    company = Company()
    company.will(
        contact_way={
            "config_id": "cfg-1",
            "type": 2,
            "scene": 1,
            "user": ["zhangsan", "lisi"],
            "party": [2],
            "state": "s",
            "skip_verify": False,
        }
    )
    way = await company.wecom.ways.get("cfg-1")
    assert (way.scene, way.asks_first, way.user_ids) == ("mini_program", True, ("zhangsan", "lisi"))
    company.will()
    await company.wecom.ways.update("cfg-1", NewWay(("lisi",), state="t"))
    assert company.body()["config_id"] == "cfg-1"
    assert not {"type", "scene", "is_temp"} & set(company.body())
    company.will(contact_way=[{"config_id": "cfg-1"}], next_cursor="n")
    ids = await company.wecom.ways.ids(NOON - timedelta(days=90), NOON)
    assert ids.items == ("cfg-1",)
    company.will()
    await company.wecom.ways.delete("cfg-1")
    company.will()
    await company.wecom.ways.close_chat("zhangsan", "wm-1")
    assert company.paths()[-1] == "externalcontact/close_temp_chat"
    with pytest.raises(BadInput):
        await company.wecom.ways.ids(NOON - timedelta(days=90, seconds=1), NOON)
