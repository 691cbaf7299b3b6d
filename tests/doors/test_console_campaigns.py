"""From a rule to a campaign, its messages and its increment, through the console's pages."""

from __future__ import annotations

import re
from uuid import UUID

import httpx2
from tests import make
from tests.doors import desks
from tests.house import House

from headwater.base.db import SYSTEM
from headwater.gate import messages

CAMPAIGN = {
    "name": "老客唤回",
    "title_zh": "好久不见",
    "body_zh": "给您留了一张券",
    "title_en": "It has been a while",
    "body_en": "We kept a coupon for you",
    "holdout": "50",
    "window_days": "14",
}


async def segment_of(client: httpx2.AsyncClient, house: House, brand: desks.Brand) -> str:
    """Put the rule "allows messages" together, and give the id of what was kept."""
    page = f"/console/segments/new?brand={brand.east.brand_id}"
    answer = await desks.send(
        client, page, "/console/segments", brand=str(brand.east.brand_id), name="可触达会员",
        how="all", on_allows="yes", allows_code="official_account",
    )  # fmt: skip
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].rpartition("/")[2]


async def counted(
    client: httpx2.AsyncClient, brand: desks.Brand
) -> tuple[list[int], httpx2.Response]:
    """Ask how many joined lately, and how many of them allow messages."""
    asked = {"brand": str(brand.east.brand_id), "on_joined": "yes", "joined_days": "3"}
    part = await client.get(
        "/console/segments/count", params=asked, headers={"HX-Request-Type": "partial"}
    )
    found = re.findall(r"<dd>([\d,]+)<", part.text)
    return [int(number.replace(",", "")) for number in found], part


async def test_a_segment_is_counted_while_it_is_written_and_then_kept(house: House) -> None:
    brand = await desks.brand(house)
    async with desks.desk(house, "operator", "brand", brand.east.brand_id) as client:
        # Members of other tests who are at home nowhere are everybody's, so they count before too.
        before, _part = await counted(client, brand)
        await desks.customers(house, brand.east, 3)
        await desks.customers(house, brand.west, 2, allow=False)
        after, part = await counted(client, brand)
        segment = await segment_of(client, house, brand)
        kept = await client.get(f"/console/segments/{segment}")
    assert [now - then for now, then in zip(after, before, strict=True)] == [5, 3]
    assert "<html" not in part.text
    assert "授权了服务号营销消息" in kept.text


async def test_a_rule_without_a_sentence_is_refused_with_what_was_typed(house: House) -> None:
    brand = await desks.brand(house)
    async with desks.desk(house, "operator", "brand", brand.east.brand_id) as client:
        answer = await desks.send(
            client, "/console/segments/new", "/console/segments",
            brand=str(brand.east.brand_id), name="空规则",
        )  # fmt: skip
    assert answer.status_code == 422
    assert "空规则" in answer.text


async def test_a_campaign_is_checked_launched_and_leaves_its_holdout_alone(house: House) -> None:
    house.wait_for_day()
    brand = await desks.brand(house)
    await desks.customers(house, brand.east, 12)
    async with desks.desk(house, "operator", "brand", brand.east.brand_id) as client:
        segment = await segment_of(client, house, brand)
        answer = await desks.send(
            client, f"/console/campaigns/new?segment={segment}", "/console/campaigns",
            brand=str(brand.east.brand_id), segment=segment, **CAMPAIGN,
        )  # fmt: skip
        assert answer.status_code == 303, answer.text
        page = answer.headers["location"]
        check = await client.get(page)
        assert "约有这么多人会收到" in check.text
        launched = await desks.send(client, page, f"{page}/launch")
        assert launched.status_code == 303
        assert "正在启动" in (await client.get(page)).text
        house.wait(seconds=5)
        await house.work()
        running = await client.get(page)
    assert "进行中" in running.text
    assert "对照组，本次不打扰" in running.text
    async with house.building.transaction(SYSTEM) as db:
        counts = await messages.progress(db, UUID(page.rpartition("/")[2]))
    by_state = {(each.state, each.reason): each.messages for each in counts}
    held = by_state[("refused", "held_out")]
    assert 0 < held < 12
    assert sum(by_state.values()) == 12
    assert by_state[("sent", "")] == 12 - held


async def test_a_stopped_campaign_sends_no_more_and_cannot_be_launched(house: House) -> None:
    brand = await desks.brand(house)
    await desks.customers(house, brand.east, 4)
    async with desks.desk(house, "operator", "brand", brand.east.brand_id) as client:
        segment = await segment_of(client, house, brand)
        made = await desks.send(
            client, f"/console/campaigns/new?segment={segment}", "/console/campaigns",
            brand=str(brand.east.brand_id), segment=segment, **CAMPAIGN,
        )  # fmt: skip
        page = made.headers["location"]
        await desks.send(client, page, f"{page}/stop")
        stopped = await client.get(page)
        again = await desks.send(client, page, f"{page}/launch")
    assert "已停止" in stopped.text
    assert again.status_code == 409


async def test_a_reading_is_taken_and_its_row_shows_the_numbers(house: House) -> None:
    brand = await desks.brand(house)
    people = await desks.customers(house, brand.east, 6)
    async with house.building.transaction(SYSTEM) as db:
        milk = await make.item(db, brand.east, 1_990, 50)
    async with desks.desk(house, "operator", "brand", brand.east.brand_id) as client:
        segment = await segment_of(client, house, brand)
        made = await desks.send(
            client, f"/console/campaigns/new?segment={segment}", "/console/campaigns",
            brand=str(brand.east.brand_id), segment=segment, **CAMPAIGN,
        )  # fmt: skip
        page = made.headers["location"]
        await desks.send(client, page, f"{page}/launch")
        house.wait(seconds=5)
        await house.work()
        await desks.bought(house, people[0], brand.east, milk)
        await desks.send(client, page, f"{page}/readings")
        shown = await client.get(page)
        link = re.search(r'href="(/console/experiments/[^"]+/readings/\d+)"', shown.text)
        assert link is not None
        row = await client.get(link[1])
        board = await client.get("/console/scoreboard")
    # Six people prove nothing: the page says so instead of a number.
    assert "无法读数" in shown.text
    assert "封印完好" in row.text
    assert "老客唤回" in board.text


async def test_a_campaign_of_another_brand_does_not_exist(house: House) -> None:
    mine, other = await desks.brand(house), await desks.brand(house)
    await desks.customers(house, other.east, 2)
    async with desks.desk(house, "operator", "brand", other.east.brand_id) as client:
        segment = await segment_of(client, house, other)
    async with desks.desk(house, "operator", "brand", mine.east.brand_id) as client:
        assert (await client.get(f"/console/segments/{segment}")).status_code == 404
        answer = await client.get(f"/console/segments?brand={other.east.brand_id}")
    assert answer.status_code == 404


async def test_who_has_a_store_only_cannot_speak_to_a_whole_brand(house: House) -> None:
    brand = await desks.brand(house)
    async with desks.desk(house, "operator", "store", brand.east.store_id) as client:
        answer = await client.get("/console/segments")
    assert answer.status_code == 403
