"""How many rows a page may have, and how many values a list: at the limit and one beyond."""

from __future__ import annotations

from typing import Any

import pytest
from tests.sandbox.wecom.company import Company

LINK = {"msgtype": "link", "link": {"title": "新品", "url": "https://shop.test/new"}}


@pytest.mark.parametrize(
    "name, most",
    [
        ("get_groupmsg_list_v2", 100),
        ("get_groupmsg_task", 1_000),
        ("get_groupmsg_send_result", 1_000),
        ("get_moment_list", 20),
        ("get_moment_task", 1_000),
        ("get_moment_customer_list", 1_000),
        ("get_moment_send_result", 5_000),
        ("list_contact_way", 1_000),
        ("groupchat/list", 1_000),
    ],
)
async def test_a_page_has_as_many_rows_as_allowed_and_no_more(
    company: Company, name: str, most: int
) -> None:
    company.friend()
    words = {"external_userid": [company.external()], "text": {"content": "有礼"}}
    msgid = (await company.contact("add_msg_template", words))["msgid"]
    job = (await company.contact("add_moment_task", {"attachments": [LINK]}))["jobid"]
    company.clock.move(seconds=2)
    made = await company.contact("get_moment_task_result", jobid=job)
    moment = made["result"]["moment_id"]
    company.acts.confirm("zhangmin", "moment", moment, company.clock())
    now = int(company.clock().timestamp())
    body: dict[str, Any] = {
        "chat_type": "single",
        "start_time": now - 60,
        "end_time": now,
        "msgid": msgid,
        "userid": "zhangmin",
        "moment_id": moment,
    }
    await company.contact(name, {**body, "limit": most})
    assert await company.refused(name, {**body, "limit": most + 1}) == 40058
    assert await company.refused(name, {**body, "limit": -1}) == 40058


@pytest.mark.parametrize("name", ["groupchat/transfer", "groupchat/onjob_transfer"])
async def test_a_hundred_groups_are_handed_on_and_no_more(company: Company, name: str) -> None:
    body = {"new_owner": "liwei", "chat_id_list": ["wrno"] * 100}
    await company.contact(name, body)
    assert await company.refused(name, {**body, "chat_id_list": ["wrno"] * 101}) == 40058


async def test_a_hundred_tags_a_group_and_no_more(company: Company) -> None:
    company.friend()

    def filtered(many: int) -> dict[str, Any]:
        tags = {"group_list": [{"tag_list": ["etno"] * many}]}
        return {"tag_filter": tags, "sender": "zhangmin", "text": {"content": "有礼"}}

    assert await company.refused("add_msg_template", filtered(100)) == 41048
    assert await company.refused("add_msg_template", filtered(101)) == 40058


async def test_a_hundred_owners_and_no_more(company: Company) -> None:
    def owned(many: int) -> dict[str, Any]:
        return {"limit": 1, "owner_filter": {"userid_list": ["zhangmin"] * many}}

    await company.contact("groupchat/list", owned(100))
    assert await company.refused("groupchat/list", owned(101)) == 40058


async def test_a_thousand_unassigned_a_page_and_no_more(company: Company) -> None:
    await company.contact("get_unassigned_list", {"page_size": 1_000})
    assert await company.refused("get_unassigned_list", {"page_size": 1_001}) == 40058


async def test_unassigned_customers_come_by_number_or_by_cursor(company: Company) -> None:
    for number in (1, 2, 3):
        company.friend(number)
        company.clock.move(seconds=1)
    company.acts.resign("zhangmin", company.clock())
    first = await company.contact("get_unassigned_list", {"page_size": 2})
    for asked in ({"page_id": 1}, {"cursor": first["next_cursor"]}):
        said = await company.contact("get_unassigned_list", {"page_size": 2, **asked})
        assert [one["external_userid"] for one in said["info"]] == [company.external(3)]
        assert said["is_last"] is True
