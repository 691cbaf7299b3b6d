"""Sets and actions: their rules, each action once, and what reports make of them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.sandbox.ads.advertiser import Advertiser


async def make_set(brand: Advertiser, kind: str = "WEB", **more: Any) -> int:
    made = await brand.good("user_action_sets/add", {"type": kind, "name": "官网订单", **more})
    return int(made["user_action_set_id"])


def action(brand: Advertiser, number: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "action_time": int(brand.clock().timestamp()),
        "action_type": "PURCHASE",
        "outer_action_id": f"order-{number}",
        "user_id": {"sha256_phone": brand.phone_hash()},
        "action_param": {"value": 19_900},
        **changes,
    }


async def told(brand: Advertiser) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await brand.side("GET", "/ads/actions")).json()["actions"]
    return found


async def test_an_action_counts_once_and_finds_its_person(brand: Advertiser) -> None:
    kept = await make_set(brand)
    body = {"user_action_set_id": kept, "actions": [action(brand)]}
    for _ in range(2):
        assert await brand.good("user_actions/add", body) == {}
    (one,) = await told(brand)
    assert (one["person_id"], one["value_fen"]) == ("p1", 19_900)
    other = {**body, "actions": [action(brand, action_type="CONFIRM_DELIVERY_ORDER")]}
    await brand.good("user_actions/add", other)
    assert len(await told(brand)) == 2


async def test_fifty_actions_and_no_more(brand: Advertiser) -> None:
    kept = await make_set(brand)
    many = [action(brand, number) for number in range(51)]
    body = {"user_action_set_id": kept, "actions": many}
    assert (await brand.post("user_actions/add", body))["code"] == 18001
    await brand.good("user_actions/add", {**body, "actions": many[:50]})
    assert len(await told(brand)) == 50


async def test_fifty_kilobytes_and_no_more(brand: Advertiser) -> None:
    kept = await make_set(brand)

    def padded(length: int) -> dict[str, Any]:
        one = action(brand, url="x" * length)
        return {"user_action_set_id": kept, "actions": [one]}

    rest = len(compact(padded(0)["actions"][0])) + 2
    good = await brand.http.post(
        brand.url("user_actions/add"),
        params=brand.common(),
        content=compact({"account_id": brand.ads["account_id"], **padded(51_200 - rest)}),
    )
    assert good.json()["code"] == 0
    large = await brand.http.post(
        brand.url("user_actions/add"),
        params=brand.common(),
        content=compact({"account_id": brand.ads["account_id"], **padded(51_200 - rest + 1)}),
    )
    assert large.json()["code"] == 18001


def compact(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


@pytest.mark.parametrize(
    "changes",
    [
        {"action_type": "DANCE"},
        {"action_type": "CUSTOM"},
        {"user_id": {}},
        {"user_id": {"sha256_phone": "13800000001"}},
        {"user_id": {"hash_phone": "x" * 32}},
        {"outer_action_id": "o" * 256},
        {"action_time": -1},
        {"action_param": {"value": 1.5}},
        {"action_param": {"value": -1}},
    ],
)
async def test_one_bad_action_refuses_all_of_them(
    brand: Advertiser, changes: dict[str, Any]
) -> None:
    kept = await make_set(brand)
    actions = [action(brand, 1), action(brand, 2, **changes)]
    body = {"user_action_set_id": kept, "actions": actions}
    assert (await brand.post("user_actions/add", body))["code"] == 18001
    assert await told(brand) == []


async def test_a_set_inside_wechat_wants_ids_of_its_app(brand: Advertiser) -> None:
    app = brand.sandbox.credentials["mini_program"]["appid"]
    wrong = {"type": "WECHAT_MINI_PROGRAM", "name": "小程序", "wechat_app_id": "wxother"}
    assert (await brand.post("user_action_sets/add", wrong))["code"] == 18001
    kept = await make_set(brand, "WECHAT_MINI_PROGRAM", wechat_app_id=app)
    people = brand.sandbox.people
    openid = people.openid(people.get("p2"), app)
    for user, code in (
        ({"sha256_phone": brand.phone_hash()}, 18001),
        ({"wechat_openid": openid}, 18001),
        ({"wechat_openid": openid, "wechat_app_id": "wxother"}, 18001),
        ({"wechat_openid": openid, "wechat_app_id": app}, 0),
    ):
        body = {"user_action_set_id": kept, "actions": [action(brand, user_id=user)]}
        assert (await brand.post("user_actions/add", body))["code"] == code
    assert [one["person_id"] for one in await told(brand)] == ["p2"]


async def test_sets_are_listed_and_a_name_is_taken_once(brand: Advertiser) -> None:
    kept = await make_set(brand)
    again = {"type": "WEB", "name": "官网订单"}
    assert (await brand.post("user_action_sets/add", again))["code"] == 18001
    for name, code in (("n" * 32, 0), ("n" * 33, 18001), ("", 18001)):
        body = {"type": "OFFLINE", "name": name}
        assert (await brand.post("user_action_sets/add", body))["code"] == code
    assert (await brand.post("user_action_sets/add", {"type": "TV", "name": "x"}))["code"] == 18001
    listed = (await brand.good("user_action_sets/get", type=["WEB"]))["list"]
    assert [one["user_action_set_id"] for one in listed] == [kept]


async def clicked(brand: Advertiser, **more: Any) -> str:
    show = {"adgroup_id": 11, "views": 1_000, "clicks": 20, "cost_fen": 5_000, **more}
    return str((await brand.side("POST", "/ads/shows", show)).json()["click_id"])


def asked(**changes: Any) -> dict[str, Any]:
    return {
        "level": "REPORT_LEVEL_ADGROUP",
        "date_range": {"start_date": "2026-11-22", "end_date": "2026-11-23"},
        "group_by": ["date", "adgroup_id"],
        "fields": ["date", "adgroup_id", "cost", "conversions_count", "order_amount"],
        **changes,
    }


async def test_a_report_shows_what_clicks_cost_and_brought(brand: Advertiser) -> None:
    click = await clicked(brand, person_id="p1")
    await clicked(brand, adgroup_id=12, cost_fen=700)
    kept = await make_set(brand)
    brand.clock.move(days=1)
    await brand.enter()
    later = action(brand, trace={"click_id": click})
    await brand.good("user_actions/add", {"user_action_set_id": kept, "actions": [later]})
    rows = (await brand.good("daily_reports/get", **asked()))["list"]
    first = {"date": "2026-11-22", "adgroup_id": 11, "cost": 5_000}
    assert rows == [
        {**first, "conversions_count": 1, "order_amount": 19_900},
        {**first, "adgroup_id": 12, "cost": 700, "conversions_count": 0, "order_amount": 0},
    ]
    acted = await brand.good("daily_reports/get", **asked(time_line="ACTIVE_TIME"))
    assert [one["conversions_count"] for one in acted["list"]] == [0, 0, 1]
    whole = await brand.good(
        "daily_reports/get",
        **asked(level="REPORT_LEVEL_ADVERTISER", group_by=["date"], fields=[]),
    )
    assert whole["list"][0]["view_count"] == 2_000


async def test_hours_come_for_one_day(brand: Advertiser) -> None:
    await clicked(brand)
    day = {"start_date": "2026-11-22", "end_date": "2026-11-22"}
    hours = asked(level="REPORT_LEVEL_ADVERTISER", group_by=["hour"], date_range=day, fields=[])
    rows = (await brand.good("hourly_reports/get", **hours))["list"]
    assert [(one["hour"], one["valid_click_count"]) for one in rows] == [(12, 20)]
    two = {**hours, "date_range": {**day, "end_date": "2026-11-23"}}
    assert (await brand.get("hourly_reports/get", **two))["code"] == 18001


@pytest.mark.parametrize(
    "changes, code",
    [
        ({"date_range": {"start_date": "2025-11-22", "end_date": "2026-11-22"}}, 0),
        ({"date_range": {"start_date": "2025-11-21", "end_date": "2026-11-22"}}, 18001),
        ({"date_range": {"start_date": "2026-11-23", "end_date": "2026-11-22"}}, 18001),
        ({"date_range": {"start_date": "yesterday", "end_date": "2026-11-22"}}, 18001),
        ({"level": "REPORT_LEVEL_MOOD"}, 18001),
        ({"group_by": ["adgroup_id"]}, 18001),
        ({"fields": ["mood"]}, 18001),
        ({"time_line": "TEA_TIME"}, 18001),
        ({"page": 0}, 18001),
        ({"page_size": 2_000}, 0),
        ({"page_size": 2_001}, 18001),
    ],
)
async def test_a_report_keeps_its_bounds(
    brand: Advertiser, changes: dict[str, Any], code: int
) -> None:
    assert (await brand.get("daily_reports/get", **asked(**changes)))["code"] == code


async def test_a_report_comes_in_pages(brand: Advertiser) -> None:
    for adgroup in (11, 12, 13):
        await clicked(brand, adgroup_id=adgroup)
    said = await brand.good("daily_reports/get", **asked(page=2, page_size=2))
    assert [one["adgroup_id"] for one in said["list"]] == [13]
    assert said["page_info"] == {"page": 2, "page_size": 2, "total_number": 3, "total_page": 2}
    only = [{"field": "adgroup_id", "operator": "IN", "values": ["12"]}]
    said = await brand.good("daily_reports/get", **asked(filtering=only))
    assert [one["adgroup_id"] for one in said["list"]] == [12]
