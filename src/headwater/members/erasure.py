"""Erasure: what identifies a member goes; the books stay."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.sql import statements
from headwater.members import identities

sql = statements(__file__)


async def erase(db: Db, member_id: UUID, now: datetime) -> None:
    """Forget who a member is: name, phone and every id; orders and books keep their amounts.

    The caller makes sure that no order is under way. A repeat changes nothing.
    """
    await identities.unlink_all(db, member_id, now)
    await db.run(sql.erase, bucket=ids.bucket_of(member_id), id=member_id, now=now)
