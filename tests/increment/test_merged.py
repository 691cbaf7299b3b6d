"""What a person bought under two ids is read as one person's, wherever the orders lie."""

from __future__ import annotations

from uuid import UUID

from tests import make_audience as make
from tests.make_audience import NOON, Place, day

from headwater.base import ids
from headwater.base.db import Db
from headwater.increment import arms, experiments, merges, outcomes
from headwater.increment.books import books
from headwater.increment.experiments import Question
from headwater.insight import preferences
from headwater.members import merging
from headwater.trade import merging as trade_merging


async def two_that_bought(db: Db) -> tuple[Place, UUID, UUID, UUID]:
    """Let three people buy, of whom two will turn out to be one; the third goes by."""
    where = await make.place(db)
    members = await make.members(db, where, 3)
    await make.orders(db, where, [(each, 1_000 * n, day(3)) for n, each in enumerate(members, 1)])
    kept, gone = sorted(members[:2])
    return where, kept, gone, members[2]


async def became_one(db: Db, kept: UUID, gone: UUID) -> None:
    assert await merging.join(db, kept, gone, "test", day(4)) == kept
    await merges.merge(db, kept, gone, day(4))
    await trade_merging.follow(db, kept, gone, day(4))


async def test_the_past_of_a_person_is_that_of_both_ids(db: Db) -> None:
    where, kept, gone, other = await two_that_bought(db)
    await became_one(db, kept, gone)
    past = await outcomes.past_of(db, where.brand_id, [kept, other], 7, day(5))
    assert (past.n, past.sums[0]) == (2, 6_000)


async def test_the_guide_in_whose_book_somebody_was_has_what_both_ids_bought(db: Db) -> None:
    where, kept, gone, other = await two_that_bought(db)
    guides = sorted(ids.new() for _guide in range(2))
    question = Question("guide", where.brand_id, ids.code(), "问", "Q", 0.5, 28, unit="guide")
    asked = await experiments.launch(db, question, NOON)
    entries = [
        books.Entry(member, guide, where.store_id, where.region_id)
        for member, guide in ((gone, guides[0]), (other, guides[1]))
    ]
    await books.write(db, asked.id, entries)
    await arms.assign_units(db, asked.id, guides, NOON)
    asked = await experiments.get(db, asked.id)
    before = await outcomes.arms_of(db, asked, [day(6)])
    await became_one(db, kept, gone)
    after = await outcomes.arms_of(db, asked, [day(6)])
    assert before.treated.sums[0] + before.holdout.sums[0] in (4_000, 5_000)
    assert after.treated.sums[0] + after.holdout.sums[0] == 6_000


async def test_in_two_books_the_one_of_who_stays_counts_and_again_changes_nothing(db: Db) -> None:
    where, kept, gone, _other = await two_that_bought(db)
    mine, theirs = ids.new(), ids.new()
    asked = await experiments.launch(
        db, Question("guide", where.brand_id, ids.code(), "问", "Q", 0.5, 28), NOON
    )
    entries = [
        books.Entry(member, guide, where.store_id, where.region_id)
        for member, guide in ((kept, mine), (gone, theirs))
    ]
    await books.write(db, asked.id, entries)
    for _time in range(2):
        await merges.merge(db, kept, gone, day(4))
        assert [each.guide_id for each in await books.guides(db, asked.id)] == [mine]


async def test_what_is_remembered_of_old_orders_lies_with_the_person(db: Db) -> None:
    where = await make.place(db)
    kept, gone = sorted(await make.members(db, where, 2))
    bought = await make.orders(db, where, [(gone, 1_000, day(3))])
    await make.lines(db, where, bought, "milk")
    await became_one(db, kept, gone)
    for part in preferences.SLICES:
        await preferences.rebuild(db, part)
    await preferences.note(db, bought)
    found = await db.raw.fetch(
        "SELECT bucket, member_id FROM insight.preferences WHERE member_id = ANY ($1)",
        [kept, gone],
    )
    assert [tuple(each) for each in found] == [(ids.bucket_of(kept), kept)]
