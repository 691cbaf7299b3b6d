"""Makers: what tests start from, built through public verbs so that it can be no other way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID

from headwater.base import ids
from headwater.base.crypto import Keys
from headwater.base.db import SYSTEM, Db, Pool, member_walls
from headwater.catalog import imports as catalog
from headwater.catalog.terms import index_terms
from headwater.members import login
from headwater.pricing import coupons
from headwater.pricing import imports as prices
from headwater.stock import holds, movements
from headwater.stores import places, staff
from headwater.stores.grants import Grant
from headwater.trade import carts, checkout, payments, refunds

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
KEYS = Keys((bytes(32),), (bytes(range(32)),), ("signing",))
PASSWORD = "correct horse battery"
# Whoever joins has a phone that nobody else in this process has.
_NUMBERS = count()


@dataclass(frozen=True)
class Shop:
    """A brand with one region and one store in it."""

    brand_id: UUID
    region_id: UUID
    store_id: UUID


@dataclass(frozen=True)
class Item:
    """Something on the shelf."""

    product_id: UUID
    variant_id: UUID
    item_number: str
    barcode: str
    price_fen: int


def later(minutes: float, than: datetime = NOON) -> datetime:
    """Name a moment so many minutes after another."""
    return than + timedelta(minutes=minutes)


async def shop(db: Db, beside: Shop | None = None, same_region: bool = False) -> Shop:
    """Open a store under a brand of its own, or beside another one of the same brand."""
    brand_id = beside.brand_id if beside else ids.new()
    region_id = beside.region_id if beside and same_region else ids.new()
    if beside is None:
        await places.add_brand(db, places.Brand(brand_id, ids.code(), "活水", "Headwater"))
    if not same_region:
        region = places.Region(region_id, brand_id, ids.code(), "华东", "East")
        await places.add_region(db, region)
    store = places.Store(
        ids.new(), brand_id, region_id, ids.code(), "shop", "人民广场店", "People's Square"
    )
    await places.add_store(db, store)
    return Shop(brand_id, region_id, store.id)


async def item(
    db: Db,
    where: Shop,
    price_fen: int = 1_990,
    stock: int = 10,
    member_price_fen: int | None = None,
) -> Item:
    """Put something on the shelf: product, variant, barcode, a brand's price, and pieces."""
    code = ids.code(12)
    category_id = await _category(db)
    made = Item(ids.new(), ids.new(), code, f"69{code}", price_fen)
    row = catalog.ProductRow(
        made.product_id, code, where.brand_id, category_id, "鲜牛奶", "Fresh milk", "", False,
        "1 L", " ".join(index_terms("鲜牛奶", "Fresh milk")), 0, True, made.variant_id, code,
        False, made.barcode,
    )  # fmt: skip
    await catalog.put_products(db, [row])
    await price(db, made, where.brand_id, price_fen, member_price_fen)
    if stock:
        await receive(db, where, made, stock)
    return made


async def price(
    db: Db, what: Item, place_id: UUID, price_fen: int, member_price_fen: int | None = None
) -> None:
    """Set a price at a brand or at one store."""
    row = prices.PriceRow(what.variant_id, place_id, price_fen, member_price_fen, ids.new())
    await prices.put_prices(db, [row], "test", NOON)


async def receive(db: Db, where: Shop, what: Item, quantity: int) -> None:
    """Let pieces arrive in a store."""
    move = movements.Move(where.store_id, what.variant_id, quantity)
    await movements.move(db, [move], "receive", f"delivery:{ids.code()}", NOON)


async def member(db: Db, where: Shop | None = None) -> UUID:
    """Let somebody join by a code sent to a phone of their own."""
    phone = f"157{next(_NUMBERS):08d}"
    code = await login.make_code(db, KEYS, phone, NOON)
    assert await login.try_code(db, KEYS, phone, code, NOON)
    arrival = login.Arrival("website", None if where is None else where.store_id)
    return await login.with_phone(db, KEYS, phone, arrival, NOON)


async def employee(
    db: Db,
    role: str,
    scope_kind: str,
    scope_id: UUID | None,
    store_id: UUID | None = None,
    password: str | None = None,
) -> staff.StaffMember:
    """Let somebody work here with one role, and recognise them; a password takes its time."""
    who = staff.NewStaff(ids.new(), ids.code().lower(), "王芳", store_id)
    await staff.add(db, who, NOON, password)
    await staff.grant(db, who.id, Grant(role, scope_kind, scope_id), NOON)
    token = await staff.open_session(db, who.id, NOON)
    known = await staff.who(db, token, NOON)
    assert known is not None
    return known


async def coupon(
    db: Db,
    where: Shop,
    member_id: UUID,
    off_fen: int,
    floor_fen: int = 0,
    now: datetime = NOON,
) -> UUID:
    """Put a coupon into a member's hand."""
    offer_id = await offer(db, where, "coupon", off_fen, floor_fen, now)
    issue = coupons.Issue(offer_id, ids.code(), later(60 * 24 * 30, now))
    await coupons.issue(db, [member_id], issue, now)
    usable = await coupons.usable(db, member_id, now)
    return next(each.id for each in usable if each.offer_id == offer_id)


