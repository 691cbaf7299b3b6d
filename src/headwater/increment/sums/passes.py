"""Passes: rows by the million leave the database as bytes, and no object is made of any."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from headwater.base.db import Db
from headwater.base.sql import Statement, statements

sql = statements(__file__)

# A look-up of one unit costs what some dozens of orders cost in one pass over all of them.
_ORDERS_PER_UNIT: Final = 100
_AT_ONCE: Final = 1 << 22
# PostgreSQL's binary copy: a header of 19 bytes, rows, and a closing word of two bytes. Each row
# says how many fields it has, and each field how long it is.
_HEADER: Final = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_END: Final = b"\xff\xff"
_ROW: Final = np.dtype(
    [("fields", ">i2"), ("unit_length", ">i4"), ("unit", ">i4"), ("place_length", ">i4"),
     ("place", ">i2"), ("value_length", ">i4"), ("value", ">i8")]
)  # fmt: skip
_SHAPE: Final = {"fields": 3, "unit_length": 4, "place_length": 2, "value_length": 8}

Rows = NDArray[np.void]


async def pour(db: Db, statement: Statement, take: Callable[[Rows], None], **values: Any) -> None:
    """Hand over what a statement gives, some hundred thousand rows at a time.

    Its columns are unit (integer), place (smallint) and value (bigint), and none is ever NULL.
    """
    held = bytearray()
    is_begun = False

    def handed(least: int) -> None:
        nonlocal is_begun
        if not is_begun and len(held) >= len(_HEADER):
            assert held[: len(_HEADER)] == _HEADER, "the server's binary copy begins otherwise"
            del held[: len(_HEADER)]
            is_begun = True
        count = len(held) // _ROW.itemsize
        if is_begun and count and len(held) >= least:
            take(_read(bytes(held[: count * _ROW.itemsize])))
            del held[: count * _ROW.itemsize]

    async def heard(data: bytes) -> None:
        held.extend(data)
        handed(_AT_ONCE)

    await db.copy_out(statement, heard, **values)
    handed(0)
    assert held == _END, "a row of another shape, or a NULL"


def _read(data: bytes) -> Rows:
    rows = np.frombuffer(data, dtype=_ROW)
    assert all((rows[name] == said).all() for name, said in _SHAPE.items()), "rows of another shape"
    return rows


@asynccontextmanager
async def over_orders(db: Db, units: int) -> AsyncIterator[None]:
    """Read all orders in one pass where so many units cost more to look up one by one.

    Behind walls the planner takes every table of members for a hundredth of what it is, and looks
    each member up, all over the disk; how many were drawn is what we know and it does not.
    """
    orders = await db.value(sql.orders_roughly)
    is_wide = orders is not None and 0 < orders < units * _ORDERS_PER_UNIT
    if is_wide:
        await db.raw.execute("SET LOCAL enable_nestloop = off; SET LOCAL work_mem = '64MB'")
    yield
    if is_wide:
        await db.raw.execute("SET LOCAL enable_nestloop TO DEFAULT; SET LOCAL work_mem TO DEFAULT")
