"""The ledger of increment: each row carries the hash of the one before it.

A plan is a row, written at the launch; a reading is a row that names the plan it answers. Nothing
is edited: what returns later makes a new row.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import asyncpg
import msgspec

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.sql import statements
from headwater.increment.errors import ReadAtTheSameMoment
from headwater.increment.plans import Look
from headwater.increment.statistics import moments
from headwater.increment.statistics.moments import Estimate
from headwater.increment.verdicts import Verdict

sql = statements(__file__)

_BEGINNING: Final = bytes(32)
# Two writers at once wait for each other; so many in a row mean that something else is wrong.
_TRIES: Final = 8


@dataclass(frozen=True)
class Found:
    """What a look at the figures gave, before it is written down."""

    verdict: Verdict
    counts: tuple[int, int]
    details: dict[str, Any]
    per_member: Estimate | None = None
    lift: Estimate | None = None
    look: Look | None = None


@dataclass(frozen=True)
class Reading:
    """One row of the ledger; a figure on any screen carries its id."""

    id: UUID
    place: int
    experiment_id: UUID
    entry: str
    state: str
    why: str
    look_no: int | None
    alpha_spent: float | None
    standard_error: float | None
    p: float | None
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
            self.why, self.look_no, self.treated_count, self.holdout_count,
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
    code: str
    salt: str
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


async def totals_of(db: Db, experiment_ids: Sequence[UUID]) -> list[Reading]:
    """Give the newest total of each quarter of these programs, in the order of time."""
    return await db.all(sql.totals_of, Reading, experiment_ids=list(experiment_ids))


async def plan_of(db: Db, experiment_id: UUID) -> Reading | None:
    """Give the row in which an experiment was planned; its details hold the plan."""
    return await db.maybe(sql.plan_of, Reading, experiment_id=experiment_id)


async def add(db: Db, follow_on: Callable[[Link], Reading]) -> Reading:
    """Tie a row to the end of the chain; who comes second waits, and ties his to the first."""
    for _ in range(_TRIES):
        row = follow_on(await last(db))
        try:
            async with db.attempt():
                await append(db, row)
        except asyncpg.UniqueViolationError:
            continue
        return row
    raise ReadAtTheSameMoment


async def append(db: Db, row: Reading) -> None:
    """Add a row; its place and its predecessor can be taken once."""
    values = {each.name: getattr(row, each.name) for each in dataclasses.fields(row)}
    await db.run(sql.append, **values)


async def verify(db: Db) -> Broken | None:
    """Walk the whole chain and tell where it was first tampered with, or None.

    Every row follows its predecessor and says what it said; every reading comes after its plan
    and answers that one; and every experiment still has the plan and the salt of its row.
    """
    before = Link(0, _BEGINNING)
    plans: dict[UUID, Reading] = {}
    for row in await db.all(sql.whole, Reading):
        if row.entry == "plan":
            plans[row.experiment_id] = row
        why = _wrong(row, before, plans.get(row.experiment_id))
        if why is not None:
            return Broken(row.place, why)
        before = Link(row.place, row.hash)
    for each in await db.all(sql.plans, _Plan):
        its_plan = plans.get(each.id)
        if its_plan is None:
            return Broken(before.place + 1, f"the plan of {each.code} is missing")
        is_same = plan_hash(each.plan) == its_plan.details["plan_hash"]
        if not is_same or each.plan["salt"] != each.salt:
            return Broken(its_plan.place, f"the plan of {each.code} was changed after the launch")
    return None


def _wrong(row: Reading, before: Link, its_plan: Reading | None) -> str | None:
    if row.place != before.place + 1:
        return "a row before it is missing"
    if row.previous_hash != before.hash:
        return "it does not follow the row before it"
    if row.computed_hash() != row.hash:
        return "it was changed after it was written"
    if its_plan is None:
        return "it was read before it was planned"
    if row.details["plan_hash"] != plan_hash(its_plan.details["plan"]):
        return "it answers another plan"
    return None


def planned(end: Link, experiment_id: UUID, plan: dict[str, Any], now: datetime) -> Reading:
    """Make the row that says, before anything is known, how it will be judged."""
    verdict = Verdict("planned", "launched")
    details = {"plan": plan, "plan_hash": plan_hash(plan)}
    return _row(end, experiment_id, "plan", Found(verdict, (0, 0), details), now)


def follow(
    end: Link, experiment_id: UUID, found: Found, now: datetime, entry: str = "reading"
) -> Reading:
    """Tie what was found to the end of the chain."""
    return _row(end, experiment_id, entry, found, now)


def _row(end: Link, experiment_id: UUID, entry: str, found: Found, now: datetime) -> Reading:
    low = high = estimate = None
    per_member, lift, look = found.per_member, found.lift, found.look
    if per_member is not None:
        estimate, low, high = total_fen(per_member)
    return Reading(
        id=ids.new(),
        place=end.place + 1,
        experiment_id=experiment_id,
        entry=entry,
        state=found.verdict.state,
        why=found.verdict.why,
        look_no=look.no if look else None,
        alpha_spent=look.alpha_spent if look else None,
        standard_error=per_member.standard_error if per_member else None,
        p=per_member.p if per_member else None,
        estimate_fen=estimate,
        low_fen=low,
        high_fen=high,
        lift_share=lift.estimate if lift else None,
        lift_low_share=lift.low if lift else None,
        lift_high_share=lift.high if lift else None,
        treated_count=found.counts[0],
        holdout_count=found.counts[1],
        details=found.details,
        method=per_member.method if per_member else "none",
        code_version=code_version(),
        true_at=look.at if look else now,
        read_at=now,
        previous_hash=end.hash,
    ).sealed()


@cache
def code_version() -> str:
    """Name the code that worked a figure out: its version, and a hash of all its files."""
    folder = Path(__file__).parent
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        if file.suffix in (".py", ".sql"):
            digest.update(file.relative_to(folder).as_posix().encode() + b"\n")
            digest.update(file.read_bytes())
    return f"statistics.{moments.VERSION}+{digest.hexdigest()[:12]}"


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
