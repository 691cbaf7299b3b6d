"""Rollouts: written down, launched once and in time, asked about, stopped, and never rewritten."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from tests.increment.rollouts import town
from tests.increment.rollouts.town import NOW, START, WEEK, after

from headwater.base.db import Db
from headwater.base.errors import BadInput
from headwater.base.times import day_start
from headwater.increment import experiments, ledger
from headwater.increment.places import designs
from headwater.increment.rollouts import calendars, plans, rollouts, switches
from headwater.increment.rollouts.errors import (
    DrawMoved,
    NoSuchRollout,
    NotPlanned,
    NotRunning,
    RolloutExists,
    StartIsPast,
)
from headwater.increment.rollouts.wishes import Intervention, MoneyOff
from headwater.pricing import offers

LEAST = timedelta(microseconds=1)


async def test_a_plan_is_written_down_and_nothing_starts(db: Db) -> None:
    brand = await town.built(db)
    wish = town.wish(brand, sizes=(4, 4), forced=("T00",), forbidden=("T01",),
                     contaminated=("T02",), strata="city")  # fmt: skip
    planned = await rollouts.plan(db, wish, None, NOW)

    assert (planned.state, planned.launched_at) == ("planned", None)
    design = designs.from_row(planned.plan["design"])
    assert design.fingerprint == planned.fingerprint
    parts = {each.unit: each for each in await rollouts.places_of(db, planned.id)}
    assert {unit: parts[unit].wave for unit in design.units} == dict.fromkeys(
        design.units
    ) | design.waves_of
    assert (parts["T00"].role, parts["T00"].wave) == ("forced", 1)
    assert (parts["T01"].role, parts["T01"].wave) == ("forbidden", None)
    assert (parts["T02"].role, parts["T02"].wave) == ("contaminated", None)
    starts = {each.starts_on for each in parts.values() if each.wave == 2}
    assert starts == {START + 4 * WEEK}
    assert await ledger.plan_of(db, planned.id) is None
    for each in parts.values():
        assert not await switches.is_on(db, planned.code, each.store_id, after(40))


async def test_a_launch_puts_the_very_plan_into_the_ledger_and_happens_once(db: Db) -> None:
    brand = await town.built(db)
    planned = await rollouts.plan(db, town.wish(brand), None, NOW)
    launched = await rollouts.launch(db, planned.id, None, NOW)
    assert launched.state == "launched"
    row = await ledger.plan_of(db, planned.id)
    question = await experiments.get(db, planned.id)
    assert row is not None
    assert row.details["plan"] == question.plan == launched.plan
    assert (question.kind, question.unit, question.drawn_count) == ("wave", "store", 24)
    assert question.window_ends_at == day_start(START + 4 * WEEK)
    assert row.details["plan"]["design"]["fingerprint"] == planned.fingerprint
    with pytest.raises(NotPlanned):
        await rollouts.launch(db, planned.id, None, NOW)
    assert await ledger.verify(db) is None


async def test_a_launch_after_the_first_start_is_refused(db: Db) -> None:
    brand = await town.built(db)
    planned = await rollouts.plan(db, town.wish(brand), None, NOW)
    with pytest.raises(StartIsPast):
        await rollouts.launch(db, planned.id, None, day_start(START))
    assert (await rollouts.get(db, planned.id)).state == "planned"


async def test_a_code_is_used_once_and_only_the_draw_that_was_seen_is_written(db: Db) -> None:
    brand = await town.built(db)
    wish = town.wish(brand)
    with pytest.raises(DrawMoved):
        await rollouts.plan(db, wish, None, NOW, seen="0" * 64)
    assert await rollouts.of_brand(db, brand.brand_id) == []
    found = await rollouts.worked_out(await rollouts.gather(db, wish, NOW), wish)
    await rollouts.plan(db, wish, None, NOW, seen=found.fingerprint)
    with pytest.raises(RolloutExists):
        await rollouts.plan(db, replace(wish, salt="autumn"), None, NOW)
    assert len(await rollouts.of_brand(db, brand.brand_id)) == 1


async def test_stores_start_with_their_wave_and_all_stop_at_once(db: Db) -> None:
    brand = await town.built(db)
    rollout = await town.launched(db, brand, sizes=(4, 4), wave_weeks=2)
    parts = await rollouts.places_of(db, rollout.id)

    async def on(weeks: float) -> set[int | None]:
        at = day_start(START) + timedelta(weeks=weeks)
        return {
            each.wave for each in parts
            if await switches.is_on(db, rollout.code, each.store_id, at)
        }  # fmt: skip

    assert await on(-0.001) == set()
    assert await on(0) == {1}
    assert await on(1.99) == {1}
    assert await on(2) == {1, 2}
    # A rollout that is over stays on until somebody stops it.
    assert await on(30) == {1, 2}
    stopped = await rollouts.stop(db, rollout.id, None, after(3))
    assert stopped.state == "stopped"
    assert await on(2.9) == {1, 2}
    assert await on(3.2) == set()
    with pytest.raises(NotRunning):
        await rollouts.stop(db, rollout.id, None, after(4))
    with pytest.raises(NoSuchRollout):
        await switches.of_code(db, "nothing", [], NOW)


async def test_checkouts_give_what_was_planned_where_a_store_has_started(db: Db) -> None:
    brand = await town.built(db)
    off = MoneyOff(5_000, 800, START + 5 * WEEK)
    rollout = await town.launched(db, brand, sizes=(4, 4), wave_weeks=2, money_off=off)
    row = await ledger.plan_of(db, rollout.id)
    assert row is not None
    assert plans.money_off_of(row.details["plan"]) == off
    parts = await rollouts.places_of(db, rollout.id)

    async def agrees(at: datetime) -> int:
        """What checkouts give is what others hear; tells in how many stores it is."""
        found = 0
        for each in parts:
            given = await offers.running(db, brand.brand_id, each.store_id, at)
            is_on = await switches.is_on(db, rollout.code, each.store_id, at)
            assert [one.label_en for one in given] == (["¥8 off ¥50"] if is_on else [])
            found += is_on
        return found

    start = day_start(START)
    assert [await agrees(start + hours) for hours in (-LEAST, timedelta(), timedelta(weeks=2))] == [
        0, 4, 8
    ]  # fmt: skip
    stopped_at = after(3)
    await rollouts.stop(db, rollout.id, None, stopped_at)
    assert [await agrees(at) for at in (stopped_at - LEAST, stopped_at)] == [8, 0]


async def test_money_off_must_last_as_long_as_stores_are_compared(db: Db) -> None:
    brand = await town.built(db)
    last = START + 4 * WEEK - timedelta(days=1)
    for off, field in (
        (MoneyOff(5_000, 800, last - timedelta(days=1)), "off_last_on"),
        (MoneyOff(5_000, 0, last), "off"),
        (MoneyOff(5_000, 5_001, last), "off"),
    ):
        with pytest.raises(BadInput) as refused:
            await rollouts.plan(db, town.wish(brand, money_off=off), None, NOW)
        assert refused.value.field == field
    assert await rollouts.plan(db, town.wish(brand, money_off=MoneyOff(1, 1, last)), None, NOW)


async def test_what_becomes_known_later_is_added_with_its_time(db: Db) -> None:
    brand = await town.built(db)
    rollout = await town.launched(db, brand)
    flood = Intervention(START + WEEK, START + WEEK, ("T05",), "停业")
    await rollouts.intervene(db, rollout.id, flood, None, after(1))
    entries = await calendars.of_rollout(db, rollout.id)
    assert [(each.note, each.added_at) for each in entries] == [("停业", after(1))]
    # The plan in the ledger stays what it was.
    row = await ledger.plan_of(db, rollout.id)
    assert row is not None
    assert row.details["plan"]["calendar"] == []
    with pytest.raises(BadInput):
        await rollouts.intervene(db, rollout.id, replace(flood, units=("X",)), None, after(1))
    await rollouts.stop(db, rollout.id, None, after(2))
    with pytest.raises(NotRunning):
        await rollouts.intervene(db, rollout.id, flood, None, after(2))
