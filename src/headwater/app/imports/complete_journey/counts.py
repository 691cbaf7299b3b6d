"""What the source holds and what the database holds of it, counted alike."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import timedelta
from uuid import UUID

import numpy as np

from headwater.app.imports.complete_journey import receipts
from headwater.app.imports.complete_journey.source import Source
from headwater.base.db import Db
from headwater.books import imports as to_books
from headwater.catalog import imports as to_catalog
from headwater.gate import imports as to_gate
from headwater.members import imports as to_members
from headwater.pricing import imports as to_pricing
from headwater.reach import imports as to_reach
from headwater.stores import imports as to_stores
from headwater.trade import imports as to_trade

SOURCE = "complete journey"


@dataclass(frozen=True)
class Counts:
    """What the source holds, or what the database holds of it; the two must be equal."""

    stores: int
    products: int
    households: int
    baskets: int
    lines: int
    campaigns: int
    recipients: int
    redemptions: int
    sales_fen: int
    member_discount_fen: int
    store_match_fen: int
    maker_coupon_fen: int
    booked_fen: int


@dataclass(frozen=True)
class Report:
    """What an import found and left behind."""

    source: Counts
    database: Counts
    was_there: bool
    shift: timedelta
    undescribed_products: int
    derived_prices: int

    def differences(self) -> list[str]:
        """Name the counts that differ; the list must be empty."""
        return [
            field.name
            for field in fields(Counts)
            if getattr(self.source, field.name) != getattr(self.database, field.name)
        ]


def count_source(source: Source) -> Counts:
    """Add up what the source holds, in whole fen."""
    sales = source.sales
    return Counts(
        stores=len(np.unique(sales.store)),
        products=len(source.products.id),
        households=len(np.unique(sales.household)),
        baskets=len(np.unique(sales.basket)),
        lines=len(sales.basket),
        campaigns=len(source.campaigns),
        recipients=len(source.recipients),
        redemptions=len(source.redemptions),
        sales_fen=int(sales.sales_fen.sum()),
        member_discount_fen=int(sales.member_fen.sum()),
        store_match_fen=int(sales.match_fen.sum()),
        maker_coupon_fen=int(sales.maker_fen.sum()),
        booked_fen=int(sales.sales_fen.sum()),
    )


async def count_database(db: Db, campaign_ids: list[UUID]) -> Counts:
    """Add up what the database holds of the source, line by line."""
    sums = await to_trade.sums(db, receipts.PREFIX)
    booked = await to_books.booked(db, receipts.POS, receipts.BOOKED)
    return Counts(
        stores=await to_stores.count_demo_shops(db),
        products=await to_catalog.count_products(db, receipts.PREFIX),
        households=await to_members.count(db, SOURCE),
        baskets=sums.orders,
        lines=sums.lines,
        campaigns=await to_reach.count_past(db, receipts.PREFIX),
        recipients=await to_gate.count_past(db, campaign_ids),
        redemptions=await to_pricing.count_used_coupons(db, SOURCE),
        sales_fen=sums.payable_fen if sums.payable_fen == sums.orders_payable_fen else -1,
        member_discount_fen=sums.member_fen,
        store_match_fen=sums.match_fen,
        maker_coupon_fen=sums.maker_fen,
        booked_fen=booked.amount_fen,
    )
