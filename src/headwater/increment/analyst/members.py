"""Members: what an analyst's own experiment caused, by the estimators that the product uses.

Every outcome is given adjusted and raw, absolute and relative, and as the total over those treated;
several outcomes share one family by Holm. Where the arms are not what they were drawn to be there
is no figure, and a reason instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from headwater.increment.analyst import arms
from headwater.increment.analyst.arms import MEMBERS, Arms, Question
from headwater.increment.analyst.tables import Source, opened
from headwater.increment.errors import CannotEstimate, Why
from headwater.increment.statistics import clusters, families, health, means, ratios
from headwater.increment.statistics.means import Contrast
from headwater.increment.statistics.moments import Estimate, Moments
from headwater.increment.statistics.relative import relative

# A healthy split or a healthy draw fails these once in a thousand readings.
ALARM: Final = 0.001


@dataclass(frozen=True)
class Guards:
    """What was checked before any figure; None is what could not be checked, for want of a word."""

    sample_ratio_p: float | None
    imbalance_p: dict[str, float] | None
    is_unit_checked: bool
    because: tuple[Why, ...]

    @property
    def is_readable(self) -> bool:
        """Tell whether there may be figures."""
        return not self.because


@dataclass(frozen=True)
class Figure:
    """An outcome between one arm and the control: adjusted beside raw, always.

    The lifts are None where the control's mean cannot be told from zero; a ratio has no total.
    """

    outcome: str
    arm: str
    adjusted: Estimate
    raw: Estimate
    lift: Estimate | None
    raw_lift: Estimate | None
    total: Estimate | None
    variance_taken_out: float
    holm_p: float


@dataclass(frozen=True)
class Reading:
    """All that a file says to a question."""

    source: str
    question: Question
    rows: int
    units: dict[str, int]
    guards: Guards
    figures: tuple[Figure, ...]


def read(source: Source, question: Question) -> Reading:
    """Read a file once and compare every arm with the control."""
    with opened(source) as table:
        found = arms.gather(table, question)
    guards = _guards(found, question)
    figures = tuple(_figures(found, question)) if guards.is_readable else ()
    adjusted = families.holm({(each.outcome, each.arm): each.adjusted.p for each in figures})
    return Reading(
        source.name,
        question,
        found.rows,
        found.units,
        guards,
        tuple(replace(each, holm_p=adjusted[each.outcome, each.arm]) for each in figures),
    )


def _guards(found: Arms, question: Question) -> Guards:
    control = found.moments[question.control]
    because: list[Why] = []
    ratio_p = None
    if question.share is not None:
        treated = sum(each.n for each in found.moments.values()) - control.n
        ratio_p = health.sample_ratio(treated, control.n, question.share)
        if ratio_p < ALARM:
            because.append(
                Why("share_does_not_fit", held_out=control.n, members=treated + control.n,
                    share=question.share, p=ratio_p)
            )  # fmt: skip
    known = question.known_before(*question.measured)
    imbalance = None
    if known:
        imbalance = {
            arm: health.imbalance(each, control, known)
            for arm, each in found.moments.items()
            if arm != question.control
        }
        because += [
            Why("differed_before", arm=arm, control=question.control, p=p)
            for arm, p in imbalance.items()
            if p < ALARM
        ]
    return Guards(ratio_p, imbalance, question.unit is not None, tuple(because))


def _figures(found: Arms, question: Question) -> Iterator[Figure]:
    control = found.moments[question.control]
    for arm, treated in found.moments.items():
        if arm == question.control:
            continue
        for name in question.outcomes:
            known = question.known_before(name)
            yield _figure(name, arm, _contrasts(treated, control, name, question), known,
                          found.units[arm])  # fmt: skip
        for over, under in question.ratios:
            known = question.known_before(over, under)
            name = f"{over}/{under}"
            yield _figure(name, arm, _ratio(treated, control, (over, under), question), known, None)


Compare = Callable[[tuple[str, ...]], Contrast]


def _contrasts(treated: Moments, control: Moments, name: str, question: Question) -> Compare:
    if question.cluster is not None:
        return lambda known: clusters.clustered(treated, control, name, MEMBERS, known)
    return lambda known: means.adjusted(treated, control, name, known)


def _ratio(
    treated: Moments, control: Moments, parts: tuple[str, str], question: Question
) -> Compare:
    if question.cluster is not None:
        return lambda known: clusters.clustered(treated, control, *parts, known)
    return lambda known: ratios.ratio(treated, control, *parts, known)


def _figure(
    name: str, arm: str, compare: Compare, known: tuple[str, ...], treated: int | None
) -> Figure:
    try:
        raw, chosen = compare(()), compare(known)
        adjusted = means.estimate(chosen)
        return Figure(
            outcome=name,
            arm=arm,
            adjusted=adjusted,
            raw=means.estimate(raw),
            lift=relative(chosen),
            raw_lift=relative(raw),
            total=None if treated is None else _times(adjusted, treated),
            variance_taken_out=1 - chosen.variance / raw.variance,
            holm_p=adjusted.p,
        )
    except CannotEstimate as refusal:
        raise CannotEstimate("of_outcome", outcome=name, why=refusal.why) from refusal


def _times(each: Estimate, count: int) -> Estimate:
    """Add a figure up over those treated in the window; it is never stretched beyond them."""
    return replace(
        each,
        estimate=each.estimate * count,
        standard_error=each.standard_error * count,
        low=each.low * count,
        high=each.high * count,
        method=f"{each.method} total",
    )
