"""Flash sales before they begin: wished for in many stores at once, looked at, and called off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.errors import BadInput
from headwater.base.sql import statements
from headwater.deals.errors import SaleNotOn

sql = statements(__file__)

EACH_MOST: Final = 99
LONGEST: Final = timedelta(days=31)
# Below this share of the usual price somebody has to say that no digit is missing.
_STEEP: Final = 0.3


@dataclass(frozen=True)
class Thing:
    """What somebody means by an item number or a barcode."""

    variant_id: UUID
    item_number: str
    product_id: UUID
    brand_id: UUID
    title_zh: str
    title_en: str


@dataclass(frozen=True)
class Wish:
    """A flash sale of one thing in some stores; `id` is the client's, so asking twice is once."""

    id: UUID
    store_ids: Sequence[UUID]
    variant_id: UUID
    label_zh: str
    label_en: str
    price_fen: int
    each_most: int
    starts_at: datetime
    ends_at: datetime
    is_steep_meant: bool = False


@dataclass(frozen=True)
class Planned:
    """A sale of a store as those who run it see it; `taken` counts pieces in orders."""

    id: UUID
    label_zh: str
    label_en: str
    product_id: UUID
    title_zh: str
    title_en: str
    size_label: str
    item_number: str
    price_fen: int
    each_most: int
    starts_at: datetime
    ends_at: datetime
    taken: int


@dataclass(frozen=True)
class _Stands:
    store_id: UUID
    price_fen: int | None
    is_taken: bool


@dataclass(frozen=True)
class _Count:
    sales: int


@dataclass(frozen=True)
class _Where:
    store_id: UUID
    starts_at: datetime
    ends_at: datetime


async def thing(db: Db, typed: str) -> Thing:
    """Find what is meant by an item number or a barcode; raises BadInput where nothing is."""
    code = typed.replace(" ", "").replace("-", "").upper()
    found = await db.maybe(sql.thing, Thing, code=code)
    if found is None:
        raise BadInput("item", "unknown_item")
    return found


async def plan(db: Db, wish: Wish, now: datetime) -> int:
    """Write a sale down in every store where it can be; tell in how many that is.

    It can be where the thing usually costs more, and where it is in no other sale at that time.
    Raises BadInput that names the field, where it can be in none, and then nothing has changed.
    """
    _check(wish, now)
    places = {each: ids.named("flash sale", f"{wish.id}:{each}") for each in wish.store_ids}
    found = await db.all(
        sql.stands, _Stands, variant_id=wish.variant_id, store_ids=list(places),
        ids=list(places.values()), starts_at=wish.starts_at, ends_at=wish.ends_at,
    )  # fmt: skip
    sold = {each.store_id: each.price_fen for each in found if each.price_fen is not None}
    if not sold:
        raise BadInput("item", "not_sold_here")
    cheaper = {each: usual for each, usual in sold.items() if usual > wish.price_fen}
    if not cheaper:
        raise BadInput("price", "not_cheaper")
    taken = {each.store_id for each in found if each.is_taken}
    fit = [each for each in cheaper if each not in taken]
    if not fit:
        raise BadInput("starts_at", "in_another_sale")
    if wish.price_fen < _STEEP * max(cheaper[each] for each in fit) and not wish.is_steep_meant:
        raise BadInput("price", "very_low")
    await db.run(
        sql.write, ids=[places[each] for each in fit], store_ids=fit, variant_id=wish.variant_id,
        label_zh=wish.label_zh, label_en=wish.label_en, price_fen=wish.price_fen,
        each_most=wish.each_most, starts_at=wish.starts_at, ends_at=wish.ends_at,
    )  # fmt: skip
    return len(fit)


def _check(wish: Wish, now: datetime) -> None:
    if wish.price_fen < 1:
        raise BadInput("price", "too_small")
    if not 1 <= wish.each_most <= EACH_MOST:
        raise BadInput("each_most", "out_of_range")
    if wish.ends_at <= now:
        raise BadInput("ends_at", "in_the_past")
    if wish.ends_at <= wish.starts_at:
        raise BadInput("ends_at", "backwards")
    if wish.ends_at - wish.starts_at > LONGEST:
        raise BadInput("ends_at", "longer_than_a_month")


async def of_store(db: Db, store_id: UUID, most: int, skip: int = 0) -> list[Planned]:
    """List a store's sales, what ends last first; the caller's walls must hold every member."""
    return await db.all(sql.of_store, Planned, store_id=store_id, most=most, skip=skip)


async def count(db: Db, store_id: UUID) -> int:
    """Count the sales that a store has or had."""
    return (await db.one(sql.count, _Count, store_id=store_id)).sales


async def store_of(db: Db, sale_id: UUID) -> UUID | None:
    """Tell in which store a sale is, and keep it as it is until the end of the transaction."""
    found = await db.maybe(sql.where_is, _Where, id=sale_id)
    return found.store_id if found else None


async def stop(db: Db, sale_id: UUID, now: datetime) -> None:
    """End what is on, or call off what has not begun; orders that exist keep their price.

    Raises SaleNotOn where it has ended already.
    """
    ended = await db.run(sql.end_now, id=sale_id, now=now)
    if not ended and not await db.run(sql.call_off, id=sale_id, now=now):
        raise SaleNotOn(sale_id=str(sale_id))
