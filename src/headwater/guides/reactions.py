"""What the guides' room does when trade announces something."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from headwater.base.db import Db
from headwater.base.events import reacts_to, reacts_to_many
from headwater.guides import commissions, credits, merging, policies, relations
from headwater.guides.credits import Weighed
from headwater.guides.relations import Meeting
from headwater.members.events import MembersMerged
from headwater.members.merging import became, became_others
from headwater.trade.events import OrderPaid, OrderRefunded


@reacts_to(MembersMerged)
async def follow(db: Db, merged: MembersMerged) -> None:
    """Let a person who had two accounts have one guide."""
    await merging.follow(
        db, await became(db, merged.member_id), merged.gone_member_id, merged.merged_at
    )


@reacts_to_many(OrderPaid)
async def credit_orders(db: Db, paid: list[OrderPaid]) -> None:
    """Credit the guides whose shares, or whose relations, brought these orders."""
    concerned = await credits.concerned(db, await _known_by_now(db, paid))
    if not concerned:
        return
    versions = await policies.history(db)
    credited: list[Weighed] = []
    for turn in turns(concerned):
        rules = [policies.at_moment(versions, each.paid_at) for each in turn]
        weighed = await credits.weigh(db, list(zip(turn, rules, strict=True)))
        written = await credits.record(db, weighed)
        await commissions.accrue(db, written)
        await relations.meet(db, [_meeting(each) for each in written])
        credited += written
    # A refund may have been heard of before the payment was.
    if credited:
        await commissions.take_back_early(db, credited)


@reacts_to_many(OrderRefunded)
async def take_back(db: Db, refunded: list[OrderRefunded]) -> None:
    """Take back the part of each commission whose money went back to the shopper."""
    concerned = await commissions.concerned(db, [each.order_id for each in refunded])
    for each in refunded:
        if each.order_id in concerned:
            await commissions.claw_back(
                db, each.order_id, each.member_id, str(each.refund_id), each.refunded_at
            )


def turns(paid: Sequence[OrderPaid]) -> list[list[OrderPaid]]:
    """Let each member come once a turn, in the order of their payments.

    An order may make the relation that decides the member's next one; members do not decide for
    each other, so all of them can have their turn together.
    """
    rounds: list[list[OrderPaid]] = []
    had: dict[UUID, int] = defaultdict(int)
    for each in sorted(paid, key=lambda order: order.paid_at):
        if had[each.member_id] == len(rounds):
            rounds.append([])
        rounds[had[each.member_id]].append(each)
        had[each.member_id] += 1
    return rounds


def _meeting(order: Weighed) -> Meeting:
    """Let the guide and the member of a credited order know each other from its payment on."""
    claim = order.decision.winner
    assert claim is not None, "only a credited order was written"
    at = order.paid.paid_at
    return Meeting(order.paid.member_id, claim, at, order.policy.protected_until(at))


async def _known_by_now(db: Db, paid: list[OrderPaid]) -> list[OrderPaid]:
    """Name the members as they are known by now; a merge and a payment are heard in any order."""
    others = await became_others(db, [each.member_id for each in paid])
    for gone_id, member_id in others.items():
        await merging.follow(db, member_id, gone_id, max(each.paid_at for each in paid))
    return [replace(each, member_id=others.get(each.member_id, each.member_id)) for each in paid]
