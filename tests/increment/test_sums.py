"""Sums: rows become a table, whatever their order and however they are cut into parts."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from headwater.base.db import Db
from headwater.base.sql import Statement
from headwater.increment.sums import passes, table
from headwater.increment.sums.passes import Rows
from headwater.increment.sums.table import DRAWN, WEEKS_BEFORE, Adding

LOOKS = 3
MOST = WEEKS_BEFORE + LOOKS
Bill = tuple[int, int, int]

bills = st.lists(
    st.tuples(st.integers(0, 7), st.integers(1, MOST), st.integers(-(10**12), 10**12)), max_size=60
)


def rows(said: list[Bill]) -> Rows:
    """Write rows as the server would send them."""
    made = np.zeros(len(said), dtype=passes._ROW)
    for name, at in (("unit", 0), ("place", 1), ("value", 2)):
        made[name] = [each[at] for each in said]
    return made


@given(bills, st.randoms(use_true_random=False), st.integers(1, 9))
def test_a_table_adds_up_what_the_rows_say_in_any_order(
    sold: list[Bill], random: object, at_once: int
) -> None:
    said = [*sold, *((unit, DRAWN, unit % 2) for unit in range(8))]
    random.shuffle(said)  # type: ignore[attr-defined]
    adding = Adding(LOOKS)
    for start in range(0, len(said), at_once):
        adding.take(rows(said[start : start + at_once]))
    found = adding.table()

    assert found.is_treated.tolist() == [unit % 2 == 1 for unit in range(8)]
    for unit in range(8):
        mine = [(place, fen) for who, place, fen in sold if who == unit]
        looks = [
            sum(fen for place, fen in mine if WEEKS_BEFORE < place <= WEEKS_BEFORE + look)
            for look in range(1, LOOKS + 1)
        ]
        spans = [
            sum(fen for place, fen in mine if first < WEEKS_BEFORE + 1 - place <= last)
            for first, last in table.SPANS.values()
        ]
        weeks = len({place for place, _ in mine if place <= WEEKS_BEFORE})
        assert [int(each[unit]) for each in found.columns] == [*looks, *spans, weeks, sum(spans)]


def test_nobody_drawn_is_an_empty_table() -> None:
    found = Adding(LOOKS).table()
    assert found.of(found.is_treated).n == 0


async def test_more_rows_than_one_part_holds_all_arrive(db: Db) -> None:
    many = Statement(
        "many",
        "SELECT n - 1 AS unit, 0::smallint, (n % 3)::bigint FROM generate_series(1, $1::int) AS n",
        ("count",),
        "test",
    )
    parts: list[Rows] = []
    await passes.pour(db, many, parts.append, count=200_000)
    assert len(parts) > 1
    whole = np.concatenate(parts)
    assert (whole["unit"] == np.arange(200_000)).all()
    assert int(whole["value"].sum()) == sum(n % 3 for n in range(1, 200_001))
