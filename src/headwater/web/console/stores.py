"""Stores: by region, and each with who works there."""

from __future__ import annotations

from collections import defaultdict

from starlette.requests import Request
from starlette.responses import Response

from headwater.base.text import Text
from headwater.catalog import pictures
from headwater.stores import staff
from headwater.stores.places import Region, Store
from headwater.web.console.desk import desk_of, path_id, show, typed
from headwater.web.console.shelf.pictures import may_show_pictures_of
from headwater.web.kit.building import Building
from headwater.web.kit.doors import Door, Staff, may

door = Door()

READ = may("stores.read")


@door.get("/console/stores", READ, name="console:stores")
async def page(request: Request, building: Building, who: Staff) -> Response:
    """List the stores inside the walls, by region."""
    asked = typed(request, "q")
    async with building.transaction(who.walls) as db:
        desk = await desk_of(db, who)
        banners = [
            (each, await pictures.of(db, each.id))
            for each in desk.brands.values()
            if may_show_pictures_of(desk, each.id)
        ]
    found = [each for each in desk.stores.values() if _holds(each, asked)]
    by_region: dict[Region, list[Store]] = defaultdict(list)
    for each in found:
        by_region[desk.regions[each.region_id]].append(each)
    return show(request, "stores", desk, groups=list(by_region.items()), asked=asked,
                count=len(found), banners=banners)  # fmt: skip


@door.get("/console/stores/{store_id}", READ, name="console:store")
async def one(request: Request, building: Building, who: Staff) -> Response:
    """Show one store and who works there."""
    async with building.transaction(who.walls) as db:
        desk = await desk_of(db, who)
        store = desk.store(path_id(request, "store_id"))
        colleagues = await staff.in_store(db, store.id)
    return show(request, "store", desk, store=store, region=desk.regions[store.region_id],
                brand=desk.brands[store.brand_id], colleagues=colleagues)  # fmt: skip


def _holds(store: Store, asked: str) -> bool:
    """Whether a store's code, name or city, in either language, holds what was typed."""
    name, city = Text(store.name_zh, store.name_en), Text(store.city_zh, store.city_en)
    texts = (store.code, name.zh, name.en, city.zh, city.en)
    return not asked or any(asked.lower() in text.lower() for text in texts)
