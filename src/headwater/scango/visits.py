"""A visit: somebody scanning through a store, from its door to its exit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.sql import statements
from headwater.scango.errors import NoSuchStore, VisitOver
from headwater.trade import checkout
from headwater.trade.checkout import Ask, Placed

sql = statements(__file__)

# Nobody shops longer than this in one go; a visit left open yesterday is not today's.
OPEN_HOURS = 12


@dataclass(frozen=True)
class Visit:
    """Somebody in a store, with a cart that fills."""

    id: UUID
    member_id: UUID
    store_id: UUID
    order_id: UUID | None
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class Place:
    """The store that a code on a door stands for."""

    id: UUID
    name_zh: str
    name_en: str


async def place_of(db: Db, code: str) -> Place:
    """Find the store whose code hangs at the door."""
    found = await db.maybe(sql.place_of, Place, code=code.strip())
    if found is None:
        raise NoSuchStore(code=code)
    return found


async def place(db: Db, store_id: UUID) -> Place:
    """Name the store of a visit."""
    return await db.one(sql.place, Place, store_id=store_id)


async def start(db: Db, member_id: UUID, store_id: UUID, now: datetime) -> Visit:
    """Begin a visit, or go on with the one that is open in this store."""
    bucket = ids.bucket_of(member_id)
    where = {
        "bucket": bucket,
        "member_id": member_id,
        "store_id": store_id,
        "not_before": now - timedelta(hours=OPEN_HOURS),
    }
    brought = await db.maybe(sql.brought, Visit, **where)
    if brought is not None:
        return brought
    return await db.one(sql.start, Visit, **where, id=ids.new(bucket), now=now)


async def own(db: Db, member_id: UUID, visit_id: UUID) -> Visit:
    """Find one's own visit; somebody else's does not exist."""
    visit = await db.maybe(
        sql.own, Visit, bucket=ids.bucket_of(visit_id), id=visit_id, member_id=member_id
    )
    if visit is None:
        raise VisitOver(visit_id=str(visit_id))
    return visit


async def check_out(
    db: Db,
    member_id: UUID,
    visit_id: UUID,
    order_id: UUID,
    now: datetime,
    shown_fen: int | None = None,
) -> Placed:
    """Order what was scanned; the goods are in the shopper's hands already.

    The order's id is made by the client, so a second tap gives the same order. Raises SoldOut,
    PriceChanged or EmptyCart, and then the visit goes on.
    """
    visit = await own(db, member_id, visit_id)
    if visit.order_id is not None:
        return await checkout.find(db, member_id, visit.order_id)
    ask = Ask(
        order_id=_in_hand(visit, order_id),
        member_id=member_id,
        store_id=visit.store_id,
        kind="scan_and_go",
        door="scango",
        fulfilment="carried",
        shown_fen=shown_fen,
    )
    placed = await checkout.place(db, ask, now)
    await db.run(
        sql.end,
        bucket=ids.bucket_of(visit_id),
        id=visit_id,
        member_id=member_id,
        order_id=placed.id,
        now=now,
    )
    return placed


def _in_hand(visit: Visit, order_id: UUID) -> UUID:
    """Let an order's id that was shown to an account count for the member whom it became."""
    bucket = ids.bucket_of(visit.member_id)
    if ids.bucket_of(order_id) == ids.bucket_of(visit.id) != bucket:
        return ids.named_in(bucket, "order of a brought visit", str(order_id))
    return order_id
