"""Tills write what the imports read, and real receipts become habits without losing anybody."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from headwater.app.demo import households
from headwater.app.imports.complete_journey.source import Sales
from headwater.app.imports.kinds import members, orders, returns
from headwater.world import tills
from headwater.world.heart import habits as making
from headwater.world.heart.effects import Causes, Effect
from headwater.world.heart.lives import Visits
from headwater.world.tills import Newcomer, Return
from headwater.world.truth import ANYWAY, Truth
from headwater.world.truth import Sales as Sold
from headwater.world.wanted import Wanted

START = datetime(2026, 3, 1, 16, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def visits(basket: list[int]) -> Visits:
    """Visits of the first person at noon of the first days."""
    count = len(basket)
    same = np.zeros(count, dtype=np.int64)
    return Visits(
        who=same, day=np.arange(count), second=same + 12 * 3600, basket=np.array(basket),
        is_online=same.astype(bool), returns_after=same, cause=same + ANYWAY,
        seed=np.arange(count) + 0xA0,
    )  # fmt: skip


def test_a_receipt_says_in_the_shops_time_what_made_up_its_amount(tmp_path: Path) -> None:
    found = making.made(("S1",), {"1001": 190, "1002": 490}, 1, 20)
    sold = tills.write_orders(tmp_path / "orders.csv", visits([0, 1, 2]), found, ["M-1"], START)
    with (tmp_path / "orders.csv").open(encoding="utf-8") as opened:
        rows = list(csv.DictReader(opened))
    assert {each["order_id"] for each in rows} == {"till-a0", "till-a1", "till-a2"}
    assert rows[0]["sold_at"] == "2026-03-02 12:00:00"
    for number, fen in zip(sold.order_ids, sold.fen.tolist(), strict=True):
        lines = [each for each in rows if each["order_id"] == number]
        assert sum(int(e["quantity"]) * round(float(e["unit_price"]) * 100) for e in lines) == fen


def test_files_of_tills_have_the_columns_that_imports_read(tmp_path: Path) -> None:
    found = making.made(("S1",), {"1001": 190}, 1, 5)
    tills.write_orders(tmp_path / "orders.csv", visits([0]), found, ["M-1"], START)
    tills.write_returns(tmp_path / "returns.csv", [Return("till-a0", "M-1", "1001", 1, START)])
    person = Newcomer("M-1", "林", "19800000001", "oX", START, True)
    tills.write_members(tmp_path / "members.csv", [person])
    for name, kind in (("orders", orders), ("returns", returns), ("members", members)):
        head = (tmp_path / f"{name}.csv").read_text("utf-8").splitlines()[0].split(",")
        columns = kind.columns(NOW)
        assert set(head) <= {each.name for each in columns}
        assert set(head) >= {each.name for each in columns if each.is_required}


def test_real_receipts_become_habits_and_nobody_is_lost() -> None:
    day = np.datetime64("2017-06-01T12:00", "us")
    bought = Sales(
        household=np.array([7, 7, 7, 9]),
        store=np.array([292, 292, 292, 318]),
        basket=np.array([1, 1, 2, 3]),
        product=np.array([11, 12, 12, 13]),
        quantity=np.array([1, 2, 1, 1]),
        sales_fen=np.array([300, 1_000, 500, 0]),
        member_fen=np.zeros(4, dtype=np.int64),
        maker_fen=np.zeros(4, dtype=np.int64),
        match_fen=np.zeros(4, dtype=np.int64),
        sold_at=np.array([day, day, day, day]),
    )
    found = households.of_sales(bought)
    assert found.count == 2
    assert found.store_codes == ("S00292", "S00318")
    assert found.fen.tolist() == [1_300, 500, 100]
    # The dearest thing first, and pieces at the price of one.
    assert found.prices_fen[0].tolist() == [500, 300]
    assert [found.thing_codes[each] for each in found.things[0]] == ["12", "11"]
    assert (found.quantities(np.arange(3)) * found.prices_fen).sum(axis=1).tolist() == [
        1_300, 500, 100,
    ]  # fmt: skip


def test_the_truth_parts_what_was_caused_from_what_would_have_been_anyway() -> None:
    causes = Causes(2, 1)
    causes.know(Effect("mail", "message", 0.1))
    causes.reach("mail", [0], 0)
    sold = Sold()
    sold.add(0, 1, ANYWAY, 1_000, 0, 0)
    sale = sold.add(0, 2, 0, 500, -1, 1)
    sold.returned_fen[sale] = 200
    sold.add(1, 2, ANYWAY, 800, 0, 0)
    truth = Truth(Wanted(), 2, ("S1",), causes=["mail"], sales=sold)
    truth.held_out = np.array([False, True])
    truth.would_have_fen = np.array([0.0, 80.0])
    known = truth.known(causes)
    treated, alone = known["programme"]["treated"], known["programme"]["held_out"]
    assert (treated["anyway"]["net_fen"], treated["caused"]["net_fen"]) == (1_000, 300)
    assert (alone["anyway"]["net_fen"], alone["caused"]["net_fen"]) == (800, 0)
    assert alone["would_have_been_caused_fen"] == 80
    assert known["programme"]["true_lift_share"] == 0.3
    assert known["causes"][0]["marginal"]["net_fen"] == 300
    assert known["channels"]["message"]["returned_fen"] == 200
    assert known["stores"] == {
        "online": {"anyway_fen": 0, "caused_fen": 300},
        "S1": {"anyway_fen": 1_800, "caused_fen": 0},
    }
