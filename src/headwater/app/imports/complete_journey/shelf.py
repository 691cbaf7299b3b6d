"""The Complete Journey catalogue as departments, categories, products and prices."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import numpy as np

from headwater.app.imports.complete_journey import prices, titles
from headwater.app.imports.complete_journey.places import BRAND
from headwater.app.imports.complete_journey.receipts import PREFIX, pieces
from headwater.app.imports.complete_journey.source import Array, Products, Sales
from headwater.base import ids
from headwater.catalog.imports import CategoryRow, DepartmentRow, ProductRow
from headwater.catalog.terms import index_terms
from headwater.pricing.imports import PriceRow

# Sold at the register, yet no goods for a shop: fuel, coupons, deposits, fees; and tobacco, which
# must not be sold online in China. They are in the catalogue and not in the storefront.
UNLISTED_DEPARTMENTS = frozenset(
    {"CHARITABLE CONT", "CNTRL/STORE SUP", "COUPON", "FUEL", "GM MERCH EXP", "MISCELLANEOUS",
     "POSTAL CENTER", "PROD-WHS SALES"}
)  # fmt: skip
UNLISTED_CATEGORIES = frozenset(
    {"BOTTLE DEPOSITS", "CIGARETTES", "CIGARS", "COUPON", "COUPON/MISC ITEMS", "DELI SUPPLIES",
     "LONG DISTANCE CALLING CARDS", "MEAT SUPPLIES", "PHARMACY", "PROD SUPPLIES", "TICKETS",
     "TOBACCO OTHER"}
)  # fmt: skip
_UNKNOWN_SHELF = "MISCELLANEOUS"
_Shelves = dict[tuple[str, str], UUID]


@dataclass(frozen=True)
class Shelf:
    """All rows of the catalogue, products in the order of their sorted numbers."""

    departments: list[DepartmentRow]
    categories: list[CategoryRow]
    products: list[ProductRow]
    prices: list[PriceRow]
    numbers: Array
    units: Array
    derived_prices: int
    undescribed: int


def make(source: Products, sales: Sales) -> Shelf:
    """Make the catalogue; what was sold without being described gets a row that is not listed."""
    strangers = np.setdiff1d(np.unique(sales.product), source.id)
    everything = _with_strangers(source, strangers)
    shelves = sorted(set(zip(everything.department, everything.category, strict=True)))
    departments = _departments(everything.department)
    place = np.searchsorted(everything.id, sales.product)
    units = np.bincount(place, pieces(sales.quantity), len(everything.id)).astype(np.int64)
    category_place = {each: number for number, each in enumerate(shelves)}
    pairs = zip(everything.department, everything.category, strict=True)
    category = np.array([category_place[pair] for pair in pairs])
    sold = prices.Sold(
        place,
        np.where(sales.quantity == 0, 0, pieces(sales.quantity)),
        sales.sales_fen + sales.member_fen + sales.match_fen,
        sales.member_fen,
    )
    found = prices.shelf(sold, category, len(everything.id))
    products = _products(everything, units, set(strangers.tolist()))
    return Shelf(
        departments,
        [_category(department, category) for department, category in shelves],
        products,
        _prices(products, found),
        everything.id,
        units,
        int(found.is_derived.sum()),
        len(strangers),
    )


def barcode(number: int) -> str:
    """Make a valid EAN-13 out of the source's number: a demo label, not the maker's own code."""
    digits = f"6900{number:08d}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-total % 10}"


def _with_strangers(source: Products, strangers: Array) -> Products:
    count = len(strangers)
    together = Products(
        np.concatenate([source.id, strangers.astype(np.int32)]),
        np.concatenate([source.maker, np.zeros(count, dtype=np.int32)]),
        source.department + [_UNKNOWN_SHELF] * count,
        source.brand + ["National"] * count,
        source.category + [""] * count,
        source.type + [""] * count,
        source.size + [""] * count,
    )
    order = np.argsort(together.id)

    def sorted_by_id(words: list[str]) -> list[str]:
        return [words[each] for each in order]

    return Products(
        together.id[order],
        together.maker[order],
        sorted_by_id(together.department),
        sorted_by_id(together.brand),
        sorted_by_id(together.category),
        sorted_by_id(together.type),
        sorted_by_id(together.size),
    )


def _departments(words: list[str]) -> list[DepartmentRow]:
    """Make the departments, those with most products first."""
    names, counts = np.unique(words, return_counts=True)
    rows = []
    for rank, place in enumerate(np.argsort(-counts, kind="stable")):
        word = str(names[place])
        known = titles.departments()[word]
        id = ids.named("department", f"{PREFIX}{word}")
        last = 1000 if word in UNLISTED_DEPARTMENTS else 0
        rows.append(DepartmentRow(id, _code(word), known.zh, known.en, rank + last))
    return rows


def _category(department: str, category: str) -> CategoryRow:
    """Make a category of a department; some names of the source lie in more than one."""
    known = titles.categories().get(category) or titles.departments()[department]
    return CategoryRow(
        ids.named("category", f"{PREFIX}{department}\n{category}"),
        ids.named("department", f"{PREFIX}{department}"),
        f"{_code(department)}/{_slug(category or 'other')}",
        known.zh if category else f"{known.zh}·未分类",
        known.en if category else f"{known.en}, unsorted",
    )


def _code(word: str) -> str:
    """Turn a department into a code that an address can hold, apart from other systems' codes."""
    return f"{BRAND.code}-{_slug(word)}"


