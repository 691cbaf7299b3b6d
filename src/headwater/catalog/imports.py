"""Products from another system: the shelf's two levels, products, variants and barcodes."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from headwater.base.db import Db
from headwater.base.postgres.bulk import arrays
from headwater.base.sql import statements

sql = statements(__file__)


@dataclass(frozen=True)
class DepartmentRow:
    """The first level of the shelf."""

    id: UUID
    code: str
    name_zh: str
    name_en: str
    rank: int


@dataclass(frozen=True)
class CategoryRow:
    """The second level of the shelf."""

    id: UUID
    department_id: UUID
    code: str
    name_zh: str
    name_en: str


@dataclass(frozen=True)
class ProductRow:
    """A product with its one variant; `terms` is what index_terms cut its titles into.

    The barcode may be empty: not everything has one.
    """

    id: UUID
    external_id: str
    brand_id: UUID
    category_id: UUID
    title_zh: str
    title_en: str
    maker: str
    is_own_brand: bool
    size_label: str
    terms: str
    popularity: int
    is_listed: bool
    variant_id: UUID
    item_number: str
    is_weighed: bool
    barcode: str


@dataclass(frozen=True)
class Known:
    """What a code or an item number of the other system stands for here."""

    code: str
    id: UUID


@dataclass(frozen=True)
class Taken:
    """A barcode or item number that another product holds already."""

    code: str
    external_id: str


async def put_departments(db: Db, rows: Sequence[DepartmentRow]) -> int:
    """Write departments by code and tell how many rows changed."""
    return await db.run(sql.put_departments, **arrays(rows, DepartmentRow))


async def add_departments(db: Db, rows: Sequence[DepartmentRow]) -> dict[str, UUID]:
    """Add departments that are new, leave the others as they are, and give all ids by code."""
    await db.run(sql.add_departments, **arrays(rows, DepartmentRow))
    return {each.code: each.id for each in await db.all(sql.known_departments, Known)}


async def put_categories(db: Db, rows: Sequence[CategoryRow]) -> int:
    """Write categories by code and tell how many rows changed."""
    return await db.run(sql.put_categories, **arrays(rows, CategoryRow))


async def put_products(db: Db, rows: Sequence[ProductRow]) -> int:
    """Write products with variant and barcode by external id; tell how many products changed.

    Popularity is what we count ourselves, so a repeat leaves it as it is.
    """
    given = arrays(rows, ProductRow)
    names = [field.name for field in dataclasses.fields(ProductRow)]
    of_product = names[: names.index("variant_id")]
    changed = await db.all(sql.put_products, _Changed, **{name: given[name] for name in of_product})
    touched = {each.external_id for each in changed}
    of_variant = ("external_id", "variant_id", "item_number", "is_weighed")
    more = await db.all(sql.put_variants, _Changed, **{name: given[name] for name in of_variant})
    touched |= {each.external_id for each in more}
    more = await db.all(
        sql.put_barcodes, _Changed, barcode=given["barcode"], item_number=given["item_number"]
    )
    return len(touched | {each.external_id for each in more})


@dataclass(frozen=True)
class _Changed:
    external_id: str


async def known_categories(db: Db) -> dict[str, UUID]:
    """Give every category's id by its code."""
    return {each.code: each.id for each in await db.all(sql.known_categories, Known)}


async def known_variants(db: Db, item_numbers: Sequence[str]) -> dict[str, UUID]:
    """Give the variants among these item numbers."""
    found = await db.all(sql.known_variants, Known, item_numbers=list(item_numbers))
    return {each.code: each.id for each in found}


async def taken_barcodes(db: Db, barcodes: Sequence[str]) -> dict[str, str]:
    """Tell which of these barcodes stand on a product, and on which."""
    found = await db.all(sql.taken_barcodes, Taken, barcodes=list(barcodes))
    return {each.code: each.external_id for each in found}


async def taken_item_numbers(db: Db, item_numbers: Sequence[str]) -> dict[str, str]:
    """Tell which of these item numbers belong to a product, and to which."""
    found = await db.all(sql.taken_item_numbers, Taken, item_numbers=list(item_numbers))
    return {each.code: each.external_id for each in found}


async def item_numbers_of(db: Db, external_ids: Sequence[str]) -> dict[str, str]:
    """Give the item number under which each of these products is here."""
    found = await db.all(sql.item_numbers_of, Taken, external_ids=list(external_ids))
    return {each.external_id: each.code for each in found}


async def count_products(db: Db, prefix: str) -> int:
    """Count products whose external id begins with this."""
    return int(await db.value(sql.count_products, prefix=prefix))
