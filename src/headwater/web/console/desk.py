"""What stands around every page of the console: who looks, at what, and which pages are theirs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from headwater.base.db import Db
from headwater.base.errors import NotFound, NotPermitted
from headwater.base.text import Text
from headwater.stores import places
from headwater.stores import staff as people
from headwater.stores.places import Brand, Region, Store
from headwater.web.console import words
from headwater.web.kit.doors import Staff
from headwater.web.kit.pages import render
from headwater.web.kit.wording import _, language, mark

PAGES_MOST = 10_000
PAGE = 30

# Groups of the side navigation: each entry is its key, permission, address, words and icon.
NAVIGATION = (
    (
        "",
        (
            ("scoreboard", "scoreboard.read", "/console/scoreboard", mark("增量记分牌"), "target"),
            ("experiments", "scoreboard.read", "/console/experiments", mark("实验"), "check"),
            ("waves", "scoreboard.read", "/console/waves", mark("门店波次"), "route"),
            ("honesty", "scoreboard.read", "/console/honesty", mark("诚实度"), "shield"),
            ("campaigns", "campaigns.write", "/console/campaigns", mark("活动"), "campaign"),
            ("segments", "segments.write", "/console/segments", mark("人群"), "users"),
        ),
    ),
    (
        mark("经营"),
        (
            ("members", "members.read", "/console/members", mark("会员库"), "user"),
            ("orders", "orders.read", "/console/orders", mark("订单与退款"), "receipt"),
            ("products", "products.read", "/console/products", mark("商品"), "box"),
            ("deals", "products.write", "/console/deals", mark("限时抢购"), "discount"),
            ("stock", "stock.read", "/console/stock", mark("库存"), "package"),
            ("stores", "stores.read", "/console/stores", mark("各门店"), "store"),
        ),
    ),
    (
        mark("后台"),
        (
            ("books", "books.read", "/console/books", mark("账簿"), "scale"),
            ("ads", "system.read", "/console/ads", mark("腾讯广告"), "campaign"),
            ("system", "system.read", "/console/system", mark("系统"), "settings"),
        ),
    ),
)


@dataclass(frozen=True)
class Desk:
    """Somebody at the console, with the places inside their walls."""

    staff: Staff
    stores: dict[UUID, Store]
    regions: dict[UUID, Region]
    brands: dict[UUID, Brand]
    is_everywhere: bool
    scope: str

    @property
    def store_ids(self) -> tuple[UUID, ...]:
        """The stores that may be looked at; the condition that every query carries."""
        return tuple(self.stores)

    def store(self, store_id: UUID | None) -> Store:
        """A store inside the walls; another one does not exist."""
        known = self.stores.get(store_id) if store_id else None
        if known is None:
            raise NotFound
        return known

    def chosen_store(self, request: Request) -> Store | None:
        """The store that the address names, if any."""
        asked = read_id(request.query_params.get("store"))
        return self.store(asked) if asked else None

    def store_name(self, store_id: UUID | None) -> str:
        """What a store is called, where it may be seen at all."""
        known = self.stores.get(store_id) if store_id else None
        return named(known) if known else _("其他门店")

    def whole_brands(self) -> list[Brand]:
        """The brands of which everything lies inside the walls."""
        walls = self.staff.walls
        return [each for each in self.brands.values()
                if self.is_everywhere or each.id in walls.brand_ids]  # fmt: skip


async def desk_of(db: Db, staff: Staff) -> Desk:
    """Read what is inside somebody's walls; the transaction stands inside them already."""
    visible = set(await people.visible_stores(db))
    stores = {each.id: each for each in await places.stores(db) if each.id in visible}
    seen_regions = {each.region_id for each in stores.values()}
    seen_brands = {each.brand_id for each in stores.values()} | set(staff.walls.brand_ids)
    is_everywhere = staff.walls.kind == "company"
    regions = {each.id: each for each in await places.regions(db)
               if is_everywhere or each.id in seen_regions}  # fmt: skip
    brands = {each.id: each for each in await places.brands(db)
              if is_everywhere or each.id in seen_brands}  # fmt: skip
    scope = _scope(staff, stores, regions, brands)
    return Desk(staff, stores, regions, brands, is_everywhere, scope)


