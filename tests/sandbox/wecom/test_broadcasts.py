"""Broadcasts: nothing goes out before a guide confirms, and a customer's month has a cap."""

from __future__ import annotations

from typing import Any

import pytest
from tests.sandbox.wecom.company import Company

from headwater.sandbox.people import Person
from headwater.sandbox.wecom import CannotDo

WORDS = {"text": {"content": "周末到店有礼"}}


async def order(company: Company, **changes: Any) -> str:
    body = {"chat_type": "single", "external_userid": [company.external()], **WORDS, **changes}
    return str((await company.contact("add_msg_template", body))["msgid"])


async def results(company: Company, msgid: str, userid: str = "zhangmin") -> list[dict[str, Any]]:
    said = await company.contact("get_groupmsg_send_result", {"msgid": msgid, "userid": userid})
    found: list[dict[str, Any]] = said["send_list"]
    return found


def inbox(company: Company, person: Person, userid: str = "zhangmin") -> list[str]:
    return [one.title for one in company.sandbox.people.messages(person, f"guide:{userid}")]


async def test_a_guide_confirms_and_the_customer_reads(company: Company) -> None:
    person = company.friend()
    msgid = await order(company)
    assert inbox(company, person) == []
    said = await company.contact("get_groupmsg_task", {"msgid": msgid})
    assert said["task_list"] == [{"userid": "zhangmin", "status": 0}]
    assert await results(company, msgid) == [
        {"external_userid": company.external(), "userid": "zhangmin", "status": 0}
    ]
    (task,) = company.acts.tasks("zhangmin")
    assert (task.kind, task.words, task.state) == ("broadcast", "周末到店有礼", "waiting")
    assert task.customers == (person,)
    company.acts.confirm("zhangmin", "broadcast", task.id, company.clock())
    assert inbox(company, person) == ["周末到店有礼"]
    now = int(company.clock().timestamp())
    said = await company.contact("get_groupmsg_task", {"msgid": msgid})
    assert said["task_list"] == [{"userid": "zhangmin", "status": 2, "send_time": now}]
    assert (await results(company, msgid))[0] == {
        "external_userid": company.external(),
        "userid": "zhangmin",
        "status": 1,
        "send_time": now,
    }
    with pytest.raises(CannotDo):
        company.acts.confirm("zhangmin", "broadcast", task.id, company.clock())


async def test_whoever_talked_last_gets_the_task(company: Company) -> None:
    person = company.friend(1, "zhangmin")
    company.clock.move(minutes=1)
    company.friend(1, "liwei")
    company.clock.move(minutes=1)
    company.acts.say("zhangmin", person, "您好", company.clock())
    await order(company)
    assert [len(company.acts.tasks(one)) for one in ("zhangmin", "liwei")] == [1, 0]


async def test_a_sender_reaches_own_customers_only(company: Company) -> None:
    company.friend(1, "zhangmin")
    company.friend(2, "liwei")
    body = {
        "external_userid": [company.external(1), company.external(2), "wmnobody"],
        "sender": "liwei",
        **WORDS,
    }
    said = await company.contact("add_msg_template", body)
    assert said["fail_list"] == ["wmnobody", company.external(1)]
    assert company.acts.tasks("liwei")[0].customers == (company.person(2),)
    only_strangers = {"external_userid": ["wmnobody"], **WORDS}
    assert await company.refused("add_msg_template", only_strangers) == 41048


async def test_a_sender_alone_means_all_of_the_senders_customers(company: Company) -> None:
    company.friend(1)
    company.friend(2)
    await company.contact("add_msg_template", {"sender": "zhangmin", **WORDS})
    assert len(company.acts.tasks("zhangmin")[0].customers) == 2
    assert await company.refused("add_msg_template", WORDS) == 40063


async def test_tags_of_one_group_are_or_and_groups_are_and(company: Company) -> None:
    company.acts.add_tags("等级", ["金", "银"], company.clock())
    company.acts.add_tags("城市", ["上海"], company.clock())
    (_, levels), (_, cities) = company.acts.tag_groups()
    (gold, silver), (shanghai,) = [one for one, _ in levels], [one for one, _ in cities]
    for number, tags in ((1, [gold, shanghai]), (2, [silver, shanghai]), (3, [gold])):
        company.acts.tag("zhangmin", company.friend(number), tags, [], company.clock())
    wanted = {"group_list": [{"tag_list": [gold, silver]}, {"tag_list": [shanghai]}]}
    await company.contact("add_msg_template", {"tag_filter": wanted, **WORDS})
    assert company.acts.tasks("zhangmin")[0].customers == (company.person(1), company.person(2))


