"""The demo brand: a year of real-pattern receipts becomes stores, products, members and sales."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import numpy as np

from headwater.app.imports.complete_journey import (
    campaigns,
    opening_stock,
    people,
    places,
    receipts,
    shelf,
)
from headwater.app.imports.complete_journey.people import Followed
from headwater.app.imports.complete_journey.places import BRAND
from headwater.app.imports.complete_journey.source import Array, Source, read
from headwater.base import ids
from headwater.base.crypto import Keys
from headwater.base.db import SYSTEM, Db, Pool
from headwater.base.errors import BadInput
from headwater.base.postgres.bulk import chunks, refresh_statistics
from headwater.books import imports as to_books
from headwater.catalog import imports as to_catalog
from headwater.gate import imports as to_gate
from headwater.guides import imports as to_guides
from headwater.members import imports as to_members
from headwater.pricing import imports as to_pricing
from headwater.reach import imports as to_reach
from headwater.stock import imports as to_stock
from headwater.stores import imports as to_stores
from headwater.trade import imports as to_trade

SOURCE = "complete journey"
PROTECTED = timedelta(days=30)
LOADED = (
    "stores.stores", "catalog.products", "catalog.variants", "catalog.barcodes", "pricing.prices",
    "pricing.offers", "pricing.coupons", "members.members", "members.identities",
    "members.finders", "members.consents", "guides.relations", "trade.orders",
    "trade.order_lines", "trade.order_log", "books.transfers", "gate.messages", "stock.levels",
    "stock.movements",
)  # fmt: skip

# Told the name of each step as it begins, with its place and how many there are.
Progress = Callable[[str, int, int], None]


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


@dataclass(frozen=True)
class Plan:
    """Where the files are, by how much they move, and which app the members follow."""

    folder: Path
    shift: timedelta
    followed: Followed


@dataclass(frozen=True)
class _Everything:
    """All rows of all rooms, before the first is written."""

    places: places.Places
    shelf: shelf.Shelf
    households: people.Households
    known: receipts.Ids
    receipts: receipts.Receipts
    past: campaigns.Past


async def load(
    owner: Pool, keys: Keys, plan: Plan, now: datetime, progress: Progress = lambda *_: None
) -> Report:
    """Load everything in one transaction, or find it there and change nothing.

    The pool must be the owner's: COPY is refused to a role whose rows are walled, and an import
    is an act of whoever runs the installation.
    """
    steps = _Steps(progress)
    steps.next("reading")
    source = read(plan.folder, plan.shift)
    expected = count_source(source)
    campaign_ids = [campaigns.campaign_id(each["campaign_id"]) for each in source.campaigns]
    async with owner.transaction(SYSTEM) as db:
        found = await count_database(db, campaign_ids)
        if found == expected:
            return Report(expected, found, True, plan.shift, 0, 0)
        steps.next("composing")
        everything = await asyncio.to_thread(_compose, source, plan.followed)
        await _refuse_clashes(db, everything)
        await _write(db, keys, source, everything, steps, now)
        await refresh_statistics(db, LOADED)
        steps.next("checking")
        found = await count_database(db, campaign_ids)
    made = everything.shelf
    return Report(expected, found, False, plan.shift, made.undescribed, made.derived_prices)


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


class _Steps:
    """Counts the steps, so that a bar can show how far the import is."""

    NAMES = (
        "reading", "composing", "stores", "products", "prices", "members", "sales", "campaigns",
        "stock", "checking",
    )  # fmt: skip

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def next(self, name: str) -> None:
        """Tell that a step begins."""
        self._progress(name, self.NAMES.index(name), len(self.NAMES))


def _compose(source: Source, followed: Followed) -> _Everything:
    """Make all rows; nothing here touches the database."""
    sales = source.sales
    opened_at = sales.sold_at.min().item().replace(tzinfo=UTC) - timedelta(days=365)
    made_places = places.make(_busiest_first(sales.store, sales.basket), opened_at)
    made_shelf = shelf.make(source.products, sales)
    households = people.households(sales, made_places.store_ids, followed)
    stores = np.unique(sales.store)
    known = receipts.Ids(
        households=np.array(households.numbers),
        members=people.member_ids(households.numbers),
        stores=stores,
        store_ids=[made_places.store_ids[int(number)] for number in stores],
        products=made_shelf.numbers,
        variants=[product.variant_id for product in made_shelf.products],
    )
    arranged = receipts.arrange(sales, known)
    past = campaigns.make(source, known, arranged)
    return _Everything(made_places, made_shelf, households, known, arranged, past)


def _busiest_first(store: Array, basket: Array) -> list[int]:
    _, first = np.unique(basket, return_index=True)
    numbers, visits = np.unique(store[first], return_counts=True)
    return [int(numbers[each]) for each in np.lexsort((numbers, -visits))]


async def _refuse_clashes(db: Db, made: _Everything) -> None:
    """Stop before the demo would write over a brand that uses the same codes."""
    stores = await to_stores.known_stores(db)
    held = [stores[each.code] for each in made.places.stores if each.code in stores]
    taken = [each.code for each in held if each.brand_id != BRAND.id]
    numbers = [each.item_number for each in made.shelf.products]
    items = await to_catalog.taken_item_numbers(db, numbers)
    ours = {each.item_number: each.external_id for each in made.shelf.products}
    taken += [number for number, external_id in items.items() if ours[number] != external_id]
    if taken:
        why = f"the code {taken[0]} is used here already; load the demo into a home of its own"
        raise BadInput("complete-journey", why)


async def _write(
    db: Db, keys: Keys, source: Source, made: _Everything, steps: _Steps, now: datetime
) -> None:
    steps.next("stores")
    await _write_places(db, made.places)
    steps.next("products")
    await to_catalog.put_departments(db, made.shelf.departments)
    await to_catalog.put_categories(db, made.shelf.categories)
    for products in chunks(made.shelf.products):
        await to_catalog.put_products(db, products)
    steps.next("prices")
    for rows in chunks(made.shelf.prices):
        await to_pricing.put_prices(db, rows, SOURCE, now)
    steps.next("members")
    await to_members.put(db, keys, made.households.people, SOURCE, now, is_demo=True)
    await to_guides.put_relations(db, _relations(made, now), "import")
    steps.next("sales")
    await to_trade.load(
        db,
        receipts.orders(made.receipts, made.known),
        receipts.lines(source.sales, made.receipts, made.known),
        receipts.log(made.receipts),
    )
    await to_books.load(db, receipts.transfers(made.receipts, made.known))
    steps.next("campaigns")
    await to_reach.put_past(db, made.past.campaigns)
    await to_gate.put_past(db, made.past.messages, campaigns.CHANNEL)
    await to_pricing.put_coupon_offers(db, made.past.offers)
    await to_pricing.put_used_coupons(db, made.past.used, SOURCE)
    steps.next("stock")
    online = ids.named("store", places.ONLINE)
    counts = opening_stock.make(source.sales, made.shelf, made.known, online)
    for counted in chunks(counts):
        await to_stock.put_counts(db, counted, opening_stock.CAUSE, now)


async def _write_places(db: Db, made: places.Places) -> None:
    await to_stores.put_brands(db, [BRAND])
    await to_stores.put_regions(db, made.regions)
    await to_stores.put_stores(db, made.stores)
    await to_stores.put_staff(db, made.staff)
    await to_stores.put_grants(db, made.grants)


def _relations(made: _Everything, now: datetime) -> list[to_guides.RelationRow]:
    """Give each member of a staffed shop one of its guides, by the member's own bucket."""
    rows = []
    for person in made.households.people:
        home = person.home_store_id
        if home is None or home not in made.places.guides:
            continue
        guides, bucket = made.places.guides[home], ids.bucket_of(person.id)
        guide, until = guides[bucket % len(guides)], now + PROTECTED
        rows.append(to_guides.RelationRow(bucket, person.id, guide, home, person.joined_at, until))
    return rows
