"""Planning: what could be seen, for how long one must wait, and what that costs, before the start.

All of it is read from the brand's own past: how much its members or stores differ, and how much of
that was known beforehand. The cost of a holdout is what its members would have bought more, had
they been treated, if the lift is as large as is hoped for.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from headwater.base.errors import BadInput
from headwater.increment.analyst import arms, periods
from headwater.increment.analyst.arms import Question
from headwater.increment.analyst.periods import Series
from headwater.increment.analyst.tables import Source, Table, opened
from headwater.increment.errors import CannotEstimate
from headwater.increment.places import designs, power
from headwater.increment.places.designs import Design, Rules
from headwater.increment.places.power import Cell
from headwater.increment.statistics.moments import Moments
from headwater.increment.statistics.planned import sizes
from headwater.increment.statistics.planned.sizes import Noise

LENGTHS: Final = (1, 2, 4, 8, 13, 26)
SHARES: Final = (0.05, 0.1, 0.2, 0.5)


@dataclass(frozen=True)
class Hoped:
    """What is hoped for, and with how many members; None are as many as the file has."""

    lift: float
    members: int | None = None
    shares: tuple[float, ...] = SHARES


@dataclass(frozen=True)
class Option:
    """A holdout of one size over one window: what it sees, and what it costs."""

    share: float
    held_out: int
    least_lift: float
    power: float
    cost_fen: int


@dataclass(frozen=True)
class Window:
    """A window of so many periods, or of the file's own where these are not known."""

    periods: int | None
    noise: Noise
    variance_taken_out: float
    least_share: float | None
    members_needed: int
    options: tuple[Option, ...]


@dataclass(frozen=True)
class MembersPlan:
    """What a holdout of members could see."""

    source: str
    members: int
    lift: float
    windows: tuple[Window, ...]


@dataclass(frozen=True)
class StoresPlan:
    """What a test in stores could see; `speaks_up` is how often it would when nothing happens."""

    source: str
    stores: int
    lift: float
    cells: tuple[Cell, ...]
    costs_fen: tuple[int, ...]
    speaks_up: float | None


def members(source: Source, question: Question, hoped: Hoped) -> MembersPlan:
    """Tell what holdouts of several sizes would see, by what the members of a file did before."""
    _check(hoped)
    with opened(source) as table:
        found = list(_pasts(table, question))
    count = hoped.members or found[0][1].n
    try:
        windows = tuple(_window(question, *each, count, hoped) for each in found)
    except CannotEstimate as refusal:
        outcome = question.outcomes[0]
        raise CannotEstimate("of_outcome", outcome=outcome, why=refusal.why) from refusal
    return MembersPlan(source.name, count, hoped.lift, windows)


def stores(
    source: Source, series: Series, counts: Sequence[int], weeks: Sequence[int], lift: float
) -> StoresPlan:
    """Tell what tests of several sizes would have seen, by simulation on the stores' own past."""
    _check(Hoped(lift))
    with opened(source) as table:
        panel = periods.gather(table, series)
    if min(counts) < 1 or max(counts) >= len(panel.units):
        why = f"{max(counts)} of {len(panel.units)} stores; one at least is treated and one is not"
        raise BadInput("--stores", why)
    cells = power.table(panel, Rules((counts[0],)), counts, weeks)
    usable = next((each for each in cells if each.mde is not None), None)
    speaks_up = None
    if usable is not None:
        speaks_up = power.curve(panel, Rules((usable.stores,)), usable.weeks, ()).power_at_zero
    mean = float(panel.values.mean())
    return StoresPlan(
        source.name,
        len(panel.units),
        lift,
        cells,
        tuple(round((len(panel.units) - c.stores) * c.weeks * mean * lift) for c in cells),
        speaks_up,
    )


def draw(source: Source, series: Series, salt: str, waves: tuple[int, ...]) -> Design:
    """Draw which stores go first; the same salt and history draw the same again."""
    with opened(source) as table:
        panel = periods.gather(table, series)
    return designs.draw(salt, panel, Rules(waves))


def _check(hoped: Hoped) -> None:
    if not 0 < hoped.lift < 1:
        raise BadInput("--lift", "the lift hoped for lies between 0 and 1, as 0.02")
    if any(not 0 < share < 1 for share in hoped.shares):
        raise BadInput("--share", "a share held out lies between 0 and 1")
    if hoped.members is not None and hoped.members < 4:
        raise BadInput("--members", "four members are the least")


def _pasts(table: Table, question: Question) -> Iterator[tuple[int | None, Moments]]:
    """Give the past as windows of several lengths, each with all that was before it."""
    if question.time is None:
        yield None, arms.pooled(table, question)
        return
    if question.unit is None:
        raise BadInput("--unit", "rows over time belong to units; name their column")
    column = table.column(question.time, "--time")
    found = table.relation.filter(f"{column} IS NOT NULL").aggregate(f"{column} AS time", column)
    starts = [str(row[0]) for row in found.order("time DESC").limit(2 * LENGTHS[-1]).fetchall()]
    if len(starts) < 2:
        raise BadInput("--time", f"{question.time} has one period; two are the least")
    for length in LENGTHS:
        if 2 * length <= len(starts):
            since = starts[length - 1]
            yield length, arms.pooled(table, replace(question, since=since))


def _window(
    question: Question, length: int | None, past: Moments, count: int, hoped: Hoped
) -> Window:
    outcome = question.outcomes[0]
    known = tuple(name for name in past.names if name != outcome)
    noise, raw = sizes.noise_of(past, outcome, known), sizes.noise_of(past, outcome)
    if raw.variance <= 0:
        raise CannotEstimate("no_variance")
    return Window(
        periods=length,
        noise=noise,
        variance_taken_out=1 - noise.variance / raw.variance,
        least_share=_least_share(noise, count, hoped.lift),
        members_needed=sizes.members_needed(noise, hoped.lift, 0.5),
        options=tuple(_option(noise, count, share, hoped.lift) for share in hoped.shares),
    )


def _option(noise: Noise, members: int, share: float, lift: float) -> Option:
    held = round(members * share)
    error = sizes.standard_error(noise, members, share)
    return Option(
        share=share,
        held_out=held,
        least_lift=sizes.least_visible(noise, members, share),
        power=sizes.power_at(lift, error),
        cost_fen=round(held * noise.mean * lift),
    )


def _least_share(noise: Noise, members: int, lift: float) -> float | None:
    """Find the smallest holdout that sees the lift; None where not even half of all would do."""
    needed = (sizes.least_visible(noise, members, 0.5) / lift) ** 2 / 4
    return None if needed > 0.25 else (1 - math.sqrt(1 - 4 * needed)) / 2
