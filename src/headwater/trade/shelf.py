"""The shelf: products with their price and stock at one store, as a shopper meets them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from headwater.base.db import Db
from headwater.base.sql import statements

sql = statements(__file__)


@dataclass(frozen=True)
class Card:
    """A product on the shelf of one store."""

    id: UUID
    variant_id: UUID
    title_zh: str
    title_en: str
    size_label: str
    category_code: str
    department_code: str
    item_number: str
    price_fen: int | None
    member_price_fen: int | None
    free: int
    picture: str | None


@dataclass(frozen=True)
class _Id:
    id: UUID


async def cards(db: Db, product_ids: Sequence[UUID], store_id: UUID) -> list[Card]:
    """Show products in the order given, with what they cost and how many are left here."""
    return await db.all(sql.cards, Card, product_ids=list(product_ids), store_id=store_id)


async def in_stock(db: Db, store_id: UUID, most: int, skip: int = 0) -> list[UUID]:
    """List what sells most of what this store has now."""
    found = await db.all(sql.in_stock, _Id, store_id=store_id, most=most, skip=skip)
    return [each.id for each in found]
