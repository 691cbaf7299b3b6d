"""Contents: each is drawn towards its campaign's mean, the more so the less contents differ.

A campaign tries few contents, and the best of a few is mostly the luckiest. How far contents of a
brand truly differ is learned from all its campaigns that are over, relative to what a member of
each buys, so that campaigns of dear and of cheap things can be compared. That spread stays in doubt
and is summed over: with two or three contents a flat prior of it is not proper, so it has half a
Cauchy one (Gelman, Bayesian Analysis 1 (2006), 515-533). Given the spread all is Gaussian. Every
batch's own level is regressed out first, so days that differ tell nothing, and that later batches
were steered by earlier ones changes no likelihood. On a day that sells twice as much contents
differ by twice as much, so a batch is read in shares of what its members would have bought by the
mean content; not by the one that most of them got, or the favourite would look too small.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from headwater.increment.errors import CannotEstimate
from headwater.increment.statistics import bandit
from headwater.increment.statistics.bandit import NO_CONTACT, Batch
from headwater.increment.statistics.moments import Moments
from headwater.increment.statistics.shrinkage import LEVEL, Raw, Shrunken

# Fewer members than this, and nothing is said of a content, nor learned from it.
LEAST: Final = 100
# Before anything is known it is an even bet whether contents differ by less than this, as the
# standard deviation of their true effects over what a member buys.
SCALE: Final = 0.03
_STEPS: Final = 1_000
_DRAWS: Final = 10_000
_SEED: Final = 20_261_122
# Along a direction known less than this, next to the best known one, nothing was compared.
_NOTHING: Final = 1e-9
# A favourite that lost everything to the others still leaves a level to divide by.
_LIFT_LEAST: Final = 0.1

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Known:
    """What one campaign says of its contents, as shares of `mean`: what the mean content sold.

    Only differences are known. Along each of `axes`, which are orthogonal, the data know their
    mean with `precision`, and `told` is the two multiplied.
    """

    names: tuple[str, ...]
    mean: float
    axes: Vector
    precision: Vector
    told: Vector


@dataclass(frozen=True)
class Spread:
    """How far a brand's contents may truly differ, how likely each such spread is, and who told."""

    steps: Vector
    chances: Vector
    campaigns: int

    @property
    def middle(self) -> float:
        """The spread that is as likely too small as too large."""
        return float(self.steps[np.searchsorted(np.cumsum(self.chances), 0.5)])


@dataclass(frozen=True)
class Taught:
    """A campaign's contents beside each other; what is not among them too few have heard.

    Figures stand against the mean of the contents, as shares of `mean`: what a member buys by it.
    `top_chance` is how likely a content is the best. `spread` was learned from so many campaigns.
    """

    mean: float
    contents: Mapping[str, Shrunken]
    spread: float
    campaigns: int


def known(past: Sequence[Batch]) -> Known:
    """Tell what a campaign's batches say of how its contents differ."""
    names = _heard(past)
    if len(names) < 2:
        raise CannotEstimate("few_contents_heard", least=LEAST)
    sold = [each for each in past if _mean(each, names) > 0]
    if not sold:
        raise CannotEstimate("nothing_sold")
    levels = [_mean(each, names) for each in sold]
    rough = _relative(names, sold, levels)
    raw = dict(zip(names, rough.axes @ (rough.told / rough.precision), strict=True))
    return _relative(
        names,
        sold,
        [level / _lifted(each, raw) for level, each in zip(levels, sold, strict=True)],
    )


def spread_of(campaigns: Sequence[Known]) -> Spread:
    """Learn from all campaigns together how far contents differ."""
    steps = _steps()
    log_chance = np.zeros(_STEPS)
    for each in campaigns:
        grown = 1 + each.precision * steps[:, None] ** 2
        along = each.told**2 * steps[:, None] ** 2 / grown
        log_chance += 0.5 * (along - np.log(grown)).sum(axis=1)
    chance = np.exp(log_chance - log_chance.max())
    return Spread(steps, np.asarray(chance / chance.sum(), dtype=np.float64), len(campaigns))


