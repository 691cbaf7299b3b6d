"""Guides with books of customers who buy by habit, and more where their guides do something."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from tests import make_audience as make
from tests.make_audience import NOON, Place, day

from headwater.base import ids
from headwater.base.db import Db


@dataclass(frozen=True)
class Books:
    """Who is whose customer."""

    where: Place
    guides: list[UUID]
    guide_of: dict[UUID, UUID]

    @property
    def members(self) -> list[UUID]:
        """Everybody who has a guide."""
        return list(self.guide_of)


async def guides(db: Db, count: int, customers: int) -> Books:
    """Let so many guides of one store each know so many customers."""
    where = await make.place(db)
    named = [ids.named("test guide", str(number)) for number in range(count)]
    await make.write(
        db, "stores.staff", ["id", "login", "name", "store_id", "joined_at"],
        [(id, f"guide-{no}", f"导购{no}", where.store_id, NOON) for no, id in enumerate(named)],
    )  # fmt: skip
    members = await make.members(db, where, count * customers)
    guide_of = {member: named[no // customers] for no, member in enumerate(members)}
    await make.write(
        db, "guides.relations",
        ["bucket", "member_id", "guide_id", "store_id", "source", "since_at", "protected_until"],
        [
            (ids.bucket_of(member), member, guide, where.store_id, "share", NOON, day(30))
            for member, guide in guide_of.items()
        ],
    )  # fmt: skip
    return Books(where, named, guide_of)


async def bought(
    db: Db, books: Books, lift_of: Callable[[UUID, UUID], float], seed: int = 1
) -> None:
    """Let everybody buy by habit before, and after by as much more as they were moved."""
    noise = np.random.default_rng([seed, 5])
    sold = []
    for member, guide in books.guide_of.items():
        habit = float(noise.lognormal(9.2, 0.4))
        sold.append((member, round(habit), day(-20)))
        after = habit * float(noise.lognormal(0, 0.15)) * (1 + lift_of(member, guide))
        sold.append((member, round(after), day(40)))
    await make.orders(db, books.where, sold)
