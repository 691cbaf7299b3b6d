"""Whose work a line was: decided by a dated policy, line by line, and explained in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.sql import statements
from headwater.base.text import Text
from headwater.guides.policies import Policy
from headwater.trade.events import OrderPaid

sql = statements(__file__)


@dataclass(frozen=True)
class Claim:
    """Why a guide might be credited: a share that was opened, or a standing relation.

    `is_own` says that the guide is the one who bought.
    """

    reason: str
    guide_id: UUID
    store_id: UUID
    basis_at: datetime
    share_code: str | None = None
    scene: str | None = None
    is_own: bool = False


@dataclass(frozen=True)
class Line:
    """A line of a paid order, as far as credit must know it."""

    line_no: int
    variant_id: UUID
    quantity: int
    payable_fen: int
    order_number: str


@dataclass(frozen=True)
class Credit:
    """One guide's part of one line."""

    line: Line
    claim: Claim
    credit_fen: int


@dataclass(frozen=True)
class Decision:
    """Whose work an order was; what nobody is credited with stays with the house."""

    credits: tuple[Credit, ...]
    house_fen: int

    @property
    def winner(self) -> Claim | None:
        """Give the claim that won, or None when the house keeps the order."""
        return self.credits[0].claim if self.credits else None


@dataclass(frozen=True)
class Weighed:
    """A paid order, the rules of its moment, and what they decide."""

    paid: OrderPaid
    policy: Policy
    decision: Decision


@dataclass(frozen=True)
class _Touched:
    order_id: UUID
    guide_id: UUID
    store_id: UUID
    touched_at: datetime
    share_code: str
    scene: str
    is_own: bool


@dataclass(frozen=True)
class _Related:
    order_id: UUID
    guide_id: UUID
    store_id: UUID
    since_at: datetime
    is_own: bool


@dataclass(frozen=True)
class _LineOf(Line):
    order_id: UUID


@dataclass(frozen=True)
class _Order:
    order_id: UUID


async def concerned(db: Db, paid: Sequence[OrderPaid]) -> list[OrderPaid]:
    """Keep the orders that any guide might be credited with: most have neither share nor relation.

    One statement for the whole batch, so that the others cost nothing.
    """
    codes = [each.touch_code or "" for each in paid]
    found = await db.all(
        sql.concerned,
        _Order,
        homes=[ids.bucket_of(each.member_id) for each in paid],
        order_ids=[each.order_id for each in paid],
        member_ids=[each.member_id for each in paid],
        touch_codes=[ids.tidy_code(code) for code in codes],
    )
    wanted = {each.order_id for each in found}
    return [each for each in paid if each.order_id in wanted]


async def weigh(db: Db, orders: Sequence[tuple[OrderPaid, Policy]]) -> list[Weighed]:
    """Gather what was true when each order was paid, and decide; nothing is written."""
    claims = await _claims(db, orders)
    lines = await lines_of(db, [paid.order_id for paid, _policy in orders])
    return [
        Weighed(
            paid,
            policy,
            decide(policy, claims[paid.order_id], lines[paid.order_id], paid.paid_at),
        )
        for paid, policy in orders
    ]


async def lines_of(db: Db, order_ids: Sequence[UUID]) -> dict[UUID, list[Line]]:
    """Read the lines of orders, as far as credit must know them."""
    lines: dict[UUID, list[Line]] = defaultdict(list)
    buckets = [ids.bucket_of(each) for each in order_ids]
    for each in await db.all(sql.lines, _LineOf, buckets=buckets, order_ids=list(order_ids)):
        lines[each.order_id].append(each)
    return lines


async def record(db: Db, weighed: Sequence[Weighed]) -> list[Weighed]:
    """Write decisions once; an order decided before keeps what was decided, and is left out."""
    credited = [(each, credit) for each in weighed for credit in each.decision.credits]
    if not credited:
        return []
    written = await db.all(
        sql.record,
        _Order,
        buckets=[ids.bucket_of(each.paid.order_id) for each, _credit in credited],
        order_ids=[each.paid.order_id for each, _credit in credited],
        member_ids=[each.paid.member_id for each, _credit in credited],
        policy_versions=[each.policy.version for each, _credit in credited],
        decided_ats=[each.paid.paid_at for each, _credit in credited],
        line_nos=[credit.line.line_no for _each, credit in credited],
        variant_ids=[credit.line.variant_id for _each, credit in credited],
        quantities=[credit.line.quantity for _each, credit in credited],
        order_numbers=[credit.line.order_number for _each, credit in credited],
        guide_ids=[credit.claim.guide_id for _each, credit in credited],
        store_ids=[credit.claim.store_id for _each, credit in credited],
        credits_fen=[credit.credit_fen for _each, credit in credited],
        reasons=[credit.claim.reason for _each, credit in credited],
        basis_ats=[credit.claim.basis_at for _each, credit in credited],
        share_codes=[credit.claim.share_code for _each, credit in credited],
    )
    fresh = {each.order_id for each in written}
    return [each for each in weighed if each.paid.order_id in fresh]


