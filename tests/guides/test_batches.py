"""A batch of payments is credited as its orders would be one by one, in few round trips."""

from __future__ import annotations

from datetime import timedelta

from tests import make
from tests.guides import make_guides
from tests.guides.test_reactions import owed

from headwater.base.db import Db
from headwater.guides import earnings, reactions, relations, shares
from headwater.trade.events import OrderPaid, OrderRefunded

DAY = timedelta(days=1)
# 3 x 19.90 and 33.33 yuan, of which 3 % go to the guide.
WHOLE_FEN = 3 * 1_990 + 3_333
EARNED_FEN = WHOLE_FEN * 300 // 10_000


async def carried(db: Db, at: make_guides.Counter, code: str) -> OrderPaid:
    """Let a new member buy with a share's code on the order."""
    return (await make_guides.paid_for(db, await make.member(db), at, touch_code=code))[1]


async def test_the_relation_of_a_first_order_earns_the_second_of_the_same_batch(db: Db) -> None:
    at = await make_guides.counter(db)
    share = await make_guides.share(db, at)
    member = await make.member(db)
    await shares.open_share(db, share.code, member, make.NOON - DAY)
    _placed, first = await make_guides.paid_for(db, member, at)
    _placed, second = await make_guides.paid_for(db, member, at, make.NOON + 20 * DAY)
    await reactions.credit_orders(db, [second, first])
    assert await owed(db, at.guide_id) == 2 * EARNED_FEN
    relation = await relations.current(db, member)
    assert relation is not None
    assert relation.since_at == first.paid_at
    assert relation.protected_until == second.paid_at + 30 * DAY


async def test_a_later_payment_of_a_batch_takes_over_what_is_no_longer_protected(db: Db) -> None:
    at = await make_guides.counter(db)
    other = await make_guides.counter(db, at.shop)
    mine, theirs = await make_guides.share(db, at), await make_guides.share(db, other)
    member, late = await make.member(db), make.NOON + 40 * DAY
    _placed, first = await make_guides.paid_for(db, member, at, touch_code=mine.code)
    _placed, early = await make_guides.paid_for(
        db, member, at, make.NOON + 9 * DAY, touch_code=theirs.code
    )
    _placed, last = await make_guides.paid_for(db, member, at, late, touch_code=theirs.code)
    await reactions.credit_orders(db, [last, early, first])
    assert await owed(db, at.guide_id) == EARNED_FEN
    assert await owed(db, other.guide_id) == 2 * EARNED_FEN
    relation = await relations.current(db, member)
    assert relation is not None
    assert (relation.guide_id, relation.since_at) == (other.guide_id, last.paid_at)


async def test_each_order_of_a_batch_goes_to_its_own_guide(db: Db) -> None:
    at = await make_guides.counter(db)
    other = await make_guides.counter(db, at.shop)
    mine, theirs = await make_guides.share(db, at), await make_guides.share(db, other)
    facts = [await carried(db, at, code) for code in (mine.code, theirs.code, mine.code)]
    facts.append(await carried(db, at, "NOSUCH00"))
    await reactions.credit_orders(db, facts)
    assert await owed(db, at.guide_id) == 2 * EARNED_FEN
    assert await owed(db, other.guide_id) == EARNED_FEN
    guides = [await relations.current(db, each.member_id) for each in facts]
    assert [known and known.guide_id for known in guides] == [
        at.guide_id,
        other.guide_id,
        at.guide_id,
        None,
    ]


async def test_a_fact_twice_in_a_batch_and_once_before_pays_once(db: Db) -> None:
    at = await make_guides.counter(db)
    code = (await make_guides.share(db, at)).code
    heard, new = await carried(db, at, code), await carried(db, at, code)
    await reactions.credit_orders(db, [heard])
    await reactions.credit_orders(db, [new, heard, new])
    assert await owed(db, at.guide_id) == 2 * EARNED_FEN
    assert len(await earnings.credited(db, at.guide_id, make.NOON - DAY)) == 4


async def test_a_refund_heard_of_first_takes_back_from_its_own_order_alone(db: Db) -> None:
    at = await make_guides.counter(db)
    code = (await make_guides.share(db, at)).code
    kept, back = await carried(db, at, code), await carried(db, at, code)
    refund = await make.refunded(db, back.order_id, (1, 3), (2, 1), now=make.later(9))
    heard = OrderRefunded(
        back.order_id, back.member_id, back.store_id, refund.id, refund.amount_fen, make.later(9)
    )
    await reactions.take_back(db, [heard])
    await reactions.credit_orders(db, [kept, back])
    assert await owed(db, at.guide_id) == EARNED_FEN


async def test_a_large_batch_takes_as_many_round_trips_as_a_small_one(db: Db) -> None:
    at = await make_guides.counter(db)
    code = (await make_guides.share(db, at)).code
    trips = []
    for size in (1, 6):
        facts = [await carried(db, at, code) for _each in range(size)]
        before = db.round_trips
        await reactions.credit_orders(db, facts)
        trips.append(db.round_trips - before)
    assert await owed(db, at.guide_id) == 7 * EARNED_FEN
    assert trips[0] == trips[1] <= 13


async def test_turns_keep_each_members_payments_in_order_and_lose_none(db: Db) -> None:
    at = await make_guides.counter(db)
    one, two = await make.member(db), await make.member(db)
    facts = [
        (await make_guides.paid_for(db, member, at, make.later(minutes)))[1]
        for member, minutes in ((one, 30), (two, 20), (one, 10), (one, 5))
    ]
    assert reactions.turns(facts) == [[facts[3], facts[1]], [facts[2]], [facts[0]]]
