"""Newcomers: people who added a guide at WeCom, and what brought them there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from headwater.base.db import Db
from headwater.base.sql import statements
from headwater.guides import policies, relations, shares
from headwater.guides.credits import Claim
from headwater.guides.relations import Meeting
from headwater.guides.shares import Share

sql = statements(__file__)

SCENE = "wecom"


@dataclass(frozen=True)
class Guide:
    """The member of staff whom somebody added."""

    id: UUID
    store_id: UUID
    name: str


async def guide_at_wecom(db: Db, user_id: str) -> Guide | None:
    """Find who works here under this WeCom id; None where nobody of ours does."""
    return await db.maybe(sql.guide_at_wecom, Guide, user_id=user_id)


async def meet(
    db: Db, guide: Guide, member_id: UUID, state: str | None, met_at: datetime
) -> Share | None:
    """Let a guide and a newcomer know each other, and give the share that brought them.

    The state of the contact way is a share's code where the guide's own share carried it; any
    other state says where the code hung, and is nobody's share. A repeat changes nothing.
    """
    share = await shares.find(db, state) if state else None
    if share is not None and share.guide_id != guide.id:
        share = None
    if share is not None:
        await shares.open_share(db, share.code, member_id, met_at)
    policy = await policies.in_force(db, met_at)
    claim = Claim(
        reason="share" if share else "relation",
        guide_id=guide.id,
        store_id=guide.store_id,
        basis_at=met_at,
        share_code=share.code if share else None,
        scene=share.scene if share else SCENE,
    )
    await relations.meet(db, [Meeting(member_id, claim, met_at, policy.protected_until(met_at))])
    return share
