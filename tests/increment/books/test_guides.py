"""Guides: a slice of each book is left alone, and what each one brought is read from it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import numpy as np
import pytest
from tests import make
from tests import make_audience as audience
from tests.increment.books import made
from tests.increment.books.made import Books
from tests.make_audience import day

from headwater.base.db import Db
from headwater.base.errors import BadInput
from headwater.guides import customers, slices
from headwater.guides.errors import NobodyInAnyBook
from headwater.increment import arms, experiments, ledger, outcomes, readings
from headwater.increment.arms import Reached
from headwater.increment.assignment import arm_of
from headwater.increment.books import books
from headwater.increment.books import readings as of_guides
from headwater.increment.experiments import Experiment, Question
from headwater.increment.ledger import Reading

LAUNCH, END = day(1), day(93)


def held(experiment: Experiment, known: Books) -> set[UUID]:
    share = float(experiment.holdout_share)
    return {m for m in known.members if arm_of(experiment.salt, m, share) == "holdout"}


async def read(db: Db, experiment: Experiment) -> Reading:
    whole = await readings.read(db, experiment.id, END)
    row = await of_guides.read(db, experiment, whole, END)
    assert row is not None
    return row


async def test_a_slice_of_each_book_is_left_alone_by_guides_and_by_nobody_else(db: Db) -> None:
    known = await made.guides(db, 6, 50)
    experiment = await slices.launch(db, known.where.brand_id, LAUNCH)
    alone = held(experiment, known)
    for guide in known.guides:
        book = [m for m, whose in known.guide_of.items() if whose == guide]
        assert 3 <= len(alone.intersection(book)) <= 20
    brand, guide = known.where.brand_id, known.guides[0]
    by_guide = Reached(brand, None, "guide_share", guide)
    assert set(known.members) - alone == set(
        await arms.open_to(db, by_guide, known.members, day(2))
    )
    by_shop = Reached(brand, None, "official_account")
    assert set(await arms.open_to(db, by_shop, known.members, day(2))) == set(known.members)
    proposed = await customers.today(db, make.KEYS, guide, day(60))
    assert not alone.intersection(each.id for each in proposed.people)
    assert (await slices.launch(db, brand, day(3))).launched_at == LAUNCH


async def test_a_guide_who_reaches_the_slice_is_a_leak(db: Db) -> None:
    known = await made.guides(db, 6, 50)
    experiment = await slices.launch(db, known.where.brand_id, LAUNCH)
    await made.bought(db, known, lambda *_: 0.0)
    reached = sorted(held(experiment, known))[:9]
    where = Reached(known.where.brand_id, None, "guide_share", known.guides[0])
    await arms.expose(db, where, reached, day(5))
    row = await read(db, experiment)
    assert (row.state, row.why) == ("not_readable", "leak")
    assert "guides" not in row.details


async def test_what_guides_brought_is_within_the_bands_of_most_and_of_all_together(db: Db) -> None:
    known = await made.guides(db, 16, 60)
    experiment = await slices.launch(db, known.where.brand_id, LAUNCH)
    alone = held(experiment, known)
    true = {guide: 0.02 + 0.016 * at for at, guide in enumerate(known.guides)}
    await made.bought(db, known, lambda m, g: 0.0 if m in alone else true[g])
    row = await read(db, experiment)

    assert (row.entry, row.state) == ("guides", "proven")
    found = {UUID(name): each for name, each in row.details["guides"].items()}
    inside = [found[g]["low"] <= true[g] <= found[g]["high"] for g in known.guides]
    assert sum(inside) >= 14
    middle = row.details["middle"]
    assert middle["low"] <= float(np.mean(list(true.values()))) <= middle["high"]
    best, worst = known.guides[-1], known.guides[0]
    assert found[best]["top_chance"] > 0.4 > 0.1 > found[worst]["top_chance"]
    assert sum(each["treated"] + each["holdout"] for each in found.values()) == len(known.members)
    assert all(each["caused_low_fen"] <= each["caused_fen"] for each in found.values())
    assert await ledger.verify(db) is None


async def test_where_guides_bring_nothing_nothing_is_claimed(db: Db) -> None:
    known = await made.guides(db, 12, 60)
    experiment = await slices.launch(db, known.where.brand_id, LAUNCH)
    await made.bought(db, known, lambda *_: 0.0)
    row = await read(db, experiment)
    assert row.details["middle"]["low"] <= 0 <= row.details["middle"]["high"]
    assert sum(g["low"] <= 0 <= g["high"] for g in row.details["guides"].values()) >= 11


async def test_a_row_is_added_once_and_again_only_when_something_came_back(db: Db) -> None:
    known = await made.guides(db, 6, 60)
    experiment = await slices.launch(db, known.where.brand_id, LAUNCH)
    whole = await readings.read(db, experiment.id, day(9))
    assert await of_guides.read(db, experiment, whole, day(9)) is None
    await made.bought(db, known, lambda *_: 0.1)
    first = await read(db, experiment)
    assert (await read(db, experiment)).id == first.id
    await db.raw.execute("UPDATE trade.orders SET refunded_fen = 100 WHERE paid_at > $1", LAUNCH)
    assert (await read(db, experiment)).id != first.id


async def test_too_few_guides_are_told_apart_in_words_and_in_no_number(db: Db) -> None:
    known = await made.guides(db, 3, 80)
    experiment = await slices.launch(db, known.where.brand_id, LAUNCH)
    await made.bought(db, known, lambda *_: 0.0)
    row = await read(db, experiment)
    assert (row.state, row.why) == ("not_readable", "no_estimate")
    assert row.details["cannot"]["code"] == "few_to_pool"


async def test_whom_a_program_leaves_alone_is_in_no_slice(db: Db) -> None:
    known = await made.guides(db, 4, 40)
    brand = known.where.brand_id
    asked = Question("program", brand, "whole", "工程", "Program", 0.3, 182)
    program = await experiments.launch(db, asked, LAUNCH)
    await arms.assign(db, program.id, known.members, LAUNCH)
    experiment = await slices.launch(db, brand, LAUNCH)
    assert experiment.drawn_count == len(await arms.among_rest(db, brand, known.members))
    assert experiment.drawn_count < len(known.members)


async def test_whole_guides_are_read_by_what_their_books_bought(db: Db) -> None:
    known = await made.guides(db, 60, 10)
    experiment = await slices.launch_whole(db, known.where.brand_id, LAUNCH, share=0.5)
    alone = {g for g in known.guides if arm_of(experiment.salt, g, 0.5) == "holdout"}
    await made.bought(db, known, lambda _, g: 0.0 if g in alone else 0.3)

    found = await outcomes.arms_of(db, experiment, [END])
    rows = await db.raw.fetch("SELECT member_id, payable_fen FROM trade.orders WHERE paid_at > $1",
                              LAUNCH)  # fmt: skip
    sold = dict.fromkeys(known.guides, 0)
    for member, fen in rows:
        sold[known.guide_of[member]] += fen
    assert found.holdout.n == len(alone)
    assert found.holdout.sums[0] == sum(sold[g] for g in alone)
    assert found.treated.products[0][0] == sum(sold[g] ** 2 for g in known.guides if g not in alone)

    row = await readings.read(db, experiment.id, END)
    assert (row.state, row.treated_count) == ("proven", 60 - len(alone))
    assert row.lift_low_share is not None
    assert row.lift_high_share is not None
    assert row.lift_low_share < 0.3 < row.lift_high_share
    assert (await customers.today(db, make.KEYS, min(alone), day(60))).people == []


async def test_books_stay_what_they_were_when_the_question_was_put(db: Db) -> None:
    known = await made.guides(db, 5, 20)
    experiment = await slices.launch(db, known.where.brand_id, LAUNCH)
    await db.raw.execute("UPDATE guides.relations SET guide_id = $1", known.guides[0])
    assert len(await books.guides(db, experiment.id)) == 5


async def test_nobody_in_any_book_and_shares_out_of_bounds_are_refused(db: Db) -> None:
    where = await audience.place(db, "empty")
    with pytest.raises(NobodyInAnyBook):
        await slices.launch(db, where.brand_id, LAUNCH)
    known = await made.guides(db, 2, 10)
    with pytest.raises(BadInput, match="holdout_share"):
        await slices.launch(db, known.where.brand_id, LAUNCH, share=0.6)
    assert await experiments.of_brand(db, known.where.brand_id) == []
    assert LAUNCH + timedelta(days=slices.WINDOW_DAYS) < END
