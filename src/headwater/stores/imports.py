"""Stores from another system: brands, regions, places and staff, written as sets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from headwater.base.db import Db
from headwater.base.postgres.bulk import arrays
from headwater.base.sql import statements

sql = statements(__file__)


@dataclass(frozen=True)
class BrandRow:
    """A name over the door."""

    id: UUID
    code: str
    name_zh: str
    name_en: str


@dataclass(frozen=True)
class RegionRow:
    """What one supervisor looks after."""

    id: UUID
    brand_id: UUID
    code: str
    name_zh: str
    name_en: str


@dataclass(frozen=True)
class StoreRow:
    """A place; its code is what the other system calls it."""

    id: UUID
    brand_id: UUID
    region_id: UUID
    code: str
    kind: str
    name_zh: str
    name_en: str
    city_zh: str
    city_en: str
    address_zh: str
    address_en: str
    is_demo_label: bool
    is_open: bool


@dataclass(frozen=True)
class StaffRow:
    """Somebody who works here; without a password nobody can log in as them."""

    id: UUID
    login: str
    name: str
    store_id: UUID | None
    is_demo_label: bool
    joined_at: datetime


@dataclass(frozen=True)
class GrantRow:
    """A role of somebody, and where it counts."""

    id: UUID
    staff_id: UUID
    role: str
    scope_kind: str
    scope_id: UUID | None
    granted_at: datetime


@dataclass(frozen=True)
class Known:
    """What a code of the other system stands for here."""

    code: str
    id: UUID
    brand_id: UUID


async def put_brands(db: Db, rows: Sequence[BrandRow]) -> int:
    """Write brands by code and tell how many rows changed."""
    return await db.run(sql.put_brands, **arrays(rows, BrandRow))


async def put_regions(db: Db, rows: Sequence[RegionRow]) -> int:
    """Write regions by code and tell how many rows changed."""
    return await db.run(sql.put_regions, **arrays(rows, RegionRow))


async def put_stores(db: Db, rows: Sequence[StoreRow]) -> int:
    """Write stores by code and tell how many rows changed."""
    return await db.run(sql.put_stores, **arrays(rows, StoreRow))


async def put_staff(db: Db, rows: Sequence[StaffRow]) -> int:
    """Write staff by login, leaving passwords alone, and tell how many rows are new."""
    return await db.run(sql.put_staff, **arrays(rows, StaffRow))


async def put_grants(db: Db, rows: Sequence[GrantRow]) -> int:
    """Write grants by id and tell how many are new."""
    return await db.run(sql.put_grants, **arrays(rows, GrantRow))


async def known_brands(db: Db) -> dict[str, UUID]:
    """Give every brand's id by its code."""
    return {each.code: each.id for each in await db.all(sql.known_brands, Known)}


async def known_regions(db: Db) -> dict[str, Known]:
    """Give every region by its code."""
    return {each.code: each for each in await db.all(sql.known_regions, Known)}


async def known_stores(db: Db) -> dict[str, Known]:
    """Give every store by its code."""
    return {each.code: each for each in await db.all(sql.known_stores, Known)}


async def count_demo_shops(db: Db) -> int:
    """Count the demo's shops with a street door; its online house is not one of them."""
    return int(await db.value(sql.count_demo_shops))
