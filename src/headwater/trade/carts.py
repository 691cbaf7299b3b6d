"""Carts: one for each member over all doors; a visitor's joins it at login."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.errors import BadInput
from headwater.base.sql import statements
from headwater.catalog.errors import ProductGone

sql = statements(__file__)

QUANTITY_MOST = 999


@dataclass(frozen=True)
class Put:
    """Something laid into a cart, at a store, through a door."""

    store_id: UUID
    variant_id: UUID
    quantity: int
    door: str = "website"
    touch_code: str | None = None


@dataclass(frozen=True)
class CartLine:
    """A line of the cart, with what the page shows of it."""

    variant_id: UUID
    quantity: int
    touch_code: str | None
    product_id: UUID
    title_zh: str
    title_en: str
    size_label: str
    category_code: str
    picture: str | None
    free: int


@dataclass(frozen=True)
class CartStore:
    """A store in which something lies in the cart."""

    store_id: UUID
    quantity: int


@dataclass(frozen=True)
class _Lifted:
    store_id: UUID
    variant_id: UUID
    quantity: int
    touch_code: str | None
    door: str
    added_at: datetime


async def put(db: Db, member_id: UUID, what: Put, now: datetime) -> None:
    """Lay something into the cart, on top of what is there."""
    if not 1 <= what.quantity <= QUANTITY_MOST:
        raise BadInput("quantity", "out_of_range")
    if not await db.run(sql.put, **_row(member_id, what), now=now):
        raise ProductGone(variant_id=str(what.variant_id))


async def set_line(db: Db, member_id: UUID, what: Put, now: datetime) -> None:
    """Set how many of a variant are wanted, whether or not it lies in the cart; none removes it."""
    if what.quantity == 0:
        await change(db, member_id, what.store_id, what.variant_id, 0)
        return
    if not 1 <= what.quantity <= QUANTITY_MOST:
        raise BadInput("quantity", "out_of_range")
    if not await db.run(sql.set_line, **_row(member_id, what), now=now):
        raise ProductGone(variant_id=str(what.variant_id))


async def change(db: Db, member_id: UUID, store_id: UUID, variant_id: UUID, quantity: int) -> None:
    """Set how many of a line are wanted; none takes the line away."""
    if not 0 <= quantity <= QUANTITY_MOST:
        raise BadInput("quantity", "out_of_range")
    key = {
        "bucket": ids.bucket_of(member_id),
        "member_id": member_id,
        "store_id": store_id,
        "variant_id": variant_id,
    }
    if quantity == 0:
        await db.run(sql.remove, **key)
    else:
        await db.run(sql.change, **key, quantity=quantity)


async def move(db: Db, member_id: UUID, from_store_id: UUID, to_store_id: UUID) -> None:
    """Carry what lies in the cart at one store over to another, on top of what is there."""
    if from_store_id == to_store_id:
        return
    await db.run(
        sql.move,
        bucket=ids.bucket_of(member_id),
        member_id=member_id,
        from_store_id=from_store_id,
        to_store_id=to_store_id,
    )


async def lines(db: Db, member_id: UUID, store_id: UUID) -> list[CartLine]:
    """List what lies in the cart for one store."""
    return await db.all(
        sql.lines,
        CartLine,
        bucket=ids.bucket_of(member_id),
        member_id=member_id,
        store_id=store_id,
    )


async def count(db: Db, member_id: UUID) -> int:
    """Count the pieces in the whole cart."""
    counted: int = await db.value(sql.count, bucket=ids.bucket_of(member_id), member_id=member_id)
    return counted


async def stores(db: Db, member_id: UUID) -> list[CartStore]:
    """List the stores in which something lies in the cart."""
    return await db.all(sql.stores, CartStore, bucket=ids.bucket_of(member_id), member_id=member_id)


async def merge(db: Db, visitor_id: UUID, member_id: UUID, now: datetime) -> int:
    """Join a visitor's cart to the member's at login; tell how many lines came along.

    Both carts are behind different walls, so the caller's transaction is the system's.
    """
    lifted = await db.all(
        sql.lift, _Lifted, bucket=ids.bucket_of(visitor_id), visitor_id=visitor_id
    )
    if lifted:
        await db.run(
            sql.merge,
            bucket=ids.bucket_of(member_id),
            member_id=member_id,
            now=now,
            store_ids=[each.store_id for each in lifted],
            variant_ids=[each.variant_id for each in lifted],
            quantities=[each.quantity for each in lifted],
            touch_codes=[each.touch_code for each in lifted],
            doors=[each.door for each in lifted],
        )
    return len(lifted)


def _row(member_id: UUID, what: Put) -> dict[str, Any]:
    return {
        "bucket": ids.bucket_of(member_id),
        "member_id": member_id,
        "store_id": what.store_id,
        "variant_id": what.variant_id,
        "quantity": what.quantity,
        "touch_code": what.touch_code,
        "door": what.door,
    }
