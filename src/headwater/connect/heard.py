"""What the outside has told us before: copies of pushes and notices are known by their names."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Final

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.sql import statements

sql = statements(__file__)

# Tencent repeats a notice of payment for a day and four minutes, and a push for seconds.
REMEMBERED_DAYS: Final = 7


async def first_time(db: Db, channel: str, identity: str, now: datetime) -> bool:
    """Tell whether a message is new, in the transaction that acts on it.

    Where that fails, the memory goes with it, so that the next copy is heard as the first.
    """
    digest = hashlib.sha256(f"{channel}\n{identity}".encode()).digest()
    bucket = ids.hash_bucket(digest)
    found = await db.value(sql.first_time, bucket=bucket, channel=channel, digest=digest, now=now)
    return found is not None


async def forget_old(db: Db, now: datetime) -> int:
    """Forget what nobody repeats any more; tell how much that was."""
    return await db.run(sql.forget_old, before=now - timedelta(days=REMEMBERED_DAYS))
