"""From a share to a commission and back, in the books, whatever is heard twice or late."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from tests import make
from tests.guides import make_guides

from headwater.base.db import SYSTEM, Db, Pool
from headwater.books import transfers
from headwater.guides import (
    commissions,
    credits,
    due,
    earnings,
    policies,
    reactions,
    relations,
    shares,
)
from headwater.guides.commissions import EXPENSE, account
from headwater.members import identities
from headwater.stores import staff
from headwater.trade.events import OrderPaid, OrderRefunded

DAY = timedelta(days=1)


async def owed(db: Db, guide_id: UUID, state: str = "pending") -> int:
    """Read what the books say a guide is owed."""
    return -(await transfers.balance(db, account(guide_id, state))).net_fen


async def through_a_share(
    db: Db, now: datetime = make.NOON
) -> tuple[make_guides.Counter, UUID, str]:
    at = await make_guides.counter(db)
    share = await make_guides.share(db, at)
    member = await make.member(db)
    await shares.open_share(db, share.code, member, now - DAY)
    return at, member, share.code


async def test_a_share_brings_credit_commission_and_a_relation(db: Db) -> None:
    at, member, code = await through_a_share(db)
    placed, fact = await make_guides.bought(db, member, at, touch_code=code)
    month = await earnings.month(db, at.guide_id, fact.paid_at)
    assert month.money.credit_fen == placed.payable_fen == 3 * 1_990 + 3_333
    assert month.money.pending_fen == placed.payable_fen * 300 // 10_000
    assert await owed(db, at.guide_id) == month.money.pending_fen
    assert len(month.lines) == 2
    assert "第 1 版" in month.lines[0].reason.zh
    assert "1 day before payment" in month.lines[0].reason.en
    relation = await relations.current(db, member)
    assert relation is not None
    assert (relation.guide_id, relation.source) == (at.guide_id, "share")
    assert relation.protected_until == fact.paid_at + 30 * DAY


async def shops_with(db: Db, at: make_guides.Counter, member_id: UUID) -> None:
    """Let it be known that the guide shops with this member's phone."""
    (guide,) = await staff.in_store(db, at.shop.store_id)
    phones = [each for each in await identities.of_member(db, member_id) if each.kind == "phone"]
    assert await staff.know_phone(db, guide.login, phones[0].value_index)


async def test_a_guide_who_buys_through_their_own_share_earns_nothing(db: Db) -> None:
    at, guide_as_shopper, code = await through_a_share(db)
    await shops_with(db, at, guide_as_shopper)
    await make_guides.bought(db, guide_as_shopper, at, touch_code=code)
    assert await owed(db, at.guide_id) == 0
    assert await relations.current(db, guide_as_shopper) is None
    friend = await make.member(db)
    await shares.open_share(db, code, friend, make.NOON - DAY)
    await make_guides.bought(db, friend, at, touch_code=code)
    assert await owed(db, at.guide_id) > 0, "a friend's order counts as ever"


async def test_a_customer_who_turns_out_to_be_the_guide_earns_nothing_more(db: Db) -> None:
    at, member, code = await through_a_share(db)
    await make_guides.bought(db, member, at, touch_code=code)
    once = await owed(db, at.guide_id)
    await shops_with(db, at, member)
    await make_guides.bought(db, member, at, make.NOON + 20 * DAY)
    assert await owed(db, at.guide_id) == once > 0


async def test_hearing_of_a_payment_twice_pays_once(db: Db) -> None:
    at, member, code = await through_a_share(db)
    _placed, fact = await make_guides.bought(db, member, at, touch_code=code)
    once = await owed(db, at.guide_id)
    await reactions.credit_orders(db, [fact])
    await reactions.credit_orders(db, [fact])
    assert await owed(db, at.guide_id) == once > 0
    assert len(await earnings.credited(db, at.guide_id, fact.paid_at - DAY)) == 2


