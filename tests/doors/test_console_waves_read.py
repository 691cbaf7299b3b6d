"""The pages of waves that were launched and read: figures, rows, walls, and the pages beside."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

from tests.doors import desks
from tests.doors.test_console_waves import plan_of, sold
from tests.house import House
from tests.increment.rollouts import town
from tests.increment.rollouts.town import WEEK, Town

from headwater.base import ids
from headwater.base.db import SYSTEM
from headwater.increment import experiments
from headwater.increment.experiments import Question
from headwater.increment.rollouts import readings, rollouts, wishes
from headwater.stores import places


async def read(house: House) -> tuple[Town, UUID]:
    """Let a wave of a brand of its own live, and read it; the house comes after all of it."""
    code = f"w{ids.code().lower()}"
    since = house.now - 8 * WEEK
    first = wishes.next_monday(since)
    async with house.building.transaction(SYSTEM) as db:
        brand = await town.built(db, 16, until=first, named=(code, code.upper()))
        planned = await rollouts.plan(
            db, town.wish(brand, code=code, sizes=(6,), starts_on=first), None, since
        )
        rollout = await rollouts.launch(db, planned.id, None, since)
        await town.lived(db, brand, rollout, lift=0.2)
        await readings.read(db, rollout.id, since + 6 * WEEK)
    return brand, rollout.id


async def test_what_was_read_is_shown_with_its_test_and_opens_to_its_row(house: House) -> None:
    brand, rollout_id = await read(house)
    at = f"/console/waves/{rollout_id}"
    async with desks.desk(house, "chief") as client:
        page = (await client.get(at)).text
        assert "已证实" in page
        assert 'class="histogram"' in page
        assert page.count("stage-done") >= 6 * 4
        place = re.findall(rf"{at}/readings/(\d+)", page)[0]
        row = (await client.get(f"{at}/readings/{place}")).text
        assert "封印完好" in row
        assert "Δ = " in row
        assert row.count('<th scope="row">W') == 16
        plans = re.findall(rf'{at}/readings/(\d+)">账本第', page)
        plan = (await client.get(f"{at}/readings/{plans[0]}")).text
        assert "抽中的店和波次" in plan
        assert (await client.get(f"{at}/readings/999999")).status_code == 404
        old = await client.get(f"/console/experiments/{rollout_id}/readings/{place}")
        assert old.headers["location"] == f"{at}/readings/{place}"
        for beside in ("experiments", "honesty", "scoreboard", "waves"):
            answer = await client.get(f"/console/{beside}?brand={brand.brand_id}")
            assert answer.status_code == 200, beside
        english = await client.get(at, headers={"accept-language": "en"})
        assert "How it was read" in english.text
        assert not re.search(r"[一-鿿]", re.sub(r"<[^>]+>|周明|中文", "", english.text.split(
            "<main")[1].split("</main>")[0]))  # fmt: skip


async def test_a_supervisor_sees_the_whole_figure_and_only_their_own_stores(house: House) -> None:
    brand, rollout_id = await read(house)
    mine = next(iter(brand.stores.values()))
    region = places.Region(ids.new(), brand.brand_id, ids.code(), "华西", "West")
    async with house.building.transaction(SYSTEM) as db:
        await places.add_region(db, region)
        await db.raw.execute(
            "UPDATE stores.stores SET region_id = $1 WHERE id = $2", region.id, mine.store_id
        )
    at = f"/console/waves/{rollout_id}"
    async with desks.desk(house, "supervisor", "region", region.id) as client:
        page = (await client.get(at)).text
        place = re.findall(rf"{at}/readings/(\d+)", page)[0]
        row = (await client.get(f"{at}/readings/{place}")).text
    assert "另有 15 家店" in page
    assert row.count('<th scope="row">W') == 1


async def test_weeks_of_the_brands_own_campaigns_can_be_cut_out(house: House) -> None:
    brand_id = await sold(house)
    async with house.building.transaction(SYSTEM) as db:
        question = Question("campaign", brand_id, ids.code(), "双十一", "Singles", 0.2, 14)
        campaign = await experiments.launch(db, question, house.now - timedelta(weeks=9))
    async with desks.desk(house, "operator") as client:
        plain = (await client.get(plan_of(brand_id, salt="spring"))).text
        cut = (await client.get(plan_of(brand_id, salt="spring", campaign=str(campaign.id)))).text
        strange = await client.get(plan_of(brand_id, campaign=str(ids.new())))
    assert "双十一" in plain
    prints = [re.findall(r"[0-9a-f]{64}", each)[0] for each in (plain, cut)]
    assert prints[0] != prints[1]
    assert strange.status_code == 422


async def test_other_waves_in_the_same_weeks_are_named_before_a_plan_is_written(
    house: House,
) -> None:
    brand, _rollout_id = await read(house)
    async with desks.desk(house, "operator") as client:
        page = (await client.get(plan_of(brand.brand_id, sizes="4"))).text
        far = plan_of(brand.brand_id, sizes="4", starts_on=str(
            wishes.next_monday(house.now) + 20 * WEEK))  # fmt: skip
        later = (await client.get(far)).text
    assert "这些店还有别的波次：扫码购" in page
    assert "这些店还有别的波次" not in later


async def test_too_short_a_history_is_said_in_the_readers_language(house: House) -> None:
    brand_id = await sold(house)
    async with house.building.transaction(SYSTEM) as db:
        await db.raw.execute(
            "DELETE FROM insight.daily_sales WHERE day < $1 AND store_id IN"
            " (SELECT id FROM stores.stores WHERE brand_id = $2)",
            (house.now - timedelta(weeks=6)).date(),
            brand_id,
        )
    async with desks.desk(house, "analyst") as client:
        page = await client.get(plan_of(brand_id))
        english = await client.get(plan_of(brand_id), headers={"accept-language": "en"})
    assert page.status_code == 200
    assert "期历史" in page.text
    assert "periods of history are left" in english.text
