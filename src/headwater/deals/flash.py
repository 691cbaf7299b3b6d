"""Flash sales: a price for a while, and one order to a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.errors import BadInput
from headwater.base.sql import statements
from headwater.deals.errors import AlreadyTookPart, SaleNotOn, TooManyInSale
from headwater.stock.holds import Wanted
from headwater.trade import checkout
from headwater.trade.checkout import Ask, Placed

sql = statements(__file__)


@dataclass(frozen=True)
class Sale:
    """One variant of one store at a price for a while."""

    id: UUID
    store_id: UUID
    variant_id: UUID
    product_id: UUID
    label_zh: str
    label_en: str
    price_fen: int
    each_most: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class OnShow:
    """A sale as a shopper sees it: the thing, what it costs else, and their own order in it."""

    id: UUID
    product_id: UUID
    label_zh: str
    label_en: str
    title_zh: str
    title_en: str
    size_label: str
    category_code: str
    picture: str | None
    was_fen: int
    price_fen: int
    each_most: int
    free: int
    ends_at: datetime
    order_number: str | None


@dataclass(frozen=True)
class NewSale:
    """A flash sale that somebody sets up."""

    id: UUID
    store_id: UUID
    variant_id: UUID
    label_zh: str
    label_en: str
    price_fen: int
    each_most: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class BuyAsk:
    """Who wants how many; `order_id` is made by the client, so that asking twice is once."""

    sale_id: UUID
    order_id: UUID
    member_id: UUID
    quantity: int
    door: str = "website"
    fulfilment: str = "pickup"
    touch_code: str | None = None


@dataclass(frozen=True)
class _Claim:
    order_id: UUID


async def set_up(db: Db, sale: NewSale) -> None:
    """Write down a flash sale; a repeat changes nothing."""
    if not sale.starts_at < sale.ends_at:
        raise BadInput("ends_at", "a sale ends after it starts")
    await db.run(sql.set_up, **vars(sale))


async def live(db: Db, store_id: UUID, now: datetime) -> list[Sale]:
    """List what is on in a store now; the query itself evaluates the end."""
    return await db.all(sql.live, Sale, store_id=store_id, now=now)


async def on_show(db: Db, store_id: UUID, person_id: UUID, now: datetime) -> list[OnShow]:
    """Show what is on in a store, and in what this person takes part; the one ending first."""
    return await db.all(
        sql.on_show,
        OnShow,
        store_id=store_id,
        bucket=ids.bucket_of(person_id),
        member_id=person_id,
        now=now,
    )


async def one(db: Db, sale_id: UUID, now: datetime) -> Sale:
    """Find a sale that is on."""
    sale = await db.maybe(sql.one, Sale, id=sale_id, now=now)
    if sale is None:
        raise SaleNotOn(sale_id=str(sale_id))
    return sale


async def buy(
    db: Db, ask: BuyAsk, now: datetime, hold_seconds: int = checkout.HOLD_SECONDS
) -> Placed:
    """Order at the flash price: the claim and the order stand or fall together.

    Raises SaleNotOn, TooManyInSale, AlreadyTookPart or SoldOut, and then nothing has changed.
    """
    sale = await one(db, ask.sale_id, now)
    if not 1 <= ask.quantity <= sale.each_most:
        raise TooManyInSale(most=sale.each_most)
    await claim(db, ask, now)
    return await checkout.place(
        db,
        Ask(
            order_id=ask.order_id,
            member_id=ask.member_id,
            store_id=sale.store_id,
            wanted=(Wanted(sale.variant_id, ask.quantity),),
            kind="flash",
            door=ask.door,
            fulfilment=ask.fulfilment,
            touch_code=ask.touch_code,
            flash_units_fen={sale.variant_id: sale.price_fen},
        ),
        now,
        hold_seconds,
    )


async def claim(db: Db, ask: BuyAsk, now: datetime) -> None:
    """Take part once: the member's key in the sale is the limit."""
    key = {
        "bucket": ids.bucket_of(ask.member_id),
        "sale_id": ask.sale_id,
        "member_id": ask.member_id,
    }
    written = await db.run(sql.claim, **key, order_id=ask.order_id, quantity=ask.quantity, now=now)
    if written:
        return
    mine = await db.one(sql.claimed, _Claim, **key)
    if mine.order_id != ask.order_id:
        raise AlreadyTookPart(order_id=str(mine.order_id))


async def free(db: Db, member_id: UUID, order_id: UUID) -> None:
    """Let a member take part again, after their order ended unpaid."""
    await db.run(sql.free, bucket=ids.bucket_of(member_id), member_id=member_id, order_id=order_id)