async def test_an_unknown_code_on_the_order_credits_nobody(db: Db) -> None:
    at = await make_guides.counter(db)
    member = await make.member(db)
    await make_guides.bought(db, member, at, touch_code="NOSUCH00")
    assert await relations.current(db, member) is None
    assert await owed(db, at.guide_id) == 0


async def test_a_code_that_the_order_alone_carries_counts_from_its_placing(db: Db) -> None:
    at = await make_guides.counter(db)
    share = await make_guides.share(db, at)
    await make_guides.bought(db, await make.member(db), at, touch_code=share.code)
    assert await owed(db, at.guide_id) > 0


async def test_an_old_touch_is_not_renewed_by_the_code_on_the_order(db: Db) -> None:
    at = await make_guides.counter(db)
    share = await make_guides.share(db, at)
    member = await make.member(db)
    await shares.open_share(db, share.code, member, make.NOON - 8 * DAY)
    await make_guides.bought(db, member, at, touch_code=share.code)
    assert await owed(db, at.guide_id) == 0


async def test_the_relation_earns_the_next_order_and_a_share_of_another_guide_goes_first(
    db: Db,
) -> None:
    at, member, code = await through_a_share(db)
    await make_guides.bought(db, member, at, touch_code=code)
    first = await owed(db, at.guide_id)
    await make_guides.bought(db, member, at, make.NOON + 20 * DAY)
    assert await owed(db, at.guide_id) == 2 * first
    assert (
        "Your customer"
        in (await earnings.month(db, at.guide_id, make.NOON + 20 * DAY)).lines[0].reason.en
    )
    other = await make_guides.counter(db, at.shop)
    theirs = await make_guides.share(db, other)
    await shares.open_share(db, theirs.code, member, make.NOON + 21 * DAY)
    await make_guides.bought(db, member, at, make.NOON + 22 * DAY)
    assert await owed(db, at.guide_id) == 2 * first
    assert await owed(db, other.guide_id) == first
    relation = await relations.current(db, member)
    assert relation is not None
    assert relation.guide_id == at.guide_id, "a protected relation is not taken over"


async def test_a_relation_is_taken_over_when_its_protection_has_ended(db: Db) -> None:
    at, member, code = await through_a_share(db)
    await make_guides.bought(db, member, at, touch_code=code)
    other = await make_guides.counter(db, at.shop)
    theirs = await make_guides.share(db, other, scene="poster")
    late = make.NOON + 40 * DAY
    await shares.open_share(db, theirs.code, member, late)
    await make_guides.bought(db, member, at, late + DAY, theirs.code)
    relation = await relations.current(db, member)
    assert relation is not None
    assert (relation.guide_id, relation.source) == (other.guide_id, "code")


async def test_a_replay_of_an_order_decides_what_was_decided(db: Db) -> None:
    at, member, code = await through_a_share(db)
    _placed, fact = await make_guides.bought(db, member, at, touch_code=code)
    policy = await policies.in_force(db, fact.paid_at)
    (again,) = await credits.weigh(db, [(fact, policy)])
    winner = again.decision.winner
    assert winner is not None
    assert (winner.reason, winner.guide_id) == ("share", at.guide_id)


async def test_partial_refunds_take_back_to_the_fen_and_the_last_one_takes_all(db: Db) -> None:
    at, member, code = await through_a_share(db)
    placed, fact = await make_guides.bought(db, member, at, touch_code=code)
    whole = placed.payable_fen * 300 // 10_000
    bought = (await credits.lines_of(db, [placed.id]))[placed.id]
    lines = {each.line_no: each.quantity for each in bought}
    back_fen = 0
    for line_no, quantity in lines.items():
        for _piece in range(quantity):
            heard = await make_guides.sent_back(db, fact, (line_no, 1))
            back_fen += heard.refunded_fen
            left = await owed(db, at.guide_id)
            assert left == whole - whole * back_fen // placed.payable_fen
            await reactions.take_back(db, [heard])
            assert await owed(db, at.guide_id) == left, "hearing of it twice takes nothing more"
    assert await owed(db, at.guide_id) == 0
    money = await earnings.money(db, at.guide_id, make.NOON - DAY)
    assert (money.clawed_fen, money.reversed_fen) == (whole, placed.payable_fen)


