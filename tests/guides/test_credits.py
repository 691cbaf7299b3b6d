"""Credit follows the policy alone: it adds up, it can be replayed, and it says why."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.guides.commissions import Standing, amounts, owed_back
from headwater.guides.credits import Claim, Line, choose, decide, explain
from headwater.guides.policies import Policy

PAID = datetime(2026, 11, 20, 4, tzinfo=UTC)
FIRST = Policy(1, datetime(2000, 1, 1, tzinfo=UTC), 7, 30, "share_first", 300, 15, False)
RELATION_FIRST = replace(FIRST, version=2, precedence="relation_first")
STORE = UUID(int=1)


def shared(guide: int, days_ago: float, code: str = "AAAA0000") -> Claim:
    return Claim("share", UUID(int=guide), STORE, PAID - timedelta(days=days_ago), code, "link")


def known(guide: int, days_ago: float = 90) -> Claim:
    return Claim("relation", UUID(int=guide), STORE, PAID - timedelta(days=days_ago))


def line(number: int, payable_fen: int) -> Line:
    return Line(number, UUID(int=number), 1, payable_fen, "N")


def test_the_last_share_within_the_window_wins() -> None:
    old, new = shared(1, 5), shared(2, 1)
    assert choose(FIRST, [new, old], PAID) == new
    assert choose(FIRST, [old, new], PAID) == new


def test_a_share_outside_the_window_counts_for_nothing() -> None:
    assert choose(FIRST, [shared(1, 7)], PAID) is None
    assert choose(FIRST, [shared(1, 6.999)], PAID) == shared(1, 6.999)


def test_a_share_opened_after_the_payment_counts_for_nothing() -> None:
    assert choose(FIRST, [shared(1, -0.001)], PAID) is None


def test_without_a_share_the_relation_is_credited_and_without_both_the_house() -> None:
    assert choose(FIRST, [shared(1, 9), known(3)], PAID) == known(3)
    assert decide(FIRST, [], [line(1, 500)], PAID).house_fen == 500


def test_a_policy_may_put_the_relation_first() -> None:
    claims = [shared(1, 1), known(3)]
    assert choose(FIRST, claims, PAID) == claims[0]
    assert choose(RELATION_FIRST, claims, PAID) == claims[1]


def test_two_shares_in_one_moment_are_decided_alike_in_any_order() -> None:
    one, other = shared(1, 2, "AAAA0001"), shared(2, 2, "AAAA0002")
    assert choose(FIRST, [one, other], PAID) == choose(FIRST, [other, one], PAID)


claims = st.lists(
    st.builds(
        shared,
        st.integers(1, 5),
        st.floats(-1, 12, allow_nan=False),
        st.sampled_from(["AAAA0001", "AAAA0002", "AAAA0003"]),
    )
    | st.builds(known, st.integers(1, 5), st.floats(0, 400, allow_nan=False)),
    max_size=8,
)
amounts_fen = st.lists(st.integers(0, 10_000_000), min_size=1, max_size=30)


@given(claims, amounts_fen, st.sampled_from([FIRST, RELATION_FIRST]))
def test_credits_and_the_house_add_up_to_what_was_paid(
    some: list[Claim], paid: list[int], policy: Policy
) -> None:
    lines = [line(number, fen) for number, fen in enumerate(paid, 1)]
    decision = decide(policy, some, lines, PAID)
    assert sum(each.credit_fen for each in decision.credits) + decision.house_fen == sum(paid)
    assert {each.line.line_no for each in decision.credits} in (set(), set(range(1, len(paid) + 1)))


@given(claims, amounts_fen, st.randoms(use_true_random=False))
def test_a_replay_decides_the_same_whatever_the_order_of_the_facts(
    some: list[Claim], paid: list[int], shuffler: Random
) -> None:
    lines = [line(number, fen) for number, fen in enumerate(paid, 1)]
    again = list(some)
    shuffler.shuffle(again)
    assert decide(FIRST, some, lines, PAID) == decide(FIRST, again, lines, PAID)


@given(amounts_fen)
def test_a_commission_is_the_rate_on_the_whole_credit_rounded_down_once(paid: list[int]) -> None:
    decision = decide(FIRST, [shared(7, 1)], [line(n, f) for n, f in enumerate(paid, 1)], PAID)
    assert amounts(decision.credits, FIRST) == {UUID(int=7): sum(paid) * 300 // 10_000}


@given(
    st.lists(st.lists(st.integers(1, 40_000), min_size=1, max_size=4), min_size=1, max_size=6),
    st.randoms(use_true_random=False),
)
def test_partial_refunds_take_back_exactly_what_one_whole_refund_would(
    lines: list[list[int]], shuffler: Random
) -> None:
    refunds = [back for line_refunds in lines for back in line_refunds]
    shuffler.shuffle(refunds)
    whole = sum(refunds)
    standing = Standing(UUID(int=7), "pending", whole * 300 // 10_000, 0, whole, 0)
    for back in refunds:
        standing = replace(standing, reversed_fen=standing.reversed_fen + back)
        owed = owed_back(standing)
        assert owed >= 0
        standing = replace(standing, clawed_fen=standing.clawed_fen + owed)
        assert standing.clawed_fen <= standing.amount_fen
        assert owed_back(standing) == 0
    assert standing.clawed_fen == standing.amount_fen


@pytest.mark.parametrize("days,words", [(0, "当天"), (3, "3 天")])
def test_the_reason_is_said_in_words_and_names_the_version(days: int, words: str) -> None:
    said = explain("share", "AAAA0000", days, FIRST)
    assert words in said.zh
    assert "第 1 版" in said.zh
    assert "version 1" in said.en
    assert "AAAA0000" in said.en
    assert "version 1" in explain("relation", None, 40, FIRST).en


def test_a_guide_who_buys_earns_nothing_unless_the_rules_say_so() -> None:
    own_share, own_relation = replace(shared(1, 1), is_own=True), replace(known(1), is_own=True)
    assert choose(FIRST, [own_share, own_relation], PAID) is None
    assert choose(replace(FIRST, self_purchase=True), [own_share], PAID) == own_share


def test_an_own_purchase_leaves_the_claim_of_another_guide_standing() -> None:
    own, other = replace(shared(1, 1), is_own=True), shared(2, 3)
    assert choose(FIRST, [own, other], PAID) == other
