"""Readings of waves: what was caused is found, nothing is claimed where nothing was."""

from __future__ import annotations

from tests.increment.rollouts import town
from tests.increment.rollouts.town import after

from headwater.base.db import Db
from headwater.increment import ledger
from headwater.increment.rollouts import readings, rollouts


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
