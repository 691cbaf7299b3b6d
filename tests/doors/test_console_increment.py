"""Increment at headquarters' desk: words before numbers, planned looks only, each figure a row."""

from __future__ import annotations

import re
from uuid import UUID

import httpx2
from tests import make
from tests.doors import desks
from tests.doors.test_console_campaigns import CAMPAIGN, segment_of
from tests.house import House

from headwater.base.db import SYSTEM
from headwater.base.times import business_day
from headwater.increment import due, ledger, readings
from headwater.increment.programs import totals
from headwater.program import programs
from headwater.reach import campaigns

PEOPLE = 90


async def launched(client: httpx2.AsyncClient, house: House, brand: desks.Brand) -> UUID:
    """Launch a campaign of two weeks with half held out, and give its experiment."""
    segment = await segment_of(client, house, brand)
    made = await desks.send(
        client, f"/console/campaigns/new?segment={segment}", "/console/campaigns",
        brand=str(brand.east.brand_id), segment=segment, **CAMPAIGN,
    )  # fmt: skip
    page = made.headers["location"]
    await desks.send(client, page, f"{page}/launch")
    house.wait(seconds=5)
    await house.work()
    async with house.building.transaction(SYSTEM) as db:
        campaign = await campaigns.get(db, UUID(page.rpartition("/")[2]))
    assert campaign.experiment_id is not None
    return campaign.experiment_id


async def asked(house: House) -> tuple[UUID, UUID]:
    """Let many people be asked a question, and some of them buy; give it, and its brand."""
    brand = await desks.brand(house)
    people = await desks.customers(house, brand.east, PEOPLE)
    async with house.building.transaction(SYSTEM) as db:
        milk = await make.item(db, brand.east, 1_990, 500)
    async with desks.desk(house, "operator") as client:
        experiment_id = await launched(client, house, brand)
    house.wait(days=1)
    for place, each in enumerate(people):
        if place % 3:
            await desks.bought(house, each, brand.east, milk, 1 + place % 2)
    return experiment_id, brand.east.brand_id


async def test_before_the_first_look_there_are_words_and_no_number(house: House) -> None:
    experiment_id, _brand_id = await asked(house)
    page = f"/console/experiments/{experiment_id}"
    async with desks.desk(house, "operator") as client:
        await desks.send(client, page, f"{page}/readings")
        shown = await client.get(page)
    figure = shown.text.partition('id="figure"')[2].partition("</section>")[0]
    assert "还没到计划中的读数日" in figure
    assert "所以这里不写数字" in figure
    assert "下一次计划内查看是第 1 次" in figure
    assert "¥" not in figure


async def test_each_look_is_a_row_with_raw_beside_adjusted_and_its_seals(house: House) -> None:
    experiment_id, brand_id = await asked(house)
    page = f"/console/experiments/{experiment_id}"
    for _week in range(2):
        house.wait(days=7)
        await due.read_all(house.building, house.now)
    async with house.building.transaction(SYSTEM) as db:
        history = await ledger.history(db, experiment_id)
        plan = await ledger.plan_of(db, experiment_id)
    assert plan is not None
    async with desks.desk(house, "operator") as client:
        shown = (await client.get(page)).text
        row = (await client.get(f"{page}/readings/{history[0].place}")).text
        planned = (await client.get(f"{page}/readings/{plan.place}")).text
        missing = await client.get(f"{page}/readings/999999")
        listed = (await client.get(f"/console/experiments?brand={brand_id}&stage=settling")).text
        archived = (await client.get(f"/console/experiments?brand={brand_id}&stage=archived")).text
    assert {each.look_no for each in history} == {1, 2}
    assert 'class="ribbon-chart"' in shown
    assert all(f"{page}/readings/{each.place}" in shown for each in history)
    assert "作数的：调整后，计入多次查看" in row
    assert "原始差值，不调整" in row
    assert history[0].hash.hex() in row
    assert history[0].previous_hash.hex() in row
    assert "封印完好" in row
    assert "Δ" in row
    assert plan.details["plan"]["salt"] in planned
    assert missing.status_code == 404
    assert page in listed
    assert page not in archived