async def test_who_is_no_friend_gets_nothing(company: Company) -> None:
    person = company.friend()
    msgid = await order(company)
    company.acts.delete_guide(person, "zhangmin", company.clock())
    company.acts.confirm("zhangmin", "broadcast", msgid, company.clock())
    assert [one["status"] for one in await results(company, msgid)] == [2]


async def test_a_customers_month_has_as_many_broadcasts_as_days(company: Company) -> None:
    person = company.friend()
    for _ in range(30):  # the clock stands in November
        msgid = await order(company)
        company.acts.confirm("zhangmin", "broadcast", msgid, company.clock())
    assert len(inbox(company, person)) == 30
    msgid = await order(company)
    company.acts.confirm("zhangmin", "broadcast", msgid, company.clock())
    assert [one["status"] for one in await results(company, msgid)] == [3]
    company.clock.move(days=9)  # December in Shanghai
    msgid = await order(company)
    company.acts.confirm("zhangmin", "broadcast", msgid, company.clock())
    assert [one["status"] for one in await results(company, msgid)] == [1]


async def test_an_admin_may_set_the_cap_to_one_a_day_or_seven_a_week(company: Company) -> None:
    person = company.friend()
    await company.side("POST", "/wecom/acts", {"act": "cap", "cap": "day"})
    for expected in (1, 3):
        msgid = await order(company)
        company.acts.confirm("zhangmin", "broadcast", msgid, company.clock())
        assert [one["status"] for one in await results(company, msgid)] == [expected]
    company.acts.set_cap("week")
    company.clock.move(days=1)  # the Monday after
    for expected in (*[1] * 7, 3):
        msgid = await order(company)
        company.acts.confirm("zhangmin", "broadcast", msgid, company.clock())
        assert [one["status"] for one in await results(company, msgid)] == [expected]
    assert len(inbox(company, person)) == 8


async def test_a_guides_own_broadcast_counts_in_the_same_cap(company: Company) -> None:
    person = company.friend()
    company.acts.set_cap("day")
    company.acts.broadcast("zhangmin", [person], "新品到店", company.clock())
    assert inbox(company, person) == ["新品到店"]
    company.acts.broadcast("zhangmin", [person], "再看一眼", company.clock())
    msgid = await order(company)
    company.acts.confirm("zhangmin", "broadcast", msgid, company.clock())
    assert inbox(company, person) == ["新品到店"]
    assert [one["status"] for one in await results(company, msgid)] == [3]
    assert len(company.acts.tasks("zhangmin")) == 1


async def test_a_guide_chooses_only_where_the_company_lets_her(company: Company) -> None:
    first, second = company.friend(1), company.friend(2)
    both = [company.external(1), company.external(2)]
    strict = await order(company, external_userid=both)
    with pytest.raises(CannotDo):
        company.acts.confirm("zhangmin", "broadcast", strict, company.clock(), [first])
    free = await order(company, external_userid=both, allow_select=True)
    company.acts.confirm("zhangmin", "broadcast", free, company.clock(), [first])
    assert [one["status"] for one in await results(company, free)] == [1, 0]
    assert inbox(company, second) == []


async def test_a_guide_may_ignore_a_task(company: Company) -> None:
    company.friend()
    msgid = await order(company)
    company.acts.ignore("zhangmin", "broadcast", msgid, company.clock())
    assert company.acts.tasks("zhangmin")[0].state == "ignored"
    said = await company.contact("get_groupmsg_task", {"msgid": msgid})
    assert said["task_list"][0]["status"] == 0


async def test_guides_are_reminded_three_times_a_day_and_no_more(company: Company) -> None:
    company.friend()
    msgid = await order(company)
    for _ in range(3):
        await company.contact("remind_groupmsg_send", {"msgid": msgid})
    assert await company.refused("remind_groupmsg_send", {"msgid": msgid}) == 41094
    assert company.acts.tasks("zhangmin")[0].reminded == 3
    company.clock.move(hours=24)
    await company.contact("remind_groupmsg_send", {"msgid": msgid})


