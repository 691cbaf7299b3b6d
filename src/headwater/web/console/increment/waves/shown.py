"""Shown: a row of the ledger about stores, laid out as charts and tables draw it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from headwater.increment.errors import Why
from headwater.increment.ledger import Reading
from headwater.web.console.words import Interval
from headwater.web.kit.wording import _, language, mark

_COMPARING = {
    "once": mark(
        "开始之前把相似的店分成小组，组内抽签决定谁先做；比较两边自开始以来相对各自平常水平的变化。"
    ),
    "waves": mark(
        "各波的先后由抽签决定；用还没开始的店和周，推算已开始的店本来会卖多少（插补，BJS 2024）。"
    ),
    "picked": mark("店是人挑的：用别的店混合出一家最像的对照，看开始之后差了多少（合成控制）。"),
}
_DOUBTING = {
    "once": mark(
        "把同一个抽签重复 999 次，看真正抽中的那次排在哪里；区间是把同一个检验反过来问得到的，"
        "所以区间和 p 值不会矛盾。"
    ),
    "waves": mark(
        "把各波的抽签重复 999 次再算同一个数；平均到每家已开始的店，"
        "中途的查看各用掉一点错报机会，加起来不超过 5%。"
    ),
    "picked": mark(
        "没有抽签可重复，只能看这几周像不像别的同样长的几周（块状共形），"
        "再看别的店冒充时有多少同样离谱（安慰剂）；后者已知会报得偏多。"
    ),
}
_FORMULAS = {
    "once": "Δ = Σ wᵢ (ȳᵢ,₁ − ȳᵢ,₀) / ȳᵢ,₀",
    "waves": "Δ = mean over started cells of (yᵢₜ − αᵢ − βₜ)",
    "picked": "Δ = mean after the start of (ȳₜ − a − Σ wⱼ yⱼₜ)",
}


@dataclass(frozen=True)
class Beside:
    """Another way to the same question, in fen a store and week, with a word on its worth."""

    name: str
    note: str
    low: float
    point: float
    high: float
    p: float | None


@dataclass(frozen=True)
class Shown:
    """Everything that a row about stores says besides its figure."""

    comparing: str
    doubting: str
    formula: str
    level: float
    null: list[float]
    observed: float
    possible_draws: int | None
    p: float
    course: list[Interval]
    beside: list[Beside]
    lacking: list[tuple[str, str]]
    placebo: dict[str, Any] | None
    weights: list[tuple[str, float]]


def shown_of(row: Reading) -> Shown:
    """Lay a row out; rows of the three ways carry different things."""
    details = row.details
    way, null = details["way"], details.get("null") or {"values": [], "observed": 0.0}
    draws = details.get("possible_draws")
    weights = sorted(details.get("weights", {}).items(), key=lambda pair: -pair[1])
    return Shown(
        _(_COMPARING[way]),
        _(_DOUBTING[way]),
        _FORMULAS[way],
        float(details["level"]),
        [float(each) for each in null["values"]],
        float(null["observed"]),
        int(draws) if draws else None,
        float(details["per_member"]["p"]),
        [_at(each) for each in details.get("course", [])],
        _beside(details),
        _lacking(details),
        details.get("placebo"),
        [(unit, float(share)) for unit, share in weights if share > 0],
    )


def why_of(row: dict[str, Any] | None) -> str:
    """Say a reason that was written down, in the reader's language."""
    return Why.from_row(row).said_in(language()) if row else ""


def _at(each: dict[str, Any]) -> Interval:
    return Interval(
        _("第 {week} 周", week=each["weeks_since"] + 1),
        round(each["low"]), round(each["estimate"]), round(each["high"]), "",
    )  # fmt: skip


def _beside(details: dict[str, Any]) -> list[Beside]:
    """The figure a store and week, and what others would compute; the wrong one is called so."""
    found = []
    for key, name, note in _ways(details["way"]):
        each = details.get(key)
        if each:
            found.append(Beside(name, note, each["low"], each["estimate"], each["high"], each["p"]))
    bound = details.get("honest")
    if bound:
        middle = (bound["bound_from"] + bound["bound_to"]) / 2
        note = _("允许两边在开始之后仍像之前那样慢慢分开（Rambachan–Roth，按 {weeks} 周一块）",
                 weeks=bound["block_weeks"])  # fmt: skip
        found.append(Beside(_("最坏的趋势下"), note, bound["low"], middle, bound["high"], None))
    return found


def _ways(way: str) -> tuple[tuple[str, str, str], ...]:
    if way == "picked":
        return (("a_week", _("每店每周"), _("合成控制，证据较弱")),)
    return (
        ("a_week", _("作数的：插补"), _("由抽签检验")),
        ("beside", _("逐组比较（CS 2021）"), _("同样可信，区间更宽")),
        ("usual", _("双向固定效应"), _("效果会增长时是错的，列出来只因为别人会这样算")),
    )


def _lacking(details: dict[str, Any]) -> list[tuple[str, str]]:
    """What could not be told beside the figure, with the reason."""
    names = {"beside": _("逐组比较（CS 2021）"), "honest": _("最坏的趋势下")}
    given = details.get("specification", {}).get("not_given", {})
    return [(names.get(what, what), why_of(why)) for what, why in given.items()]
