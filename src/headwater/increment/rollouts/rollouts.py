"""Rollouts: waves drawn and written down, launched once, stopped perhaps."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.errors import BadInput
from headwater.base.sql import statements
from headwater.base.times import day_start
from headwater.increment import experiments
from headwater.increment import plans as questions
from headwater.increment.errors import CannotEstimate
from headwater.increment.experiments import Question
from headwater.increment.places.panels import Panel
from headwater.increment.rollouts import (
    calendars,
    designing,
    history,
    plans,
    switching,
    wishes,
)
from headwater.increment.rollouts.designing import Proposal
from headwater.increment.rollouts.errors import (
    DrawMoved,
    NoSuchRollout,
    NotPlanned,
    NotRunning,
    RolloutExists,
    StartIsPast,
)
from headwater.increment.rollouts.wishes import Intervention, Wish
from headwater.stores import places as shops
from headwater.stores.places import Store

sql = statements(__file__)


@dataclass(frozen=True)
class Rollout:
    """Waves of stores; once launched, an experiment has the same id."""

    id: UUID
    code: str
    brand_id: UUID
    name_zh: str
    name_en: str
    choice: str
    state: str
    salt: str
    plan: dict[str, Any]
    fingerprint: str | None
    strata: str
    starts_on: date
    wave_weeks: int
    wave_sizes: list[int]
    history_hash: str
    planned_at: datetime
    launched_at: datetime | None
    stopped_at: datetime | None

    @property
    def ends_on(self) -> date:
        """The Monday after the last wave's window."""
        return self.starts_on + len(self.wave_sizes) * self.wave_weeks * wishes.WEEK

    @property
    def is_launched(self) -> bool:
        """Whether it is in the ledger."""
        return self.launched_at is not None


@dataclass(frozen=True)
class Place:
    """A store's part: its wave and the day on which it starts, or neither."""

    unit: str
    store_id: UUID
    role: str
    wave: int | None
    starts_on: date | None


@dataclass(frozen=True)
class Gathered:
    """What a draw is made from: the stores, and the whole weeks of those that have them."""

    stores: Sequence[Store]
    panel: Panel


async def stores_of(db: Db, brand_id: UUID) -> list[Store]:
    """List the stores of a brand among which waves can be drawn."""
    return [
        each for each in await shops.stores(db) if each.brand_id == brand_id and each.is_open
    ]  # fmt: skip


async def gather(
    db: Db, wish: Wish, now: datetime, among: Sequence[Store] | None = None
) -> Gathered:
    """Read what a draw is made from; `among` are the stores that somebody may see, or all."""
    stores = list(among) if among is not None else await stores_of(db, wish.brand_id)
    wishes.check(wish, stores, now)
    panel = await history.of_stores(db, stores, now)
    if panel is None:
        raise CannotEstimate("no_store_weeks")
    _check_told(wish, panel.units)
    return Gathered(stores, panel)


async def worked_out(found: Gathered, wish: Wish) -> Proposal:
    """Draw, and tell what the waves could show; seconds, during which others are answered."""
    return await asyncio.to_thread(designing.propose, found.panel, found.stores, wish)


async def plan(
    db: Db, wish: Wish, by: UUID | None, now: datetime, seen: str | None = None
) -> Rollout:
    """Write a draw down; `seen` is the fingerprint that somebody looked at and agreed to."""
    proposal = await worked_out(await gather(db, wish, now), wish)
    if seen is not None and proposal.fingerprint != seen:
        raise DrawMoved
    rollout_id = ids.named("experiment", wish.code)
    is_new = await db.run(
        sql.plan, id=rollout_id, code=wish.code, brand_id=wish.brand_id, name_zh=wish.name_zh,
        name_en=wish.name_en, choice=wish.choice, salt=wish.salt, strata=wish.strata,
        plan=plans.written(wish, proposal, wish.calendar, now), fingerprint=proposal.fingerprint,
        starts_on=wish.starts_on, wave_weeks=wish.wave_weeks, wave_sizes=list(wish.sizes),
        history_hash=history.fingerprint(proposal.panel), now=now, by=by,
    )  # fmt: skip
    if not is_new:
        raise RolloutExists(code=wish.code)
    stores = {each.code: each.id for each in await stores_of(db, wish.brand_id)}
    parts = _places(wish, proposal, stores)
    await db.run(
        sql.place, rollout_id=rollout_id, store_ids=[each.store_id for each in parts],
        units=[each.unit for each in parts], roles=[each.role for each in parts],
        waves=[each.wave for each in parts], starts=[each.starts_on for each in parts],
    )  # fmt: skip
    await calendars.add(db, rollout_id, wish.calendar, by, now)
    return await get(db, rollout_id)


