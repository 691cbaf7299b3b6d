"""Headquarters recalls members, leaves some alone, and reads what it brought."""

from __future__ import annotations

import re
from uuid import UUID

from tests import make
from tests.doors import desks
from tests.house import House
from tests.stories.browser import Browser, browser

from headwater.base.db import SYSTEM

# Enough for thirty in each arm whatever is drawn.
PEOPLE = 110
TITLE = "好久不见"
WORDS = {
    "title_zh": TITLE,
    "body_zh": "给您留了一张券",
    "title_en": "It has been a while",
    "body_en": "We kept a coupon for you",
}


async def test_a_recall_leaves_its_holdout_alone_and_shows_its_increment(own_house: House) -> None:
    house = own_house
    brand = await desks.brand(house)
    people = await desks.customers(house, brand.east, PEOPLE)
    async with house.building.transaction(SYSTEM) as db:
        milk = await make.item(db, brand.east, 5_000, 500)
    for member in people:
        await desks.bought(house, member, brand.east, milk)
    house.wait(days=90)
    where = brand.east.brand_id
    operator = await desks.hired(house, "operator", "brand", where, make.PASSWORD)
    async with browser(house) as desk:
        await desk.opens("/console")
        await desk.fills("/console/login", login=operator.login, password=make.PASSWORD)
        campaign = await _launches(desk)
        house.wait(seconds=5)
        await house.work()
        page = await desk.opens(campaign)
        assert "进行中" in page.html

        treated = await _told(house, people)
        assert 0 < len(treated) < PEOPLE
        await _everybody_else_was_drawn_out(house, campaign, people, treated)
        house.wait(days=1)
        for number, member in enumerate(people):
            # Those who heard of us buy four times as often, each something of their own size.
            if member in treated or number % 4 == 0:
                await desks.bought(house, member, brand.east, milk, 1 + number % 3)
        house.wait(hours=1)
        # A day later the login has ended, and a new one leads back to the campaign.
        await desk.opens(campaign)
        await desk.fills("/console/login", login=operator.login, password=make.PASSWORD)
        page = await desk.fills("/readings")
        assert "95% 区间" not in page.html, "nobody planned to look on the first day"
        assert "还没到计划中的读数日" in page.html

        house.wait(days=6)
        await desk.opens(campaign)
        await desk.fills("/console/login", login=operator.login, password=make.PASSWORD)
        page = await desk.fills("/readings")
        assert "95% 区间" in page.html
        assert f"实验组 {len(treated)} 人，对照组 {PEOPLE - len(treated)} 人" in page.html

        assert "观察中" in page.html, "no verdict before the window has closed"

        house.wait(days=14)
        await house.work()
        await desk.opens("/console/scoreboard")
        page = await desk.fills("/console/login", login=operator.login, password=make.PASSWORD)
        assert "老客唤回" in page.html
        row = page.html[page.html.index("老客唤回") :]
        assert re.search(r"¥[\d,]+ 至 ¥[\d,]+", row), row[:1500]
        assert "已证实" in row


async def _launches(desk: Browser) -> str:
    """Put a rule together, write a message, check it and let it go."""
    await desk.clicks("/console/segments")
    await desk.clicks("/console/segments/new")
    # The rule that the page offers, bought before and not for sixty days, and may be written to.
    page = await desk.fills(
        "/console/segments", name="两个月没来", on_allows="yes", allows_code="official_account"
    )
    assert "授权了服务号营销消息" in page.html
    segment = page.address.rpartition("/")[2]
    await desk.opens(f"/console/campaigns/new?segment={segment}")
    page = await desk.fills(
        "/console/campaigns", name="老客唤回", segment=segment, holdout=50, window_days=14, **WORDS
    )
    assert "约有这么多人会收到" in page.html
    campaign = page.address
    await desk.fills("/launch")
    return campaign


async def _told(house: House, people: list[UUID]) -> set[UUID]:
    """Whose phone shows the message."""
    found = set()
    for member in people:
        person = house.sandbox.people.behind(await house.open_id(member), house.building.appid)
        got = [each for each in house.sandbox.people.messages(person) if _is_ours(each.lines)]
        assert len(got) <= 1
        if got:
            found.add(member)
    return found


def _is_ours(lines: tuple[tuple[str, str], ...]) -> bool:
    return any(TITLE in value for _name, value in lines)


async def _everybody_else_was_drawn_out(
    house: House, campaign: str, people: list[UUID], treated: set[UUID]
) -> None:
    async with house.building.transaction(SYSTEM) as db:
        experiment = await db.raw.fetchval(
            "SELECT experiment_id FROM reach.campaigns WHERE id = $1",
            UUID(campaign.rpartition("/")[2]),
        )
        rows = await db.raw.fetch(
            "SELECT member_id, arm FROM increment.arms WHERE experiment_id = $1", experiment
        )
    drawn = {row["member_id"]: row["arm"] for row in rows}
    assert drawn.keys() == set(people)
    assert {unit for unit, arm in drawn.items() if arm == "treated"} == treated