async def _claims(db: Db, orders: Sequence[tuple[OrderPaid, Policy]]) -> dict[UUID, list[Claim]]:
    claims: dict[UUID, list[Claim]] = defaultdict(list)
    paid = [each for each, _policy in orders]
    # An order of an account that became another's lies where it lay, and not with its member.
    asked = {
        "homes": [ids.bucket_of(each.member_id) for each in paid],
        "order_ids": [each.order_id for each in paid],
        "member_ids": [each.member_id for each in paid],
        "paid_ats": [each.paid_at for each in paid],
    }
    touched = await db.all(
        sql.touched,
        _Touched,
        **asked,
        buckets=[ids.bucket_of(each.order_id) for each in paid],
        touch_codes=[each.touch_code and ids.tidy_code(each.touch_code) for each in paid],
        from_ats=[policy.touch_window_from(each.paid_at) for each, policy in orders],
    )
    for seen in touched:
        claims[seen.order_id].append(
            Claim(
                "share",
                seen.guide_id,
                seen.store_id,
                seen.touched_at,
                seen.share_code,
                seen.scene,
                seen.is_own,
            )
        )
    for known in await db.all(sql.related, _Related, **asked):
        claims[known.order_id].append(
            Claim(
                "relation",
                known.guide_id,
                known.store_id,
                known.since_at,
                is_own=known.is_own,
            )
        )
    return claims


def decide(
    policy: Policy, claims: Sequence[Claim], lines: Sequence[Line], paid_at: datetime
) -> Decision:
    """Choose whose work an order was: by the policy alone, so that it can be replayed.

    The last share opened within the window, or the standing relation, whichever the policy puts
    first; with neither, the house. Each line goes whole to one guide.
    """
    winner = choose(policy, claims, paid_at)
    whole = sum(line.payable_fen for line in lines)
    if winner is None:
        return Decision((), whole)
    return Decision(tuple(Credit(line, winner, line.payable_fen) for line in lines), 0)


def choose(policy: Policy, claims: Sequence[Claim], paid_at: datetime) -> Claim | None:
    """Choose the claim that wins, or None when the order is the house's own.

    What a guide buys earns that guide nothing, unless the policy lets it; another guide's claim
    on the same order stands.
    """
    claims = [claim for claim in claims if policy.self_purchase or not claim.is_own]
    shares = [
        claim
        for claim in claims
        if claim.reason == "share" and policy.touch_window_from(paid_at) < claim.basis_at <= paid_at
    ]
    relations = [claim for claim in claims if claim.reason == "relation"]
    # Two shares in one moment: the code decides, so that a replay decides the same.
    last = max(
        shares,
        key=lambda claim: (claim.basis_at, claim.share_code or "", claim.guide_id),
        default=None,
    )
    known = max(relations, key=lambda claim: (claim.basis_at, claim.guide_id), default=None)
    first, second = (known, last) if policy.precedence == "relation_first" else (last, known)
    return first or second


def explain(reason: str, share_code: str | None, days_before: int, policy: Policy) -> Text:
    """Say in words why a guide was credited, and under which rules."""
    ahead = {
        "share_first": Text("分享优先", "shares go first"),
        "relation_first": Text("客户关系优先", "relations go first"),
    }[policy.precedence]
    if reason == "share":
        when = Text(
            "付款当天" if days_before == 0 else f"付款前 {days_before} 天",
            "on the day of payment"
            if days_before == 0
            else f"{days_before} day{'s' if days_before > 1 else ''} before payment",
        )
        return Text(
            f"{when.zh}打开了你的分享 {share_code}。"
            f"归属规则第 {policy.version} 版：{policy.touch_days} 天内最后一次分享，{ahead.zh}",
            f"Opened your share {share_code} {when.en}. Credit rules, version {policy.version}: "
            f"the last share within {policy.touch_days} days; {ahead.en}",
        )
    return Text(
        f"你的客户，{policy.touch_days} 天内没有打开过别人的分享。"
        f"归属规则第 {policy.version} 版：{ahead.zh}",
        f"Your customer, who opened nobody else's share within {policy.touch_days} days. "
        f"Credit rules, version {policy.version}: {ahead.en}",
    )