async def launch(db: Db, rollout_id: UUID, by: UUID | None, now: datetime) -> Rollout:
    """Put the plan into the ledger, in the same transaction and before any store starts."""
    rollout = await get(db, rollout_id)
    if rollout.state != "planned":
        raise NotPlanned(code=rollout.code)
    if day_start(rollout.starts_on) <= now:
        raise StartIsPast(starts_on=rollout.starts_on.isoformat())
    entries = await calendars.of_rollout(db, rollout_id)
    plan = rollout.plan | {
        "family": f"{questions.quarter_of(now)} questions",
        "calendar": [plans.of_calendar(each.intervention) for each in entries],
    }
    if not await db.run(sql.launch, id=rollout_id, plan=plan, now=now, by=by):
        raise NotPlanned(code=rollout.code)
    question = Question(
        "wave", rollout.brand_id, rollout.code, rollout.name_zh, rollout.name_en,
        float(plan["holdout_share"]), (rollout.ends_on - rollout.starts_on).days, "store",
    )  # fmt: skip
    until = datetime.fromisoformat(plan["window_until"])
    await experiments.put(db, question, plan, now, until)
    await db.run(sql.count_drawn, id=rollout_id)
    await _switch(db, rollout)
    return await get(db, rollout_id)


async def stop(db: Db, rollout_id: UUID, by: UUID | None, now: datetime) -> Rollout:
    """Switch every store off; looks that were due before stay, and none comes after."""
    if not await db.run(sql.stop, id=rollout_id, now=now, by=by):
        rollout = await get(db, rollout_id)
        raise NotRunning(code=rollout.code)
    await experiments.end(db, rollout_id, now)
    rollout = await get(db, rollout_id)
    await switching.stop(db, rollout.code, now)
    return rollout


async def intervene(
    db: Db, rollout_id: UUID, found: Intervention, by: UUID | None, now: datetime
) -> None:
    """Add to the calendar what became known later; its weeks are cut out of later looks."""
    rollout = await get(db, rollout_id)
    if rollout.state not in ("planned", "launched"):
        raise NotRunning(code=rollout.code)
    if found.until_on < found.since_on:
        raise BadInput("until_on", "backwards")
    known = {each.unit for each in await places_of(db, rollout_id)}
    if any(unit not in known for unit in found.units):
        raise BadInput("units", "store_unknown")
    await calendars.add(db, rollout_id, [found], by, now)


async def get(db: Db, rollout_id: UUID) -> Rollout:
    """Give one rollout."""
    found = await db.maybe(sql.get, Rollout, id=rollout_id)
    if found is None:
        raise NoSuchRollout(rollout_id=str(rollout_id))
    return found


async def of_brand(db: Db, brand_id: UUID) -> list[Rollout]:
    """List the rollouts of a brand, newest first."""
    return await db.all(sql.of_brand, Rollout, brand_id=brand_id)


async def beside(db: Db, wish: Wish) -> list[Rollout]:
    """List what else starts in the brand's stores within the weeks that a wish compares."""
    since = wish.starts_on - designing.BEFORE_WEEKS * wishes.WEEK
    return [
        each
        for each in await of_brand(db, wish.brand_id)
        if each.is_launched
        and each.starts_on < wish.ends_on
        and each.ends_on > since
        and (each.stopped_at is None or each.stopped_at > day_start(since))
    ]


async def places_of(db: Db, rollout_id: UUID) -> list[Place]:
    """List the stores of a rollout, by wave and then by name."""
    return await db.all(sql.places_of, Place, rollout_id=rollout_id)


async def mark_read(db: Db, rollout_id: UUID) -> None:
    """Say that its last look has been taken."""
    await db.run(sql.mark_read, id=rollout_id)


async def _switch(db: Db, rollout: Rollout) -> None:
    """Tell checkouts ahead when each store starts, and what it then gives off."""
    parts = await places_of(db, rollout.id)
    since = [(each.store_id, each.starts_on) for each in parts if each.starts_on is not None]
    await switching.start(db, rollout.code, since)
    given = plans.money_off_of(rollout.plan)
    if given is not None:
        await switching.give(db, rollout.code, rollout.brand_id, given, rollout.starts_on)


def _check_told(wish: Wish, units: Sequence[str]) -> None:
    """A store without whole weeks cannot be picked; it has nothing to be compared by."""
    if any(unit not in set(units) for unit in wish.picked):
        raise BadInput("picked", "store_without_weeks")


def _places(wish: Wish, proposal: Proposal, stores: dict[str, UUID]) -> list[Place]:
    """Give each store its part; forced ones start with the first wave and prove nothing."""
    waves = proposal.design.waves_of if proposal.design else dict.fromkeys(wish.picked, 1)
    aside = dict.fromkeys(wish.forbidden, "forbidden")
    aside |= dict.fromkeys(wish.forced, "forced") | dict.fromkeys(wish.contaminated, "contaminated")
    drawn = set(proposal.design.units) if proposal.design else set(proposal.panel.units)
    found = []
    for unit in sorted({*drawn, *aside, *waves}):
        wave = waves.get(unit) or (1 if aside.get(unit) == "forced" else None)
        role = aside.get(unit) or ("drawn" if proposal.design else "compared")
        if not proposal.design and unit in waves:
            role = "picked"
        starts_on = wish.wave_starts_on(wave) if wave else None
        found.append(Place(unit, stores[unit], role, wave, starts_on))
    return found
