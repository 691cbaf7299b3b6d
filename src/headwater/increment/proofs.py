"""Proofs: what a reading added up is added up again by another way, before anybody sees it.

A join on the wrong id counts some members twice and others never; a return that came late is easily
forgotten. Both leave figures that look healthy, and neither survives a second sum.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from headwater.base.db import Db
from headwater.base.sql import statements
from headwater.increment import outcomes
from headwater.increment.experiments import Experiment
from headwater.increment.outcomes import Arms
from headwater.increment.sums import passes

sql = statements(__file__)

# Orders move between two statements, so a trace may be off; anything more is a mistake.
ALARM_SHARE: Final = 0.001


@dataclass(frozen=True)
class Proof:
    """What all who were drawn bought by the orders themselves, and by how much a reading is off."""

    sales_fen: int
    off_fen: int


async def of_sales(db: Db, experiment: Experiment, arms: Arms) -> Proof:
    """Hold the sums of both arms against the orders; a store's sales have no members to ask."""
    if experiment.unit != "member" or arms.until is None:
        return Proof(0, 0)
    async with passes.over_orders(db, experiment.drawn_count):
        sold = await db.value(
            sql.sold, experiment_id=experiment.id, brand_id=experiment.brand_id,
            started_at=experiment.launched_at, until=arms.until,
        )  # fmt: skip
    both = (arms.treated, arms.holdout)
    looks = sum(outcomes.is_sales(name) for name in arms.treated.names)
    name = outcomes.sales(looks)[-1]
    added = sum(int(arm.sums[arm.place(name)]) for arm in both)
    return Proof(int(sold), added - int(sold))
