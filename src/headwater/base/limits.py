"""How often something may be tried: logins, codes, searches."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from headwater.base.db import Db
from headwater.base.errors import TooOften
from headwater.base.sql import statements

sql = statements(__file__)


async def count(db: Db, key: str, most: int, window_seconds: int, now: datetime) -> None:
    """Count one try under a key and refuse when the window already holds `most`."""
    start = int(now.timestamp()) // window_seconds * window_seconds
    tried = await db.value(sql.count, key=key, window_start=datetime.fromtimestamp(start, UTC))
    if tried > most:
        raise TooOften(retry_after_seconds=start + window_seconds - int(now.timestamp()))


async def forget_old(db: Db, now: datetime) -> None:
    """Drop counters nobody can ask for any more."""
    await db.run(sql.forget_old, before=now - timedelta(days=2))
