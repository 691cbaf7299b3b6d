"""Customers handed to another guide: a day to refuse, twice in ninety days at most."""

from __future__ import annotations

from typing import Any

import pytest
from tests.sandbox.wecom.company import Company

from headwater.sandbox.wecom import CannotDo


async def hand_over(company: Company, giver: str, taker: str, *ids: str, **more: Any) -> list[int]:
    body = {
        "handover_userid": giver,
        "takeover_userid": taker,
        "external_userid": list(ids) or [company.external()],
        **more,
    }
    said = await company.contact("transfer_customer", body)
    return [one["errcode"] for one in said["customer"]]


async def outcome(
    company: Company, giver: str, taker: str, name: str = "transfer_result"
) -> list[tuple[int, int]]:
    pair = {"handover_userid": giver, "takeover_userid": taker}
    said = await company.contact(name, pair)
    return [(one["status"], one["takeover_time"]) for one in said["customer"]]


async def test_after_a_day_the_customer_has_another_guide(company: Company) -> None:
    person = company.friend()
    words = {"transfer_success_msg": "李薇为您服务"}
    assert await hand_over(company, "zhangmin", "liwei", **words) == [0]
    due = int(company.clock().timestamp()) + 86_400
    assert await outcome(company, "zhangmin", "liwei") == [(2, due)]
    assert [one.takeover for one in company.acts.transfers(person)] == ["liwei"]
    company.clock.move(seconds=86_399)
    assert len(await company.told()) == 1
    company.clock.move(seconds=1)
    _, left, came = await company.told()
    assert (left["ChangeType"], left["UserID"]) == ("del_external_contact", "zhangmin")
    assert left["Source"] == "DELETE_BY_TRANSFER"
    assert (came["ChangeType"], came["UserID"]) == ("add_external_contact", "liwei")
    assert "WelcomeCode" not in came
    assert await outcome(company, "zhangmin", "liwei") == [(1, due)]
    assert await company.refused("list", userid="zhangmin") == 84061
    said = await company.contact("get", external_userid=company.external())
    (follower,) = said["follow_user"]
    assert (follower["userid"], follower["add_way"]) == ("liwei", 202)
    messages = company.sandbox.people.messages(person, "guide:liwei")
    assert [one.title for one in messages] == ["李薇为您服务"]


async def test_a_customer_may_refuse(company: Company) -> None:
    person = company.friend()
    await hand_over(company, "zhangmin", "liwei")
    (transfer,) = company.acts.transfers(person)
    company.acts.refuse_transfer(person, transfer.id, company.clock())
    with pytest.raises(CannotDo):
        company.acts.refuse_transfer(person, transfer.id, company.clock())
    company.clock.move(days=2)
    failed = (await company.told())[-1]
    assert (failed["ChangeType"], failed["FailReason"]) == ("transfer_fail", "customer_refused")
    assert failed["UserID"] == "liwei"
    assert await outcome(company, "zhangmin", "liwei") == [(3, 0)]
    listed = await company.contact("list", userid="zhangmin")
    assert listed["external_userid"] == [company.external()]


async def test_a_guide_whose_list_is_full_takes_nobody(company: Company) -> None:
    company.friend()
    company.acts.settle_member("liwei", most_customers=0)
    await hand_over(company, "zhangmin", "liwei")
    company.clock.move(days=1)
    failed = (await company.told())[-1]
    assert failed["FailReason"] == "customer_limit_exceed"
    assert [one for one, _ in await outcome(company, "zhangmin", "liwei")] == [4]


async def test_every_customer_gets_an_answer_of_their_own(company: Company) -> None:
    company.friend(1)
    company.friend(2, "wangqiang")
    ids = (company.external(1), company.external(2), "wmnobody")
    assert await hand_over(company, "zhangmin", "liwei", *ids) == [0, 40096, 40096]
    assert await hand_over(company, "zhangmin", "wangqiang", company.external(1)) == [40129]


async def test_twice_in_ninety_days_and_no_more(company: Company) -> None:
    company.friend()
    for giver, taker in (("zhangmin", "liwei"), ("liwei", "zhangmin")):
        assert await hand_over(company, giver, taker) == [0]
        company.clock.move(days=1)
        await company.told()
    assert await hand_over(company, "zhangmin", "liwei") == [40128]
    company.clock.move(days=88)
    assert await hand_over(company, "zhangmin", "liwei") == [0]


async def test_a_customer_who_comes_back_is_not_heard_of_as_new(company: Company) -> None:
    company.friend()
    for giver, taker in (("zhangmin", "liwei"), ("liwei", "zhangmin")):
        await hand_over(company, giver, taker)
        company.clock.move(days=1)
        events = await company.told()
    assert [one["ChangeType"] for one in events[-1:]] == ["del_external_contact"]


async def test_who_knows_the_other_guide_already_is_not_heard_of_as_new(company: Company) -> None:
    company.friend(1, "zhangmin")
    company.friend(1, "liwei")
    await hand_over(company, "zhangmin", "liwei")
    company.clock.move(days=1)
    assert (await company.told())[-1]["ChangeType"] == "del_external_contact"


@pytest.mark.parametrize(
    "changes, errcode",
    [
        ({"external_userid": ["x"] * 100}, 0),
        ({"external_userid": ["x"] * 101}, 40058),
        ({"external_userid": []}, 41035),
        ({"takeover_userid": "zhangmin"}, 40130),
        ({"takeover_userid": "nobody"}, 40003),
        ({"handover_userid": "nobody"}, 40003),
        ({"transfer_success_msg": "字" * 200}, 0),
        ({"transfer_success_msg": "字" * 201}, 40058),
    ],
)
async def test_a_transfer_keeps_its_bounds(
    company: Company, changes: dict[str, Any], errcode: int
) -> None:
    company.friend()
    body = {
        "handover_userid": "zhangmin",
        "takeover_userid": "liwei",
        "external_userid": [company.external()],
        **changes,
    }
    said = await company.post("externalcontact/transfer_customer", body)
    assert said["errcode"] == errcode


async def test_the_customers_of_who_left_wait_and_are_handed_on(company: Company) -> None:
    company.friend()
    body = {
        "handover_userid": "zhangmin",
        "takeover_userid": "liwei",
        "external_userid": [company.external()],
    }
    assert await company.refused("resigned/transfer_customer", body) == 40097
    company.acts.resign("zhangmin", company.clock())
    assert (await company.get("user/get", userid="zhangmin"))["errcode"] == 60111
    left_at = int(company.clock().timestamp())
    said = await company.contact("get_unassigned_list", {"page_size": 100})
    assert said["info"] == [
        {
            "handover_userid": "zhangmin",
            "external_userid": company.external(),
            "dimission_time": left_at,
        }
    ]
    assert said["is_last"] is True
    assert await company.refused("transfer_customer", body) == 40003
    await company.contact("resigned/transfer_customer", body)
    company.clock.move(days=1)
    assert (await company.told())[-1]["UserID"] == "liwei"
    done = await outcome(company, "zhangmin", "liwei", "resigned/transfer_result")
    assert [one for one, _ in done] == [1]
    assert (await company.contact("get_unassigned_list", {}))["info"] == []


async def test_who_left_more_than_a_year_ago_is_too_long_gone(company: Company) -> None:
    company.friend()
    company.acts.resign("zhangmin", company.clock())
    company.clock.move(days=366)
    body = {
        "handover_userid": "zhangmin",
        "takeover_userid": "liwei",
        "external_userid": [company.external()],
    }
    assert await company.refused("resigned/transfer_customer", body) == 40003
