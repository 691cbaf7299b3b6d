"""Checkout: an order is priced, its stock held and its payable made, all in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.errors import BadInput, NotLoggedIn, Refusal
from headwater.base.events import announce
from headwater.base.sql import statements
from headwater.pricing import coupons, quotes
from headwater.pricing.errors import CouponGone, NoPrice
from headwater.stock import holds
from headwater.stores.errors import StoreGone
from headwater.trade import payments
from headwater.trade.errors import EmptyCart, OrderGone, PriceChanged
from headwater.trade.events import OrderPlaced

sql = statements(__file__)

HOLD_SECONDS = 900
LINES_MOST = 100


@dataclass(frozen=True)
class Ask:
    """What a shopper asks for. `order_id` is made by the client, so that asking twice is once.

    Without `wanted` the order takes what lies in the member's cart for this store.
    """

    order_id: UUID
    member_id: UUID
    store_id: UUID
    wanted: tuple[holds.Wanted, ...] = ()
    kind: str = "normal"
    door: str = "website"
    fulfilment: str = "pickup"
    touch_code: str | None = None
    coupon_id: UUID | None = None
    shown_fen: int | None = None
    logged_in_at: datetime | None = None
    flash_units_fen: Mapping[UUID, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Placed:
    """An order that waits for its money until `due_at`."""

    id: UUID
    number: str
    store_id: UUID
    state: str
    payable_fen: int
    due_at: datetime | None


@dataclass(frozen=True)
class _Prepared:
    variant_id: UUID
    quantity: int
    price_fen: int | None
    member_price_fen: int | None
    offers: list[tuple[str, str, int, int]]
    sessions_from_at: datetime | None


@dataclass(frozen=True)
class _Id:
    id: UUID


async def place(db: Db, ask: Ask, now: datetime, hold_seconds: int = HOLD_SECONDS) -> Placed:
    """Place an order: it exists, its stock is held and its amount is owed, or none of it is.

    Raises SoldOut, NoPrice, CouponGone, EmptyCart or PriceChanged; the caller's transaction ends
    with it, and then nothing has changed. An order that costs nothing is paid at once.
    """
    _check(ask)
    prepared = await _prepare(db, ask, now)
    _check_login(ask, prepared)
    try:
        quote = _quote(ask, prepared)
    except Refusal:
        # The first request emptied the cart and used the coupon; its copy finds neither.
        known = await _maybe(db, ask.member_id, ask.order_id)
        if known is not None:
            return known
        raise
    due_at = now + timedelta(seconds=hold_seconds)
    number = ids.order_number(ask.order_id)
    placed = Placed(ask.order_id, number, ask.store_id, "placed", quote.payable_fen, due_at)
    if not await _write(db, ask, quote, placed, now):
        return await find(db, ask.member_id, ask.order_id)
    if ask.coupon_id is not None and any(offer.kind == "coupon" for offer in quote.used):
        await coupons.use(db, ask.member_id, ask.coupon_id, ask.order_id, now)
    await announce(db, _fact(ask, quote, now), now=now)
    # The shelf comes last: its rows are the ones that other shoppers wait for.
    wanted = tuple(holds.Wanted(line.variant_id, line.quantity) for line in quote.lines)
    await holds.take(db, holds.Basket(ask.order_id, ask.store_id, wanted), due_at, now)
    if quote.payable_fen == 0:
        await payments.accept_free(db, ask.order_id, now)
        return replace(placed, state="paid", due_at=None)
    return placed


async def preview(db: Db, ask: Ask, now: datetime) -> quotes.Quote:
    """Price what would be ordered, and change nothing."""
    return _quote(ask, await _prepare(db, ask, now))


async def find(db: Db, member_id: UUID, order_id: UUID) -> Placed:
    """Find a member's own order."""
    found = await _maybe(db, member_id, order_id)
    if found is None:
        raise OrderGone(order_id=str(order_id))
    return found


async def _maybe(db: Db, member_id: UUID, order_id: UUID) -> Placed | None:
    # An order of an account that became this member's lies where it lay.
    bucket = ids.bucket_of(order_id)
    return await db.maybe(sql.find, Placed, bucket=bucket, order_id=order_id, member_id=member_id)


def _check(ask: Ask) -> None:
    if ids.bucket_of(ask.order_id) != ids.bucket_of(ask.member_id):
        raise BadInput("order_id", "malformed")
    seen = [each.variant_id for each in ask.wanted]
    if len(seen) > LINES_MOST:
        raise BadInput("lines", "too_many")
    if len(set(seen)) != len(seen):
        raise BadInput("lines", "named_twice")
    if any(not 1 <= each.quantity <= 999 for each in ask.wanted):
        raise BadInput("quantity", "out_of_range")


