"""Contact ways and welcomes: codes with a state, greetings within twenty seconds."""

from __future__ import annotations

from typing import Any

import pytest
from tests.sandbox.wecom.company import Company

from headwater.sandbox.wecom import CannotDo
from headwater.sandbox.wecom.contacts.ways import MOST_WAYS

GREETING = {"text": {"content": "欢迎光临"}}


async def test_a_way_gives_a_picture_that_leads_to_the_guide(company: Company) -> None:
    made = await company.contact(
        "add_contact_way", {"type": 1, "scene": 2, "user": ["zhangmin"], "state": "shelf-7"}
    )
    picture = await company.http.get(made["qr_code"])
    assert picture.headers["content-type"].startswith("image/svg")
    (way,) = company.acts.ways()
    assert way.code.endswith(made["config_id"])
    for code in (way.code, made["config_id"], made["qr_code"]):
        assert company.acts.add(company.person(), code, company.clock()).is_friend
    half, whole = await company.told()
    assert half["ChangeType"] == "add_half_external_contact"
    assert whole["ChangeType"] == "add_external_contact"
    assert half["State"] == whole["State"] == "shelf-7"


async def test_a_way_with_verification_waits_for_the_guide(company: Company) -> None:
    way = await company.way(skip_verify=False)
    assert not company.acts.add(company.person(), way, company.clock()).is_friend
    company.acts.accept("zhangmin", company.person(), company.clock())
    (event,) = await company.told()
    assert event["State"] == "shelf-7"


@pytest.mark.parametrize(
    "changes, errcode",
    [
        ({"state": "s" * 30}, 0),
        ({"state": "s" * 31}, 40058),
        ({"remark": "码" * 30}, 0),
        ({"remark": "码" * 31}, 40058),
        ({"type": None}, 41037),
        ({"type": 3}, 41039),
        ({"scene": None}, 41038),
        ({"scene": 3}, 41040),
        ({"style": 9}, 41042),
        ({"user": ["nobody"]}, 40003),
        ({"user": ["zhangmin", "liwei"]}, 40058),
        ({"type": 2, "user": ["zhangmin", "liwei"]}, 0),
        ({"type": 2, "user": [], "party": [3]}, 0),
        ({"type": 2, "user": [], "party": [99]}, 40066),
        ({"type": 2, "user": []}, 40063),
        ({"is_temp": True, "expires_in": 14 * 86_400}, 0),
        ({"is_temp": True, "expires_in": 14 * 86_400 + 1}, 40058),
        ({"is_temp": True, "type": 2}, 40058),
    ],
)
async def test_a_way_keeps_its_rules(
    company: Company, changes: dict[str, Any], errcode: int
) -> None:
    body = {"type": 1, "scene": 2, "user": ["zhangmin"], **changes}
    said = await company.post("externalcontact/add_contact_way", body)
    assert said["errcode"] == errcode, said


async def test_a_hundred_guides_share_a_way_and_no_more(company: Company) -> None:
    for number in range(101):
        company.acts.hire(f"guide{number:03d}", "导购", 2, company.clock())
    users = [f"guide{number:03d}" for number in range(101)]
    await company.way(type=2, user=users[:100])
    body = {"type": 2, "scene": 2, "user": users}
    assert await company.refused("add_contact_way", body) == 41041


async def test_half_a_million_ways_and_no_more(company: Company) -> None:
    company.host.house.desk.ways.lasting = MOST_WAYS - 1
    last = await company.way()
    body = {"type": 1, "scene": 2, "user": ["zhangmin"]}
    assert await company.refused("add_contact_way", body) == 41045
    await company.way(is_temp=True)  # those do not count
    await company.contact("del_contact_way", {"config_id": last})
    await company.way()


async def test_a_temporary_way_is_for_one_person_once_and_ends(company: Company) -> None:
    second = company.person(2)
    way = await company.way(is_temp=True, expires_in=60, unionid=second.unionid)
    with pytest.raises(CannotDo):
        company.acts.add(company.person(1), way, company.clock())
    company.acts.add(second, way, company.clock())
    with pytest.raises(CannotDo):
        company.acts.add(second, way, company.clock())
    short = await company.way(is_temp=True, expires_in=60)
    company.clock.move(seconds=60)
    with pytest.raises(CannotDo):
        company.acts.add(company.person(3), short, company.clock())


