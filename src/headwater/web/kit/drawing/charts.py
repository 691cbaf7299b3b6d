"""Charts drawn on the server: plain SVG, coloured by classes, spoken by a label."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from markupsafe import Markup

WIDTH = 240
HEIGHT = 28
TICKS = 5


class HasInterval(Protocol):
    """Anything that carries an estimate with its bounds."""

    @property
    def low(self) -> float: ...
    @property
    def point(self) -> float: ...
    @property
    def high(self) -> float: ...


@dataclass(frozen=True)
class Axis:
    """One scale shared by all rows, which always shows the zero."""

    low: float
    high: float

    def x(self, value: float, width: int = WIDTH) -> float:
        """Where a value stands, with room for the round ends at both sides."""
        return round(8 + (width - 16) * (value - self.low) / (self.high - self.low), 1)

    @property
    def ticks(self) -> list[float]:
        """A few round values from end to end."""
        step = nice_step((self.high - self.low) / TICKS)
        first, last = math.ceil(self.low / step), math.floor(self.high / step)
        return [tick * step for tick in range(first, last + 1)]


def axis_over(rows: Iterable[HasInterval]) -> Axis:
    """The smallest round scale that holds every row and the zero."""
    bounds = [0.0]
    for row in rows:
        bounds += [float(row.low), float(row.high)]
    low, high = min(bounds), max(bounds)
    if low == high:
        return Axis(-1.0, 1.0)
    step = nice_step((high - low) / TICKS)
    return Axis(math.floor(low / step) * step, math.ceil(high / step) * step)


def nice_step(rough: float) -> float:
    """The next of 1, 2, 2.5, 5, 10 at or above a rough step."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next(nice * power for nice in (1, 2, 2.5, 5, 10) if nice * power >= rough * 0.999)


def interval_svg(row: HasInterval, axis: Axis, tone: str, label: str, width: int = WIDTH) -> Markup:
    """A dot for the estimate, a bar for its doubt, a dashed line for nothing gained."""
    middle = HEIGHT / 2
    return Markup(
        '<svg class="interval {tone}" viewBox="0 0 {width} {height}" role="img"'
        ' aria-label="{label}">'
        '<line class="zero" x1="{zero}" x2="{zero}" y1="0" y2="{height}"/>'
        '<line class="range" x1="{low}" x2="{high}" y1="{middle}" y2="{middle}"/>'
        '<circle class="point" cx="{point}" cy="{middle}" r="6"/></svg>'
    ).format(
        tone=tone,
        label=label,
        width=width,
        height=HEIGHT,
        middle=middle,
        zero=axis.x(0, width),
        low=axis.x(float(row.low), width),
        high=axis.x(float(row.high), width),
        point=axis.x(float(row.point), width),
    )


def sparkline(values: Sequence[float], label: str) -> Markup:
    """The shape of a series, without its figures."""
    if len(values) < 2:
        return Markup("")
    low, high = min(values), max(values)
    reach = (high - low) or 1
    step = 100 / (len(values) - 1)
    points = [
        f"{index * step:.1f},{33 - 28 * (value - low) / reach:.1f}"
        for index, value in enumerate(values)
    ]
    line = " ".join(points)
    return Markup(
        '<svg class="spark" viewBox="0 0 100 36" preserveAspectRatio="none" role="img"'
        ' aria-label="{label}"><polygon class="spark-fill" points="0,36 {line} 100,36"/>'
        '<polyline class="spark-line" points="{line}"/></svg>'
    ).format(label=label, line=line)


def bars(pairs: Sequence[tuple[str, float]], label: str, height: int = 160) -> Markup:
    """Columns over named places, for example days; the last one stands out as the newest."""
    most = max((value for _name, value in pairs), default=0) or 1
    width, floor = 640, height - 22
    slot = width / max(len(pairs), 1)
    every = max(1, math.ceil(len(pairs) / 8))
    drawn = [Markup('<line class="grid-line" x1="0" x2="640" y1="{y}" y2="{y}"/>').format(y=floor)]
    for index, (name, value) in enumerate(pairs):
        tall = max(0.0, (floor - 8) * value / most)
        drawn.append(
            Markup(
                '<rect class="bar-fill{soft}" x="{x}" y="{y}" width="{w}" height="{h}" rx="3"/>'
            ).format(
                soft="" if index == len(pairs) - 1 else " soft",
                x=round(index * slot + slot * 0.15, 1),
                y=round(floor - tall, 1),
                w=round(slot * 0.7, 1),
                h=round(tall, 1),
            )
        )
        if index % every == 0:
            drawn.append(
                Markup('<text x="{x}" y="{y}" text-anchor="middle">{name}</text>').format(
                    x=round(index * slot + slot / 2, 1), y=height - 4, name=name
                )
            )
    return Markup(
        '<svg viewBox="0 0 640 {height}" role="img" aria-label="{label}">{drawn}</svg>'
    ).format(height=height, label=label, drawn=Markup("").join(drawn))
