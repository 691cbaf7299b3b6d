"""Campaigns, their recipients and what was redeemed: touches of the past."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import numpy as np

from headwater.app.imports.complete_journey.places import BRAND
from headwater.app.imports.complete_journey.receipts import PREFIX, Ids, Receipts
from headwater.app.imports.complete_journey.source import LAST_DAY, Sales, Source, day_moment
from headwater.base import ids
from headwater.gate.imports import PastMessageRow
from headwater.pricing.imports import CouponOfferRow, UsedCouponRow
from headwater.reach.imports import PastCampaignRow

CHANNEL = "mail"
SOURCE = "complete journey"
# What a coupon took off where no receipt tells it.
USUAL_OFF_FEN = 100


@dataclass(frozen=True)
class Past:
    """Everything that the source knows about campaigns, as rows."""

    campaigns: list[PastCampaignRow]
    messages: list[PastMessageRow]
    offers: list[CouponOfferRow]
    used: list[UsedCouponRow]


@dataclass(frozen=True)
class _Basket:
    order_id: UUID
    # By product, what the maker's coupons paid.
    coupons: dict[int, int]


_Baskets = dict[tuple[int, date], list[_Basket]]
_KEYS = ("coupon_upc", "campaign_id")


def make(source: Source, known: Ids, receipts: Receipts) -> Past:
    """Make the rows of all campaigns."""
    campaigns = {each["campaign_id"]: each for each in source.campaigns}
    baskets = _baskets_with_days(source, known, receipts)
    products = _products_of_coupons(source)
    offs = _offs(source, baskets, products)
    return Past(
        campaigns=[_campaign(each, source) for each in source.campaigns],
        messages=[_message(each, campaigns, source, known) for each in source.recipients],
        offers=[
            _offer(upc, campaigns[campaign], source, offs.get(upc, USUAL_OFF_FEN))
            for upc, campaign in sorted(
                set(zip(*(source.coupons[c].to_pylist() for c in _KEYS), strict=True))
            )
        ],
        used=[
            _used(each, campaigns, source, known, _matching(each, source.shift, baskets, products))
            for each in source.redemptions
        ],
    )


def campaign_id(number: int) -> UUID:
    """Give the id of a campaign of the source."""
    return ids.named("campaign", f"{PREFIX}{number}")


def _campaign(each: dict[str, Any], source: Source) -> PastCampaignRow:
    starts, ends = _span(each, source)
    kind = str(each["campaign_type"])
    return PastCampaignRow(
        campaign_id(each["campaign_id"]),
        BRAND.id,
        f"{PREFIX}{each['campaign_id']}",
        f"优惠券直邮 {each['campaign_id']}（{kind}）",
        CHANNEL,
        {"kind": kind, "title_zh": "优惠券直邮", "title_en": "Coupons by mail"},
        max((ends - starts).days, 1),
        starts,
        ends,
    )


def _message(
    each: dict[str, Any], campaigns: dict[int, dict[str, Any]], source: Source, known: Ids
) -> PastMessageRow:
    member = _member(each["household_id"], known)
    bucket = ids.bucket_of(member)
    name = f"{PREFIX}{each['campaign_id']}\n{each['household_id']}"
    starts, _ = _span(campaigns[each["campaign_id"]], source)
    return PastMessageRow(
        bucket,
        ids.named_in(bucket, "message", name),
        BRAND.id,
        member,
        campaign_id(each["campaign_id"]),
        starts,
    )


def _offer(upc: int, campaign: dict[str, Any], source: Source, off_fen: int) -> CouponOfferRow:
    starts, ends = _span(campaign, source)
    code = _offer_code(upc, campaign["campaign_id"])
    return CouponOfferRow(
        ids.named("offer", code),
        BRAND.id,
        code,
        f"厂商优惠券 {upc}",
        f"Maker's coupon {upc}",
        off_fen,
        starts,
        ends,
    )


def _used(
    each: dict[str, Any],
    campaigns: dict[int, dict[str, Any]],
    source: Source,
    known: Ids,
    basket: _Basket | None,
) -> UsedCouponRow:
    member = _member(each["household_id"], known)
    bucket = ids.bucket_of(member)
    starts, _ = _span(campaigns[each["campaign_id"]], source)
    used_at = day_moment(each["redemption_date"], source.shift, 12)
    code = _offer_code(each["coupon_upc"], each["campaign_id"])
    name = f"{code}\n{each['household_id']}\n{each['redemption_date']:%Y-%m-%d}"
    return UsedCouponRow(
        bucket,
        ids.named_in(bucket, "coupon", name),
        member,
        ids.named("offer", code),
        min(starts, used_at),
        # A used coupon ends with its use, so that one without a known order is not used again.
        used_at,
        None if basket is None else basket.order_id,
        used_at,
    )


def _baskets_with_days(source: Source, known: Ids, receipts: Receipts) -> _Baskets:
    """Find the baskets of those who redeemed, by household and day of the shifted calendar."""
    wanted = {each["household_id"] for each in source.redemptions}
    households = known.households[receipts.member]
    days = (receipts.sold_at + np.timedelta64(8, "h")).astype("datetime64[D]").tolist()
    coupons = _coupon_lines(source.sales, receipts)
    found: _Baskets = defaultdict(list)
    for place in np.flatnonzero(np.isin(households, list(wanted))):
        basket = _Basket(receipts.order_ids[place], coupons.get(int(place), {}))
        found[int(households[place]), days[place]].append(basket)
    return found


def _coupon_lines(sales: Sales, receipts: Receipts) -> dict[int, dict[int, int]]:
    found: dict[int, dict[int, int]] = defaultdict(dict)
    for line in np.flatnonzero(sales.maker_fen > 0):
        found[int(receipts.line_order[line])][int(sales.product[line])] = int(sales.maker_fen[line])
    return found


def _products_of_coupons(source: Source) -> dict[int, set[int]]:
    wanted = {each["coupon_upc"] for each in source.redemptions}
    upcs = source.coupons["coupon_upc"].to_numpy()
    is_wanted = np.isin(upcs, list(wanted))
    found: dict[int, set[int]] = defaultdict(set)
    products = source.coupons["product_id"].to_numpy()
    for upc, product in zip(upcs[is_wanted], products[is_wanted], strict=True):
        found[int(upc)].add(int(product))
    return found


def _matching(
    each: dict[str, Any], shift: timedelta, baskets: _Baskets, products: dict[int, set[int]]
) -> _Basket | None:
    """Find the basket of a redemption: that day's with its product, else any with coupons."""
    day = (each["redemption_date"] + shift).date()
    that_day = baskets.get((each["household_id"], day), [])
    with_product = [b for b in that_day if products[each["coupon_upc"]] & b.coupons.keys()]
    return next(iter(with_product or [b for b in that_day if b.coupons]), None)


def _offs(source: Source, baskets: _Baskets, products: dict[int, set[int]]) -> dict[int, int]:
    """Read off the receipts what each coupon took off: the median where it was redeemed."""
    seen: dict[int, list[int]] = defaultdict(list)
    for each in source.redemptions:
        basket = _matching(each, source.shift, baskets, products)
        if basket is not None:
            wanted = products[each["coupon_upc"]]
            seen[each["coupon_upc"]] += [
                fen for product, fen in basket.coupons.items() if product in wanted
            ]
    return {upc: sorted(fens)[len(fens) // 2] for upc, fens in seen.items() if fens}


def _span(campaign: dict[str, Any], source: Source) -> tuple[datetime, datetime]:
    """Give when a campaign began and ended; one that outlives the data ends with them."""
    last = datetime.combine(LAST_DAY, time())
    starts = day_moment(campaign["start_date"], source.shift, 9)
    ends = day_moment(min(campaign["end_date"], last), source.shift, 21)
    return starts, ends


def _member(household: int, known: Ids) -> UUID:
    return known.members[int(np.searchsorted(known.households, household))]


def _offer_code(upc: int, campaign: int) -> str:
    return f"CJ-{campaign}-{upc}"
