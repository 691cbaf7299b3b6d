"""Pictures: what a brand uploaded of its products and of itself, by name in storage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from headwater.base.db import Db
from headwater.base.sql import statements

sql = statements(__file__)

Subject = Literal["product", "brand"]


@dataclass(frozen=True)
class Picture:
    """One picture in its three sizes; each is a name in storage."""

    small: str
    medium: str
    large: str

    @property
    def names(self) -> tuple[str, ...]:
        """Everything that is kept for it."""
        return (self.small, self.medium, self.large)


async def put(
    db: Db,
    subject: tuple[Subject, UUID],
    names: Mapping[str, str],
    added_by: UUID,
    now: datetime,
) -> Picture | None:
    """Show these from now on; the picture that was shown before is given back, to be let go.

    The same names again change nothing, and then nothing is given back.
    """
    kind, subject_id = subject
    before = await db.maybe(sql.of_locked, Picture, subject_id=subject_id)
    fresh = Picture(names["small"], names["medium"], names["large"])
    await db.run(
        sql.put,
        subject_id=subject_id,
        subject=kind,
        small=fresh.small,
        medium=fresh.medium,
        large=fresh.large,
        added_by=added_by,
        now=now,
    )
    return None if before == fresh else before


async def remove(db: Db, subject_id: UUID) -> Picture | None:
    """Show no picture any more; give back what was shown, to be let go."""
    return await db.maybe(sql.remove, Picture, subject_id=subject_id)


async def of(db: Db, subject_id: UUID) -> Picture | None:
    """Find the picture of a product or a brand, if somebody uploaded one."""
    return await db.maybe(sql.of, Picture, subject_id=subject_id)
