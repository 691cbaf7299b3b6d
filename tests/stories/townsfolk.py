"""A small town for simulated worlds: stores, shelves and staff, and households that are made up."""

from __future__ import annotations

from pathlib import Path

from tests import make
from tests.house import House

from headwater.app.demo.weeks import Town
from headwater.app.imports import run as running
from headwater.app.imports.kinds.kind import Act
from headwater.app.imports.run import KINDS, Wish
from headwater.base import ids
from headwater.base.db import SYSTEM
from headwater.stores import places, staff
from headwater.stores.grants import Grant
from headwater.world.heart import habits

STORES = ("S1", "S2", "S3")
# Item numbers with their prices in fen.
THINGS = {"1001": 490, "1002": 1_290, "1003": 1_990, "1004": 990, "1005": 2_590}
# As much past as these tests can wait for; the product adjusts by what there is.
PAST_DAYS = 42


async def town(house: House, folder: Path, stores: tuple[str, ...] = STORES) -> Town:
    """Open stores with full shelves and somebody at work, for households that nobody knows yet."""
    rows = [f"{code},{code} 店,east,华东,qimu,栖木,online" for code in stores]
    await _take_in(house, folder, "stores", STORE_COLUMNS, rows)
    rows = [
        f"P{item},{item},牛奶 milk {item},dairy,乳品,milk,牛奶,{fen / 100:.2f},qimu"
        for item, fen in THINGS.items()
    ]
    await _take_in(house, folder, "products", PRODUCT_COLUMNS, rows)
    rows = [f"{store},{item},90000" for store in stores for item in THINGS]
    await _take_in(house, folder, "stock", "store_code,item_number,quantity", rows)
    async with house.building.transaction(SYSTEM) as db:
        brand = (await places.brands(db))[0]
        store = (await places.stores(db))[0]
        for role, kind, scope in (("operator", "brand", brand.id), ("guide", "store", store.id)):
            who = staff.NewStaff(ids.new(), f"{role}-1", "周明", store_id=store.id)
            await staff.add(db, who, house.now, make.PASSWORD)
            await staff.grant(db, who.id, Grant(role, kind, scope), house.now)
    return Town(habits.made(stores, THINGS, 3, 400), [], PAST_DAYS)


STORE_COLUMNS = "code,name_zh,region_code,region_zh,brand_code,brand_zh,kind"
PRODUCT_COLUMNS = (
    "external_id,item_number,title_zh,department_code,department_zh,category_code,category_zh,"
    "price,brand_code"
)


async def _take_in(house: House, folder: Path, kind: str, columns: str, rows: list[str]) -> None:
    file = folder / f"{kind}.csv"
    file.write_text("\n".join([columns, *rows]) + "\n", encoding="utf-8")
    act = Act(house.building.keys, house.now, "import:town", None, house.building.appid)
    outcome = await running.run(house.building.pool, KINDS[kind], Wish(file), act)
    assert not outcome.problems, outcome.problems
