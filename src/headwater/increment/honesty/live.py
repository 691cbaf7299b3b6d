"""Live A/A: a brand's own last quarter is drawn into arms again and again, and nothing was done.

What is claimed then is claimed by mistake: at 95 % that is one time in twenty. A brand whose
figures claim more often has members too few or too unlike for intervals to be believed.
"""

from __future__ import annotations

import asyncio
import math
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.sql import statements
from headwater.base.times import business_day
from headwater.increment.errors import CannotEstimate
from headwater.increment.plans import PRE_PERIOD_DAYS
from headwater.increment.statistics import means
from headwater.increment.statistics.moments import Moments

sql = statements(__file__)

WINDOW_DAYS: Final = 91
DRAWS: Final = 500
HOLDOUT_SHARE: Final = 0.1
# Beyond so many members the trial tells nothing new and only takes longer.
MEMBERS_MOST: Final = 20_000
LEAST_PER_ARM: Final = 100
KEPT_SHOWN: Final = 30
# A rejection share is right between these; chance gets two of its errors on top.
RIGHT: Final = (0.03, 0.07)
_NAMES: Final = ("sales", "before")

Table = NDArray[np.float64]


@dataclass(frozen=True)
class Trial:
    """How often something was claimed of nothing, adjusted and raw, and how far chance moves it."""

    members: int
    draws: int
    holdout_share: float
    adjusted_share: float
    raw_share: float
    error: float
    from_at: datetime
    until_at: datetime

    @property
    def is_right(self) -> bool:
        """Whether intervals of 95 % keep their word on this brand's own members."""
        low, high = RIGHT[0] - 2 * self.error, RIGHT[1] + 2 * self.error
        return low <= self.adjusted_share <= high


@dataclass(frozen=True)
class _Spent:
    sales_fen: int
    before_fen: int


async def again(
    db: Db, brand_id: UUID, now: datetime, draws: int = DRAWS, share: float = HOLDOUT_SHARE
) -> Trial:
    """Draw the last thirteen weeks of a brand into arms so many times, and count false claims.

    Each day draws anew, so that a month of trials says more than one. The draws are worked out
    beside whatever else goes on.
    """
    started_at = now - timedelta(days=WINDOW_DAYS)
    table = await spent(db, brand_id, started_at, now)
    seed = business_day(now).toordinal()
    adjusted, raw = await asyncio.to_thread(rejected, table, draws, share, seed)
    error = math.sqrt(0.05 * 0.95 / draws)
    return Trial(len(table), draws, share, adjusted, raw, error, started_at, now)


async def spent(db: Db, brand_id: UUID, started_at: datetime, until: datetime) -> Table:
    """Give a row to each member who had bought before: what they spent since, and before."""
    rows = await db.all(
        sql.quarter, _Spent, brand_id=brand_id, started_at=started_at, until=until,
        before_from=started_at - timedelta(days=PRE_PERIOD_DAYS), most=MEMBERS_MOST,
    )  # fmt: skip
    table = np.array([(each.sales_fen, each.before_fen) for each in rows], dtype=np.float64)
    return table.reshape(len(rows), 2)


async def keep(db: Db, brand_id: UUID, trial: Trial) -> bool:
    """Write a trial down; a day has one, and the first stays. Tell whether it was new."""
    name = f"{brand_id}:{business_day(trial.until_at)}"
    written = await db.run(
        sql.keep,
        id=ids.named("trial", name),
        brand_id=brand_id,
        tried_at=trial.until_at,
        **asdict(trial),
    )
    return written == 1


async def kept(db: Db, brand_id: UUID, most: int = KEPT_SHOWN) -> list[Trial]:
    """Give the trials of a brand that were kept, the newest first."""
    return await db.all(sql.kept, Trial, brand_id=brand_id, most=most)


def rejected(spent: Table, draws: int, share: float, seed: int = 1) -> tuple[float, float]:
    """Give how often an adjusted and a raw interval leave zero out, where nothing was done."""
    if draws < 1 or not 0 < share < 1:
        raise CannotEstimate("no_draws")
    if len(spent) * min(share, 1 - share) < LEAST_PER_ARM:
        raise CannotEstimate("few_had_bought", members=len(spent))
    noise = np.random.default_rng([seed, len(spent)])
    whole = _moments(spent)
    adjusted = raw = 0
    for _ in range(draws):
        holdout = _moments(spent[noise.random(len(spent)) < share])
        treated = _without(whole, holdout)
        adjusted += _claims(means.cuped(treated, holdout, *_NAMES))
        raw += _claims(
            means.difference(treated.only(_NAMES[0]), holdout.only(_NAMES[0]), _NAMES[0])
        )
    return adjusted / draws, raw / draws


def _claims(found: means.Contrast) -> bool:
    interval = means.estimate(found)
    return interval.low > 0 or interval.high < 0


def _moments(rows: Table) -> Moments:
    return _summed(len(rows), rows.sum(axis=0), rows.T @ rows)


def _without(whole: Moments, part: Moments) -> Moments:
    return _summed(
        whole.n - part.n,
        np.array(whole.sums) - np.array(part.sums),
        np.array(whole.products) - np.array(part.products),
    )


def _summed(count: int, sums: Table, products: Table) -> Moments:
    rows = tuple(tuple(row) for row in products.tolist())
    return Moments(_NAMES, count, tuple(sums.tolist()), rows)
