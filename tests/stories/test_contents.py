"""Two ways of saying it: the better is sent more often, and too few members fool nobody."""

from __future__ import annotations

import re
from uuid import UUID

from tests import make
from tests.doors import desks
from tests.doors.test_console_campaigns import CAMPAIGN, segment_of
from tests.doors.test_console_contents import SECOND
from tests.house import House
from tests.make_audience import day
from tests.reach import test_batches as tried

from headwater.base.db import SYSTEM
from headwater.reach import batches

PEOPLE = 100
TITLES = ("好久不见", "新品到了")


async def test_what_sells_more_is_sent_more_and_too_few_members_give_no_verdict(
    own_house: House,
) -> None:
    house = own_house
    brand = await desks.brand(house)
    people = await desks.customers(house, brand.east, PEOPLE)
    async with house.building.transaction(SYSTEM) as db:
        milk = await make.item(db, brand.east, 5_000, 500)
    async with desks.desk(house, "operator", "brand", brand.east.brand_id) as client:
        segment = await segment_of(client, house, brand)
        made = await desks.send(
            client, f"/console/campaigns/new?segment={segment}", "/console/campaigns",
            brand=str(brand.east.brand_id), segment=segment, batch_count="2", batch_days="3",
            **{**CAMPAIGN, **SECOND, "holdout": "20"},
        )  # fmt: skip
        assert made.status_code == 303, made.text
        page = made.headers["location"]
        check = await client.get(page)
        assert all(title in check.text for title in TITLES)
        assert "2 种内容，2 批，每 3 天一批" in check.text
        await desks.send(client, page, f"{page}/launch")
        house.wait(seconds=10)
        await house.work()
        running = await client.get(page)
    assert "已发 1 批，共 2 批。" in running.text
    assert running.text.count("还在学") == 2

    first = await _heard(house)
    assert set(first.values()) == set(TITLES)
    for number, member in enumerate(people):
        if first.get(member) == TITLES[1]:
            await desks.bought(house, member, brand.east, milk, 1 + number % 2)
    house.wait(days=3, seconds=10)
    await house.work()
    both = await _heard(house)
    assert first.items() < both.items(), "who heard once hears no more"
    async with house.building.transaction(SYSTEM) as db:
        sent = await batches.sent(db, UUID(page.rpartition("/")[2]))
    assert [each.member_count for each in sent] == [len(first), len(both) - len(first)]
    assert sent[0].shares == [0.5, 0.5]
    assert sent[1].shares[1] > 0.8

    house.wait(days=3, seconds=10)
    async with desks.desk(house, "operator", "brand", brand.east.brand_id) as client:
        over = await client.get(page)
        english = await client.get(page, headers={"accept-language": "en"})
    # So few members say nothing of contents, and the page says so instead of a number.
    assert "已发 2 批，共 2 批。" in over.text
    assert over.text.count("数据不够，不下结论") == 2
    assert english.text.count("Too few data for a word") == 2
    assert "因为看着最好才挑出来" not in over.text
    assert "至少要有两种内容各发给 100 人" in over.text


async def _heard(house: House) -> dict[UUID, str]:
    """Read who was sent what; a choice was written down for each of them."""
    async with house.building.transaction(SYSTEM) as db:
        rows = await db.raw.fetch(
            "SELECT messages.member_id, messages.content ->> 'title' AS title"
            "  FROM gate.messages JOIN reach.choices"
            "    ON choices.bucket = messages.bucket AND choices.member_id = messages.member_id"
            " WHERE messages.state = 'sent'"
        )
        chosen = await db.raw.fetchval("SELECT count(*) FROM reach.choices")
    assert len(rows) == chosen
    return {row["member_id"]: row["title"] for row in rows}


async def test_what_many_heard_is_shown_shrunken_beside_raw_with_its_chance(
    own_house: House,
) -> None:
    async with own_house.building.transaction(SYSTEM) as db:
        here = await tried.scene(db, 1_600)
        campaign = await tried.launched(db, here)
        for number in range(4):
            await batches.send_next(db, campaign.id, day(3 * number))
            await tried.buy(db, here, campaign, {2: 300}, 3 * number + 1)
    async with desks.desk(own_house, "operator", "brand", here.where.brand_id) as client:
        page = await client.get(f"/console/campaigns/{campaign.id}")
        english = await client.get(
            f"/console/campaigns/{campaign.id}", headers={"accept-language": "en"}
        )
    assert page.status_code == 200, page.text
    assert re.search(r"很可能最好 (&gt; 99|9[5-9])%", page.text)
    assert page.text.count("原始数字偏高，以收缩后的为准") == 1
    assert 'aria-label="内容 2：人均多买 ¥' in page.text
    assert "从本品牌 1 场已结束的多内容活动看" in page.text
    assert re.search(r"Very likely the best (&gt; 99|9[5-9])%", english.text)
    assert "by 1 campaign of this brand that is over" in english.text
