"""Verdicts: what an interval allows us to say, in words, and when it allows nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from headwater.base.text import Text
from headwater.increment.statistics.moments import Estimate

State = Literal["proven", "not_enough", "none_seen", "harmful", "not_readable", "open", "planned"]


@dataclass(frozen=True)
class Guards:
    """What must be in order before any number is shown."""

    treated_count: int
    holdout_count: int
    drawn_count: int
    leaked_count: int
    ratio_p: float
    ratio_alarm_p: float
    least_per_arm: int


@dataclass(frozen=True)
class Verdict:
    """A state, and the code of its reason."""

    state: State
    why: str


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
    "too_few": Text("对照组或实验组人数太少", "One of the arms has too few members"),
    "ratio_off": Text(
        "两组人数比例与计划不符", "The arms do not have the sizes they were drawn with"
    ),
    "leak": Text("有对照组会员收到了消息", "Held-out members were reached"),
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
    "too_small": Text(
        "区间包含零，且小到不值得在意", "The interval holds zero, and nothing that matters"
    ),
}


def refuse(guards: Guards) -> Verdict | None:
    """Say why no number may be shown, or None when all is in order."""
    counted = guards.treated_count + guards.holdout_count
    if counted != guards.drawn_count:
        return Verdict("not_readable", "missing_rows")
    if min(guards.treated_count, guards.holdout_count) < guards.least_per_arm:
        return Verdict("not_readable", "too_few")
    if guards.ratio_p < guards.ratio_alarm_p:
        return Verdict("not_readable", "ratio_off")
    if guards.leaked_count > 0:
        return Verdict("not_readable", "leak")
    return None


def decide(moved: Estimate, lift: Estimate | None, is_open: bool, least_share: float) -> Verdict:
    """Choose the word: an open window has no verdict, whatever its interval looks like."""
    if is_open:
        return Verdict("open", "window_open")
    if moved.low > 0:
        return Verdict("proven", "above_zero")
    if moved.high < 0:
        return Verdict("harmful", "below_zero")
    if lift is not None and max(abs(lift.low), abs(lift.high)) < least_share:
        return Verdict("none_seen", "too_small")
    return Verdict("not_enough", "holds_zero")