async def test_a_stopped_broadcast_cannot_be_sent(company: Company) -> None:
    person = company.friend()
    msgid = await order(company)
    await company.contact("cancel_groupmsg_send", {"msgid": msgid})
    with pytest.raises(CannotDo):
        company.acts.confirm("zhangmin", "broadcast", msgid, company.clock())
    assert inbox(company, person) == []
    assert company.acts.tasks("zhangmin")[0].state == "cancelled"
    assert await company.refused("remind_groupmsg_send", {"msgid": msgid}) == 41093
    assert await company.refused("cancel_groupmsg_send", {"msgid": "no"}) == 41047
    assert await company.refused("get_groupmsg_task", {}) == 41046


async def test_broadcasts_are_listed_by_kind_and_month(company: Company) -> None:
    person = company.friend()
    msgid = await order(company)
    company.acts.broadcast("zhangmin", [person], "新品到店", company.clock())
    start = int(company.clock().timestamp())
    span: dict[str, Any] = {
        "chat_type": "single",
        "start_time": start,
        "end_time": start + 31 * 86_400,
    }
    listed = (await company.contact("get_groupmsg_list_v2", span))["group_msg_list"]
    assert [one["create_type"] for one in listed] == [0, 1]
    assert (listed[0]["msgid"], listed[0]["text"]) == (msgid, WORDS["text"])
    own = {**span, "filter_type": 1}
    listed = (await company.contact("get_groupmsg_list_v2", own))["group_msg_list"]
    assert [one["creator"] for one in listed] == ["zhangmin"]
    long = {**span, "end_time": span["end_time"] + 1}
    assert await company.refused("get_groupmsg_list_v2", long) == 40058


async def test_groups_are_reached_through_their_owner(company: Company) -> None:
    person = company.friend()
    chat = company.acts.open_group("zhangmin", "会员群", [person], company.clock())
    body = {"chat_type": "group", "chat_id_list": [chat.chat_id, "wrno"], **WORDS}
    assert await company.refused("add_msg_template", body) == 40063
    said = await company.contact("add_msg_template", {**body, "sender": "zhangmin"})
    assert said["fail_list"] == ["wrno"]
    company.acts.confirm("zhangmin", "broadcast", said["msgid"], company.clock())
    assert [one.title for _, one in company.acts.group_lines(chat.chat_id)] == ["周末到店有礼"]
    (result,) = await results(company, said["msgid"])
    assert (result["chat_id"], result["status"]) == (chat.chat_id, 1)
    foreign = {**body, "sender": "liwei"}
    assert await company.refused("add_msg_template", foreign) == 41048


@pytest.mark.parametrize(
    "changes, errcode",
    [
        ({"external_userid": ["x"] * 10_001}, 40058),
        ({"chat_type": "group", "sender": "zhangmin", "chat_id_list": ["x"] * 2_001}, 40058),
        ({"chat_type": "both"}, 40058),
        ({"sender": "nobody"}, 40003),
        ({"text": {"content": "字" * 1_334}}, 45002),
        ({"attachments": [{"msgtype": "link", "link": {"title": "a", "url": "b"}}] * 10}, 41064),
    ],
)
async def test_an_order_keeps_its_bounds(
    company: Company, changes: dict[str, Any], errcode: int
) -> None:
    company.friend()
    body = {"external_userid": [company.external()], **WORDS, **changes}
    assert await company.refused("add_msg_template", body) == errcode


async def test_results_come_in_pages(company: Company) -> None:
    for number in (1, 2, 3):
        company.friend(number)
        company.clock.move(seconds=1)
    msgid = (await company.contact("add_msg_template", {"sender": "zhangmin", **WORDS}))["msgid"]
    asked = {"msgid": msgid, "userid": "zhangmin", "limit": 2}
    first = await company.contact("get_groupmsg_send_result", asked)
    assert len(first["send_list"]) == 2
    rest = await company.contact(
        "get_groupmsg_send_result", {**asked, "cursor": first["next_cursor"]}
    )
    assert (len(rest["send_list"]), rest["next_cursor"]) == (1, "")
