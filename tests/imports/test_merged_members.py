"""Another system calls a person as it always did, whomever they became here."""

from __future__ import annotations

from pathlib import Path

from tests.imports.inside import take, take_examples, written
from tests.imports.test_bad_rows import MEMBERS, ORDERS
from tests.make import NOON

from headwater.base.db import Db
from headwater.members import imports as members
from headwater.members import merging
from headwater.trade import merging as trade_merging
from headwater.trade import orders

TWO = (
    "M-7,李雷,13800138007,,2024-01-01",
    "M-8,李雷,13800138008,,2025-01-01",
)


async def test_files_that_name_an_account_that_is_gone_are_taken_for_the_person(
    db: Db, tmp_path: Path
) -> None:
    await take_examples(db, tmp_path, "stores", "products")
    file = written(tmp_path, "members", MEMBERS, *TWO)
    assert (await take(db, "members", file)).problems == []
    kept, gone = members.member_id("M-7"), members.member_id("M-8")
    await merging.join(db, kept, gone, "test", NOON)
    await trade_merging.follow(db, kept, gone, NOON)

    again = await take(db, "members", file)
    sold = written(tmp_path, "orders", ORDERS, "R-1,SH001,M-8,2026-05-01,1001,1,1.00,")
    taken = [await take(db, "orders", sold) for _time in range(2)]

    assert again.problems == []
    assert [each.problems for each in taken] == [[], []]
    assert len(await orders.of_member(db, kept)) == 1
    assert await orders.of_member(db, gone) == []
