"""Search: by what people type, in either language, by item number and by barcode."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from headwater.base.db import Db
from headwater.base.sql import statements
from headwater.catalog.terms import query_terms

sql = statements(__file__)

TYPED_MOST = 64


@dataclass(frozen=True)
class Found:
    """Product ids in order; `is_near` when nothing held every word and this is the nearest."""

    ids: list[UUID]
    is_near: bool = False


@dataclass(frozen=True)
class _Id:
    id: UUID


async def find(
    db: Db, typed: str, most: int = 24, skip: int = 0, brand_id: UUID | None = None
) -> Found:
    """Find products, of one brand or of all; a zero hit shows the nearest instead of nothing."""
    typed = typed.strip()[:TYPED_MOST]
    code = typed.replace(" ", "").replace("-", "")
    # Item numbers may be letters alone, so every short word in ASCII is tried as one.
    if code.isascii() and skip == 0:
        exact = await db.all(sql.by_code, _Id, code=code.upper())
        if exact:
            return Found([each.id for each in exact])
    terms = query_terms(typed)
    if not terms:
        return Found([])
    found = await db.all(sql.by_terms, _Id, terms=terms, brand_id=brand_id, most=most, skip=skip)
    if found or skip:
        return Found([each.id for each in found])
    near = await db.all(sql.near, _Id, terms=terms, brand_id=brand_id, most=most)
    return Found([each.id for each in near], is_near=True)
