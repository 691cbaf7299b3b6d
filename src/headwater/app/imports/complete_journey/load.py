"""The demo brand: a year of real-pattern receipts becomes stores, products, members and sales."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from headwater.app.imports.complete_journey import (
    campaigns,
    opening_stock,
    people,
    places,
    receipts,
    shelf,
)
from headwater.app.imports.complete_journey.counts import (
    SOURCE,
    Report,
    count_database,
    count_source,
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
class Plan:
    """Where the files are, by how much they move, and which app the members follow."""

    folder: Path
    shift: timedelta
    followed: Followed


@dataclass(frozen=True)
class _Town:
    """Where the sales happen: shops, shelves and members, as rows."""

    places: places.Places
    shelf: shelf.Shelf
    households: people.Households
    known: receipts.Ids


@dataclass(frozen=True)
class _Year:
    """What happened there."""

    receipts: receipts.Receipts
    past: campaigns.Past


async def load(
    owner: Pool, keys: Keys, plan: Plan, now: datetime, progress: Progress = lambda *_: None
) -> Report:
    """Load everything in one transaction, or find it there and change nothing.

    What is there may have been lived with since, so it is counted and never written over. The
    pool must be the owner's: COPY is refused to a role whose rows are walled, and an import is an
    act of whoever runs the installation.
    """
    steps = _Steps(progress)
    steps.next("reading")
    source = read(plan.folder, plan.shift)
    expected = count_source(source)
    campaign_ids = [campaigns.campaign_id(each["campaign_id"]) for each in source.campaigns]
    async with owner.transaction(SYSTEM) as db:
        found = await count_database(db, campaign_ids)
        if found.baskets:
            return Report(expected, found, True, plan.shift, 0, 0)
        steps.next("composing")
        town = await asyncio.to_thread(_town, source, plan.followed)
        await _refuse_clashes(db, town)
        # The year is put in order while the database is busy with the shelves.
        year = asyncio.create_task(asyncio.to_thread(_year, source, town.known))
        await _write_town(db, keys, town, steps, now)
        await _write_year(db, source, town, await year, steps)
        steps.next("stock")
        await _write_stock(db, source, town, now)
        await refresh_statistics(db, LOADED)
        steps.next("checking")
        found = await count_database(db, campaign_ids)
    made = town.shelf
    return Report(expected, found, False, plan.shift, made.undescribed, made.derived_prices)


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


def _town(source: Source, followed: Followed) -> _Town:
    """Make shops, shelves and members; nothing here touches the database."""
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
    return _Town(made_places, made_shelf, households, known)


def _year(source: Source, known: receipts.Ids) -> _Year:
    """Make orders out of receipts, and touches out of campaigns."""
    arranged = receipts.arrange(source.sales, known)
    return _Year(arranged, campaigns.make(source, known, arranged))


def _busiest_first(store: Array, basket: Array) -> list[int]:
    _, first = np.unique(basket, return_index=True)
    numbers, visits = np.unique(store[first], return_counts=True)
    return [int(numbers[each]) for each in np.lexsort((numbers, -visits))]


async def _refuse_clashes(db: Db, made: _Town) -> None:
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


async def _write_town(db: Db, keys: Keys, made: _Town, steps: _Steps, now: datetime) -> None:
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


async def _write_year(db: Db, source: Source, town: _Town, year: _Year, steps: _Steps) -> None:
    steps.next("sales")
    await to_trade.load(
        db,
        receipts.orders(year.receipts, town.known),
        receipts.lines(source.sales, year.receipts, town.known),
        receipts.log(year.receipts),
    )
    await to_books.load(db, receipts.transfers(year.receipts, town.known))
    steps.next("campaigns")
    await to_reach.put_past(db, year.past.campaigns)
    await to_gate.put_past(db, year.past.messages, campaigns.CHANNEL)
    await to_pricing.put_coupon_offers(db, year.past.offers)
    await to_pricing.put_used_coupons(db, year.past.used, SOURCE)


async def _write_stock(db: Db, source: Source, town: _Town, now: datetime) -> None:
    online = ids.named("store", places.ONLINE)
    counts = opening_stock.make(source.sales, town.shelf, town.known, online)
    for counted in chunks(counts):
        await to_stock.put_counts(db, counted, opening_stock.CAUSE, now)


async def _write_places(db: Db, made: places.Places) -> None:
    await to_stores.put_brands(db, [BRAND])
    await to_stores.put_regions(db, made.regions)
    await to_stores.put_stores(db, made.stores)
    await to_stores.put_staff(db, made.staff)
    await to_stores.put_grants(db, made.grants)


def _relations(made: _Town, now: datetime) -> list[to_guides.RelationRow]:
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
