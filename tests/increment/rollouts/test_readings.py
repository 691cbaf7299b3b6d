"""Readings of waves: what was caused is found, nothing is claimed where nothing was."""

from __future__ import annotations

from typing import Any

import pytest
from tests.increment.rollouts import town
from tests.increment.rollouts.town import START, WEEK, after

from headwater.base.db import Db
from headwater.increment import ledger
from headwater.increment.rollouts import readings, rollouts
from headwater.insight import daily_sales


async def test_a_wave_that_sells_more_is_proven_within_its_interval(db: Db) -> None:
    brand = await town.built(db)
    rollout = await town.launched(db, brand)
    caused = await town.lived(db, brand, rollout, lift=0.15)

    row = await readings.read(db, rollout.id, after(4))

    assert (row.state, row.why) == ("proven", "above_zero"), (row.details, row.why)
    assert row.low_fen is not None
    assert row.high_fen is not None
    assert row.low_fen < caused < row.high_fen
    assert row.low_fen > 0
    assert (row.treated_count, row.holdout_count) == (8, 16)
    assert (await rollouts.get(db, rollout.id)).state == "read"
    assert await ledger.verify(db) is None


async def test_where_nothing_was_caused_nothing_is_claimed(db: Db) -> None:
    brand = await town.built(db)
    rollout = await town.launched(db, brand)
    await town.lived(db, brand, rollout, lift=0.0)
    row = await readings.read(db, rollout.id, after(4))
    assert row.state in ("not_enough", "none_seen")
    assert row.low_fen is not None
    assert row.high_fen is not None
    assert row.low_fen < 0 < row.high_fen


async def test_waves_one_after_the_other_are_looked_at_at_the_end_of_each(db: Db) -> None:
    brand = await town.built(db)
    rollout = await town.launched(db, brand, sizes=(5, 5, 5), wave_weeks=3)
    caused = await town.lived(db, brand, rollout, lift=0.12, grows=0.01)

    early = await readings.read(db, rollout.id, after(3))
    assert (early.state, early.look_no) == ("open", 1)
    assert early.alpha_spent == 0.005
    again = await readings.read(db, rollout.id, after(4))
    assert again.id == early.id
    last = await readings.read(db, rollout.id, after(9))

    assert (last.state, last.why, last.look_no) == ("proven", "above_zero", 3), last.details
    assert last.low_fen is not None
    assert last.high_fen is not None
    assert last.low_fen < caused < last.high_fen
    assert (last.treated_count, last.holdout_count) == (15, 9)
    # The effect grows, so that the weeks since the start stand beside the mean.
    course = {each["weeks_since"]: each["estimate"] for each in last.details["course"]}
    assert course[8] > course[0]
    assert last.details["specification"]["not_given"] == {}
    assert last.details["honest"]["low"] < last.details["honest"]["high"]
    assert last.details["level"] == 0.96
    assert len(last.details["null"]["values"]) == 999
    assert await ledger.verify(db) is None


async def test_returns_make_a_new_row_and_no_news_makes_none(db: Db) -> None:
    brand = await town.built(db)
    rollout = await town.launched(db, brand)
    await town.lived(db, brand, rollout, lift=0.15)
    first = await readings.read(db, rollout.id, after(4))
    assert (await readings.read(db, rollout.id, after(5))).id == first.id

    await db.raw.execute(
        "UPDATE trade.orders SET refunded_fen = payable_fen / 2 WHERE store_id = $1"
        " AND paid_at > $2",
        next(each.store_id for each in await rollouts.places_of(db, rollout.id) if each.wave),
        after(0),
    )
    await daily_sales.rebuild(db, START, START + 4 * WEEK)
    second = await readings.read(db, rollout.id, after(6))

    assert second.id != first.id
    assert second.estimate_fen is not None
    assert first.estimate_fen is not None
    assert second.estimate_fen < first.estimate_fen


async def test_picked_stores_are_read_as_weaker_and_never_called_proven(db: Db) -> None:
    brand = await town.built(db)
    picked = ("T01", "T07", "T12")
    rollout = await town.launched(db, brand, choice="picked", picked=picked, sizes=(3,))
    caused = await town.lived(db, brand, rollout, lift=0.25)
    row = await readings.read(db, rollout.id, after(4))
    assert (row.state, row.why) == ("not_enough", "picked_by_hand"), row.details
    assert row.low_fen is not None
    assert row.high_fen is not None
    assert 0 < row.low_fen < caused < row.high_fen
    assert row.details["placebo"]["p"] < 0.05
    assert "weaker" in row.details["label"]


@pytest.mark.parametrize(
    "changes",
    [{"sizes": (1,)}, {"choice": "picked", "picked": ("T03",), "sizes": (1,)}],
    ids=["drawn", "picked"],
)
async def test_one_store_teaches_and_proves_nothing(db: Db, changes: dict[str, Any]) -> None:
    brand = await town.built(db)
    rollout = await town.launched(db, brand, **changes)
    await town.lived(db, brand, rollout, lift=0.5)
    row = await readings.read(db, rollout.id, after(4))
    assert (row.state, row.why, row.estimate_fen) == ("not_readable", "one_store", None)
