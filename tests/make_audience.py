"""Members with a past, for tests of rooms that look at them: written as an import writes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from headwater.base import ids
from headwater.base.crypto import Keys, seal
from headwater.base.db import Db
from headwater.members.identities import VALUE

NOON = datetime(2026, 6, 1, 4, 0, tzinfo=UTC)
KEYS = Keys((bytes(32),), (bytes(32),), ("signing",))
APP = "wx-test-account"


@dataclass(frozen=True)
class Place:
    """A brand with one region and one store."""

    code: str
    brand_id: UUID
    region_id: UUID
    store_id: UUID


async def write(
    db: Db, table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]
) -> None:
    """Insert rows one by one: COPY does not go through the walls."""
    places = ", ".join(f"${number}" for number in range(1, len(columns) + 1))
    await db.raw.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", rows)


async def place(db: Db, code: str = "test") -> Place:
    """Open a brand with one store."""
    made = Place(code, *(ids.named(f"test {kind}", code) for kind in ("brand", "region", "store")))
    # Members at home nowhere are every brand's; those whom other tests left behind are not ours.
    await db.raw.execute(
        "UPDATE members.members SET erased_at = $1 WHERE home_store_id IS NULL", NOON
    )
    await db.raw.execute(
        "INSERT INTO stores.brands VALUES ($1, $2, '牌', 'Brand')", made.brand_id, code
    )
    await db.raw.execute(
        "INSERT INTO stores.regions VALUES ($1, $2, $3, '区', 'Region')",
        made.region_id,
        made.brand_id,
        code,
    )
    await db.raw.execute(
        "INSERT INTO stores.stores (id, brand_id, region_id, code, kind, name_zh, name_en)"
        " VALUES ($1, $2, $3, $4, 'shop', '店', 'Shop')",
        made.store_id,
        made.brand_id,
        made.region_id,
        code,
    )
    return made


async def members(
    db: Db, where: Place, count: int, joined_at: datetime = NOON, batch: str = ""
) -> list[UUID]:
    """Let people join in this store, with no consent and no address yet."""
    # The same names draw the same arms in every run.
    made = [ids.named_member(where.code, f"{batch}{number}") for number in range(count)]
    await write(
        db,
        "members.members",
        ["bucket", "id", "member_no", "level", "home_store_id", "source", "joined_at",
         "sessions_from_at"],
        [
            (ids.bucket_of(id), id, ids.code(), "basic", where.store_id, "test",
             joined_at, joined_at)
            for id in made
        ],
    )  # fmt: skip
    return made


async def consent(
    db: Db,
    who: list[UUID],
    at: datetime,
    is_granted: bool = True,
    purpose: str = "marketing",
    channel: str = "official_account",
) -> None:
    """Let people allow something, or take it back."""
    await write(
        db,
        "members.consents",
        ["bucket", "id", "member_id", "purpose", "channel", "is_granted", "text_version",
         "evidence", "said_at"],
        [
            (ids.bucket_of(id), ids.new(ids.bucket_of(id)), id, purpose, channel, is_granted, "1",
             "test", at)
            for id in who
        ],
    )  # fmt: skip


async def follow(db: Db, who: list[UUID]) -> None:
    """Let people follow the official account, so that there is an address."""
    await write(
        db,
        "members.identities",
        ["bucket", "id", "member_id", "kind", "app_id", "value_sealed", "value_index", "evidence",
         "linked_at"],
        [
            (ids.bucket_of(id), ids.new(ids.bucket_of(id)), id, "open_id", APP,
             seal(KEYS, f"open-{id}", VALUE), id.bytes, "test", NOON)
            for id in who
        ],
    )  # fmt: skip


async def orders(
    db: Db, where: Place, bought: list[tuple[UUID, int, datetime]], refunded_fen: int = 0
) -> list[UUID]:
    """Sell: one paid store order for each (member, fen, when)."""
    made = [ids.new(ids.bucket_of(member_id)) for member_id, _, _ in bought]
    await write(
        db,
        "trade.orders",
        ["bucket", "id", "number", "member_id", "store_id", "kind", "state", "door", "fulfilment",
         "goods_fen", "discount_fen", "payable_fen", "refunded_fen", "placed_at", "paid_at"],
        [
            (ids.bucket_of(id), id, ids.order_number(id), member_id, where.store_id, "store",
             "handed_over", "store", "carried", fen, 0, fen, refunded_fen, at, at)
            for id, (member_id, fen, at) in zip(made, bought, strict=True)
        ],
    )  # fmt: skip
    return made


def day(number: float) -> datetime:
    """Give a moment so many days after NOON."""
    return NOON + timedelta(days=number)


async def lines(db: Db, where: Place, order_ids: list[UUID], category: str) -> None:
    """Put one thing of a category into each order."""
    names = ("department", "category", "product", "variant")
    department, shelf, product, variant = (ids.named(f"test {n}", category) for n in names)
    for text, values in (
        ("catalog.departments VALUES ($1, $2, '部', 'Department')", (department, f"D-{category}")),
        ("catalog.categories VALUES ($1, $2, $3, '牛奶', 'Milk')", (shelf, department, category)),
        (
            "catalog.products (id, external_id, brand_id, category_id, title_zh, title_en)"
            " VALUES ($1, $2, $3, $4, '', '')",
            (product, category, where.brand_id, shelf),
        ),
        (
            "catalog.variants (id, product_id, item_number) VALUES ($1, $2, $3)",
            (variant, product, category),
        ),
    ):
        await db.raw.execute(f"INSERT INTO {text} ON CONFLICT DO NOTHING", *values)
    await db.raw.execute(
        "INSERT INTO trade.order_lines (bucket, order_id, line_no, member_id, store_id,"
        " variant_id, quantity, unit_fen, goods_fen, discount_fen, payable_fen)"
        " SELECT bucket, id, 1, member_id, store_id, $2, 1, goods_fen, goods_fen, 0, goods_fen"
        "   FROM trade.orders WHERE id = ANY ($1)",
        order_ids,
        variant,
    )
