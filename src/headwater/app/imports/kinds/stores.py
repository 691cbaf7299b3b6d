"""Stores out of a file: places with their region and brand, made where they are new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from headwater.app.imports.cells import choice, code, flag, text
from headwater.app.imports.columns import Column, Record
from headwater.app.imports.errors import Problem
from headwater.app.imports.kinds.kind import Act, Kind, repeated
from headwater.base import ids
from headwater.base.db import Db
from headwater.stores import imports
from headwater.stores.imports import BrandRow, RegionRow, StoreRow


def columns(now: datetime) -> tuple[Column, ...]:
    """List the columns of a stores file."""
    return (
        Column("code", code, "what your system calls the store", is_required=True),
        Column("name_zh", text(80), "name in Chinese", is_required=True),
        Column("name_en", text(80), "name in English"),
        Column(
            "kind", choice("shop", "warehouse", "online", "unit"), "default shop", False, "shop"
        ),
        Column("region_code", code, "the region it belongs to", is_required=True),
        Column("region_zh", text(80), "name of the region, when it is new"),
        Column("region_en", text(80), "name of the region in English"),
        Column("brand_code", code, "the brand; may be left out where there is only one"),
        Column("brand_zh", text(80), "name of the brand, when it is new"),
        Column("brand_en", text(80), "name of the brand in English"),
        Column("city_zh", text(40), "city"),
        Column("city_en", text(40), "city in English"),
        Column("address_zh", text(200), "address"),
        Column("address_en", text(200), "address in English"),
        Column("is_open", flag, "yes or no; default yes", False, True),
    )


async def check(db: Db, act: Act, records: Sequence[Record]) -> list[Problem]:
    """Find doubled codes, brands nobody named, and stores that would change their brand."""
    found = repeated(records, "code")
    brands = await imports.known_brands(db)
    stores = await imports.known_stores(db)
    regions = await imports.known_regions(db)
    for record in records:
        brand = brand_of(record, act, brands)
        if brand is None:
            why = "say which brand: there is not exactly one"
            found.append(Problem(record.line, "brand_code", "", why))
            continue
        if brand not in brands and not record["brand_zh"]:
            why = "there is no brand with this code; give brand_zh to make it"
            found.append(Problem(record.line, "brand_code", brand, why))
        for column, known in (("code", stores), ("region_code", regions)):
            held = known.get(record[column])
            if held is not None and held.brand_id != brands.get(brand):
                why = "belongs to another brand already"
                found.append(Problem(record.line, column, record[column], why))
    return found


async def write(db: Db, act: Act, records: Sequence[Record]) -> int:
    """Write brands and regions that are new, then the stores; tell how many stores changed."""
    brands = await imports.known_brands(db)
    meant = [_brand(record, act, brands) for record in records]
    new = {}
    for record, brand in zip(records, meant, strict=True):
        if brand not in brands:
            named = (record["brand_zh"], record["brand_en"] or record["brand_zh"])
            new[brand] = BrandRow(ids.named("brand", brand), brand, *named)
    await imports.put_brands(db, list(new.values()))
    brands |= {brand: row.id for brand, row in new.items()}
    brand_ids = [brands[brand] for brand in meant]
    regions = await _put_regions(db, records, brand_ids)
    rows = zip(records, brand_ids, strict=True)
    return await imports.put_stores(db, [_row(each, brand, regions) for each, brand in rows])


def brand_of(record: Record, act: Act, brands: Mapping[str, UUID]) -> str | None:
    """Tell which brand a row means: its own, the one that was asked for, or the only one."""
    named: str | None = record["brand_code"] or act.brand
    return named or (next(iter(brands)) if len(brands) == 1 else None)


def _brand(record: Record, act: Act, brands: Mapping[str, UUID]) -> str:
    brand = brand_of(record, act, brands)
    assert brand is not None, "check refuses rows without a brand"
    return brand


async def _put_regions(
    db: Db, records: Sequence[Record], brand_ids: Sequence[UUID]
) -> dict[str, UUID]:
    known = {code: each.id for code, each in (await imports.known_regions(db)).items()}
    new: dict[str, RegionRow] = {}
    for record, brand_id in zip(records, brand_ids, strict=True):
        region = record["region_code"]
        if region not in known and region not in new:
            zh = record["region_zh"] or region
            id = ids.named("region", region)
            new[region] = RegionRow(id, brand_id, region, zh, record["region_en"] or zh)
    await imports.put_regions(db, list(new.values()))
    return known | {region: row.id for region, row in new.items()}


def _row(record: Record, brand_id: UUID, regions: Mapping[str, UUID]) -> StoreRow:
    return StoreRow(
        ids.named("store", record["code"]),
        brand_id,
        regions[record["region_code"]],
        record["code"],
        record["kind"],
        record["name_zh"],
        record["name_en"] or record["name_zh"],
        record["city_zh"],
        record["city_en"] or record["city_zh"],
        record["address_zh"],
        record["address_en"] or record["address_zh"],
        is_demo_label=False,
        is_open=record["is_open"],
    )


STORES = Kind("stores", "stores", columns, check, write)