async def offer(
    db: Db, where: Shop, kind: str, off_fen: int, floor_fen: int = 0, now: datetime = NOON
) -> UUID:
    """Announce an offer. No verb writes one with a floor yet, so this is a plain INSERT."""
    offer_id = ids.new()
    await db.raw.execute(
        "INSERT INTO pricing.offers (id, brand_id, code, kind, label_zh, label_en, floor_fen,"
        " off_fen, starts_at, ends_at) VALUES ($1, $2, $3, $4, '满减', 'Off', $5, $6, $7, $8)",
        offer_id, where.brand_id, ids.code(), kind, floor_fen, off_fen,
        later(-60, now), later(60 * 24 * 60, now),
    )  # fmt: skip
    return offer_id


async def in_cart(db: Db, member_id: UUID, where: Shop, what: Item, quantity: int = 1) -> None:
    """Lay something into a cart."""
    await carts.put(db, member_id, carts.Put(where.store_id, what.variant_id, quantity), NOON)


def ask(member_id: UUID, where: Shop, *wanted: tuple[Item, int]) -> checkout.Ask:
    """Ask for an order under a new id; with nothing wanted it takes the cart."""
    return checkout.Ask(
        ids.new(ids.bucket_of(member_id)),
        member_id,
        where.store_id,
        tuple(holds.Wanted(each.variant_id, quantity) for each, quantity in wanted),
    )


async def placed(
    db: Db, member_id: UUID, where: Shop, *wanted: tuple[Item, int], now: datetime = NOON
) -> checkout.Placed:
    """Place an order that waits for its money."""
    return await checkout.place(db, ask(member_id, where, *wanted), now)


async def attempt(
    db: Db, member_id: UUID, order_id: UUID, now: datetime = NOON, channel: str = "jsapi"
) -> payments.Attempt:
    """Open the pay sheet."""
    return await payments.open_attempt(db, member_id, order_id, channel, now)


def money(for_: payments.Attempt, amount_fen: int | None = None, number: str = "") -> payments.Paid:
    """Say, as the provider does, that money came for a try to pay."""
    amount = for_.amount_fen if amount_fen is None else amount_fen
    return payments.Paid(for_.out_trade_no, number or f"wx{for_.id.hex}", amount, later(1))


async def paid(
    db: Db, member_id: UUID, where: Shop, *wanted: tuple[Item, int], now: datetime = NOON
) -> checkout.Placed:
    """Place an order and let its money come."""
    order = await placed(db, member_id, where, *wanted, now=now)
    tried = await attempt(db, member_id, order.id, now)
    assert await payments.settle(db, money(tried), now) == "paid"
    return order


async def refunded(
    db: Db, order_id: UUID, *lines: tuple[int, int], now: datetime = NOON
) -> refunds.Refund:
    """Ask for lines of a paid order back, and let the provider do it."""
    owed = await refunds.ask(db, back(order_id, *lines), now)
    await refunds.settle(db, owed.id, now)
    return owed


def back(order_id: UUID, *lines: tuple[int, int]) -> refunds.BackAsk:
    """Ask for so many pieces of some lines back, under a new id."""
    refund_id = ids.new(ids.bucket_of(order_id))
    return refunds.BackAsk(
        refund_id, order_id, tuple(refunds.BackLine(*each) for each in lines), "changed my mind"
    )


async def in_walls_of(pool: Pool, member_id: UUID, order: checkout.Ask) -> checkout.Placed:
    """Place an order as a door does: committed, inside the member's own walls."""
    async with pool.transaction(member_walls(member_id)) as db:
        return await checkout.place(db, order, NOON)


async def settled(pool: Pool, money: payments.Paid, now: datetime = NOON) -> str:
    """Settle as the hook does: committed, inside the system's walls."""
    async with pool.transaction(SYSTEM) as db:
        return await payments.settle(db, money, now)


async def levels(db: Db, where: Shop, items: Sequence[Item]) -> list[tuple[int, int]]:
    """Read the counters (on hand, held) of some items in a store."""
    found = {}
    for row in await db.raw.fetch(
        "SELECT variant_id, on_hand, held FROM stock.levels WHERE store_id = $1", where.store_id
    ):
        found[row["variant_id"]] = (row["on_hand"], row["held"])
    return [found[each.variant_id] for each in items]


async def announced(db: Db, fact: type, order_id: UUID) -> int:
    """Count the facts of one kind that were announced about an order."""
    await db.flush()
    count: int = await db.raw.fetchval(
        "SELECT count(*) FROM base.outbox WHERE kind = $1 AND body ->> 'order_id' = $2",
        fact.__name__,
        str(order_id),
    )
    return count


async def _category(db: Db) -> UUID:
    known = await catalog.known_categories(db)
    if "test-milk" not in known:
        department = catalog.DepartmentRow(ids.named("test", "dairy"), "test-dairy", "乳品",
                                           "Dairy", 0)  # fmt: skip
        await catalog.put_departments(db, [department])
        row = catalog.CategoryRow(ids.named("test", "milk"), department.id, "test-milk", "牛奶",
                                  "Milk")  # fmt: skip
        await catalog.put_categories(db, [row])
    return ids.named("test", "milk")
