"""The cart: one for each member, grouped by store, since each store hands over its own order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from headwater.base import ids
from headwater.base.db import Db
from headwater.pricing.errors import NoPrice
from headwater.pricing.quotes import PricedLine, Quote
from headwater.stock.holds import Wanted
from headwater.stores.places import Store
from headwater.trade import carts, checkout
from headwater.trade.carts import CartLine
from headwater.web.kit.building import Building
from headwater.web.kit.doors import PUBLIC, Door
from headwater.web.kit.forms import read_form, whole
from headwater.web.kit.pages import is_partial
from headwater.web.kit.visits import Visit
from headwater.web.kit.wording import _, mark
from headwater.web.storefront.directory import is_selling
from headwater.web.storefront.shop import Shop, opens_shares, shop_of, show

door = Door()


@dataclass(frozen=True)
class Laid:
    """A line of the cart as it is shown: with its price where it has one."""

    line: CartLine
    priced: PricedLine | None

    @property
    def is_short(self) -> bool:
        """Whether less is left than is wanted."""
        return self.line.free < self.line.quantity

    @property
    def own_fen(self) -> int:
        """What the line costs by its own price, before what the whole cart takes off."""
        return own_fen(self.priced) if self.priced else 0


@dataclass(frozen=True)
class Group:
    """What lies in the cart at one store, priced as one order."""

    store: Store
    laid: list[Laid]
    quote: Quote | None

    @property
    def can_be_ordered(self) -> bool:
        """Whether everything in it has a price and is there."""
        return all(each.priced is not None and not each.is_short for each in self.laid)

    @property
    def discounts(self) -> list[tuple[str, int]]:
        """What was taken off, and why."""
        lines = self.quote.lines if self.quote else ()
        return explained((part.kind, part.amount_fen) for line in lines for part in line.parts)

    @property
    def pieces(self) -> int:
        """How many pieces lie in it."""
        return sum(each.line.quantity for each in self.laid)


@door.get("/cart", PUBLIC, name="shop:cart")
@opens_shares
async def cart(request: Request, building: Building, visit: Visit) -> Response:
    """Show the cart."""
    return await show_cart(request, building, visit)


@door.post("/cart/{store_id:uuid}/{variant_id:uuid}", PUBLIC, name="shop:add")
async def add(request: Request, building: Building, visit: Visit) -> Response:
    """Lay something into the cart; what has no price here cannot be laid in."""
    fields = await read_form(request)
    quantity = whole({"quantity": "1", **fields}, "quantity", least=1, most=carts.QUANTITY_MOST)
    now = building.now()
    async with building.transaction(visit.walls) as db:
        shop = await shop_of(request, db, visit, now)
        store = shop.directory.selling(request.path_params["store_id"])
        variant_id = request.path_params["variant_id"]
        await checkout.preview(db, _ask(visit, store.id, (Wanted(variant_id, quantity),)), now)
        put = carts.Put(store.id, variant_id, quantity, "website", visit.touch_code)
        await carts.put(db, visit.who_id, put, now)
        shop = await shop_of(request, db, visit, now)
    if is_partial(request):
        return show(request, "_added", shop)
    return RedirectResponse("/cart", 303)


@door.post("/cart/{store_id:uuid}/{variant_id:uuid}/quantity", PUBLIC, name="shop:quantity")
async def change(request: Request, building: Building, visit: Visit) -> Response:
    """Set how many of a line are wanted; none takes it away."""
    quantity = whole(await read_form(request), "quantity", least=0, most=carts.QUANTITY_MOST)
    async with building.transaction(visit.walls) as db:
        await carts.change(
            db,
            visit.who_id,
            request.path_params["store_id"],
            request.path_params["variant_id"],
            quantity,
        )
    if is_partial(request):
        return await show_cart(request, building, visit)
    return RedirectResponse("/cart", 303)


@door.post("/cart/{store_id:uuid}/shortages", PUBLIC, name="shop:shortages")
async def tidy(request: Request, building: Building, visit: Visit) -> Response:
    """Take out of the cart what is not there, and lower what is there in part."""
    await read_form(request)
    store_id = request.path_params["store_id"]
    async with building.transaction(visit.walls) as db:
        for line in await carts.lines(db, visit.who_id, store_id):
            left = min(line.free, line.quantity)
            await carts.change(db, visit.who_id, store_id, line.variant_id, left)
    return RedirectResponse("/cart", 303)


async def show_cart(
    request: Request, building: Building, visit: Visit, status: int = 200, notice: str = ""
) -> Response:
    """Answer with the cart as it is now; `notice` says why one was led back to it."""
    now = building.now()
    async with building.transaction(visit.walls) as db:
        shop = await shop_of(request, db, visit, now)
        groups = [
            await _group(db, visit, shop.directory.stores[each.store_id], now)
            for each in await carts.stores(db, visit.who_id)
            if each.store_id in shop.directory.stores
        ]
    groups = [group for group in groups if group.laid]
    return show(
        request, "cart", shop, block="cart", status=status, groups=_in_order(groups, shop),
        notice=notice,
        is_part=is_partial(request),
    )  # fmt: skip


PARTS = {
    "member": mark("会员价"),
    "flash": mark("限时价"),
    "threshold": mark("满减"),
    "coupon": mark("优惠券"),
    "match": mark("商家配券"),
    "till": mark("收银优惠"),
}


def own_fen(line: PricedLine) -> int:
    """A line's price with what is its own taken off, and not its share of a whole cart's offer."""
    own = sum(part.amount_fen for part in line.parts if part.kind in ("member", "flash"))
    return line.goods_fen - own


def explained(parts: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    """Sum what was taken off, by its reason, so that every fen of a total has a name."""
    off: Counter[str] = Counter()
    for kind, amount_fen in parts:
        off[kind] += amount_fen
    return [(_(PARTS[kind]), -off[kind]) for kind in PARTS if off[kind]]


async def _group(db: Db, visit: Visit, store: Store, now: datetime) -> Group:
    lines = await carts.lines(db, visit.who_id, store.id)
    quote = await _quote(db, visit, store, lines, now)
    priced = {each.variant_id: each for each in quote.lines} if quote else {}
    return Group(store, [Laid(line, priced.get(line.variant_id)) for line in lines], quote)


async def _quote(
    db: Db, visit: Visit, store: Store, lines: list[CartLine], now: datetime
) -> Quote | None:
    """Price a group; lines that have no price any more are left out of the sum."""
    wanted = tuple(Wanted(line.variant_id, line.quantity) for line in lines)
    if not wanted or not is_selling(store):
        return None
    try:
        return await checkout.preview(db, _ask(visit, store.id, wanted), now)
    except NoPrice as refusal:
        unpriced = set(refusal.details["variant_ids"])
    left = tuple(each for each in wanted if str(each.variant_id) not in unpriced)
    return await checkout.preview(db, _ask(visit, store.id, left), now) if left else None


def _ask(visit: Visit, store_id: UUID, wanted: tuple[Wanted, ...]) -> checkout.Ask:
    order_id = ids.new(ids.bucket_of(visit.who_id))
    return checkout.Ask(order_id, visit.who_id, store_id, wanted)


def _in_order(groups: list[Group], shop: Shop) -> list[Group]:
    """The chosen store's group stands first: the pay bar is its own."""
    return sorted(groups, key=lambda group: group.store.id != shop.store.id)
