"""Guards of waves: what is broken on purpose is noticed, and then there is no number."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from tests.increment.rollouts import town
from tests.increment.rollouts.town import NOW, START, WEEK, Town, after

from headwater.base.db import Db
from headwater.increment import ledger
from headwater.increment.rollouts import readings, rollouts
from headwater.increment.rollouts.rollouts import Rollout
from headwater.increment.rollouts.wishes import Intervention
from headwater.insight import daily_sales


async def lived(db: Db, **changes: Any) -> tuple[Town, Rollout]:
    """A wave with a clear effect, over and not read yet."""
    brand = await town.built(db)
    rollout = await town.launched(db, brand, **changes)
    await town.lived(db, brand, rollout, lift=0.2)
    return brand, rollout


async def test_a_look_that_nobody_planned_shows_nothing_and_is_remembered(db: Db) -> None:
    _brand, rollout = await lived(db)
    early = await readings.read(db, rollout.id, after(2))
    assert (early.state, early.why, early.estimate_fen) == (
        "not_readable", "look_not_planned", None,
    )  # fmt: skip
    asked = await readings.read(db, rollout.id, after(4), at=after(3))
    assert asked.why == "look_not_planned"
    # It hides none that was planned.
    assert (await readings.read(db, rollout.id, after(4))).state == "proven"
    latest = await ledger.latest(db, rollout.id)
    assert latest is not None
    assert latest.state == "proven"


async def test_a_store_without_a_week_stops_the_reading_until_somebody_says_why(db: Db) -> None:
    brand, rollout = await lived(db)
    await db.raw.execute(
        "DELETE FROM insight.daily_sales WHERE store_id = $1 AND day >= $2 AND day < $3",
        brand.stores["T04"].store_id, START + WEEK, START + 2 * WEEK,
    )  # fmt: skip
    row = await readings.read(db, rollout.id, after(4))
    assert (row.why, row.estimate_fen) == ("missing_rows", None)
    assert row.details["guards"]["missing"] == [["T04", str(START + WEEK)]]
    # The next night finds the same, and writes nothing.
    assert (await readings.read(db, rollout.id, after(4) + timedelta(days=1))).id == row.id

    closed = Intervention(START + WEEK, START + WEEK, ("T04",), "停业")
    await rollouts.intervene(db, rollout.id, closed, None, after(4))
    again = await readings.read(db, rollout.id, after(5))
    # Days that are lost in one week are off from the orders as well, until they are counted anew.
    assert again.why == "sales_off"
    await daily_sales.rebuild(db, START + WEEK, START + 2 * WEEK - timedelta(days=1))
    assert (await readings.read(db, rollout.id, after(5))).state == "proven"


async def test_between_looks_what_breaks_takes_the_figure_away_and_what_is_told_does_not(
    db: Db,
) -> None:
    brand = await town.built(db)
    rollout = await town.launched(db, brand, sizes=(5, 5), wave_weeks=3)
    await town.lived(db, brand, rollout, lift=0.3)
    shown = await readings.read(db, rollout.id, after(3))
    assert (shown.state, shown.estimate_fen is not None) == ("open", True)
    assert (await readings.read(db, rollout.id, after(3) + timedelta(days=1))).id == shown.id
    refit = Intervention(START + WEEK, START + WEEK, ("T04",), "改造")
    await rollouts.intervene(db, rollout.id, refit, None, after(3) + timedelta(days=2))
    assert (await readings.read(db, rollout.id, after(3) + timedelta(days=3))).id == shown.id
    await db.raw.execute(
        "DELETE FROM insight.daily_sales WHERE store_id = $1 AND day >= $2 AND day < $3",
        brand.stores["T05"].store_id, START, START + WEEK,
    )  # fmt: skip
    broken = await readings.read(db, rollout.id, after(3) + timedelta(days=4))
    assert (broken.look_no, broken.why, broken.estimate_fen) == (1, "missing_rows", None)
    await daily_sales.rebuild(db, START, START + WEEK - timedelta(days=1))
    again = await readings.read(db, rollout.id, after(3) + timedelta(days=5))
    assert (again.look_no, again.why, again.estimate_fen is not None) == (1, shown.why, True)


async def test_a_week_in_which_the_whole_brand_was_shut_is_no_hole(db: Db) -> None:
    _brand, rollout = await lived(db)
    for table, day in (("insight.daily_sales", "day"), ("trade.orders", "paid_at::date")):
        await db.raw.execute(
            f"DELETE FROM {table} WHERE {day} >= $1 AND {day} < $2",
            START - 2 * WEEK,
            START - WEEK,
        )
    row = await readings.read(db, rollout.id, after(4))
    assert row.state == "proven"
    assert str(START - 2 * WEEK) not in row.details["sums"]["weeks"]


async def test_sales_that_are_not_what_the_orders_say_stop_the_reading(db: Db) -> None:
    _brand, rollout = await lived(db)
    await db.raw.execute(
        "UPDATE insight.daily_sales SET paid_fen = paid_fen * 1.05 WHERE day >= $1", START
    )
    row = await readings.read(db, rollout.id, after(4))
    assert (row.state, row.why, row.estimate_fen) == ("not_readable", "sales_off", None)
    assert row.details["guards"]["sales_off_fen"] > 0


async def test_a_store_that_was_moved_to_another_wave_stops_the_reading(db: Db) -> None:
    _brand, rollout = await lived(db)
    await db.raw.execute(
        "UPDATE increment.rollout_stores SET wave = 1, starts_on = $2 WHERE rollout_id = $1"
        " AND unit = (SELECT unit FROM increment.rollout_stores"
        "              WHERE rollout_id = $1 AND wave IS NULL ORDER BY unit LIMIT 1)",
        rollout.id,
        START,
    )
    row = await readings.read(db, rollout.id, after(4))
    assert (row.state, row.why, row.estimate_fen) == ("not_readable", "misdrawn", None)


async def test_a_changed_plan_breaks_the_chain_and_the_reading(db: Db) -> None:
    _brand, rollout = await lived(db)
    await db.raw.execute(
        "UPDATE increment.experiments SET plan = jsonb_set(plan, '{design,salt}', '\"other\"')"
        " WHERE id = $1",
        rollout.id,
    )
    row = await readings.read(db, rollout.id, after(4))
    assert (row.state, row.why) == ("not_readable", "misdrawn")
    broken = await ledger.verify(db)
    assert broken is not None


async def test_stores_that_parted_before_the_start_stop_the_reading(db: Db) -> None:
    brand = await town.built(db)
    rollout = await town.launched(db, brand)
    treated = [each.store_id for each in await rollouts.places_of(db, rollout.id) if each.wave]
    await db.raw.execute(
        "UPDATE trade.orders SET goods_fen = goods_fen * 2, payable_fen = payable_fen * 2"
        " WHERE store_id = ANY ($1) AND paid_at BETWEEN $2 AND $3",
        treated, after(-4), after(0),
    )  # fmt: skip
    await daily_sales.rebuild(db, START - 4 * WEEK, START)
    await town.lived(db, brand, rollout, lift=0.0)
    row = await readings.read(db, rollout.id, after(4))
    assert (row.state, row.why, row.estimate_fen) == ("not_readable", "imbalance", None)


async def test_too_few_stores_to_tell_anything_from_are_said_so(db: Db) -> None:
    brand = await town.built(db, count=4)
    rollout = await town.launched(db, brand, sizes=(2,))
    await town.lived(db, brand, rollout, lift=0.5)
    row = await readings.read(db, rollout.id, after(4))
    assert (row.state, row.why, row.estimate_fen) == ("not_readable", "few_draws", None)


async def test_what_was_stopped_is_read_up_to_its_end_and_no_further(db: Db) -> None:
    brand = await town.built(db)
    before = await town.launched(db, brand, code="never")
    await rollouts.stop(db, before.id, None, after(1))
    row = await readings.read(db, before.id, after(9))
    assert (row.state, row.why) == ("not_readable", "stopped_early")

    rollout = await town.launched(db, brand, sizes=(5, 5), wave_weeks=3)
    await town.lived(db, brand, rollout, lift=0.2)
    await rollouts.stop(db, rollout.id, None, after(4))
    last = await readings.read(db, rollout.id, after(9))
    assert last.look_no == 1
    assert last.details["level"] == 0.995


async def test_the_nightly_job_reads_waves_with_all_the_rest(db: Db) -> None:
    from headwater.increment import due

    _brand, rollout = await lived(db)
    building: Any = SimpleNamespace(pool=SimpleNamespace(transaction=lambda _walls: Same(db)))
    assert await due.read_all(building, NOW) == 0
    assert await due.read_all(building, after(4)) == 1
    latest = await ledger.latest(db, rollout.id)
    assert latest is not None
    assert latest.state == "proven"


class Same:
    """The test's own transaction, lent to a job that opens one."""

    def __init__(self, db: Db) -> None:
        self.db = db

    async def __aenter__(self) -> Db:
        return self.db

    async def __aexit__(self, *_error: object) -> None:
        return None
