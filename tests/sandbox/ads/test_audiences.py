"""Audiences: files of hashed ids, worked through a little later, people put in and taken out."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from tests.sandbox.ads.advertiser import Advertiser, zipped
from tests.sandbox.ads.advertiser import advertiser as new_advertiser

from headwater.sandbox.ads.audiences import MOST_FILE_BYTES


async def make(brand: Advertiser, **changes: str) -> int:
    body = {"name": "金卡会员", "type": "CUSTOMER_FILE", **changes}
    return int((await brand.good("custom_audiences/add", body))["audience_id"])


def spoiled(archive: bytes) -> bytes:
    """A zip whose directory is whole and whose content no longer unpacks."""
    packed = archive.index(b".txt") + len(b".txt")
    return archive[:packed] + b"\xff" * 9 + archive[packed + 9 :]


async def state(brand: Advertiser, audience_id: int) -> dict[str, Any]:
    said = await brand.good("custom_audience_files/get", audience_id=str(audience_id))
    found: dict[str, Any] = said["list"][-1]
    return found


async def members(brand: Advertiser) -> list[str]:
    said = (await brand.side("GET", "/ads/audiences")).json()
    found: list[str] = said["audiences"][0]["person_ids"]
    return found


async def test_a_file_is_worked_through_in_its_time(brand: Advertiser) -> None:
    audience = await make(brand)
    stranger = hashlib.sha256(b"13000000000").hexdigest()
    lines = (brand.phone_hash(1), brand.phone_hash(2).upper(), stranger, "13800000001")
    sent = await brand.send_file(audience, zipped(*lines))
    assert sent["code"] == 0
    statuses = []
    for _ in range(3):
        statuses.append((await state(brand, audience))["process_status"])
        brand.clock.move(seconds=2)
    assert statuses == ["PENDING", "PROCESSING", "SUCCESS"]
    file = await state(brand, audience)
    assert (file["line_count"], file["valid_line_count"], file["user_count"]) == (4, 3, 2)
    assert (file["process_code"], file["error_message"]) == (0, "")
    assert await members(brand) == ["p1", "p2"]
    (listed,) = (await brand.good("custom_audiences/get"))["list"]
    assert (listed["status"], listed["user_count"]) == ("SUCCESS", 2)


async def test_people_are_taken_out_again(brand: Advertiser) -> None:
    audience = await make(brand)
    await brand.send_file(audience, zipped(brand.phone_hash(1), brand.phone_hash(2)))
    out = zipped(brand.phone_hash(1))
    await brand.send_file(audience, out, operation_type="REDUCE")
    brand.clock.move(seconds=4)
    assert await members(brand) == ["p2"]


async def test_open_ids_need_their_app(brand: Advertiser) -> None:
    audience = await make(brand)
    app = brand.sandbox.credentials["official_account"]["appid"]
    people = brand.sandbox.people
    packed = zipped(people.openid(people.get("p3"), app), name="people.csv")
    kind = {"user_id_type": "WECHAT_OPENID"}
    assert (await brand.send_file(audience, packed, **kind))["code"] == 18001
    assert (await brand.send_file(audience, packed, **kind, open_app_id=app))["code"] == 0
    unions = zipped(people.get("p4").unionid)
    await brand.send_file(audience, unions, user_id_type="WX_UNIONID")
    brand.clock.move(seconds=4)
    assert await members(brand) == ["p3", "p4"]


@pytest.mark.parametrize(
    "content, code",
    [
        (b"not a zip at all", 1),
        (zipped("x", name="people.exe"), 1),
        (zipped("13800000001"), 2),
        (spoiled(zipped("13800000001\n" * 99)), 1),
    ],
)
async def test_a_file_that_cannot_be_read_fails_later(
    brand: Advertiser, content: bytes, code: int
) -> None:
    audience = await make(brand)
    assert (await brand.send_file(audience, content))["code"] == 0
    assert (await state(brand, audience))["process_code"] == 0
    brand.clock.move(seconds=4)
    file = await state(brand, audience)
    assert (file["process_status"], file["process_code"]) == ("ERROR", code)
    assert file["error_message"]
    assert await members(brand) == []


async def test_a_hundred_megabytes_and_no_more(brand: Advertiser) -> None:
    audience = await make(brand)
    at_most = bytes(MOST_FILE_BYTES)
    assert (await brand.send_file(audience, at_most))["code"] == 0
    assert (await brand.send_file(audience, at_most + b"x"))["code"] == 18001
    assert (await brand.send_file(audience, b""))["code"] == 18001


@pytest.mark.parametrize(
    "changes, code",
    [
        ({"audience_id": "1"}, 18001),
        ({"user_id_type": "SHOE_SIZE"}, 18001),
        ({"operation_type": "REPLACE"}, 18001),
        ({"account_id": "1"}, 11014),
        ({}, 0),
    ],
)
async def test_a_file_keeps_its_rules(
    brand: Advertiser, changes: dict[str, str], code: int
) -> None:
    audience = await make(brand)
    assert (await brand.send_file(audience, zipped("x"), **changes))["code"] == code


@pytest.mark.parametrize(
    "changes, code",
    [
        ({"name": "n" * 32}, 0),
        ({"name": "n" * 33}, 18001),
        ({"name": ""}, 18001),
        ({"type": "FRIENDS"}, 18001),
        ({"description": "d" * 128}, 0),
        ({"description": "d" * 129}, 18001),
    ],
)
async def test_an_audience_keeps_its_bounds(
    brand: Advertiser, changes: dict[str, str], code: int
) -> None:
    body = {"name": "金卡会员", "type": "CUSTOMER_FILE", **changes}
    assert (await brand.post("custom_audiences/add", body))["code"] == code


async def test_audiences_come_in_pages(brand: Advertiser) -> None:
    for number in range(3):
        await make(brand, name=f"人群{number}")
    said = await brand.good("custom_audiences/get", page="2", page_size="2")
    assert [one["name"] for one in said["list"]] == ["人群2"]
    assert said["page_info"]["total_page"] == 2
    assert (await brand.get("custom_audiences/get", page_size="101"))["code"] == 18001


async def test_a_restart_remembers_permission_and_people(tmp_path: Path) -> None:
    file = tmp_path / "state.jsonl"
    async with new_advertiser(file) as before:
        audience = await make(before)
        await before.send_file(audience, zipped(before.phone_hash()))
        tokens = before.tokens
    async with new_advertiser(file) as after:
        after.tokens = tokens
        after.clock.move(seconds=4)
        assert await members(after) == ["p1"]
        assert (await state(after, audience))["user_count"] == 1