async def test_the_honesty_page_walks_the_ledger_and_says_what_is_not_known(house: House) -> None:
    experiment_id, brand_id = await asked(house)
    house.wait(days=15)
    async with house.building.transaction(SYSTEM) as db:
        await readings.read(db, experiment_id, house.now)
    async with desks.desk(house, "operator") as client:
        whole = await client.get(f"/console/honesty?brand={brand_id}")
        tried = await client.get(f"/console/honesty?brand={brand_id}&trial=1")
    assert "每一行都扣得上前一行" in whole.text
    assert f"/console/experiments/{experiment_id}" in whole.text
    assert "做过 1 场" in whole.text
    assert "现在空跑一次" in whole.text
    # Ninety people are too few for arms of a hundred, and the page says so.
    assert "现在还空跑不了" in tried.text


async def test_a_larger_holdout_sees_more_and_costs_more(house: House) -> None:
    brand = await desks.brand(house)
    people = await desks.customers(house, brand.east, 40)
    async with house.building.transaction(SYSTEM) as db:
        milk = await make.item(db, brand.east, 1_990, 500)
    for place, each in enumerate(people):
        await desks.bought(house, each, brand.east, milk, 1 + place % 3)
    house.wait(days=20)
    async with desks.desk(house, "operator", "brand", brand.east.brand_id) as client:
        segment = await segment_of(client, house, brand)
        page = f"/console/experiments/plan?brand={brand.east.brand_id}&segment={segment}"
        small = await costs(client, f"{page}&holdout=10&lift=5")
        large = await costs(client, f"{page}&holdout=40&lift=5")
        wild = await client.get(f"{page}&holdout=9999&window_days=x&lift=-3")
        part = await client.get(page, headers={"HX-Request-Type": "partial"})
    assert small[0] > large[0]
    assert small[1] < large[1]
    assert wild.status_code == 200
    assert "<html" not in part.text


async def costs(client: httpx2.AsyncClient, page: str) -> tuple[float, float]:
    """Give what a size of holdout can see, and what it costs."""
    text = (await client.get(page)).text
    seen, cost = re.search(r"<dd>([\d.]+)%", text), re.search(r"<dd>¥([\d.,]+)<", text)
    assert seen is not None
    assert cost is not None
    return float(seen[1]), float(cost[1].replace(",", ""))


async def test_the_board_takes_a_quarter_apart_into_campaigns_and_the_rest(house: House) -> None:
    brand = await desks.brand(house)
    people = await desks.customers(house, brand.east, PEOPLE + 60)
    async with house.building.transaction(SYSTEM) as db:
        milk = await make.item(db, brand.east, 1_990, 900)
        plan = programs.Plan(f"pilot-{brand.east.brand_id}", brand.east.brand_id, "试点", "Pilot",
                             business_day(house.now), 0.4, 28, is_pilot=True)  # fmt: skip
        program = await programs.begin(db, plan, house.now)
    async with desks.desk(house, "operator") as client:
        campaign = await launched(client, house, brand)
    house.wait(days=1)
    for place, each in enumerate(people):
        if place % 3:
            await desks.bought(house, each, brand.east, milk, 1 + place % 2)
    for _week in range(4):
        house.wait(days=7)
        await due.read_all(house.building, house.now)
    async with house.building.transaction(SYSTEM) as db:
        assert program.experiment_id is not None
        total = (await totals.of_programs(db, [program.experiment_id]))[-1]
    page = f"/console/experiments/{total.experiment_id}/readings/{total.place}"
    async with desks.desk(house, "chief") as client:
        board = (await client.get(f"/console/scoreboard?brand={brand.east.brand_id}")).text
        row = await client.get(page)
    assert total.entry == "total"
    assert page in board
    assert row.status_code == 200
    assert "这个总数由什么组成" in row.text
    assert "启动前销售" in row.text
    assert f"/console/experiments/{campaign}" in board
    assert "相互影响和没量到的" in board
    assert "全程增量" in board
    assert "这个季度没有归属到导购的业绩" in board
    health, figures = board.index("名单一行不缺"), board.index("本季度我们真正多带来的")
    assert health < figures
