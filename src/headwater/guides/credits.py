"""Whose work a line was: decided by a dated policy, line by line, and explained in words."""

from __future__ import annotations

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
    """Why a guide might be credited: a share that was opened, or a standing relation."""

    reason: str
    guide_id: UUID
    store_id: UUID
    basis_at: datetime
    share_code: str | None = None
    scene: str | None = None


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
class _Touched:
    guide_id: UUID
    store_id: UUID
    touched_at: datetime
    share_code: str
    scene: str


@dataclass(frozen=True)
class _Concerned:
    order_id: UUID


@dataclass(frozen=True)
class _Related:
    guide_id: UUID
    store_id: UUID
    since_at: datetime


async def concerned(db: Db, paid: Sequence[OrderPaid]) -> list[OrderPaid]:
    """Keep the orders that any guide might be credited with: most have neither share nor relation.

    One statement for the whole batch, so that the others cost nothing.
    """
    codes = [each.touch_code or "" for each in paid]
    found = await db.all(
        sql.concerned,
        _Concerned,
        buckets=[ids.bucket_of(each.order_id) for each in paid],
        order_ids=[each.order_id for each in paid],
        member_ids=[each.member_id for each in paid],
        touch_codes=[ids.tidy_code(code) for code in codes],
    )
    wanted = {each.order_id for each in found}
    return [each for each in paid if each.order_id in wanted]


async def weigh(db: Db, paid: OrderPaid, policy: Policy) -> Decision:
    """Gather what was true when the order was paid, and decide; nothing is written."""
    bucket = ids.bucket_of(paid.order_id)
    person = {"bucket": bucket, "member_id": paid.member_id, "paid_at": paid.paid_at}
    touched = await db.all(
        sql.touched,
        _Touched,
        **person,
        order_id=paid.order_id,
        touch_code=None if paid.touch_code is None else ids.tidy_code(paid.touch_code),
        from_at=policy.touch_window_from(paid.paid_at),
    )
    related = await db.maybe(sql.related, _Related, **person)
    lines = await db.all(sql.lines, Line, bucket=bucket, order_id=paid.order_id)
    claims = [
        Claim("share", each.guide_id, each.store_id, each.touched_at, each.share_code, each.scene)
        for each in touched
    ]
    if related is not None:
        claims.append(Claim("relation", related.guide_id, related.store_id, related.since_at))
    return decide(policy, claims, lines, paid.paid_at)


async def record(db: Db, paid: OrderPaid, decision: Decision, policy: Policy) -> tuple[Credit, ...]:
    """Write a decision once; an order that was decided before keeps what was decided."""
    bucket = ids.bucket_of(paid.order_id)
    if not decision.credits:
        return ()
    written = await db.run(
        sql.record,
        bucket=bucket,
        order_id=paid.order_id,
        member_id=paid.member_id,
        line_nos=[each.line.line_no for each in decision.credits],
        variant_ids=[each.line.variant_id for each in decision.credits],
        quantities=[each.line.quantity for each in decision.credits],
        order_numbers=[each.line.order_number for each in decision.credits],
        guide_ids=[each.claim.guide_id for each in decision.credits],
        store_ids=[each.claim.store_id for each in decision.credits],
        credits_fen=[each.credit_fen for each in decision.credits],
        reasons=[each.claim.reason for each in decision.credits],
        basis_ats=[each.claim.basis_at for each in decision.credits],
        share_codes=[each.claim.share_code for each in decision.credits],
        policy_version=policy.version,
        now=paid.paid_at,
    )
    return decision.credits if written else ()


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
    """Choose the claim that wins, or None when the order is the house's own."""
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