def brand_of(desk: Desk, request: Request) -> Brand:
    """The brand that a page is about; to speak to its members one must have all of it."""
    whole = desk.whole_brands()
    if not whole:
        raise NotPermitted(permission=desk.staff.permission)
    asked = read_id(request.query_params.get("brand"))
    if asked is None:
        return whole[0]
    return own_brand(desk, asked)


def brand_seen(desk: Desk, request: Request) -> Brand | None:
    """The brand whose increment is shown; a region's supervisor reads the whole brand's."""
    asked = read_id(request.query_params.get("brand"))
    if asked is not None and asked not in desk.brands:
        raise NotFound
    return desk.brands[asked] if asked else next(iter(desk.brands.values()), None)


def own_brand(desk: Desk, brand_id: UUID) -> Brand:
    """A brand of which somebody has all; another one does not exist for them."""
    known = next((each for each in desk.whole_brands() if each.id == brand_id), None)
    if known is None:
        raise NotFound
    return known


def show(
    request: Request,
    name: str,
    desk: Desk,
    *,
    block: str | tuple[str, ...] = (),
    status: int = 200,
    **context: Any,
) -> Response:
    """Answer with a page of the console."""
    template = f"console/{name}.html"
    around = {"desk": desk, "navigation": _navigation(desk.staff), "words": words}
    context = {**around, "may": desk.staff.member.may, **context}
    return render(request, template, block=block, status=status, **context)


def home_of(staff: people.StaffMember) -> str:
    """The first page that somebody may see; guides work somewhere else."""
    if staff.may("stores.read"):
        for _heading, entries in NAVIGATION:
            for _key, permission, href, _label, _icon in entries:
                if staff.may(permission):
                    return href
    return "/guide"


def named(row: Any) -> str:
    """A row's name in the reader's language."""
    return Text(row.name_zh, row.name_en).said_in(language())


def read_id(text: str | None) -> UUID | None:
    """An id out of an address, or nothing where it is none."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def path_id(request: Request, name: str) -> UUID:
    """An id out of a path; what is no id names nothing."""
    found = read_id(request.path_params[name])
    if found is None:
        raise NotFound
    return found


def page_number(request: Request) -> int:
    """Which page of a long list is asked for, counted from one."""
    asked = request.query_params.get("page", "1")
    is_number = asked.isascii() and asked.isdigit() and len(asked) < 8
    return min(max(int(asked), 1), PAGES_MOST) if is_number else 1


def address(request: Request, **changes: object) -> str:
    """The same page with some of its filters changed; None takes one away."""
    kept: dict[str, object] = dict(request.query_params.items())
    kept.update(changes)
    asked = urlencode({name: str(value) for name, value in kept.items() if value not in (None, "")})
    return f"{request.url.path}?{asked}" if asked else request.url.path


def typed(request: Request, name: str, longest: int = 64) -> str:
    """What somebody typed into the address or a search box, without what nobody can type."""
    given = request.query_params.get(name, "")[:longest]
    return "".join(sign for sign in given if sign.isprintable()).strip()


def _navigation(staff: Staff) -> list[tuple[str, list[tuple[str, str, str, str]]]]:
    groups = []
    for heading, entries in NAVIGATION:
        mine = [(key, href, _(label), icon) for key, permission, href, label, icon in entries
                if staff.member.may(permission)]  # fmt: skip
        if mine:
            groups.append((_(heading) if heading else "", mine))
    return groups


def _scope(
    staff: Staff,
    stores: Mapping[UUID, Store],
    regions: Mapping[UUID, Region],
    brands: Mapping[UUID, Brand],
) -> str:
    """Say in words what somebody looks at."""
    count = len(stores)
    if staff.walls.kind == "company":
        return _("全集团 {count} 店", count=count)
    if count == 1:
        return named(next(iter(stores.values())))
    wide = [named(each) for each in brands.values() if each.id in staff.walls.brand_ids]
    wide += [named(each) for each in regions.values() if each.id in staff.walls.region_ids]
    place = "、".join(wide) if language() == "zh" else ", ".join(wide)
    return _("{place} {count} 店", place=place, count=count).strip()
