"""What increment does when two members turn out to be one."""

from __future__ import annotations

from headwater.base.db import Db
from headwater.base.events import reacts_to
from headwater.increment import merges
from headwater.members.events import MembersMerged
from headwater.members.merging import became


@reacts_to(MembersMerged)
async def keep_one_arm(db: Db, merged: MembersMerged) -> None:
    """Let one person keep one arm in each experiment, by the written rule."""
    await merges.merge(
        db, await became(db, merged.member_id), merged.gone_member_id, merged.merged_at
    )