async def test_a_way_is_read_changed_listed_and_taken_away(company: Company) -> None:
    way = await company.way()
    await company.contact("update_contact_way", {"config_id": way, "state": "shelf-8"})
    shown = (await company.contact("get_contact_way", {"config_id": way}))["contact_way"]
    assert (shown["state"], shown["user"]) == ("shelf-8", ["zhangmin"])
    listed = await company.contact("list_contact_way", {})
    assert listed["contact_way"] == [{"config_id": way}]
    await company.contact("del_contact_way", {"config_id": way})
    assert await company.refused("get_contact_way", {"config_id": way}) == 41044
    with pytest.raises(CannotDo):
        company.acts.add(company.person(), way, company.clock())


async def test_an_exclusive_way_leads_back_to_the_guide_one_knows(company: Company) -> None:
    company.friend(1, "liwei")
    way = await company.way(type=2, user=["zhangmin", "liwei", "wangqiang"], is_exclusive=True)
    assert company.acts.add(company.person(), way, company.clock()).userid == "liwei"


async def code_of(company: Company, place: int = -1) -> str:
    company.acts.add(company.person(), await company.way(), company.clock())
    return (await company.told())[place]["WelcomeCode"]


async def test_a_greeting_arrives_once(company: Company) -> None:
    code = await code_of(company)
    await company.contact("send_welcome_msg", {"welcome_code": code, **GREETING})
    messages = company.sandbox.people.messages(company.person(), "guide:zhangmin")
    assert [one.title for one in messages] == ["欢迎光临"]
    again = {"welcome_code": code, **GREETING}
    assert await company.refused("send_welcome_msg", again) == 41051


async def test_the_other_code_of_the_same_meeting_greets_no_second_time(company: Company) -> None:
    code = await code_of(company)
    first, _ = company.office.said()
    await company.contact("send_welcome_msg", {"welcome_code": code, **GREETING})
    other = {"welcome_code": first["WelcomeCode"], **GREETING}
    assert await company.refused("send_welcome_msg", other) == 41051


async def test_a_greeting_has_twenty_seconds(company: Company) -> None:
    code = await code_of(company)
    company.clock.move(seconds=21)
    late = {"welcome_code": code, **GREETING}
    assert await company.refused("send_welcome_msg", late) == 41050
    company.clock.move(seconds=-1)
    await company.contact("send_welcome_msg", late)


async def test_who_talks_already_is_not_greeted(company: Company) -> None:
    code = await code_of(company)
    company.acts.write(company.person(), "zhangmin", "你好", company.clock())
    late = {"welcome_code": code, **GREETING}
    assert await company.refused("send_welcome_msg", late) == 41051


async def test_another_app_may_be_greeting_just_now(company: Company) -> None:
    code = await code_of(company)
    await company.side("PUT", "/misbehaviour", {"welcome_busy_next": 1})
    body = {"welcome_code": code, **GREETING}
    assert await company.refused("send_welcome_msg", body) == 41096
    await company.contact("send_welcome_msg", body)


async def test_a_greeting_of_the_console_leaves_no_code(company: Company) -> None:
    company.acts.settle_member("zhangmin", greets=True)
    company.acts.add(company.person(), await company.way(), company.clock())
    assert all("WelcomeCode" not in one for one in await company.told())


def titled(title: str) -> dict[str, Any]:
    return {"msgtype": "link", "link": {"title": title, "url": "https://shop.test/new"}}


LINK = titled("新品")


@pytest.mark.parametrize(
    "body, errcode",
    [
        ({"text": {"content": "字" * 1_333}}, 0),
        ({"text": {"content": "字" * 1_334}}, 45002),
        ({"attachments": [LINK] * 9}, 0),
        ({"attachments": [LINK] * 10}, 41064),
        ({}, 40063),
        ({"attachments": [{"msgtype": "voice"}]}, 41065),
        ({"attachments": [{"msgtype": "link", "link": {"title": "新品"}}]}, 40063),
        ({"attachments": [{"msgtype": "image", "image": {"media_id": "none"}}]}, 40007),
        (
            {"attachments": [{"msgtype": "link", "link": {**LINK["link"], "title": "t" * 129}}]},
            40058,
        ),
    ],
)
async def test_what_is_said_keeps_its_bounds(
    company: Company, body: dict[str, Any], errcode: int
) -> None:
    code = await code_of(company)
    said = await company.post("externalcontact/send_welcome_msg", {"welcome_code": code, **body})
    assert said["errcode"] == errcode, said


async def test_an_unknown_code_greets_nobody(company: Company) -> None:
    assert await company.refused("send_welcome_msg", {"welcome_code": "x", **GREETING}) == 41050
    assert await company.refused("send_welcome_msg", GREETING) == 41049
