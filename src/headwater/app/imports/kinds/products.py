"""Products out of a file: one variant each, with its price at the brand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from headwater.app.imports.cells import amount, barcode, code, flag, text
from headwater.app.imports.columns import Column, Record
from headwater.app.imports.errors import Problem
from headwater.app.imports.kinds.kind import Act, Kind, repeated
from headwater.app.imports.kinds.stores import brand_of
from headwater.base import ids
from headwater.base.db import Db
from headwater.catalog import imports
from headwater.catalog.imports import CategoryRow, DepartmentRow, ProductRow
from headwater.catalog.terms import index_terms
from headwater.pricing import imports as pricing
from headwater.stores import imports as stores

BY_WHOM = "import"


def columns(now: datetime) -> tuple[Column, ...]:
    """List the columns of a products file."""
    return (
        Column("external_id", code, "what your system calls the product", is_required=True),
        Column("item_number", code, "the number staff type; default is external_id"),
        Column("barcode", barcode, "EAN-8, UPC-A, EAN-13 or ITF-14"),
        Column("title_zh", text(200), "title in Chinese", is_required=True),
        Column("title_en", text(200), "title in English"),
        Column("department_code", code, "first level of the shelf", is_required=True),
        Column("department_zh", text(40), "its name, when it is new"),
        Column("department_en", text(40), "its name in English"),
        Column("category_code", code, "second level of the shelf", is_required=True),
        Column("category_zh", text(40), "its name, when it is new"),
        Column("category_en", text(40), "its name in English"),
        Column("maker", text(80), "who makes it"),
        Column("is_own_brand", flag, "yes or no; default no", False, False),
        Column("size", text(40), "package size as the label says it"),
        Column("price", amount, "price in yuan", is_required=True),
        Column("member_price", amount, "price for members, at most the price", False, None),
        Column("is_listed", flag, "shown in the shop; default yes", False, True),
        Column("brand_code", code, "the brand; may be left out where there is only one"),
    )


async def check(db: Db, act: Act, records: Sequence[Record]) -> list[Problem]:
    """Find doubled ids and barcodes, in the file and against the catalogue, and odd prices."""
    found = repeated(records, "external_id") + repeated(records, "barcode")
    found += repeated([record for record in records if record["item_number"]], "item_number")
    codes = {
        "barcode": await imports.taken_barcodes(db, [record["barcode"] for record in records]),
        "item_number": await imports.taken_item_numbers(db, [_item(each) for each in records]),
    }
    numbers = await imports.item_numbers_of(db, [each["external_id"] for each in records])
    brands = await stores.known_brands(db)
    for record in records:
        held = numbers.get(record["external_id"], _item(record))
        if held != _item(record):
            why = f"the product is here under item number {held}, which stays"
            found.append(Problem(record.line, "item_number", _item(record), why))
        for column, value in (("barcode", record["barcode"]), ("item_number", _item(record))):
            holder = codes[column].get(value)
            if holder is not None and holder != record["external_id"]:
                why = f"belongs to product {holder} already"
                found.append(Problem(record.line, column, value, why))
        member = record["member_price"]
        if member is not None and member > record["price"]:
            why = "is more than the price"
            found.append(Problem(record.line, "member_price", str(member / 100), why))
        brand = brand_of(record, act, brands)
        if brand is None or brand not in brands:
            why = "there is no such brand; import its stores first"
            found.append(Problem(record.line, "brand_code", brand or "", why))
    return found


async def write(db: Db, act: Act, records: Sequence[Record]) -> int:
    """Write shelves, products and prices; tell how many products or prices changed."""
    brands = await stores.known_brands(db)
    categories = await _put_shelves(db, records)
    rows = [_row(record, _brand_id(record, act, brands), categories) for record in records]
    changed = await imports.put_products(db, rows)
    variants = await imports.known_variants(db, [row.item_number for row in rows])
    prices = [
        pricing.PriceRow(
            variants[row.item_number],
            row.brand_id,
            record["price"],
            record["member_price"],
            ids.named("price change", f"{act.cause}\n{row.item_number}"),
        )
        for row, record in zip(rows, records, strict=True)
    ]
    return max(changed, await pricing.put_prices(db, prices, BY_WHOM, act.now))


def _item(record: Record) -> str:
    return str(record["item_number"] or record["external_id"])


def _brand_id(record: Record, act: Act, brands: Mapping[str, UUID]) -> UUID:
    brand = brand_of(record, act, brands)
    assert brand is not None, "check refuses rows without a brand"
    return brands[brand]


async def _put_shelves(db: Db, records: Sequence[Record]) -> dict[str, UUID]:
    """Make departments and categories that are new; a category lies under its department."""
    departments: dict[str, DepartmentRow] = {}
    categories: dict[str, CategoryRow] = {}
    known = await imports.known_categories(db)
    for record in records:
        code = f"{record['department_code']}/{record['category_code']}"
        if code in known or code in categories:
            continue
        department = record["department_code"]
        name = record["department_zh"] or department
        departments[department] = DepartmentRow(
            ids.named("department", department),
            department,
            name,
            record["department_en"] or name,
            0,
        )
        name = record["category_zh"] or record["category_code"]
        categories[code] = CategoryRow(
            ids.named("category", code),
            departments[department].id,
            code,
            name,
            record["category_en"] or name,
        )
    held = await imports.add_departments(db, list(departments.values()))
    await imports.put_categories(
        db,
        [
            CategoryRow(row.id, held[code.split("/")[0]], code, row.name_zh, row.name_en)
            for code, row in categories.items()
        ],
    )
    return await imports.known_categories(db)


def _row(record: Record, brand_id: UUID, categories: Mapping[str, UUID]) -> ProductRow:
    title_en = record["title_en"] or record["title_zh"]
    external_id = record["external_id"]
    return ProductRow(
        id=ids.named("product", external_id),
        external_id=external_id,
        brand_id=brand_id,
        category_id=categories[f"{record['department_code']}/{record['category_code']}"],
        title_zh=record["title_zh"],
        title_en=title_en,
        maker=record["maker"],
        is_own_brand=record["is_own_brand"],
        size_label=record["size"],
        terms=" ".join(index_terms(record["title_zh"], title_en, record["maker"])),
        popularity=0,
        is_listed=record["is_listed"],
        variant_id=ids.named("variant", external_id),
        item_number=_item(record),
        is_weighed=False,
        barcode=record["barcode"],
    )


PRODUCTS = Kind("products", "products", columns, check, write)
