"""The directory: stores and shelves of the brand, few and seldom changed, kept for a minute."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from headwater.base.db import Db
from headwater.catalog import products
from headwater.catalog.errors import ProductGone
from headwater.catalog.products import Category, Department
from headwater.stores import places
from headwater.stores.errors import StoreGone
from headwater.stores.places import Brand, Region, Store

KEPT = timedelta(seconds=60)
SELLING = ("online", "shop", "unit")

# What people see before them when they hear a department's name; the first that fits counts.
FACES = (
    ("meat-pck", "bacon"),
    ("meat", "beef"),
    ("grocery", "pasta"),
    ("drug", "soap"),
    ("produce", "apples"),
    ("nutrition", "cereal"),
    ("deli", "cheese"),
    ("pastry", "croissant-bakery"),
    ("floral", "bouquet"),
)


@dataclass(frozen=True)
class Directory:
    """Where the brand sells, and how its shelves are divided."""

    stores: dict[UUID, Store]
    regions: list[Region]
    brands: dict[UUID, Brand]
    departments: list[Department]
    categories: list[Category]
    read_at: datetime

    def chosen(self, store_id: UUID | None) -> Store:
        """The store that a shopper chose; the online house where they chose none, or it closed."""
        known = self.stores.get(store_id) if store_id else None
        if known is not None and is_selling(known):
            return known
        return self._first_of(each for each in self.stores.values() if is_selling(each))

    def selling(self, store_id: UUID | None) -> Store:
        """A store that sells; a closed or an unknown one is gone."""
        known = self.stores.get(store_id) if store_id else None
        if known is None or not is_selling(known):
            raise StoreGone(store_id=str(store_id))
        return known

    def department(self, code: str) -> Department:
        """A department by its code."""
        for each in self.departments:
            if each.code == code:
                return each
        raise ProductGone(department=code)

    def category(self, code: str) -> Category | None:
        """A category by its code, or nothing where the code is a department's."""
        return next((each for each in self.categories if each.code == code), None)

    def face_of(self, department: Department) -> str:
        """Name the picture that stands for a department: what one thinks of, or its first shelf."""
        for word, picture in FACES:
            if word in department.code:
                return picture
        return next((each.code for each in self.categories_of(department)), department.code)

    def categories_of(self, department: Department) -> list[Category]:
        """The categories of a department."""
        return [each for each in self.categories if each.department_id == department.id]

    def _first_of(self, candidates: Iterable[Store]) -> Store:
        found = min(
            candidates, key=lambda each: (SELLING.index(each.kind), each.code), default=None
        )
        if found is None:
            raise StoreGone
        return found


def is_selling(store: Store) -> bool:
    """Whether shoppers may buy here: it is open, and not a warehouse."""
    return store.is_open and store.kind in SELLING


async def directory_of(state: Any, db: Db, now: datetime) -> Directory:
    """Give the directory that this application keeps, read anew after a minute."""
    kept: Directory | None = getattr(state, "storefront_directory", None)
    if kept is not None and abs(now - kept.read_at) < KEPT:
        return kept
    read = Directory(
        stores={each.id: each for each in await places.stores(db)},
        regions=await places.regions(db),
        brands={each.id: each for each in await places.brands(db)},
        departments=await products.departments(db),
        categories=await products.categories(db),
        read_at=now,
    )
    state.storefront_directory = read
    return read