def _slug(word: str) -> str:
    return "-".join("".join(c if c.isalnum() else " " for c in word.lower()).split())


def _products(source: Products, units: Array, strangers: set[int]) -> list[ProductRow]:
    shelves = {
        pair: ids.named("category", f"{PREFIX}{pair[0]}\n{pair[1]}")
        for pair in set(zip(source.department, source.category, strict=True))
    }
    return [
        _product(source, place, number, int(units[place]), shelves, number in strangers)
        for place, number in enumerate(source.id.tolist())
    ]


def _product(
    source: Products, place: int, number: int, units: int, shelves: _Shelves, is_stranger: bool
) -> ProductRow:
    department, category = source.department[place], source.category[place]
    is_own = source.brand[place] == "Private"
    brand = titles.OWN_BRAND if is_own else titles.maker(int(source.maker[place]))
    title = _stranger(number) if is_stranger else titles.compose(
        department, category, source.type[place], brand, source.size[place]
    )  # fmt: skip
    is_goods = department not in UNLISTED_DEPARTMENTS and category not in UNLISTED_CATEGORIES
    return ProductRow(
        id=ids.named("product", f"{PREFIX}{number}"),
        external_id=f"x{PREFIX}{number}" if is_stranger else f"{PREFIX}{number}",
        brand_id=BRAND.id,
        category_id=shelves[department, category],
        title_zh=title.zh,
        title_en=title.en,
        maker=brand[0],
        is_own_brand=is_own,
        size_label=title.size_label,
        terms=" ".join(index_terms(title.zh, title.en)),
        popularity=units,
        is_listed=is_goods and not is_stranger,
        variant_id=ids.named("variant", f"{PREFIX}{number}"),
        item_number=str(number),
        is_weighed=False,
        barcode=barcode(number),
    )


def _stranger(number: int) -> titles.Title:
    zh, en = titles.UNKNOWN
    return titles.Title(f"{zh} {number}", f"{en} {number}", "")


def _prices(products: list[ProductRow], found: prices.Prices) -> list[PriceRow]:
    return [
        PriceRow(
            product.variant_id,
            BRAND.id,
            int(price),
            int(member) if member >= 0 else None,
            ids.named("price change", f"{PREFIX}{product.item_number}"),
        )
        for product, price, member in zip(
            products, found.price_fen, found.member_price_fen, strict=True
        )
    ]
