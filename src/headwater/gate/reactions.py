"""What the gate tells members when something happens to their order."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

from headwater.base.db import Db
from headwater.base.events import reacts_to, reacts_to_many
from headwater.base.money import yuan
from headwater.gate import merging, messages, rules
from headwater.gate.messages import Content, Service
from headwater.members.events import MembersMerged
from headwater.members.merging import became, became_others
from headwater.trade.events import OrderPaid, OrderRefunded

CHANNEL: Final = "official_account"
TELL_WITHIN: Final = timedelta(days=1)


@reacts_to(MembersMerged)
async def follow(db: Db, merged: MembersMerged) -> None:
    """Count what two accounts got as one person's, and send no campaign twice."""
    await merging.follow(db, await became(db, merged.member_id), merged.gone_member_id)


@reacts_to_many(OrderPaid)
async def tell_paid(db: Db, paid: list[OrderPaid]) -> None:
    """Tell members that their money has arrived; a repeat is the same message."""
    brands = await _brands(db, {each.store_id for each in paid})
    others = await became_others(db, [each.member_id for each in paid])
    told = [
        Service(
            key=f"paid:{each.order_id}",
            member_id=others.get(each.member_id, each.member_id),
            brand_id=brands[each.store_id],
            channel=CHANNEL,
            contents=_said("order_paid", "订单已支付", "Your order is paid", each.paid_fen),
            ends_at=each.paid_at + TELL_WITHIN,
        )
        for each in paid
    ]
    if told:
        await messages.plan_service(db, told, max(each.paid_at for each in paid))


@reacts_to_many(OrderRefunded)
async def tell_refunded(db: Db, refunded: list[OrderRefunded]) -> None:
    """Tell members that money is on its way back to them."""
    brands = await _brands(db, {each.store_id for each in refunded})
    others = await became_others(db, [each.member_id for each in refunded])
    told = [
        Service(
            key=f"refunded:{each.refund_id}",
            member_id=others.get(each.member_id, each.member_id),
            brand_id=brands[each.store_id],
            channel=CHANNEL,
            contents=_said(
                "refunded", "退款已退回", "Your refund is on its way", each.refunded_fen
            ),
            ends_at=each.refunded_at + TELL_WITHIN,
        )
        for each in refunded
    ]
    if told:
        await messages.plan_service(db, told, max(each.refunded_at for each in refunded))


async def _brands(db: Db, store_ids: set[UUID]) -> dict[UUID, UUID]:
    return {each: await rules.brand_of_store(db, each) for each in store_ids}


def _said(kind: str, zh: str, en: str, amount_fen: int) -> dict[str, Content]:
    return {
        "zh": {"kind": kind, "title": zh, "body": yuan(amount_fen)},
        "en": {"kind": kind, "title": en, "body": yuan(amount_fen)},
    }
