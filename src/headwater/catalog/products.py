"""Products: the shelf by departments and categories, and each thing on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from headwater.base.db import Db
from headwater.base.sql import statements
from headwater.catalog.errors import ProductGone, UnknownBarcode

sql = statements(__file__)


@dataclass(frozen=True)
class Department:
    """The first level of the shelf."""

    id: UUID
    code: str
    name_zh: str
    name_en: str


@dataclass(frozen=True)
class Category:
    """The second level of the shelf."""

    id: UUID
    department_id: UUID
    department_code: str
    code: str
    name_zh: str
    name_en: str


@dataclass(frozen=True)
class Product:
    """A product with its first variant, as its own page shows it."""

    id: UUID
    external_id: str
    brand_id: UUID
    category_id: UUID
    category_code: str
    category_zh: str
    category_en: str
    department_code: str
    department_zh: str
    department_en: str
    title_zh: str
    title_en: str
    maker: str
    size_label: str
    variant_id: UUID
    item_number: str
    barcode: str | None
    picture: str | None


@dataclass(frozen=True)
class Scanned:
    """What a barcode stands for."""

    variant_id: UUID
    product_id: UUID


@dataclass(frozen=True)
class _Id:
    id: UUID


async def departments(db: Db) -> list[Department]:
    """List the departments, the largest first."""
    return await db.all(sql.departments, Department)


async def categories(db: Db) -> list[Category]:
    """List the categories, by department."""
    return await db.all(sql.categories, Category)


async def popular(db: Db, most: int, skip: int = 0) -> list[UUID]:
    """List what sells most."""
    return [each.id for each in await db.all(sql.popular, _Id, most=most, skip=skip)]


async def in_categories(
    db: Db,
    category_ids: Sequence[UUID],
    most: int,
    skip: int = 0,
    brand_id: UUID | None = None,
) -> list[UUID]:
    """List what lies in some categories, of one brand or of all, the most bought first."""
    found = await db.all(
        sql.in_category,
        _Id,
        category_ids=list(category_ids),
        brand_id=brand_id,
        most=most,
        skip=skip,
    )
    return [each.id for each in found]


async def one(db: Db, product_id: UUID) -> Product:
    """Find a product."""
    found = await db.maybe(sql.one, Product, product_id=product_id)
    if found is None:
        raise ProductGone(product_id=str(product_id))
    return found


async def by_barcode(db: Db, barcode: str) -> Scanned:
    """Find what a camera read; spaces and hyphens that people type do not matter."""
    tidy = barcode.replace(" ", "").replace("-", "")[:64]
    found = await db.maybe(sql.by_barcode, Scanned, barcode=tidy)
    if found is None:
        raise UnknownBarcode(barcode=tidy)
    return found
