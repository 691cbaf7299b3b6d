"""The company's tags: made, changed, put on customers and taken away."""

from __future__ import annotations

from typing import Any

import pytest
from tests.sandbox.wecom.company import Company

from headwater.sandbox.wecom.contacts.tags import MOST_TAGS


async def group(company: Company, name: str = "等级", *tags: str) -> dict[str, Any]:
    body = {"group_name": name, "tag": [{"name": one} for one in tags or ("金", "银")]}
    made: dict[str, Any] = (await company.contact("add_corp_tag", body))["tag_group"]
    return made


async def test_tags_are_made_in_groups_and_listed(company: Company) -> None:
    made = await group(company)
    more = {"group_id": made["group_id"], "tag": [{"name": "钻", "order": 9}]}
    await company.contact("add_corp_tag", more)
    listed = (await company.contact("get_corp_tag_list", {}))["tag_group"]
    assert [one["name"] for one in listed[0]["tag"]] == ["钻", "金", "银"]
    one = made["tag"][0]["id"]
    listed = (await company.contact("get_corp_tag_list", {"tag_id": [one]}))["tag_group"]
    assert [[tag["id"] for tag in each["tag"]] for each in listed] == [[one]]
    assert (await company.contact("get_corp_tag_list", {"group_id": ["no"]}))["tag_group"] == []


async def test_the_same_group_name_is_the_same_group(company: Company) -> None:
    first, second = await group(company), await group(company, "等级", "钻")
    assert first["group_id"] == second["group_id"]


@pytest.mark.parametrize(
    "body, errcode",
    [
        ({"group_name": "名" * 30, "tag": [{"name": "签" * 30}]}, 0),
        ({"group_name": "名" * 31, "tag": [{"name": "签"}]}, 40058),
        ({"group_name": "名", "tag": [{"name": "签" * 31}]}, 40058),
        ({"group_name": "名", "tag": [{"name": "一"}, {"name": "一"}]}, 40071),
        ({"group_name": "等级", "tag": [{"name": "金"}]}, 40071),
        ({"group_id": "nobody", "tag": [{"name": "一"}]}, 40068),
        ({"group_name": "名"}, 40063),
        ({"tag": [{"name": "一"}]}, 40063),
    ],
)
async def test_tags_keep_their_rules(company: Company, body: Any, errcode: int) -> None:
    await group(company)
    assert (await company.post("externalcontact/add_corp_tag", body))["errcode"] == errcode


async def test_a_tag_is_marked_shown_and_taken_off(company: Company) -> None:
    company.friend()
    made = await group(company)
    gold, silver = (one["id"] for one in made["tag"])
    whom = {"userid": "zhangmin", "external_userid": company.external()}
    await company.contact("mark_tag", {**whom, "add_tag": [gold, silver]})
    await company.contact("mark_tag", {**whom, "add_tag": [gold], "remove_tag": [silver]})
    said = await company.contact("get", external_userid=company.external())
    (tag,) = said["follow_user"][0]["tags"]
    assert tag == {"group_name": "等级", "tag_name": "金", "tag_id": gold, "type": 1}
    assert await company.refused("mark_tag", whom) == 40063
    assert await company.refused("mark_tag", {**whom, "add_tag": ["no"]}) == 40068
    stranger = {**whom, "external_userid": company.external(2)}
    assert await company.refused("mark_tag", {**stranger, "add_tag": [gold]}) == 84061


async def test_a_tag_is_renamed_and_deleted_with_its_group(company: Company) -> None:
    made = await group(company)
    gold, silver = (one["id"] for one in made["tag"])
    await company.contact("edit_corp_tag", {"id": gold, "name": "黑金"})
    await company.contact("edit_corp_tag", {"id": made["group_id"], "name": "会员等级"})
    assert await company.refused("edit_corp_tag", {"id": gold, "name": "银"}) == 40071
    assert await company.refused("edit_corp_tag", {"id": "no", "name": "银"}) == 40068
    listed = (await company.contact("get_corp_tag_list", {}))["tag_group"]
    assert (listed[0]["group_name"], listed[0]["tag"][0]["name"]) == ("会员等级", "黑金")
    await company.contact("del_corp_tag", {"tag_id": [gold, silver]})
    assert (await company.contact("get_corp_tag_list", {}))["tag_group"] == []
    assert await company.refused("del_corp_tag", {"tag_id": [gold]}) == 40068
    assert await company.refused("del_corp_tag", {}) == 40063


async def test_the_merchant_hears_of_tags_made_by_hand_only(company: Company) -> None:
    await group(company)
    assert await company.told() == []
    company.acts.add_tags("等级", ["钻"], company.clock())
    (event,) = await company.told()
    assert (event["Event"], event["ChangeType"]) == ("change_external_tag", "create")
    assert event["TagType"] == "tag"
    tag_id = company.acts.tag_groups()[0][1][-1][0]
    assert event["Id"] == tag_id
    person = company.friend()
    company.acts.tag("zhangmin", person, [tag_id], [], company.clock())
    assert (await company.told())[-1]["ChangeType"] == "edit_external_contact"


async def test_ten_thousand_tags_and_no_more(company: Company) -> None:
    many = [{"name": f"标签{number}"} for number in range(MOST_TAGS)]
    body = {"group_name": "很多", "tag": [*many, {"name": "多一个"}]}
    assert await company.refused("add_corp_tag", body) == 40126
    await company.contact("add_corp_tag", {**body, "tag": many})
    assert await company.refused("add_corp_tag", {**body, "tag": [{"name": "多一个"}]}) == 40126
