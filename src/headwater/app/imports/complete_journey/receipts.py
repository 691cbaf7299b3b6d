"""Receipts as past orders, in columns: a year of them is written without a loop over lines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np

from headwater.app.imports.complete_journey.source import Array, Sales
from headwater.base import ids
from headwater.base.postgres.bulk import CHUNK, moments, same, uuids, whole
from headwater.trade import imports as past

POS = "pos:external"
PREFIX = "cj-"
# How the business keys of these sales begin in the books.
BOOKED = f"{PREFIX}imported:"
# A cart takes at most this many of one thing; more on a receipt line is a measure, not a count.
MOST = 999
# Three amounts below this fit one 64-bit number.
_WIDE = 1 << 20


@dataclass(frozen=True)
class Ids:
    """What the source's numbers are called here, in the order of the sorted numbers."""

    households: Array
    members: list[UUID]
    stores: Array
    store_ids: list[UUID]
    products: Array
    variants: list[UUID]


@dataclass(frozen=True)
class Receipts:
    """Baskets as orders, sorted by bucket and id as the tables' keys are."""

    baskets: Array
    order_ids: list[UUID]
    buckets: Array
    member: Array
    store: Array
    sold_at: Array
    goods_fen: Array
    payable_fen: Array
    # For every line: which order, and its number there; `sequence` sorts lines as orders are.
    line_order: Array
    line_no: Array
    sequence: Array


def pieces(quantity: Array) -> Array:
    """Count pieces: none and a measure (fuel is measured in thousandths) are one sale each."""
    return np.where((quantity < 1) | (quantity > MOST), 1, quantity)


def arrange(sales: Sales, known: Ids) -> Receipts:
    """Gather lines into orders and put both into the order of their keys."""
    baskets, first, basket = np.unique(sales.basket, return_index=True, return_inverse=True)
    member = np.searchsorted(known.households, sales.household[first])
    order_ids = [
        past.order_id(known.members[who], f"{PREFIX}{number}")
        for who, number in zip(member, baskets, strict=True)
    ]
    buckets = np.array([ids.bucket_of(each) for each in order_ids], dtype=np.int64)
    halves = np.frombuffer(b"".join(each.bytes for each in order_ids), dtype=">u8").reshape(-1, 2)
    order = np.lexsort((halves[:, 1], halves[:, 0], buckets))
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    line_order = place[basket]
    sequence = np.argsort(line_order, kind="stable")
    starts = np.searchsorted(line_order[sequence], np.arange(len(order)))
    line_no = np.empty(len(sequence), dtype=np.int64)
    line_no[sequence] = np.arange(len(sequence)) - starts[line_order[sequence]] + 1
    goods = sales.sales_fen + sales.member_fen + sales.match_fen
    return Receipts(
        baskets=baskets[order],
        order_ids=[order_ids[each] for each in order],
        buckets=buckets[order],
        member=member[order],
        store=np.searchsorted(known.stores, sales.store[first])[order],
        sold_at=sales.sold_at[first][order],
        goods_fen=np.bincount(line_order, goods, len(order)).astype(np.int64),
        payable_fen=np.bincount(line_order, sales.sales_fen, len(order)).astype(np.int64),
        line_order=line_order,
        line_no=line_no,
        sequence=sequence,
    )


def orders(found: Receipts, known: Ids) -> dict[str, Array]:
    """Lay out trade.orders."""
    count = len(found.order_ids)
    at = moments(found.sold_at)
    numbers = "".join(past.number(each) for each in found.order_ids).encode()
    return {
        "bucket": whole(found.buckets, 2),
        "id": uuids(found.order_ids),
        "number": np.frombuffer(numbers, dtype="V12"),
        "member_id": uuids(known.members)[found.member],
        "store_id": uuids(known.store_ids)[found.store],
        "kind": same("store", count),
        "state": same("handed_over", count),
        "door": same("store", count),
        "fulfilment": same("carried", count),
        "goods_fen": whole(found.goods_fen, 8),
        "discount_fen": whole(found.goods_fen - found.payable_fen, 8),
        "payable_fen": whole(found.payable_fen, 8),
        "external_id": _texts([f"{PREFIX}{number}" for number in found.baskets]),
        "placed_at": at,
        "paid_at": at,
        "ended_at": at,
    }


