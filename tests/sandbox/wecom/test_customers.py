"""Customers of WeCom: how they come and go, and how the calls show them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.sandbox.merchant import NOON
from tests.sandbox.wecom.company import Company

from headwater.sandbox.wecom import CannotDo
from headwater.sandbox.wecom.contacts.relations import Relation


def changes(events: list[dict[str, str]]) -> list[str]:
    return [one["ChangeType"] for one in events]


async def test_a_guide_is_asked_and_accepts(company: Company) -> None:
    person, code = company.person(), company.acts.member("zhangmin").code
    added = company.acts.add(person, code, company.clock())
    assert (added.userid, added.is_friend) == ("zhangmin", False)
    assert await company.told() == []
    assert company.acts.requests("zhangmin") == [person]
    assert await company.refused("list", userid="zhangmin") == 84061
    company.acts.accept("zhangmin", person, company.clock())
    assert changes(await company.told()) == ["add_external_contact"]
    assert company.acts.requests("zhangmin") == []
    with pytest.raises(CannotDo):
        company.acts.accept("zhangmin", person, company.clock())


async def test_a_guide_without_verification_confirms_later(company: Company) -> None:
    company.acts.settle_member("zhangmin", skips_verify=True)
    person = company.person()
    company.acts.add(person, company.acts.member("zhangmin").code, company.clock())
    company.acts.write(person, "zhangmin", "在吗", company.clock())
    company.acts.accept("zhangmin", person, company.clock())
    half, whole = await company.told()
    assert half["ChangeType"] == "add_half_external_contact"
    assert half["WelcomeCode"]
    assert whole["ChangeType"] == "add_external_contact"
    assert "WelcomeCode" not in whole  # they talk already


async def test_a_customer_shows_every_guide_and_the_state(company: Company) -> None:
    person = company.person()
    company.acts.add(person, await company.way(state="shelf-7"), company.clock())
    company.clock.move(minutes=1)
    company.friend(1, "liwei")
    said = await company.contact("get", external_userid=company.external())
    contact = said["external_contact"]
    assert contact["external_userid"] == company.external()
    assert (contact["name"], contact["type"]) == (person.nickname, 1)
    assert contact["unionid"] == person.unionid
    first, second = said["follow_user"]
    assert (first["userid"], first["state"]) == ("zhangmin", "shelf-7")
    assert first["createtime"] == int(NOON.timestamp())
    assert first["oper_userid"] == company.external()
    assert second["userid"] == "liwei"
    assert "state" not in second
    assert "next_cursor" not in said


async def test_the_union_id_may_be_missing(company: Company) -> None:
    person = company.friend()
    openid = company.sandbox.people.openid(
        person, company.sandbox.credentials["official_account"]["appid"]
    )
    asked = {"unionid": person.unionid, "openid": openid}
    found = await company.contact("unionid_to_external_userid", asked)
    assert found["external_userid"] == company.external()
    await company.side("PUT", "/misbehaviour", {"hide_unionid": True})
    said = await company.contact("get", external_userid=company.external())
    assert "unionid" not in said["external_contact"]
    assert await company.refused("unionid_to_external_userid", asked) == 41057


async def test_a_union_id_needs_an_open_id_of_the_same_person(company: Company) -> None:
    person = company.friend()
    other = company.sandbox.people.openid(
        company.person(2), company.sandbox.credentials["official_account"]["appid"]
    )
    asked = {"unionid": person.unionid, "openid": other}
    assert await company.refused("unionid_to_external_userid", asked) == 40058


async def test_followers_come_five_hundred_a_page(company: Company) -> None:
    person, relations = company.person(), company.host.house.desk.relations
    for number in range(501):
        company.acts.hire(f"guide{number:03d}", "导购", 2, company.clock())
        since = NOON + timedelta(seconds=number)
        relations.save(Relation(f"guide{number:03d}", person.id, since, "friend"))
    first = await company.contact("get", external_userid=company.external())
    assert len(first["follow_user"]) == 500
    rest = await company.contact(
        "get", external_userid=company.external(), cursor=first["next_cursor"]
    )
    assert [one["userid"] for one in rest["follow_user"]] == ["guide500"]
    assert "next_cursor" not in rest


async def test_unknown_customers_are_refused_by_kind(company: Company) -> None:
    assert await company.refused("get", external_userid="wmnobody") == 40096
    assert await company.refused("get", external_userid=company.external()) == 84061
    assert await company.refused("get") == 41035
    assert await company.refused("list", userid="nobody") == 40003


async def test_many_customers_come_in_the_other_shape(company: Company) -> None:
    tags = await company.contact("add_corp_tag", {"group_name": "等级", "tag": [{"name": "金"}]})
    tag_id = tags["tag_group"]["tag"][0]["id"]
    for number in (1, 2, 3):
        company.friend(number)
    company.acts.tag("zhangmin", company.person(1), [tag_id], [], company.clock())
    asked = {"userid_list": ["zhangmin", "liwei"], "limit": 2}
    first = await company.contact("batch/get_by_user", asked)
    one = first["external_contact_list"][0]
    assert one["follow_info"]["tag_id"] == [tag_id]
    assert "tags" not in one["follow_info"]
    assert "follow_user" not in one
    rest = await company.contact("batch/get_by_user", {**asked, "cursor": first["next_cursor"]})
    assert len(rest["external_contact_list"]) == 1
    assert rest["next_cursor"] == ""


@pytest.mark.parametrize(
    "asked, errcode",
    [
        ({"userid_list": ["zhangmin"] * 100, "limit": 100}, 0),
        ({"userid_list": ["zhangmin"] * 101}, 40058),
        ({"userid_list": ["zhangmin"], "limit": 101}, 40058),
        ({"userid_list": []}, 40063),
        ({"userid_list": ["x" * 64]}, 40003),
        ({"userid_list": ["x" * 65]}, 40058),
        ({"userid_list": ["zhangmin"], "cursor": "junk!"}, 40058),
    ],
)
async def test_a_batch_keeps_its_bounds(
    company: Company, asked: dict[str, object], errcode: int
) -> None:
    said = await company.post("externalcontact/batch/get_by_user", asked)
    assert said["errcode"] == errcode


@pytest.mark.parametrize(
    "name, most", [("remark", 20), ("description", 150), ("remark_company", 20)]
)
async def test_a_note_is_as_long_as_allowed_and_no_longer(
    company: Company, name: str, most: int
) -> None:
    company.friend()
    whom = {"userid": "zhangmin", "external_userid": company.external()}
    await company.contact("remark", {**whom, name: "字" * most})
    assert await company.refused("remark", {**whom, name: "字" * (most + 1)}) == 40058


async def test_numbers_are_noted_and_forgotten(company: Company) -> None:
    company.friend()
    whom = {"userid": "zhangmin", "external_userid": company.external()}
    await company.contact("remark", {**whom, "remark_mobiles": ["13800000001"]})
    said = await company.contact("get", external_userid=company.external())
    assert said["follow_user"][0]["remark_mobiles"] == ["13800000001"]
    await company.contact("remark", {**whom, "remark_mobiles": [""]})
    said = await company.contact("get", external_userid=company.external())
    assert said["follow_user"][0]["remark_mobiles"] == []
    assert await company.refused("remark", whom) == 40063


async def test_a_guides_own_notes_are_heard_numbers_alone_are_not(company: Company) -> None:
    person = company.friend()
    company.acts.note("zhangmin", person, company.clock(), mobiles=["13800000001"])
    assert len(await company.told()) == 1
    company.acts.note("zhangmin", person, company.clock(), remark="林姐")
    assert changes(await company.told())[-1] == "edit_external_contact"


async def test_a_guide_deletes_a_customer(company: Company) -> None:
    person = company.friend()
    company.acts.delete_customer("zhangmin", person, company.clock())
    assert changes(await company.told())[-1] == "del_external_contact"
    assert await company.refused("list", userid="zhangmin") == 84061
    with pytest.raises(CannotDo):
        company.acts.write(person, "zhangmin", "在吗", company.clock())


async def test_a_customer_who_leaves_stays_in_the_list(company: Company) -> None:
    person = company.friend()
    company.acts.delete_guide(person, "zhangmin", company.clock())
    assert changes(await company.told())[-1] == "del_follow_user"
    listed = await company.contact("list", userid="zhangmin")
    assert listed["external_userid"] == [company.external()]
    assert company.acts.guides(person) == []
    with pytest.raises(CannotDo):
        company.acts.say("zhangmin", person, "您好", company.clock())


async def test_whoever_left_comes_back_without_being_asked(company: Company) -> None:
    person = company.friend()
    company.acts.delete_guide(person, "zhangmin", company.clock())
    company.clock.move(days=1)
    added = company.acts.add(person, company.acts.member("zhangmin").code, company.clock())
    assert added.is_friend
    assert changes(await company.told())[-1] == "add_external_contact"


async def test_words_pass_both_ways_until_one_blocks(company: Company) -> None:
    person = company.friend()
    company.acts.say("zhangmin", person, "您好", company.clock())
    company.acts.write(person, "zhangmin", "你好", company.clock())
    company.acts.block(person, "zhangmin", True, company.clock())
    company.acts.say("zhangmin", person, "到新货了", company.clock())
    messages = company.sandbox.people.messages(person, "guide:zhangmin")
    assert [(one.kind, one.title) for one in messages] == [("text", "您好"), ("own", "你好")]


async def test_a_guide_takes_as_many_customers_as_allowed_and_no_more(company: Company) -> None:
    company.acts.settle_member("zhangmin", most_customers=1)
    company.friend(1)
    with pytest.raises(CannotDo):
        company.acts.add(company.person(2), company.acts.member("zhangmin").code, company.clock())


async def test_acts_are_told_as_documents_too(company: Company) -> None:
    code = company.acts.member("zhangmin").code
    added = await company.side(
        "POST", "/wecom/acts", {"act": "add", "person_id": "p1", "code": code}
    )
    assert added.json() == {"done": {"userid": "zhangmin", "is_friend": False}}
    accepted = {"act": "accept", "userid": "zhangmin", "person_id": "p1"}
    assert (await company.side("POST", "/wecom/acts", accepted)).status_code == 200
    assert (await company.side("POST", "/wecom/acts", accepted)).status_code == 409
    wrong = {"act": "accept", "userid": "zhangmin", "person_id": "p99"}
    assert (await company.side("POST", "/wecom/acts", wrong)).status_code == 404
    assert (await company.side("POST", "/wecom/acts", {"act": "fly"})).status_code == 422
    shown = (await company.side("GET", "/wecom/staff/zhangmin")).json()
    assert shown["customers"][0]["external_userid"] == company.external()
    shown = (await company.side("GET", "/wecom/people/p1")).json()
    assert shown["guides"][0]["userid"] == "zhangmin"
