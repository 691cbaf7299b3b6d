"""What reach does when two members turn out to be one."""

from __future__ import annotations

from headwater.base.db import Db
from headwater.base.events import reacts_to
from headwater.members.events import MembersMerged
from headwater.members.merging import became
from headwater.reach import merging


@reacts_to(MembersMerged)
async def follow(db: Db, merged: MembersMerged) -> None:
    """Let segments and batches hold one person where they held two accounts."""
    await merging.follow(db, await became(db, merged.member_id), merged.gone_member_id)
