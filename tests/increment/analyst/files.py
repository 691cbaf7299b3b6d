"""Files as an analyst would have them, made of columns."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

Columns = Mapping[str, Sequence[Any]]
SHARE = 0.25


def csv_of(folder: Path, columns: Columns, name: str = "test.csv") -> Path:
    """Write columns as a CSV file."""
    file = folder / name
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    return file


def parquet_of(folder: Path, columns: Columns, name: str = "test.parquet") -> Path:
    """Write columns as a Parquet file."""
    file = folder / name
    pq.write_table(pa.table({key: pa.array(each) for key, each in columns.items()}), file)
    return file


def members(count: int = 600, lift: float = 0.2, seed: int = 1) -> dict[str, list[Any]]:
    """Make members drawn with their guides: every fourth guide is held out."""
    random = np.random.default_rng(seed)
    guide = random.integers(0, 120, count)
    held = guide % 4 == 0
    habit = random.gamma(2.0, 5_000.0, count)
    spent = habit * random.gamma(4.0, 0.25, count) * np.where(held, 1.0, 1.0 + lift)
    return {
        "member": [f"m{number}" for number in range(count)],
        "arm": ["holdout" if each else "treated" for each in held],
        "guide": guide.tolist(),
        "spent": spent.astype(int).tolist(),
        "orders": (random.poisson(3.0, count) + 1).tolist(),
        "before": habit.astype(int).tolist(),
        "share": random.random(count).tolist(),
    }


def weeks(columns: dict[str, list[Any]], before: int = 2, after: int = 3) -> dict[str, list[Any]]:
    """Spread members over weeks: what was before the start is in rows of its own."""
    long: dict[str, list[Any]] = {"member": [], "arm": [], "week": [], "spent": [], "orders": []}
    whole = list(zip(*(columns[key] for key in ("member", "arm", "spent", "orders", "before")),
                     strict=True))  # fmt: skip
    for member, arm, spent, orders, habit in whole:
        for week in range(before + after):
            is_after = week >= before
            total, parts = (spent, after) if is_after else (habit, before)
            first = week == (before if is_after else 0)
            long["member"].append(member)
            long["arm"].append(arm)
            long["week"].append(week)
            long["spent"].append(total - total // parts * (parts - 1) if first else total // parts)
            long["orders"].append(orders if first and is_after else 0)
    return long
