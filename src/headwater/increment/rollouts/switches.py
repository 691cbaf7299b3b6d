"""Switches: whether a store has started, for whoever does in stores what a rollout is about.

A store is on from its wave's first day until the rollout is stopped; a rollout that was read stays
on, since what was started is not taken away by reading it. Before the launch nothing is on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from headwater.base.db import Db
from headwater.base.sql import statements
from headwater.base.times import business_day, day_start
from headwater.increment.rollouts.errors import NoSuchRollout

sql = statements(__file__)


@dataclass(frozen=True)
class Switch:
    """What a system hears of one store: whether it is on, since when, and in which wave."""

    code: str
    store_id: UUID
    store_code: str
    is_on: bool
    wave: int | None
    starts_at: datetime | None
    stopped_at: datetime | None


@dataclass(frozen=True)
class _Known:
    id: UUID
    brand_id: UUID
    launched_at: datetime | None
    stopped_at: datetime | None


@dataclass(frozen=True)
class _Place:
    store_id: UUID
    store_code: str
    wave: int | None
    starts_on: date | None


async def is_on(db: Db, code: str, store_id: UUID, at: datetime) -> bool:
    """Tell whether a store has started; a store that has no part in it never does."""
    return bool(await db.value(sql.is_on, code=code, store_id=store_id, at=at, on=business_day(at)))


async def of_code(db: Db, code: str, brand_ids: list[UUID], at: datetime) -> list[Switch]:
    """Tell it of every store of a rollout; no brands means all of the company's."""
    known = await db.maybe(sql.known, _Known, code=code)
    if known is None or (brand_ids and known.brand_id not in brand_ids):
        raise NoSuchRollout(code=code)
    found = await db.all(sql.places, _Place, rollout_id=known.id)
    return [_switch(code, known, each, at) for each in found]


async def of_store(
    db: Db, code: str, store_id: UUID, brand_ids: list[UUID], at: datetime
) -> Switch:
    """Tell it of one store; one that has no part in the rollout is not found."""
    found = await of_code(db, code, brand_ids, at)
    own = next((each for each in found if each.store_id == store_id), None)
    if own is None:
        raise NoSuchRollout(code=code, store_id=str(store_id))
    return own


def _switch(code: str, known: _Known, place: _Place, at: datetime) -> Switch:
    starts_at = day_start(place.starts_on) if place.starts_on else None
    has_started = starts_at is not None and starts_at <= at
    is_launched = known.launched_at is not None and known.launched_at <= at
    is_stopped = known.stopped_at is not None and known.stopped_at <= at
    return Switch(
        code, place.store_id, place.store_code, has_started and is_launched and not is_stopped,
        place.wave, starts_at, known.stopped_at,
    )  # fmt: skip
