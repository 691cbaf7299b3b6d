"""Scans: what a camera reads goes into the cart of this store."""

from __future__ import annotations

from datetime import datetime

from headwater.base.db import Db
from headwater.catalog import products
from headwater.catalog.products import Scanned
from headwater.scango.errors import VisitOver
from headwater.scango.visits import Visit
from headwater.trade import carts
from headwater.trade.carts import Put


async def scan(db: Db, visit: Visit, barcode: str, now: datetime) -> Scanned:
    """Lay what was scanned into the cart; the same item again is one more of it.

    Raises UnknownBarcode, and then the cart is as it was.
    """
    if visit.ended_at is not None:
        raise VisitOver(visit_id=str(visit.id))
    scanned = await products.by_barcode(db, barcode)
    put = Put(visit.store_id, scanned.variant_id, 1, door="scango")
    await carts.put(db, visit.member_id, put, now)
    return scanned
