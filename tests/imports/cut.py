"""A small cut of the Complete Journey files, in the form that the package has."""

from __future__ import annotations

from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

from headwater.app.imports.complete_journey import source

HOUSEHOLDS = 25
PRODUCTS = 400


def cut(folder: Path) -> Path:
    """Keep what some households did, the products they bought and some they did not."""
    place = source.folder()
    sales = pq.read_table(place / "transactions.parquet")
    redeemed = pq.read_table(place / "coupon_redemptions.parquet")
    who = pc.unique(redeemed["household_id"])[:HOUSEHOLDS]

    def theirs(name: str) -> None:
        table = pq.read_table(place / f"{name}.parquet")
        kept = table.filter(pc.is_in(table["household_id"], who))
        pq.write_table(kept, folder / f"{name}.parquet")

    sales = sales.filter(pc.is_in(sales["household_id"], who))
    pq.write_table(sales, folder / "transactions.parquet")
    products = pq.read_table(place / "products.parquet")
    bought = pc.is_in(products["product_id"], pc.unique(sales["product_id"]))
    first = pc.less(products["product_id"], products["product_id"][PRODUCTS])
    pq.write_table(products.filter(pc.or_(bought, first)), folder / "products.parquet")
    for name in ("campaigns", "coupon_redemptions"):
        theirs(name)
    for name in ("campaign_descriptions", "coupons"):
        pq.write_table(pq.read_table(place / f"{name}.parquet"), folder / f"{name}.parquet")
    return folder