def taught(campaign: Known, spread: Spread, level: float = LEVEL) -> Taught:
    """Say of each content what may be said, with the spread's own doubt in it."""
    noise = np.random.default_rng([_SEED, len(campaign.names)])
    drawn = noise.choice(spread.steps, _DRAWS, p=spread.chances)
    variance = _left(campaign, drawn)
    along = campaign.told * variance
    along = along + np.sqrt(variance) * noise.standard_normal(variance.shape)
    effects = along @ campaign.axes.T
    best = np.bincount(effects.argmax(axis=1), minlength=len(campaign.names)) / _DRAWS
    tail = (1 - level) / 2
    lows, highs = np.quantile(effects, [tail, 1 - tail], axis=0)
    kept = spread.chances @ _left(campaign, spread.steps)
    middles = campaign.axes @ (campaign.told * kept)
    raw = _raw(campaign)
    contents = {
        name: Shrunken(
            float(middles[at]), float(lows[at]), float(highs[at]), float(best[at]), raw[at]
        )
        for at, name in enumerate(campaign.names)
    }
    return Taught(campaign.mean, contents, spread.middle, spread.campaigns)


def learn(past: Sequence[Batch], others: Iterable[Sequence[Batch]]) -> Taught:
    """Say what a campaign's contents taught, with what the brand's others say of the spread."""
    own = known(past)
    return taught(own, spread_of([own, *_all_known(others)]))


def _all_known(campaigns: Iterable[Sequence[Batch]]) -> list[Known]:
    """Pass over campaigns that say nothing."""
    found = []
    for each in campaigns:
        try:
            found.append(known(each))
        except CannotEstimate:
            continue
    return found


def _heard(past: Sequence[Batch]) -> tuple[str, ...]:
    counts: dict[str, int] = {}
    for batch in past:
        for name, arm in batch.outcomes.items():
            counts[name] = counts.get(name, 0) + arm.n
    return tuple(name for name, n in counts.items() if n >= LEAST and name != NO_CONTACT)


def _mean(batch: Batch, names: Sequence[str]) -> float:
    """Give what a member of a batch bought; nothing where nobody was in it."""
    arms = [batch.outcomes[name] for name in names]
    return float(sum(arm.sums[0] for arm in arms)) / max(sum(arm.n for arm in arms), 1)


def _lifted(batch: Batch, raw: Mapping[str, float]) -> float:
    """Give by how much a batch sold more because it did not hear all contents alike."""
    members = sum(batch.outcomes[name].n for name in raw)
    lift = sum(batch.outcomes[name].n * effect for name, effect in raw.items()) / members
    return max(1 + float(lift), _LIFT_LEAST)


def _relative(names: tuple[str, ...], past: Sequence[Batch], levels: Sequence[float]) -> Known:
    """Take every batch in shares of its level, and the batches' levels out."""
    shares = [_divided(each, level) for each, level in zip(past, levels, strict=True)]
    found = bandit.differences(names, shares)
    if found is None:
        raise CannotEstimate("no_variance")
    across = _across(len(names))
    precision, turned = np.linalg.eigh(across.T @ found.known @ across)
    if precision[0] <= _NOTHING * precision[-1]:
        raise CannotEstimate("contents_apart")
    members = [sum(each.outcomes[name].n for name in names) for each in past]
    mean = float(np.average(levels, weights=members))
    axes = across @ turned
    return Known(names, mean, axes, precision, axes.T @ found.told)


def _divided(batch: Batch, level: float) -> Batch:
    return Batch(
        batch.shares,
        {
            name: Moments(
                arm.names, arm.n, (arm.sums[0] / level,), ((arm.products[0][0] / level**2,),)
            )
            for name, arm in batch.outcomes.items()
        },
    )


def _left(campaign: Known, spreads: Vector) -> Vector:
    """Give what stays in doubt along each axis, where contents differ by so much."""
    square = spreads[:, None] ** 2
    return np.asarray(square / (1 + campaign.precision * square), dtype=np.float64)


def _raw(campaign: Known) -> list[Raw]:
    """Give what was measured, as though contents could differ by anything."""
    values = campaign.axes @ (campaign.told / campaign.precision)
    variances = campaign.axes**2 @ (1 / campaign.precision)
    return [
        Raw(float(value), float(variance**0.5))
        for value, variance in zip(values, variances, strict=True)
    ]


@cache
def _across(count: int) -> Vector:
    """Give directions along which contents differ, and not all are moved at once."""
    first = np.column_stack([np.ones(count), np.eye(count)[:, 1:]])
    return np.asarray(np.linalg.qr(first)[0][:, 1:], dtype=np.float64)


@cache
def _steps() -> Vector:
    """Give spreads that are all equally likely before anything is known."""
    at = (np.arange(_STEPS, dtype=np.float64) + 0.5) / _STEPS
    return np.asarray(SCALE * np.tan(np.pi * at / 2), dtype=np.float64)
