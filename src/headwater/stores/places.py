"""Places: brands, regions and stores; few, read often, changed seldom."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from headwater.base.db import Db
from headwater.base.sql import statements

sql = statements(__file__)


@dataclass(frozen=True)
class Brand:
    """A name over the door."""

    id: UUID
    code: str
    name_zh: str
    name_en: str


@dataclass(frozen=True)
class Region:
    """What a supervisor looks after."""

    id: UUID
    brand_id: UUID
    code: str
    name_zh: str
    name_en: str


@dataclass(frozen=True)
class Store:
    """A place with stock and staff."""

    id: UUID
    brand_id: UUID
    region_id: UUID
    code: str
    kind: str
    name_zh: str
    name_en: str
    city_zh: str = ""
    city_en: str = ""
    address_zh: str = ""
    address_en: str = ""
    is_open: bool = True


async def stores(db: Db) -> list[Store]:
    """List every store; there are hundreds, so callers keep the list for a while."""
    return await db.all(sql.all_stores, Store)


async def brands(db: Db) -> list[Brand]:
    """List the brands of the company."""
    return await db.all(sql.brands, Brand)


async def regions(db: Db) -> list[Region]:
    """List the regions of every brand."""
    return await db.all(sql.regions, Region)


async def add_brand(db: Db, brand: Brand) -> None:
    """Write down a brand; a repeat changes nothing."""
    await db.run(
        sql.add_brand, id=brand.id, code=brand.code, name_zh=brand.name_zh, name_en=brand.name_en
    )


async def add_region(db: Db, region: Region) -> None:
    """Write down a region; a repeat changes nothing."""
    await db.run(
        sql.add_region,
        id=region.id,
        brand_id=region.brand_id,
        code=region.code,
        name_zh=region.name_zh,
        name_en=region.name_en,
    )


async def add_store(db: Db, store: Store) -> None:
    """Write down a store; a repeat changes nothing."""
    await db.run(
        sql.add_store,
        id=store.id,
        brand_id=store.brand_id,
        region_id=store.region_id,
        code=store.code,
        kind=store.kind,
        name_zh=store.name_zh,
        name_en=store.name_en,
        city_zh=store.city_zh,
        city_en=store.city_en,
    )
