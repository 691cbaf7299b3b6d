"""The ledger of increment: each row carries the hash of the one before it."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.sql import statements
from headwater.increment import estimators
from headwater.increment.estimators import Estimate
from headwater.increment.verdicts import Verdict

sql = statements(__file__)

_BEGINNING: Final = bytes(32)


@dataclass(frozen=True)
class Found:
    """What a look at the figures gave, before it is written down."""

    verdict: Verdict
    counts: tuple[int, int]
    details: dict[str, Any]
    per_member: Estimate | None = None
    lift: Estimate | None = None


@dataclass(frozen=True)
class Reading:
    """One row of the ledger; a figure on any screen carries its id."""

    id: UUID
    place: int
    experiment_id: UUID
    state: str
    why: str
    estimate_fen: int | None
    low_fen: int | None
    high_fen: int | None
    lift_share: float | None
    lift_low_share: float | None
    lift_high_share: float | None
    treated_count: int
    holdout_count: int
    details: dict[str, Any]
    method: str
    code_version: str
    true_at: datetime
    read_at: datetime
    previous_hash: bytes
    hash: bytes = field(default=b"")

    def sealed(self) -> Reading:
        """Close the row with the hash of all that it says."""
        return dataclasses.replace(self, hash=self.computed_hash())

    def computed_hash(self) -> bytes:
        """Hash what the row says now."""
        said = {
            each.name: _plain(getattr(self, each.name))
            for each in dataclasses.fields(self)
            if each.name != "hash"
        }
        return hashlib.sha256(msgspec.json.encode(said, order="sorted")).digest()

    def says_the_same(self, other: Reading) -> bool:
        """Tell whether a later look found nothing new."""
        return (
            self.state == other.state
            and self.counts_and_figures() == other.counts_and_figures()
            and self.details.get("guards") == other.details.get("guards")
            and self.details.get("sums") == other.details.get("sums")
        )

    def counts_and_figures(self) -> tuple[object, ...]:
        """Give what a reader would compare."""
        return (
            self.why, self.treated_count, self.holdout_count,
            self.estimate_fen, self.low_fen, self.high_fen, self.code_version,
        )  # fmt: skip


@dataclass(frozen=True)
class Link:
    """The end of the chain, to which the next row is tied."""

    place: int
    hash: bytes


@dataclass(frozen=True)
class Broken:
    """Where the chain does not hold, and why."""

    place: int
    why: str


@dataclass(frozen=True)
class _Plan:
    id: UUID
    plan: dict[str, Any]


async def last(db: Db) -> Link:
    """Give the end of the chain; before the first row it is all zeros."""
    return await db.maybe(sql.last, Link) or Link(0, _BEGINNING)


async def latest(db: Db, experiment_id: UUID) -> Reading | None:
    """Give the newest reading of an experiment, or None."""
    rows = await latest_of(db, [experiment_id])
    return rows[0] if rows else None


async def latest_of(db: Db, experiment_ids: Sequence[UUID]) -> list[Reading]:
    """Give the newest reading of each experiment that has one."""
    return await db.all(sql.latest_of, Reading, experiment_ids=list(experiment_ids))


async def history(db: Db, experiment_id: UUID) -> list[Reading]:
    """List every reading of an experiment, newest first."""
    return await db.all(sql.history, Reading, experiment_id=experiment_id)


async def append(db: Db, row: Reading) -> None:
    """Add a row; its place and its predecessor can be taken once."""
    values = {each.name: getattr(row, each.name) for each in dataclasses.fields(row)}
    await db.run(sql.append, **values)


async def verify(db: Db) -> Broken | None:
    """Walk the whole chain and tell where it was first tampered with, or None."""
    plans = {each.id: each.plan for each in await db.all(sql.plans, _Plan)}
    before = Link(0, _BEGINNING)
    for row in await db.all(sql.whole, Reading):
        if row.place != before.place + 1:
            return Broken(before.place + 1, "a row is missing")
        if row.previous_hash != before.hash:
            return Broken(row.place, "it does not follow the row before it")
        if row.computed_hash() != row.hash:
            return Broken(row.place, "it was changed after it was written")
        if row.details["plan_hash"] != plan_hash(plans[row.experiment_id]):
            return Broken(row.place, "its plan was changed after the launch")
        before = Link(row.place, row.hash)
    return None


def follow(end: Link, experiment_id: UUID, found: Found, now: datetime) -> Reading:
    """Tie what was found to the end of the chain."""
    low = high = estimate = None
    if found.per_member is not None:
        estimate, low, high = total_fen(found.per_member)
    lift = found.lift
    return Reading(
        id=ids.new(),
        place=end.place + 1,
        experiment_id=experiment_id,
        state=found.verdict.state,
        why=found.verdict.why,
        estimate_fen=estimate,
        low_fen=low,
        high_fen=high,
        lift_share=lift.estimate if lift else None,
        lift_low_share=lift.low if lift else None,
        lift_high_share=lift.high if lift else None,
        treated_count=found.counts[0],
        holdout_count=found.counts[1],
        details=found.details,
        method=found.per_member.method if found.per_member else "none",
        code_version=f"estimators.{estimators.VERSION}",
        true_at=now,
        read_at=now,
        previous_hash=end.hash,
    ).sealed()


def total_fen(per_member: Estimate) -> tuple[int, int, int]:
    """Say what the treated caused together: mean by members, for this window and for no year."""
    members = per_member.treated_count
    return (
        round(per_member.estimate * members),
        round(per_member.low * members),
        round(per_member.high * members),
    )


def plan_hash(plan: dict[str, Any]) -> str:
    """Fingerprint a plan, so that a reading proves which plan it answers."""
    return hashlib.sha256(msgspec.json.encode(_plain(plan), order="sorted")).hexdigest()


def _plain(value: Any) -> Any:
    """Write a value the way it also comes back from the database."""
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, UUID | bytes):
        return value.hex if isinstance(value, UUID) else value.hex()
    return value