async def test_a_refund_heard_of_before_the_payment_is_not_forgotten(db: Db) -> None:
    at, member, code = await through_a_share(db)
    order = await make.paid(db, member, at.shop, (at.milk, 2))
    refund = await make.refunded(db, order.id, (1, 2), now=make.later(9))
    fact = OrderRefunded(
        order.id, member, at.shop.store_id, refund.id, refund.amount_fen, make.later(9)
    )
    await reactions.take_back(db, [fact])
    paid = OrderPaid(order.id, member, at.shop.store_id, order.payable_fen, code, make.later(1))
    await reactions.credit_orders(db, [paid])
    assert await owed(db, at.guide_id) == 0
    assert (await earnings.money(db, at.guide_id, make.NOON - DAY)).clawed_fen > 0


async def test_a_commission_becomes_payable_after_the_freeze_and_not_before(db: Db) -> None:
    at, member, code = await through_a_share(db)
    _placed, fact = await make_guides.bought(db, member, at, touch_code=code)
    amount = await owed(db, at.guide_id)
    await commissions.ripen(db, fact.paid_at + 15 * DAY - timedelta(seconds=1))
    assert (await owed(db, at.guide_id), await owed(db, at.guide_id, "payable")) == (amount, 0)
    for _time in range(2):
        await commissions.ripen(db, fact.paid_at + 15 * DAY)
        assert (await owed(db, at.guide_id), await owed(db, at.guide_id, "payable")) == (0, amount)


async def test_a_refund_after_the_freeze_is_taken_from_what_is_payable(db: Db) -> None:
    at, member, code = await through_a_share(db)
    before = (await transfers.balance(db, EXPENSE)).net_fen
    placed, fact = await make_guides.bought(db, member, at, touch_code=code)
    await commissions.ripen(db, fact.paid_at + 15 * DAY)
    await make_guides.sent_back(db, fact, (1, 1), (2, 1))
    whole = placed.payable_fen * 300 // 10_000
    left = await owed(db, at.guide_id, "payable")
    assert 0 < left < whole
    assert (await transfers.balance(db, EXPENSE)).net_fen - before == left
    assert await owed(db, at.guide_id) == 0


async def test_a_guide_who_has_left_earns_nothing_more(db: Db) -> None:
    at, member, code = await through_a_share(db)
    await db.raw.execute(
        "UPDATE stores.staff SET left_at = $1 WHERE id = $2", make.NOON - DAY, at.guide_id
    )
    await make_guides.bought(db, member, at, touch_code=code)
    assert await owed(db, at.guide_id) == 0


async def test_a_refund_that_nobody_took_back_is_caught_up(pool: Pool) -> None:
    async with pool.transaction(SYSTEM) as db:
        at, member, code = await through_a_share(db)
        _placed, fact = await make_guides.bought(db, member, at, touch_code=code)
        # The refund is done, and the worker that heard of it saw no commission yet.
        await make.refunded(db, fact.order_id, (1, 1), now=make.later(60, fact.paid_at))
    before = await _owed_by(pool, at.guide_id)
    await due.catch_up_refunds(pool, make.later(120, fact.paid_at))
    after = await _owed_by(pool, at.guide_id)
    assert 0 < after < before
    await due.catch_up_refunds(pool, make.later(180, fact.paid_at))
    assert await _owed_by(pool, at.guide_id) == after


async def _owed_by(pool: Pool, guide_id: UUID) -> int:
    async with pool.transaction(SYSTEM) as db:
        return await owed(db, guide_id)
