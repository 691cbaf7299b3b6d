"""What stands around every page of the shop: the chosen store, the cart's count, and who came."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from headwater.base.db import Db
from headwater.guides import shares
from headwater.stores import staff
from headwater.stores.places import Brand, Store
from headwater.trade import carts
from headwater.web.kit import cookies
from headwater.web.kit.building import Building
from headwater.web.kit.doors import STAFF_LOGIN, Handler
from headwater.web.kit.pages import render
from headwater.web.kit.site import site_of
from headwater.web.kit.visits import Visit, keep_touch
from headwater.web.storefront.directory import Directory, directory_of

CODE = re.compile(r"[0-9A-Za-z-]{4,24}")
PAGES_MOST = 200
# Signs that nobody types and the database does not store.
UNPRINTED = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True)
class Shop:
    """What every page of the shop shows around its own content."""

    directory: Directory
    store: Store
    brand: Brand
    count: int
    is_member: bool


async def shop_of(request: Request, db: Db, visit: Visit, now: datetime) -> Shop:
    """Read what stands around a page, for whoever came."""
    directory = await directory_of(request.app.state, db, now)
    store = directory.chosen(visit.store_id)
    count = await carts.count(db, visit.who_id)
    brand = directory.brands[store.brand_id]
    return Shop(directory, store, brand, count, visit.member_id is not None)


def show(
    request: Request,
    name: str,
    shop: Shop,
    /,
    *,
    block: str | tuple[str, ...] = (),
    status: int = 200,
    **context: Any,
) -> Response:
    """Answer with a page of the shop."""
    template = f"storefront/{name}.html"
    return render(request, template, block=block, status=status, shop=shop, **context)


def typed(request: Request, name: str, longest: int = 64) -> str:
    """What somebody typed into an address or a search box, tidied; nothing where they did not."""
    return UNPRINTED.sub("", request.query_params.get(name, "")).strip()[:longest]


def page_number(request: Request) -> int:
    """Which page of a long list is asked for, counted from one."""
    asked = request.query_params.get("page", "1")
    return min(max(int(asked), 1), PAGES_MOST) if asked.isascii() and asked.isdigit() else 1


def opens_shares(handler: Handler) -> Handler:
    """Let a page be opened through a guide's share: `?s=CODE` is noted, and the page opens anyway.

    An unknown code is nobody's: no touch, no credit, the same page.
    """

    @functools.wraps(handler)
    async def page(request: Request, building: Building, visit: Visit) -> Response:
        code = request.query_params.get("s", "")
        opened = CODE.fullmatch(code) is not None
        touch_code = await _open(request, building, visit, code) if opened else None
        if touch_code is None:
            return await handler(request, building, visit)
        response = await handler(request, building, replace(visit, touch_code=touch_code))
        keep_touch(request, response, touch_code, building.now())
        return response

    return page


async def _open(request: Request, building: Building, visit: Visit, code: str) -> str | None:
    token = cookies.read(request, STAFF_LOGIN, is_secure=site_of(request).is_secure)
    now = building.now()
    async with building.transaction(visit.walls) as db:
        at_work = await staff.who(db, token, now) if token else None
        staff_id = None if at_work is None else at_work.id
        touch = await shares.open_share(db, code, visit.who_id, now, staff_id)
    return None if touch is None else touch.share_code
