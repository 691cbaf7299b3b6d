"""Customers and group chats that pass from one guide to another."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.connect.wecom.company import Company

from headwater.base.errors import BadInput
from headwater.connect.wecom.customers.groups import GroupState, NotHanded
from headwater.connect.wecom.customers.transfers import Handed, Handover, TakeoverState


async def test_a_handover_answers_for_each_customer() -> None:
    company = Company()
    results = [
        {"external_userid": "wm-1", "errcode": 0},
        {"external_userid": "wm-2", "errcode": 40129},
    ]
    company.will(customer=results)
    handover = Handover("zhangsan", "lisi", ("wm-1", "wm-2"))
    handed = await company.wecom.transfers.serving(handover, "今后" * 100)
    assert handed == (Handed("wm-1", None), Handed("wm-2", "40129"))
    assert company.paths()[-1] == "externalcontact/transfer_customer"
    company.will(customer=results)
    assert await company.wecom.transfers.resigned(handover) == handed
    assert company.paths()[-1] == "externalcontact/resigned/transfer_customer"
    assert "transfer_success_msg" not in company.body()


async def test_a_hundred_pass_at_once_and_not_one_more() -> None:
    company = Company()
    company.will()
    hundred = tuple(f"wm-{number}" for number in range(100))
    assert await company.wecom.transfers.resigned(Handover("a", "b", hundred)) == ()
    for wrong in ((*hundred, "wm-100"), ()):
        with pytest.raises(BadInput):
            await company.wecom.transfers.resigned(Handover("a", "b", wrong))
    with pytest.raises(BadInput):
        await company.wecom.transfers.serving(Handover("a", "b", hundred), "长" * 201)


async def test_results_of_a_handover_know_each_state_and_survive_a_new_one() -> None:
    company = Company()
    states = [
        {"external_userid": f"wm-{number}", "status": number, "takeover_time": 0}
        for number in range(1, 6)
    ]
    states[0]["takeover_time"] = 1_795_000_000
    company.will(customer=states, next_cursor="n")
    page = await company.wecom.transfers.serving_results("zhangsan", "lisi")
    assert [takeover.state for takeover in page.items] == [
        TakeoverState.DONE,
        TakeoverState.WAITING,
        TakeoverState.REFUSED_BY_CUSTOMER,
        TakeoverState.TAKER_FULL,
        TakeoverState.UNKNOWN,
    ]
    assert page.items[0].taken_at == datetime.fromtimestamp(1_795_000_000, UTC)
    assert page.items[1].taken_at is None
    company.will(customer=[])
    await company.wecom.transfers.resigned_results("zhangsan", "lisi", "n")
    assert company.body()["cursor"] == "n"


async def test_those_whose_guide_left_are_listed() -> None:
    company = Company()
    left = {"handover_userid": "zhangsan", "external_userid": "wm-1", "dimission_time": 100}
    company.will(info=[left], is_last=True)
    (found,) = (await company.wecom.transfers.unassigned()).items
    assert (found.from_user_id, found.external_id) == ("zhangsan", "wm-1")


async def test_group_chats_are_listed_and_read() -> None:
    company = Company()
    listed = [{"chat_id": "wr-1", "status": 0}, {"chat_id": "wr-2", "status": 9}]
    company.will(group_chat_list=listed, next_cursor="n")
    page = await company.wecom.groups.list(("zhangsan",), limit=1_000)
    assert [group.state for group in page.items] == [GroupState.OWNED, GroupState.UNKNOWN]
    member = {
        "userid": "wm-1",
        "type": 2,
        "join_time": 1_795_000_000,
        "join_scene": 3,
        "invitor": {"userid": "zhangsan"},
        "name": "林晓",
        "state": "s",
    }
    company.will(
        group_chat={
            "chat_id": "wr-1",
            "owner": "zhangsan",
            "create_time": 1,
            "member_list": [{"userid": "zhangsan", "type": 1, "join_time": 1}, member],
            "admin_list": [{"userid": "lisi"}],
        }
    )
    chat = await company.wecom.groups.get("wr-1")
    assert [member.is_staff for member in chat.members] == [True, False]
    assert (chat.members[1].invited_by, chat.members[1].state) == ("zhangsan", "s")
    assert chat.admin_ids == ("lisi",)


async def test_group_limits_are_held() -> None:
    company = Company()
    with pytest.raises(BadInput):
        await company.wecom.groups.list(limit=1_001)
    with pytest.raises(BadInput):
        await company.wecom.groups.list(tuple(f"u{number}" for number in range(101)))
    too_many = tuple(f"wr-{number}" for number in range(101))
    with pytest.raises(BadInput):
        await company.wecom.groups.hand_over(too_many, "lisi", has_left=True)
    assert company.asked == []


@pytest.mark.parametrize("has_left,verb", [(True, "transfer"), (False, "onjob_transfer")])
async def test_group_chats_pass_on_and_failures_are_named(has_left: bool, verb: str) -> None:
    company = Company()
    company.will(failed_chat_list=[{"chat_id": "wr-2", "errcode": 90500, "errmsg": "owner"}])
    hundred = tuple(f"wr-{number}" for number in range(100))
    failed = await company.wecom.groups.hand_over(hundred, "lisi", has_left)
    assert failed == (NotHanded("wr-2", "90500"),)
    assert company.paths()[-1] == f"externalcontact/groupchat/{verb}"
