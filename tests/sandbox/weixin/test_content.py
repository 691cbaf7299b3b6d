"""Checks of what users write and upload."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.sandbox.weixin.brand import Brand


async def text(brand: Brand, content: str = "茶很香", **changes: Any) -> dict[str, Any]:
    plain = {
        "version": 2,
        "scene": 2,
        "openid": brand.openid(kind="mini_program"),
        "content": content,
    }
    return await brand.program("/wxa/msg_sec_check", plain | changes)


def visit(brand: Brand) -> None:
    brand.acts.open_program(brand.person(), "pages/shop/shop", "", None, brand.town.clock())


@pytest.mark.parametrize(
    "content, suggest, label",
    [
        ("茶很香", "pass", 100),
        ("加微信领红包", "review", 10001),
        ("网上赌博", "risky", 20006),
    ],
)
async def test_words_are_judged_at_once(
    brand: Brand, content: str, suggest: str, label: int
) -> None:
    visit(brand)
    said = await text(brand, content)
    assert said["result"] == {"suggest": suggest, "label": label}


async def test_words_of_2500_characters_are_judged_and_no_more(brand: Brand) -> None:
    visit(brand)
    assert (await text(brand, "茶" * 2_500))["errcode"] == 0
    assert (await text(brand, "茶" * 2_501))["errcode"] == 45002
    assert (await text(brand, ""))["errcode"] == 44004
    assert (await text(brand, scene=5))["errcode"] == 40097
    assert (await text(brand, version=1))["errcode"] == 40097
    assert (await text(brand, openid=brand.openid()))["errcode"] == 40003


async def test_who_was_not_there_for_two_hours_cannot_be_judged(brand: Brand) -> None:
    assert (await text(brand))["errcode"] == 61010
    visit(brand)
    brand.town.clock.move(hours=2)
    assert (await text(brand))["errcode"] == 0
    brand.town.clock.move(seconds=1)
    assert (await text(brand))["errcode"] == 61010


async def test_a_picture_is_judged_later_by_push(brand: Brand) -> None:
    settings = {"mini_program": {"mode": "plain", "format": "json"}}
    await brand.town.side("PUT", "/weixin/push-settings", settings)
    visit(brand)
    traces = {}
    for name in ("tea", "risky"):
        body = {
            "version": 2,
            "scene": 2,
            "openid": brand.openid(kind="mini_program"),
            "media_url": f"http://shop.test/{name}.png",
            "media_type": 2,
        }
        said = await brand.program("/wxa/media_check_async", body)
        traces[said["trace_id"]] = name
    assert await brand.told(seconds=1) == []
    verdicts = [json.loads(one.body) for one in await brand.told(seconds=1)]
    found = {traces[one["trace_id"]]: one["result"]["suggest"] for one in verdicts}
    assert found == {"tea": "pass", "risky": "risky"}
