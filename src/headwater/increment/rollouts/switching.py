"""Switching: what a launch and a stop tell the rooms below, so that the product obeys by itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from headwater.base.db import Db
from headwater.base.money import yuan
from headwater.base.times import day_start
from headwater.increment.rollouts.errors import RolloutExists
from headwater.increment.rollouts.wishes import MoneyOff
from headwater.pricing import offers, switches
from headwater.pricing.offers import NewOffer

# No code of a rollout has a colon, so that no other offer is called the same by chance.
_OFFER: Final = "wave:"


async def start(db: Db, code: str, since: Sequence[tuple[UUID, date]]) -> None:
    """Write down when each store starts, for whatever is switched by this code."""
    await switches.turn_on(db, code, {store_id: day_start(day) for store_id, day in since})


async def give(db: Db, code: str, brand_id: UUID, given: MoneyOff, since: date) -> None:
    """Put the money off in force that counts in stores that have started."""
    words = _amount(given.floor_fen), _amount(given.off_fen)
    is_new = await offers.put(
        db,
        NewOffer(
            f"{_OFFER}{code}", brand_id, "threshold", f"满 {words[0]} 减 {words[1]}",
            f"¥{words[1]} off ¥{words[0]}", given.floor_fen, given.off_fen, day_start(since),
            day_start(given.last_on + timedelta(days=1)), code,
        ),
    )  # fmt: skip
    if not is_new:
        raise RolloutExists(code=code)


async def stop(db: Db, code: str, now: datetime) -> None:
    """Switch every store off at once."""
    await switches.turn_off(db, code, now)


def _amount(fen: int) -> str:
    """Write an amount as a shelf's label does: without fen where there are none."""
    return yuan(fen).removeprefix("¥").removesuffix(".00")