def lines(sales: Sales, found: Receipts, known: Ids) -> Iterator[dict[str, Array]]:
    """Lay out trade.order_lines, in blocks whose explanations are equally long."""
    order_ids, members = uuids(found.order_ids), uuids(known.members)
    stores, variants = uuids(known.store_ids), uuids(known.variants)
    parts, kind = _parts(sales)
    for start in range(0, len(found.sequence), CHUNK):
        chunk = found.sequence[start : start + CHUNK]
        widths = np.array([len(parts[each]) for each in kind[chunk]])
        for width in np.unique(widths):
            line = chunk[widths == width]
            order = found.line_order[line]
            quantity = pieces(sales.quantity[line]).astype(np.int64)
            goods = (sales.sales_fen + sales.member_fen + sales.match_fen)[line]
            yield {
                "bucket": whole(found.buckets[order], 2),
                "order_id": order_ids[order],
                "line_no": whole(found.line_no[line], 2),
                "member_id": members[found.member[order]],
                "store_id": stores[found.store[order]],
                "variant_id": variants[np.searchsorted(known.products, sales.product[line])],
                "quantity": whole(quantity, 4),
                "unit_fen": whole((goods + quantity // 2) // quantity, 8),
                "goods_fen": whole(goods, 8),
                "discount_fen": whole(goods - sales.sales_fen[line], 8),
                "payable_fen": whole(sales.sales_fen[line], 8),
                "parts": np.frombuffer(
                    b"".join([parts[each] for each in kind[line]]), dtype=f"V{width}"
                ),
            }


def log(found: Receipts) -> dict[str, Array]:
    """Lay out trade.order_log: each order came to be handed over elsewhere."""
    count = len(found.order_ids)
    named = [ids.named_in(ids.bucket_of(each), "order log", str(each)) for each in found.order_ids]
    return {
        "bucket": whole(found.buckets, 2),
        "order_id": uuids(found.order_ids),
        "id": uuids(named),
        "to_state": same("handed_over", count),
        "why": same("imported", count),
        "by_whom": same("import", count),
        "logged_at": moments(found.sold_at),
    }


def transfers(found: Receipts, known: Ids) -> dict[str, Array]:
    """Lay out books.transfers: what a till took is a sale of its shop; nothing taken, no row."""
    paid = np.flatnonzero(found.payable_fen > 0)
    accounts = [f"sales:store:{each}" for each in known.store_ids]
    keys = [f"{BOOKED}{found.order_ids[each]}" for each in paid]
    buckets = found.buckets[paid]
    named = [
        ids.named_in(int(bucket), "transfer", key)
        for bucket, key in zip(buckets, keys, strict=True)
    ]
    return {
        "bucket": whole(buckets, 2),
        "id": uuids(named),
        "debit_account": same(POS, len(paid)),
        "credit_account": _texts(accounts)[found.store[paid]],
        "amount_fen": whole(found.payable_fen[paid], 8),
        "business_key": _texts(keys),
        "member_id": uuids(known.members)[found.member[paid]],
        "booked_at": moments(found.sold_at[paid]),
    }


def _texts(words: list[str]) -> Array:
    """Lay out texts that are all equally long; the source's numbers and our ids are."""
    raw = [word.encode() for word in words]
    width = len(raw[0])
    if any(len(each) != width for each in raw):
        raise ValueError("texts of different lengths do not fit one block")
    return np.frombuffer(b"".join(raw), dtype=f"V{width}")


def _parts(sales: Sales) -> tuple[list[bytes], Array]:
    """Write every distinct explanation once; a line points to its own.

    A maker's coupon takes nothing off what the shop takes in: the maker pays it. So it explains
    no discount (0 fen) and says what it paid.
    """
    if max(sales.member_fen.max(), sales.match_fen.max(), sales.maker_fen.max()) >= _WIDE:
        raise ValueError("a discount of more than a million fen on one line")
    packed = (sales.member_fen * _WIDE + sales.match_fen) * _WIDE + sales.maker_fen
    kinds, kind = np.unique(packed, return_inverse=True)
    split = [
        (int(each) // _WIDE**2, int(each) // _WIDE % _WIDE, int(each) % _WIDE) for each in kinds
    ]
    return [_explained(*each) for each in split], kind


def _explained(member_fen: int, match_fen: int, maker_fen: int) -> bytes:
    found: list[dict[str, Any]] = []
    if member_fen:
        found.append({"kind": "member", "fen": member_fen, "offer": None})
    if match_fen:
        found.append({"kind": "match", "fen": match_fen, "offer": None})
    if maker_fen:
        found.append({"kind": "maker", "fen": 0, "paid": maker_fen, "offer": None})
    # The first byte is the version of jsonb on the wire.
    return b"\x01" + json.dumps(found, separators=(",", ":")).encode()
