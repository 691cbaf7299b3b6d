"""A segment holds whom its rule holds, within its brand, at its time."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from tests import make_audience as make
from tests.make_audience import NOON, Place, day

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.errors import BadInput
from headwater.insight import preferences
from headwater.reach import segments
from headwater.reach.errors import NoSuchSegment
from headwater.reach.segments import Draft

LAPSED: dict[str, Any] = {"is": "lapsed", "days": 30}


async def held(db: Db, where: Place, rule: Any) -> set[UUID]:
    found = await segments.members(db, rule, where.brand_id, NOON)
    assert await segments.count(db, rule, where.brand_id, NOON) == len(found) == len(set(found))
    return set(found)


async def test_lapsed_means_bought_before_and_not_since(db: Db) -> None:
    where = await make.place(db)
    lapsed, active, never, on_the_day = await make.members(db, where, 4)
    await make.orders(
        db, where, [(lapsed, 100, day(-90)), (active, 100, day(-90)), (active, 5, day(-29)),
                    (on_the_day, 1, day(-30))],
    )  # fmt: skip
    assert await held(db, where, LAPSED) == {lapsed, on_the_day}
    assert await held(db, where, {"not": LAPSED}) == {active, never}


async def test_an_unpaid_order_is_no_purchase(db: Db) -> None:
    where = await make.place(db)
    (member,) = await make.members(db, where, 1)
    await make.orders(db, where, [(member, 100, day(-90))])
    (unpaid,) = await make.orders(db, where, [(member, 100, day(-1))])
    await db.raw.execute(
        "UPDATE trade.orders SET paid_at = NULL, state = 'closed' WHERE id = $1", unpaid
    )
    assert await held(db, where, LAPSED) == {member}


async def test_spending_is_net_and_within_its_days(db: Db) -> None:
    where = await make.place(db)
    one, two, three = await make.members(db, where, 3)
    await make.orders(db, where, [(one, 600, day(-5)), (one, 400, day(-4)), (two, 999, day(-5))])
    await make.orders(db, where, [(three, 5000, day(-40))])
    await make.orders(db, where, [(two, 10, day(-2))], refunded_fen=10)
    rule = {"is": "spent", "least": 1000, "days": 30}
    assert await held(db, where, rule) == {one}
    assert await held(db, where, {"is": "ordered", "least": 2, "days": 30}) == {one, two}


async def test_a_category_and_its_department_are_found_by_code(db: Db) -> None:
    where = await make.place(db)
    milk, bread, late = await make.members(db, where, 3)
    for member, category, at in ((milk, "MILK", -3), (bread, "BREAD", -3), (late, "MILK", -60)):
        await make.lines(db, where, await make.orders(db, where, [(member, 9, day(at))]), category)
    assert await held(db, where, {"is": "bought", "code": "MILK", "days": 30}) == set()
    for part in preferences.SLICES:
        await preferences.rebuild(db, part)
    assert await held(db, where, {"is": "bought", "code": "MILK", "days": 30}) == {milk}
    assert await held(db, where, {"is": "bought", "code": "D-BREAD", "days": 30}) == {bread}
    assert await segments.in_words(db, {"is": "bought", "code": "MILK", "days": 30}, "zh") == (
        "30 天内买过牛奶"
    )


async def test_homes_levels_joining_and_consent(db: Db) -> None:
    where = await make.place(db)
    old, new = await make.members(db, where, 2, joined_at=day(-100))
    await db.raw.execute(
        "UPDATE members.members SET level = 'gold', joined_at = $2 WHERE id = $1", new, day(-3)
    )
    await make.consent(db, [old, new], day(-9), channel="sms")
    await make.consent(db, [old], day(-8), is_granted=False, channel="sms")
    assert await held(db, where, {"is": "home_store", "code": "test"}) == {old, new}
    assert await held(db, where, {"is": "home_region", "code": "test"}) == {old, new}
    assert await held(db, where, {"is": "home_store", "code": "x"}) == set()
    assert await held(db, where, {"is": "level", "code": "gold"}) == {new}
    assert await held(db, where, {"is": "joined", "days": 7}) == {new}
    assert await held(db, where, {"is": "allows", "code": "sms"}) == {new}


async def test_groups_are_sets(db: Db) -> None:
    where = await make.place(db)
    a, b, c = await make.members(db, where, 3)
    await make.orders(db, where, [(a, 100, day(-90)), (b, 100, day(-90)), (c, 100, day(-1))])
    await db.raw.execute("UPDATE members.members SET level = 'gold' WHERE id = $1", a)
    gold = {"is": "level", "code": "gold"}
    assert await held(db, where, {"all": [LAPSED, gold]}) == {a}
    assert await held(db, where, {"all": [LAPSED, {"not": gold}]}) == {b}
    assert await held(db, where, {"any": [gold, {"not": LAPSED}]}) == {a, c}


async def test_members_and_orders_of_another_brand_and_the_erased_are_outside(db: Db) -> None:
    where, elsewhere = await make.place(db), await make.place(db, "other")
    ours, erased = await make.members(db, where, 2)
    (theirs,) = await make.members(db, elsewhere, 1)
    sold = [(ours, 1, day(-90)), (erased, 1, day(-90)), (theirs, 1, day(-90))]
    await make.orders(db, where, sold)
    await make.orders(db, elsewhere, [(ours, 1, day(-1))])
    await db.raw.execute("UPDATE members.members SET erased_at = now() WHERE id = $1", erased)
    assert await held(db, where, LAPSED) == {ours}
    assert await held(db, elsewhere, LAPSED) == set()


async def test_a_segment_is_kept_with_the_time_it_is_true_at(db: Db) -> None:
    where = await make.place(db)
    one, two = await make.members(db, where, 2)
    await make.orders(db, where, [(one, 1, day(-90)), (two, 1, day(-20))])
    segment = await segments.draft(db, Draft(where.brand_id, " 流失会员 ", LAPSED), NOON)
    assert (segment.name, segment.member_count, segment.true_at) == ("流失会员", 0, None)

    segment = await segments.materialise(db, segment.id, NOON)
    assert (segment.member_count, segment.true_at) == (1, NOON)
    assert await segments.kept(db, segment.id) == [one]

    segment = await segments.materialise(db, segment.id, day(20))
    assert (segment.member_count, segment.true_at) == (2, day(20))
    assert set(await segments.kept(db, segment.id)) == {one, two}
    assert await segments.of_brand(db, where.brand_id) == [segment]


async def test_a_bad_rule_writes_nothing(db: Db) -> None:
    where = await make.place(db)
    with pytest.raises(BadInput):
        await segments.draft(db, Draft(where.brand_id, "x", {"is": "rich"}), NOON)
    with pytest.raises(BadInput):
        await segments.draft(db, Draft(where.brand_id, "", LAPSED), NOON)
    assert await segments.of_brand(db, where.brand_id) == []
    with pytest.raises(NoSuchSegment):
        await segments.get(db, ids.new())