def _check_login(ask: Ask, prepared: Sequence[_Prepared]) -> None:
    """Refuse a login that was ended since; a cookie counts whole seconds."""
    if ask.logged_in_at is None or not prepared:
        return
    since = prepared[0].sessions_from_at
    if since is None or ask.logged_in_at < since.replace(microsecond=0):
        raise NotLoggedIn


async def _prepare(db: Db, ask: Ask, now: datetime) -> list[_Prepared]:
    asked = {
        "bucket": ids.bucket_of(ask.member_id),
        "member_id": ask.member_id,
        "store_id": ask.store_id,
        "variant_ids": [each.variant_id for each in ask.wanted],
        "quantities": [each.quantity for each in ask.wanted],
        "now": now,
    }
    if ask.wanted and ask.coupon_id is None:
        return await db.all(sql.prepare_asked, _Prepared, **asked)
    return await db.all(
        sql.prepare, _Prepared, **asked, coupon_id=ask.coupon_id, is_from_cart=not ask.wanted
    )


def _quote(ask: Ask, prepared: Sequence[_Prepared]) -> quotes.Quote:
    if not prepared:
        raise StoreGone(store_id=str(ask.store_id)) if ask.wanted else EmptyCart()
    if len(prepared) > LINES_MOST:
        raise BadInput("lines", "too_many")
    unpriced = [str(each.variant_id) for each in prepared if each.price_fen is None]
    if unpriced:
        raise NoPrice(variant_ids=unpriced)
    offers = [quotes.Offer(UUID(row[0]), row[1], row[2], row[3]) for row in prepared[0].offers]
    if ask.coupon_id is not None and all(offer.kind != "coupon" for offer in offers):
        raise CouponGone(coupon_id=str(ask.coupon_id))
    quote = quotes.price([_to_price(ask, each) for each in prepared], offers, is_member=True)
    if ask.shown_fen is not None and ask.shown_fen != quote.payable_fen:
        raise PriceChanged(shown_fen=ask.shown_fen, payable_fen=quote.payable_fen)
    return quote


def _to_price(ask: Ask, each: _Prepared) -> quotes.ToPrice:
    assert each.price_fen is not None
    return quotes.ToPrice(
        each.variant_id,
        each.quantity,
        each.price_fen,
        each.member_price_fen,
        ask.flash_units_fen.get(each.variant_id),
    )


async def _write(db: Db, ask: Ask, quote: quotes.Quote, placed: Placed, now: datetime) -> bool:
    bucket = ids.bucket_of(ask.member_id)
    written = await db.maybe(
        sql.place,
        _Id,
        bucket=bucket,
        order_id=ask.order_id,
        number=placed.number,
        member_id=ask.member_id,
        store_id=ask.store_id,
        kind=ask.kind,
        door=ask.door,
        fulfilment=ask.fulfilment,
        touch_code=ask.touch_code,
        goods_fen=quote.goods_fen,
        discount_fen=quote.discount_fen,
        payable_fen=quote.payable_fen,
        now=now,
        due_at=placed.due_at,
        log_id=ids.new(bucket),
        variant_ids=[line.variant_id for line in quote.lines],
        quantities=[line.quantity for line in quote.lines],
        units_fen=[line.unit_fen for line in quote.lines],
        lines_goods_fen=[line.goods_fen for line in quote.lines],
        lines_discount_fen=[line.discount_fen for line in quote.lines],
        lines_parts=[_parts(line) for line in quote.lines],
    )
    if written is not None and not ask.wanted:
        _empty_cart(db, ask, quote)
    return written is not None


def _empty_cart(db: Db, ask: Ask, quote: quotes.Quote) -> None:
    """Take what was ordered out of the cart, along with what is written next."""
    db.carry(
        sql.empty_cart,
        bucket=ids.bucket_of(ask.member_id),
        member_id=ask.member_id,
        store_id=ask.store_id,
        variant_ids=[line.variant_id for line in quote.lines],
        quantities=[line.quantity for line in quote.lines],
    )


def _parts(line: quotes.PricedLine) -> list[dict[str, Any]]:
    return [
        {
            "kind": part.kind,
            "fen": part.amount_fen,
            "offer": None if part.offer_id is None else str(part.offer_id),
        }
        for part in line.parts
    ]


def _fact(ask: Ask, quote: quotes.Quote, now: datetime) -> OrderPlaced:
    return OrderPlaced(
        ask.order_id, ask.member_id, ask.store_id, quote.payable_fen, ask.touch_code, now
    )
