"""Guide and member know each other: how it began, and until when nobody else may take over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.sql import statements
from headwater.guides.credits import Claim
from headwater.guides.policies import Policy

sql = statements(__file__)


@dataclass(frozen=True)
class Relation:
    """The one guide whom a member has at present."""

    guide_id: UUID
    store_id: UUID
    source: str
    since_at: datetime
    protected_until: datetime


async def current(db: Db, member_id: UUID) -> Relation | None:
    """Give a member's relation, if there is one."""
    return await db.maybe(
        sql.current, Relation, bucket=ids.bucket_of(member_id), member_id=member_id
    )


async def meet(db: Db, member_id: UUID, claim: Claim, policy: Policy, now: datetime) -> bool:
    """Make guide and member known to each other; tell whether they are from now on.

    Another guide's relation is not taken over while it is protected, nor by an older event that
    is only heard of now. Meeting again prolongs the protection.
    """
    person = {"bucket": ids.bucket_of(member_id), "member_id": member_id, "now": now}
    until = policy.protected_until(now)
    known = await current(db, member_id)
    if known is not None and known.guide_id == claim.guide_id:
        await db.run(sql.prolong, **person, guide_id=claim.guide_id, protected_until=until)
        return True
    if known is not None:
        if known.protected_until > now or known.since_at >= now:
            return False
        await db.run(sql.end, **person)
    source = "code" if claim.scene in ("code", "poster") else "share"
    made = await db.run(
        sql.begin,
        **person,
        guide_id=claim.guide_id,
        store_id=claim.store_id,
        source=source,
        protected_until=until,
    )
    return made == 1
