"""Limits: so often in a window, and then not."""

from __future__ import annotations

import pytest
from tests import make

from headwater.base import ids, limits
from headwater.base.db import Db
from headwater.base.errors import TooOften


async def test_the_window_holds_so_many_and_the_next_one_begins_again(db: Db) -> None:
    key = ids.code()
    for _ in range(3):
        await limits.count(db, key, 3, 60, make.NOON)
    with pytest.raises(TooOften) as refused:
        await limits.count(db, key, 3, 60, make.NOON)
    assert refused.value.details == {"retry_after_seconds": 60}
    await limits.count(db, key + "other", 3, 60, make.NOON)
    await limits.count(db, key, 3, 60, make.later(1))
    await limits.forget_old(db, make.later(60 * 24 * 3))
    assert await db.raw.fetchval("SELECT count(*) FROM base.limits WHERE key = $1", key) == 0
