"""The priced cart: a pure function that explains every fen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from headwater.base.money import spread


@dataclass(frozen=True)
class ToPrice:
    """A line before it has a price: what the shelf says, and what a member pays."""

    variant_id: UUID
    quantity: int
    unit_fen: int
    member_unit_fen: int | None = None
    flash_unit_fen: int | None = None


@dataclass(frozen=True)
class Offer:
    """Money off once the goods reach a floor; a coupon is one that must be in hand."""

    id: UUID
    kind: str
    floor_fen: int
    off_fen: int


@dataclass(frozen=True)
class Part:
    """One reason why a line costs less than its shelf price."""

    kind: str
    amount_fen: int
    offer_id: UUID | None = None


@dataclass(frozen=True)
class PricedLine:
    """A line whose payable amount is its goods less its parts, to the fen."""

    variant_id: UUID
    quantity: int
    unit_fen: int
    goods_fen: int
    discount_fen: int
    payable_fen: int
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Quote:
    """A priced cart: the lines sum to the totals exactly."""

    lines: tuple[PricedLine, ...]
    goods_fen: int
    discount_fen: int
    payable_fen: int
    used: tuple[Offer, ...]


def price(lines: Sequence[ToPrice], offers: Sequence[Offer], is_member: bool) -> Quote:
    """Price a cart: own prices first, then the best threshold offer, then a coupon.

    An offer's amount is spread over the lines by what they cost at that point, largest remainder
    first, so that refunding every line returns exactly what was paid. A line at a flash price
    takes part in no further offer.
    """
    goods = [line.unit_fen * line.quantity for line in lines]
    parts: list[list[Part]] = [_own_parts(line, is_member) for line in lines]
    used: list[Offer] = []
    for kind in ("threshold", "coupon"):
        left = [
            0 if line.flash_unit_fen is not None else whole - sum(p.amount_fen for p in given)
            for line, whole, given in zip(lines, goods, parts, strict=True)
        ]
        offer = _best([each for each in offers if each.kind == kind], sum(left))
        if offer is None:
            continue
        used.append(offer)
        off = min(offer.off_fen, sum(left))
        for given, amount in zip(parts, spread(off, left), strict=True):
            if amount:
                given.append(Part(kind, amount, offer.id))
    priced = tuple(
        _priced(line, whole, tuple(given))
        for line, whole, given in zip(lines, goods, parts, strict=True)
    )
    return Quote(
        priced,
        sum(goods),
        sum(line.discount_fen for line in priced),
        sum(line.payable_fen for line in priced),
        tuple(used),
    )


def _own_parts(line: ToPrice, is_member: bool) -> list[Part]:
    if line.flash_unit_fen is not None and line.flash_unit_fen < line.unit_fen:
        return [Part("flash", (line.unit_fen - line.flash_unit_fen) * line.quantity)]
    if is_member and line.member_unit_fen is not None and line.member_unit_fen < line.unit_fen:
        return [Part("member", (line.unit_fen - line.member_unit_fen) * line.quantity)]
    return []


def _best(offers: Sequence[Offer], amount_fen: int) -> Offer | None:
    reached = [each for each in offers if each.floor_fen <= amount_fen and amount_fen > 0]
    return max(reached, key=lambda each: (each.off_fen, str(each.id)), default=None)


def _priced(line: ToPrice, goods_fen: int, parts: tuple[Part, ...]) -> PricedLine:
    discount = sum(part.amount_fen for part in parts)
    return PricedLine(
        line.variant_id,
        line.quantity,
        line.unit_fen,
        goods_fen,
        discount,
        goods_fen - discount,
        parts,
    )
