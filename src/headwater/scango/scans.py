"""Scans: what a camera reads goes into the cart of this store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from headwater.base import ids
from headwater.base.db import Db
from headwater.catalog import products
from headwater.catalog.products import Scanned
from headwater.pricing.quotes import Quote
from headwater.scango.errors import VisitOver
from headwater.scango.visits import Visit
from headwater.trade import carts, checkout
from headwater.trade.carts import CartLine, Put
from headwater.trade.checkout import Ask


@dataclass(frozen=True)
class Basket:
    """What was scanned so far, priced by us; empty baskets have no price."""

    lines: list[CartLine]
    quote: Quote | None

    @property
    def pieces(self) -> int:
        """Count what is in the shopper's hands."""
        return sum(line.quantity for line in self.lines)

    def payable_fen(self, variant_id: UUID) -> int:
        """Tell what a line costs."""
        lines = self.quote.lines if self.quote else ()
        return next((line.payable_fen for line in lines if line.variant_id == variant_id), 0)


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


async def basket(db: Db, visit: Visit, now: datetime) -> Basket:
    """Show what was scanned, priced as the order would be."""
    lines = await carts.lines(db, visit.member_id, visit.store_id)
    if not lines:
        return Basket([], None)
    order_id = ids.new(ids.bucket_of(visit.member_id))
    return Basket(
        lines, await checkout.preview(db, Ask(order_id, visit.member_id, visit.store_id), now)
    )
