"""Doubt drawn on a common scale: ribbons over looks, paths of targets, redraws and curves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from markupsafe import Markup

from headwater.web.kit.drawing.charts import Axis, HasInterval, axis_over, nice_step
from headwater.web.kit.filters import percent, yuan_round

WIDE, TALL = 640, 200
EDGE = 64
FLOOR = TALL - 24
BINS = 31
# About as wide as a letter of a label is drawn.
LETTER = 8.0

Unit = Literal["yuan", "percent"]


class HasPlace(HasInterval, Protocol):
    """An interval that stands somewhere between the start and the end."""

    @property
    def share(self) -> float: ...


@dataclass(frozen=True)
class Step:
    """A step of a path: a band of lifts that is owed, and whether it is owed now."""

    low: float
    high: float
    is_now: bool


def worded(value: float, unit: Unit) -> str:
    """Write a value as its scale has it."""
    if unit == "yuan":
        return yuan_round(round(value))
    return percent(value, 0 if abs(value * 100 - round(value * 100)) < 1e-6 else 1)


def ribbon_svg(points: Sequence[HasPlace], label: str, unit: Unit = "yuan") -> Markup:
    """Estimates look by look with their doubt around them; the dashed line is nothing gained."""
    axis = axis_over(points)
    xs = [_across(each.share) for each in points]
    upper = [f"{x},{_up(axis, each.high)}" for x, each in zip(xs, points, strict=True)]
    lower = [f"{x},{_up(axis, each.low)}" for x, each in zip(xs, points, strict=True)]
    drawn = [_scale(axis, unit), _rung("zero", _up(axis, 0))]
    drawn.append(
        Markup('<polygon class="ribbon" points="{all}"/>').format(
            all=" ".join([*upper, *reversed(lower)])
        )
    )
    line = " ".join(f"{x},{_up(axis, each.point)}" for x, each in zip(xs, points, strict=True))
    drawn.append(Markup('<polyline class="ribbon-line" points="{line}"/>').format(line=line))
    for x, each in zip(xs, points, strict=True):
        drawn.append(
            Markup(
                '<line class="range thin" x1="{x}" x2="{x}" y1="{low}" y2="{high}"/>'
                '<circle class="point" cx="{x}" cy="{y}" r="5"/>'
            ).format(
                x=x, low=_up(axis, each.low), high=_up(axis, each.high), y=_up(axis, each.point)
            )
            + _below(x, worded(round(each.share, 2), "percent"))
        )
    return _picture(drawn, label, "ribbon-chart")


def path_svg(found: HasInterval | None, steps: Sequence[Step], label: str) -> Markup:
    """The lift with its doubt over the bands that the path owes, all on one scale from zero."""
    most = max([0.1, *(each.high for each in steps), float(found.high) if found else 0.0])
    least = min(0.0, float(found.low) if found else 0.0)
    axis = Axis(least, most)
    drawn: list[Markup] = []
    for each in steps:
        left, right = axis.x(each.low, WIDE), axis.x(each.high, WIDE)
        drawn.append(
            Markup('<rect class="band{now}" x="{x}" y="8" width="{w}" height="44" rx="4"/>').format(
                now=" now" if each.is_now else "", x=left, w=round(max(right - left, 2), 1)
            )
        )
    zero = axis.x(0, WIDE)
    drawn.append(Markup('<line class="zero" x1="{x}" x2="{x}" y1="0" y2="60"/>').format(x=zero))
    if found is not None:
        drawn.append(
            Markup(
                '<line class="range" x1="{low}" x2="{high}" y1="30" y2="30"/>'
                '<circle class="point" cx="{at}" cy="30" r="8"/>'
            ).format(
                low=axis.x(float(found.low), WIDE),
                high=axis.x(float(found.high), WIDE),
                at=axis.x(float(found.point), WIDE),
            )
        )
    ends = [least] if least < -0.005 else []
    marks = sorted({0.0, *ends, *(each.low for each in steps), *(each.high for each in steps)})
    return _picture([*drawn, *_told(axis, marks)], label, "path-chart", 84)


def _told(axis: Axis, marks: Sequence[float]) -> list[Markup]:
    """Write marks under a scale; one that would run into the mark before it is left out."""
    drawn, taken = [], 0.0
    for mark in marks:
        x, words = axis.x(mark, WIDE), worded(mark, "percent")
        half = LETTER * len(words) / 2
        left = max(x - half, 0.0)
        if left < taken:
            continue
        taken = left + 2 * half + LETTER
        drawn.append(
            Markup('<text x="{x}" y="78" text-anchor="middle">{words}</text>').format(
                x=round(left + half, 1), words=words
            )
        )
    return drawn


def histogram_svg(values: Sequence[float], observed: float, label: str) -> Markup:
    """How often the same draw, repeated, gave what; the thick line is what really came out."""
    low, high = min([*values, observed, 0.0]), max([*values, observed, 0.0])
    reach = (high - low) or 1.0
    axis = Axis(low - reach * 0.03, high + reach * 0.03)
    counts = [0] * BINS
    for value in values:
        share = (value - axis.low) / (axis.high - axis.low)
        counts[min(int(share * BINS), BINS - 1)] += 1
    most, slot = max(counts) or 1, (WIDE - 16) / BINS
    drawn = [
        Markup('<rect class="bar-fill soft" x="{x}" y="{y}" width="{w}" height="{h}"/>').format(
            x=round(8 + place * slot + 1, 1),
            y=round(FLOOR - (FLOOR - 12) * count / most, 1),
            w=round(slot - 2, 1),
            h=round((FLOOR - 12) * count / most, 1),
        )
        for place, count in enumerate(counts)
        if count
    ]
    for kind, at in (("zero", 0.0), ("observed", observed)):
        drawn.append(
            Markup('<line class="{kind}" x1="{x}" x2="{x}" y1="0" y2="{floor}"/>').format(
                kind=kind, x=axis.x(at, WIDE), floor=FLOOR
            )
        )
    drawn += [_below(axis.x(tick, WIDE), worded(tick, "percent")) for tick in axis.ticks]
    return _picture(drawn, label, "histogram")


def curve_svg(points: Sequence[tuple[float, float]], label: str, goal: float = 0.8) -> Markup:
    """Chances over effects, rising from left to right; the dashed line is what one asks for."""
    last = max(effect for effect, _chance in points) or 1.0
    shares = Axis(0.0, 1.0)
    places = [(_across(effect / last), _up(shares, chance)) for effect, chance in points]
    drawn = [_scale(shares, "percent"), _rung("zero", _up(shares, goal))]
    line = " ".join(f"{x},{y}" for x, y in places)
    drawn.append(Markup('<polyline class="ribbon-line" points="{line}"/>').format(line=line))
    for (x, y), (effect, _chance) in zip(places, points, strict=True):
        drawn.append(
            Markup('<circle class="point" cx="{x}" cy="{y}" r="4"/>').format(x=x, y=y)
            + _below(x, worded(effect, "percent"))
        )
    return _picture(drawn, label, "curve")


def _across(share: float) -> float:
    return round(EDGE + 8 + (WIDE - EDGE - 24) * share, 1)


def _up(axis: Axis, value: float) -> float:
    return round(FLOOR - 8 - (FLOOR - 20) * (float(value) - axis.low) / (axis.high - axis.low), 1)


def _scale(axis: Axis, unit: Unit) -> Markup:
    """Thin lines with their values at the left."""
    step = nice_step((axis.high - axis.low) / 4)
    first, last = round(axis.low / step), round(axis.high / step)
    drawn = Markup("")
    for place in range(first, last + 1):
        y = _up(axis, place * step)
        drawn += _rung("grid-line", y) + Markup(
            '<text x="{x}" y="{y}" text-anchor="end">{words}</text>'
        ).format(x=EDGE - 4, y=y + 4, words=worded(place * step, unit))
    return drawn


def _rung(kind: str, y: float) -> Markup:
    return Markup('<line class="{kind}" x1="{left}" x2="{right}" y1="{y}" y2="{y}"/>').format(
        kind=kind, left=EDGE, right=WIDE - 8, y=y
    )


def _below(x: float, words: str) -> Markup:
    return Markup('<text x="{x}" y="{y}" text-anchor="middle">{words}</text>').format(
        x=x, y=TALL - 6, words=words
    )


def _picture(drawn: Sequence[Markup], label: str, kind: str, tall: int = TALL) -> Markup:
    return Markup(
        '<svg class="{kind}" viewBox="0 0 {wide} {tall}" role="img" aria-label="{label}">'
        "{drawn}</svg>"
    ).format(kind=kind, wide=WIDE, tall=tall, label=label, drawn=Markup("").join(drawn))
