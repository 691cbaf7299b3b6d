"""A share is one code; opening it is written down once an hour, and follows the person."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests import make
from tests.guides import make_guides

from headwater.base import ids
from headwater.base.db import Db, Pool, member_walls
from headwater.guides import shares
from headwater.guides.errors import NotYourShare
from headwater.guides.shares import Comer
from headwater.increment import arms, experiments, leaks
from headwater.increment.assignment import arm_of
from headwater.increment.experiments import Question


async def comers(db: Db, at: make_guides.Counter, code: str) -> list[Comer]:
    return await shares.comers(db, at.guide_id, code)


async def test_sharing_the_same_thing_again_keeps_the_code(db: Db) -> None:
    at = await make_guides.counter(db)
    first = await make_guides.share(db, at)
    assert await make_guides.share(db, at, make.later(5)) == first
    poster = await make_guides.share(db, at, scene="poster")
    assert poster.code != first.code
    whole = await shares.create(db, at.guide_id, at.shop.store_id, None, "link", make.NOON)
    again = await shares.create(db, at.guide_id, at.shop.store_id, None, "link", make.NOON)
    assert whole == again


async def test_opening_counts_once_an_hour(db: Db) -> None:
    at = await make_guides.counter(db)
    share = await make_guides.share(db, at)
    visitor = ids.new_member()
    for minutes in (0, 1, 30, 61):
        opened = await shares.open_share(db, share.code, visitor, make.later(minutes))
        assert opened is not None
        assert opened.guide_id == at.guide_id
    assert [(each.member_id, each.opened) for each in await comers(db, at, share.code)] == [
        (visitor, 2)
    ]


async def test_an_unknown_code_gives_no_touch_and_no_error(db: Db) -> None:
    assert await shares.open_share(db, "nobody's!", ids.new_member(), make.NOON) is None
    assert await shares.open_share(db, "", ids.new_member(), make.NOON) is None


async def test_a_guide_who_looks_at_their_own_share_at_work_leaves_no_touch(db: Db) -> None:
    at = await make_guides.counter(db)
    share = await make_guides.share(db, at)
    someone = ids.new_member()
    assert await shares.open_share(db, share.code, someone, make.NOON, at.guide_id) is None
    assert await comers(db, at, share.code) == []
    colleague = ids.new(0)
    assert await shares.open_share(db, share.code, someone, make.NOON, colleague) is not None


async def test_a_code_typed_by_hand_is_understood(db: Db) -> None:
    at = await make_guides.counter(db)
    share = await make_guides.share(db, at)
    typed = f" {share.code[:4].lower()}-{share.code[4:].lower()} "
    assert await shares.find(db, typed) == share


async def test_a_visitors_touches_become_the_members_and_are_not_doubled(db: Db) -> None:
    at = await make_guides.counter(db)
    share = await make_guides.share(db, at)
    visitor, member = ids.new_member(), await make.member(db)
    await shares.open_share(db, share.code, visitor, make.NOON)
    await shares.open_share(db, share.code, member, make.later(2))
    await shares.open_share(db, share.code, visitor, make.later(90))
    assert await shares.adopt(db, visitor, member) == 1
    assert await shares.adopt(db, visitor, member) == 0
    (comer,) = await comers(db, at, share.code)
    assert comer.member_id == member
    assert comer.opened == 2
    assert comer.phone_mask.startswith("157")


async def test_somebody_elses_share_does_not_exist(db: Db) -> None:
    at = await make_guides.counter(db)
    other = await make_guides.counter(db, at.shop)
    share = await make_guides.share(db, other)
    with pytest.raises(NotYourShare):
        await shares.of_guide(db, at.guide_id, share.code)
    await shares.open_share(db, share.code, ids.new_member(), make.NOON)
    assert await comers(db, at, share.code) == []


async def test_a_share_tells_who_came_and_what_was_bought(db: Db) -> None:
    at = await make_guides.counter(db)
    share = await make_guides.share(db, at)
    member = await make.member(db)
    await shares.open_share(db, share.code, ids.new_member(), make.NOON)
    await shares.open_share(db, share.code, member, make.NOON)
    placed, _fact = await make_guides.bought(db, member, at, make.later(9), share.code)
    (outcome,) = await shares.outcomes(db, at.guide_id)
    assert (outcome.visitors, outcome.buyers) == (2, 1)
    assert outcome.credit_fen == placed.payable_fen
    assert outcome.title_en == "Fresh milk"


async def test_a_visitor_may_open_a_share_behind_their_own_walls(pool: Pool, db: Db) -> None:
    visitor = ids.new_member()
    async with pool.transaction(member_walls(visitor)) as own:
        assert await shares.open_share(own, "0000", visitor, make.NOON + timedelta(1)) is None


async def test_a_share_that_reaches_the_held_out_shows_as_a_leak_of_guides(db: Db) -> None:
    at = await make_guides.counter(db)
    share = await make_guides.share(db, at)
    question = Question("program", at.shop.brand_id, ids.code(), "增量", "Program", 0.5, 182)
    program = await experiments.launch(db, question, make.NOON)
    members = [ids.new_member() for _ in range(30)]
    await arms.assign(db, program.id, members, make.NOON)
    held = [each for each in members if arm_of(program.salt, each, 0.5) == "holdout"]
    for member in (*held[:2], next(each for each in members if each not in held)):
        await shares.open_share(db, share.code, member, make.later(5))
    for _ in range(2):
        assert await shares.tell_exposures(db, make.NOON, make.later(60)) == 3
    assert (await leaks.of_experiment(db, program.id)).by_channel == {"guide_share": 2}
