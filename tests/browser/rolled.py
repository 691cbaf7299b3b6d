"""A second brand of many stores: waves that were read, that run, that are planned and picked."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from tests.house import START, House
from tests.increment.rollouts import town
from tests.increment.rollouts.town import WEEK, Town

from headwater.base.db import SYSTEM, Db
from headwater.base.times import day_start
from headwater.increment import ledger
from headwater.increment.plans import looks_of
from headwater.increment.rollouts import readings, rollouts, wishes
from headwater.increment.rollouts.rollouts import Rollout
from headwater.increment.rollouts.wishes import Intervention

STORES = 18


async def out(house: House, since: datetime) -> dict[str, str]:
    """Let stores start in waves since a moment, and tell where the pages of them lie."""
    first = wishes.next_monday(since)
    async with house.building.transaction(SYSTEM) as db:
        brand = await town.built(db, STORES, until=first, named=("zz-waves", "Z"))
        read = await _launched(db, brand, since, "read", sizes=(4, 4), wave_weeks=2,
                               starts_on=first)  # fmt: skip
        now = since + 2 * WEEK
        runs = await _launched(db, brand, now, "running", sizes=(5, 5), wave_weeks=3,
                               starts_on=first + 3 * WEEK, kind="stratified")  # fmt: skip
        picked = await _launched(db, brand, since, "picked", choice="picked", sizes=(2,),
                                 picked=("Z03", "Z09"), starts_on=first)  # fmt: skip
        await town.lived(db, brand, read, lift=0.18, grows=0.02)
        await town.sell(db, brand, read.ends_on, wishes.next_monday(START), {})
        for each in (read, picked):
            for look in looks_of(each.plan):
                if look.at <= START:
                    await readings.read(db, each.id, look.at + timedelta(hours=2))
        waits = await _planned(db, brand)
        paths = await _paths(db, read)
    return {
        **paths,
        "waves": f"/console/waves?brand={brand.brand_id}",
        "waves_plan": f"/console/waves/plan?brand={brand.brand_id}&sizes=4,4&wave_weeks=3",
        "wave_running": f"/console/waves/{runs.id}",
        "wave_picked": f"/console/waves/{picked.id}",
        "wave_planned": f"/console/waves/{waits.id}",
    }


async def _launched(db: Db, brand: Town, now: datetime, code: str, **changes: object) -> Rollout:
    planned = await rollouts.plan(db, town.wish(brand, code=code, **changes), None, now)
    return await rollouts.launch(db, planned.id, None, now)


async def _planned(db: Db, brand: Town) -> Rollout:
    """One that waits for a second look, with stores apart and something else that is done."""
    starts_on: date = wishes.next_monday(START) + WEEK
    refit = Intervention(starts_on, starts_on + timedelta(days=6), ("Z01",), "改造停业")
    wish = town.wish(brand, code="waits", name_zh="自助收银", name_en="Self checkout",
                     sizes=(3, 3, 3), wave_weeks=2, starts_on=starts_on, strata="city",
                     forbidden=("Z00",), forced=("Z17",), contaminated=("Z16",),
                     calendar=(refit,))  # fmt: skip
    return await rollouts.plan(db, wish, None, START)


async def _paths(db: Db, rollout: Rollout) -> dict[str, str]:
    row, plan = await ledger.latest(db, rollout.id), await ledger.plan_of(db, rollout.id)
    assert row is not None
    assert plan is not None
    assert day_start(rollout.ends_on) <= START
    page = f"/console/waves/{rollout.id}"
    return {
        "wave": page,
        "wave_row": f"{page}/readings/{row.place}",
        "wave_plan_row": f"{page}/readings/{plan.place}",
    }
