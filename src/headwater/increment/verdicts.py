"""Verdicts: what an interval allows us to say, in words, and when it allows nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from headwater.base.text import Text
from headwater.increment.statistics.moments import Estimate

State = Literal["proven", "not_enough", "none_seen", "harmful", "not_readable", "open", "planned"]


@dataclass(frozen=True)
class Guards:
    """What must be in order before any number is shown, and what was found.

    `ratio_p` holds at one look, `ratio_always_p` however often one looked. Leaks are members.
    `sales_off_fen` is by how much the sums are not what the orders say.
    """

    unit: str
    treated_count: int
    holdout_count: int
    drawn_count: int
    misdrawn_count: int
    leaked_count: int
    leaks: dict[str, int]
    leak_alarm_share: float
    ratio_p: float
    ratio_always_p: float
    ratio_alarm_p: float
    imbalance_p: float
    imbalance_alarm_p: float
    least_per_arm: int
    sales_fen: int
    sales_off_fen: int
    sales_alarm_share: float


@dataclass(frozen=True)
class Verdict:
    """A state, and the code of its reason."""

    state: State
    why: str


@dataclass(frozen=True)
class Seen:
    """What a planned look shows, and by what it is judged.

    `family_p` is the p-value among all that was asked in the same quarter.
    """

    moved: Estimate
    lift: Estimate | None
    is_open: bool
    least_share: float
    family_p: float
    alpha: float


STATES: Final[dict[str, Text]] = {
    "proven": Text("已证实", "Proven"),
    "not_enough": Text("证据不足", "Not enough evidence"),
    "none_seen": Text("未见增量", "No increment seen"),
    "harmful": Text("有害", "Harmful"),
    "not_readable": Text("无法读数", "Not readable"),
    "open": Text("观察中", "Still open"),
    "planned": Text("已计划", "Planned"),
}

REASONS: Final[dict[str, Text]] = {
    "missing_rows": Text(
        "分组名单缺行，读数会有偏差", "Rows of the assignment are missing; a figure would be biased"
    ),
    "sales_off": Text(
        "两种算法的销售额对不上", "The sums are not what the orders and their refunds say"
    ),
    "misdrawn": Text(
        "分组与当初的抽签不符", "Somebody is in another arm than the plan's salt drew"
    ),
    "launched": Text("计划已写入账本", "The plan is in the ledger"),
    "too_few": Text("对照组或实验组人数太少", "One of the arms has too few members"),
    "too_few_clusters": Text(
        "门店或导购太少，结论不可靠", "Too few stores or guides to tell anything from"
    ),
    "imbalance": Text("开始之前两组就不一样", "The arms were not alike before the start"),
    "look_not_planned": Text("还没到计划中的读数日", "Nobody planned to look at this moment"),
    "one_of_many": Text(
        "同一季度问了很多问题，只看这一个会高估",
        "Many questions were asked this quarter; this one does not stand out among them",
    ),
    "crossed_early": Text(
        "已越过计划中的界限；观察期结束后作结论",
        "It crossed the bound planned for this look; the verdict comes after the window",
    ),
    "ratio_off": Text(
        "两组人数比例与计划不符", "The arms do not have the sizes they were drawn with"
    ),
    "leak": Text("太多对照组会员被打扰", "Too many of the held-out were reached"),
    "no_estimate": Text("数据无法估计", "The figures do not allow an estimate"),
    "window_open": Text(
        "观察期未结束，区间仅供参考，不作结论",
        "The window is still open; the interval is interim and no verdict",
    ),
    "above_zero": Text("整个区间高于零", "The whole interval lies above zero"),
    "below_zero": Text("整个区间低于零", "The whole interval lies below zero"),
    "holds_zero": Text(
        "区间包含零，也容得下值得在意的效果", "The interval holds zero, and effects that matter"
    ),
    "one_store": Text(
        "只有一家店先做：只能学习，下不了结论",
        "One store alone: learning only, no verdict possible",
    ),
    "few_draws": Text(
        "可能的抽法太少，再清楚的效果也证不了", "Too few draws are possible to prove anything by"
    ),
    "picked_by_hand": Text(
        "店是人挑的，不是抽的：证据较弱，不作“已证实”",
        "Somebody picked these stores: weaker evidence, never called proven",
    ),
    "stopped_early": Text(
        "在第一次查看之前就停了，没有可读的窗口", "It was stopped before its first look"
    ),
    "too_small": Text(
        "区间包含零，且小到不值得在意", "The interval holds zero, and nothing that matters"
    ),
}


def not_readable(why: str) -> Verdict:
    """Refuse a number."""
    return Verdict("not_readable", why)


def refuse(guards: Guards) -> Verdict | None:
    """Say why no number may be shown, or None when all is in order."""
    counted = guards.treated_count + guards.holdout_count
    if counted != guards.drawn_count:
        return not_readable("missing_rows")
    if guards.misdrawn_count:
        return not_readable("misdrawn")
    if abs(guards.sales_off_fen) > guards.sales_alarm_share * abs(guards.sales_fen):
        return not_readable("sales_off")
    if min(guards.treated_count, guards.holdout_count) < guards.least_per_arm:
        return not_readable("too_few" if guards.unit == "member" else "too_few_clusters")
    if min(guards.ratio_p, guards.ratio_always_p) < guards.ratio_alarm_p:
        return not_readable("ratio_off")
    if guards.leaked_count > guards.leak_alarm_share * guards.holdout_count:
        return not_readable("leak")
    if guards.imbalance_p < guards.imbalance_alarm_p:
        return not_readable("imbalance")
    return None


def decide(seen: Seen) -> Verdict:
    """Choose the word: an open window has no verdict, whatever its interval looks like."""
    moved, lift = seen.moved, seen.lift
    is_beyond = moved.low > 0 or moved.high < 0
    if seen.is_open:
        return Verdict("open", "crossed_early" if is_beyond else "window_open")
    if is_beyond and seen.family_p > seen.alpha:
        return Verdict("not_enough", "one_of_many")
    if moved.low > 0:
        return Verdict("proven", "above_zero")
    if moved.high < 0:
        return Verdict("harmful", "below_zero")
    if lift is not None and max(abs(lift.low), abs(lift.high)) < seen.least_share:
        return Verdict("none_seen", "too_small")
    return Verdict("not_enough", "holds_zero")
