"""Arms: who was drawn where, written down before anybody is reached.

Whoever speaks to members asks `open_to` first and tells `expose` after: gate, guides, coupons,
banners at the entry, and lists that leave the house for an advertising platform.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.sql import statements
from headwater.increment.errors import NoSuchExperiment

sql = statements(__file__)


@dataclass(frozen=True)
class ArmCount:
    """How many members an arm has."""

    arm: str
    members: int


@dataclass(frozen=True)
class HeldOut:
    """Somebody who is left alone, of what, and until when."""

    member_id: UUID
    experiment_id: UUID
    brand_id: UUID
    kind: str
    code: str
    until_at: datetime


@dataclass(frozen=True)
class Answer:
    """What a system outside hears of one member: all of which they are held out, or nothing."""

    member_id: UUID
    is_held_out: bool
    of: list[HeldOut]


@dataclass(frozen=True)
class Reached:
    """In whose name, for which question and by which channel members are reached.

    `about_id` is the guide, journey or store through which, where a question is about it.
    """

    brand_id: UUID
    experiment_id: UUID | None
    channel: str
    about_id: UUID | None = None


@dataclass(frozen=True)
class _Member:
    member_id: UUID


@dataclass(frozen=True)
class _Unit:
    unit_id: UUID


async def assign(db: Db, experiment_id: UUID, member_ids: Sequence[UUID], now: datetime) -> int:
    """Draw these members, and tell how many were new; who has an arm keeps it.

    Whom the last epoch of the program held out is passed over until the wash-out is over.
    """
    drawn = await db.value(
        sql.assign, experiment_id=experiment_id, buckets=_buckets(member_ids),
        member_ids=list(member_ids), now=now,
    )  # fmt: skip
    if drawn is None:
        raise NoSuchExperiment(experiment_id=experiment_id)
    return int(drawn)


async def assign_to_programs(
    db: Db, brand_id: UUID, member_ids: Sequence[UUID], now: datetime
) -> int:
    """Draw members who joined since the programs of the brand began, before they are reached."""
    return int(
        await db.value(
            sql.assign_to_programs, brand_id=brand_id, buckets=_buckets(member_ids),
            member_ids=list(member_ids), now=now,
        )
    )  # fmt: skip


async def assign_units(db: Db, experiment_id: UUID, unit_ids: Sequence[UUID], now: datetime) -> int:
    """Draw these guides or stores, and tell how many were new; who has an arm keeps it."""
    drawn = await db.value(
        sql.assign_units, experiment_id=experiment_id, unit_ids=list(unit_ids), now=now
    )
    if drawn is None:
        raise NoSuchExperiment(experiment_id=experiment_id)
    return int(drawn)


async def held_units(db: Db, unit_ids: Sequence[UUID], now: datetime) -> set[UUID]:
    """Tell which of these guides or stores are left as they are at the moment."""
    found = await db.all(sql.held_units, _Unit, unit_ids=list(unit_ids), now=now)
    return {each.unit_id for each in found}


async def among_rest(db: Db, brand_id: UUID, member_ids: Sequence[UUID]) -> list[UUID]:
    """Keep those whom no program of the brand holds out: campaigns draw among the rest."""
    rest = await db.all(
        sql.among_rest, _Member, brand_id=brand_id, buckets=_buckets(member_ids),
        member_ids=list(member_ids),
    )  # fmt: skip
    return [each.member_id for each in rest]


async def open_to(
    db: Db, reached: Reached, member_ids: Sequence[UUID], now: datetime
) -> list[UUID]:
    """Keep those who may hear of it, in their order; whoever puts anything before members asks.

    An entry banner asks for its one visitor, behind that visitor's own walls; an export of an
    audience for everybody in it.
    """
    found = await db.all(
        sql.open_to, _Member, brand_id=reached.brand_id, experiment_id=reached.experiment_id,
        about_id=reached.about_id, buckets=_buckets(member_ids), member_ids=list(member_ids),
        distinct_buckets=sorted(set(_buckets(member_ids))), now=now,
    )  # fmt: skip
    return [each.member_id for each in found]


async def held_out(db: Db, member_ids: Sequence[UUID], now: datetime) -> list[HeldOut]:
    """Answer, for systems outside as well, who is held out of what and until when."""
    return await db.all(
        sql.held_out, HeldOut, buckets=_buckets(member_ids), member_ids=list(member_ids), now=now
    )


async def answers(
    db: Db, member_ids: Sequence[UUID], brand_ids: Sequence[UUID], now: datetime
) -> list[Answer]:
    """Answer for each member whom we know, in the order asked; no brands means all of them."""
    known = await db.all(
        sql.known, _Member, buckets=_buckets(member_ids), member_ids=list(member_ids)
    )
    held: dict[UUID, list[HeldOut]] = {each.member_id: [] for each in known}
    for each in await held_out(db, list(held), now):
        if not brand_ids or each.brand_id in brand_ids:
            held[each.member_id].append(each)
    return [
        Answer(member_id, bool(held[member_id]), held[member_id])
        for member_id in dict.fromkeys(member_ids)
        if member_id in held
    ]


async def count(db: Db, experiment_id: UUID) -> list[ArmCount]:
    """Count the members of each arm."""
    return await db.all(sql.count, ArmCount, experiment_id=experiment_id)


async def treated(db: Db, experiment_id: UUID) -> list[UUID]:
    """List who was drawn to hear of it, in the order of their buckets and ids."""
    return list(await db.value(sql.treated, experiment_id=experiment_id) or ())


async def expose(db: Db, reached: Reached, member_ids: Sequence[UUID], now: datetime) -> None:
    """Write down who was reached: for the experiment, and for every program of the brand.

    Held-out members are written as well; that is how a leak is found.
    """
    await db.run(
        sql.expose,
        brand_id=reached.brand_id,
        experiment_id=reached.experiment_id,
        about_id=reached.about_id,
        channel=reached.channel,
        buckets=_buckets(member_ids),
        member_ids=list(member_ids),
        now=now,
    )


def _buckets(member_ids: Sequence[UUID]) -> list[int]:
    return [ids.bucket_of(each) for each in member_ids]
