"""Guide and member know each other: how it began, and until when nobody else may take over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.sql import statements
from headwater.guides.credits import Claim

sql = statements(__file__)


@dataclass(frozen=True)
class Relation:
    """The one guide whom a member has at present."""

    guide_id: UUID
    store_id: UUID
    source: str
    since_at: datetime
    protected_until: datetime


@dataclass(frozen=True)
class Meeting:
    """What lets a guide and a member know each other, and until when that is protected."""

    member_id: UUID
    claim: Claim
    met_at: datetime
    protected_until: datetime


async def current(db: Db, member_id: UUID) -> Relation | None:
    """Give a member's relation, if there is one."""
    return await db.maybe(
        sql.current, Relation, bucket=ids.bucket_of(member_id), member_id=member_id
    )


async def meet(db: Db, meetings: Sequence[Meeting]) -> None:
    """Make guides and members known to each other; each member may come but once in a set.

    Another guide's relation is not taken over while it is protected, nor by an older event that
    is only heard of now. Meeting again prolongs the protection.
    """
    if not meetings:
        return
    # In one order for every worker, so that two who meet the same members do not block each other.
    met = sorted(meetings, key=lambda each: (ids.bucket_of(each.member_id), each.member_id))
    assert len({each.member_id for each in met}) == len(met), "a member meets one guide at a time"
    people = {
        "buckets": [ids.bucket_of(each.member_id) for each in met],
        "member_ids": [each.member_id for each in met],
        "guide_ids": [each.claim.guide_id for each in met],
        "met_ats": [each.met_at for each in met],
    }
    untils = [each.protected_until for each in met]
    await db.run(sql.prolong, **people, protected_untils=untils)
    await db.run(sql.end, **people)
    await db.run(
        sql.begin,
        **people,
        store_ids=[each.claim.store_id for each in met],
        sources=[_source(each.claim.scene) for each in met],
        protected_untils=untils,
    )


def _source(scene: str | None) -> str:
    """Say how they met: by a code in a shop or on a poster, at WeCom, or by something shared."""
    if scene in ("code", "poster"):
        return "code"
    return "wecom" if scene == "wecom" else "share"
