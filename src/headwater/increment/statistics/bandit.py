"""Bandit: which content is sent more often while it is learned which is best, and at what price.

Thompson, Biometrika 25 (1933), 285-294, in batches: shares change between sends, never within one.
A fixed part hears nothing, a fixed slice is drawn evenly, and no content falls below a floor, so
that every chance is known and written down. Days differ, and a content that was sent more on good
days looks better than it is: pooled figures found a difference in 77 % of worlds without one. So
figures are compared within batches (Zhang, Janson and Murphy, NeurIPS 2020), or weighted by the
chances that were written down (Horvitz and Thompson, JASA 47 (1952), 663-685).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from headwater.increment.errors import CannotEstimate
from headwater.increment.statistics.means import LEVEL, with_doubt
from headwater.increment.statistics.moments import Estimate, Moments

CONTENTS_MOST: Final = 10
NO_CONTACT: Final = "no contact"
_DRAWS: Final = 2_000
_SEED: Final = 20_261_122

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Rules:
    """What is fixed before the first send, and no result can change.

    Shares of contents are among those who are contacted; `floor` is the least of any content.
    """

    contents: tuple[str, ...]
    no_contact_share: float = 0.1
    uniform_share: float = 0.15
    floor: float = 0.05

    def __post_init__(self) -> None:
        """Rules under which some content could not be learned of are none."""
        count = len(self.contents)
        if not 2 <= count <= CONTENTS_MOST or len(set(self.contents)) < count:
            raise CannotEstimate("contents_out_of_range", most=CONTENTS_MOST)
        if NO_CONTACT in self.contents:
            raise CannotEstimate("no_contact_is_no_content", name=NO_CONTACT)
        if not 0 < self.no_contact_share < 1 or not 0 < self.uniform_share <= 1:
            raise CannotEstimate("no_even_share")
        if not 0 < self.floor <= 1 / count:
            raise CannotEstimate("floor_out_of_range")


@dataclass(frozen=True)
class Batch:
    """One send: the chances that were written down before it, and each content's one outcome.

    Outcomes are per content and for `NO_CONTACT`; each has one column.
    """

    shares: Mapping[str, float]
    outcomes: Mapping[str, Moments]

    @property
    def members(self) -> int:
        """How many were drawn in it, contacted or not."""
        return sum(each.n for each in self.outcomes.values())


@dataclass(frozen=True)
class Differences:
    """What batches say of how contents differ: how well it is known, and that times the figures.

    The common level is no part of it: the rows of `known` add up to nothing, and so does `told`.
    """

    known: Vector
    told: Vector


@dataclass(frozen=True)
class Compared:
    """A difference, and whether one of the two was picked because it looked best so far."""

    estimate: Estimate
    is_selected: bool


def next_shares(rules: Rules, past: Sequence[Batch]) -> dict[str, float]:
    """Give each content's chance in the next send; before the first they are even."""
    count = len(rules.contents)
    best = _chances_of_best(rules.contents, past)
    share = rules.uniform_share / count + (1 - rules.uniform_share) * best
    # What lies above the floor is scaled, so that all of them add up to one.
    above = np.maximum(share - rules.floor, 0.0)
    room = 1 - count * rules.floor
    scaled = above / above.sum() if above.sum() > 0 else np.full(count, 1 / count)
    share = rules.floor + room * scaled
    return dict(zip(rules.contents, (float(each) for each in share), strict=True))


def differences(contents: Sequence[str], past: Sequence[Batch]) -> Differences | None:
    """Regress outcomes on contents and sends by their sums; the sends are taken out.

    Outcomes that do not vary say nothing.
    """
    count = len(contents)
    known, told = np.zeros((count, count)), np.zeros(count)
    outcomes = [[each.outcomes[name] for name in contents] for each in past]
    cells = [each for row in outcomes for each in row if each.n > 1]
    noise = sum(each.variance(each.names[0]) * (each.n - 1) for each in cells)
    if noise <= 0:
        return None
    for row in outcomes:
        n = np.array([each.n for each in row], dtype=np.float64)
        if n.sum() == 0:
            continue
        total = np.array([each.sums[0] for each in row], dtype=np.float64)
        known += np.diag(n) - np.outer(n, n) / n.sum()
        told += total - n * total.sum() / n.sum()
    scale = noise / sum(each.n - 1 for each in cells)
    return Differences(known / scale, told / scale)


def choose(rules: Rules, shares: Mapping[str, float], contact: float, content: float) -> str:
    """Tell what one member gets, from two numbers drawn by salts of their own.

    `contact` has one salt for the whole bandit, so that whoever hears nothing never does;
    `content` one for each send.
    """
    if contact < rules.no_contact_share:
        return NO_CONTACT
    reached = 0.0
    for name in rules.contents:
        reached += shares[name]
        if content < reached:
            return name
    return rules.contents[-1]


def by_batch(
    past: Sequence[Batch], one: str, other: str, is_selected: bool = False, level: float = LEVEL
) -> Compared:
    """Compare two contents within each send, and weigh the sends by how many were in them."""
    parts: list[tuple[int, float, float]] = []
    counts = [0, 0]
    for batch in _with_both(past, one, other):
        mine, theirs = (batch.outcomes[name] for name in (one, other))
        name = mine.names[0]
        variance = mine.variance(name) / mine.n + theirs.variance(name) / theirs.n
        parts.append((batch.members, mine.mean(name) - theirs.mean(name), variance))
        counts = [counts[0] + mine.n, counts[1] + theirs.n]
    whole = sum(members for members, _, _ in parts)
    value = sum(members / whole * each for members, each, _ in parts)
    variance = sum((members / whole) ** 2 * each for members, _, each in parts)
    degrees = float(sum(counts) - 2 * len(parts))
    found = with_doubt(value, variance, degrees, (counts[0], counts[1]), "within batches", level)
    return Compared(found, is_selected)


def by_chance(
    past: Sequence[Batch], one: str, other: str, is_selected: bool = False, level: float = LEVEL
) -> Compared:
    """Compare two contents with each outcome weighed by the chance it had to be seen.

    Outcomes are taken from their send's middle first, which changes no difference and takes the
    days out of the doubt.
    """
    values, variance, whole = [], 0.0, 0
    counts = [0, 0]
    for batch in _with_both(past, one, other):
        mine, theirs = (batch.outcomes[name] for name in (one, other))
        members = batch.members - _silent(batch)
        middle = (mine.sums[0] + theirs.sums[0]) / (mine.n + theirs.n)
        first, square = _weighed(mine, middle, batch.shares[one])
        second, other_square = _weighed(theirs, middle, batch.shares[other])
        mean = (first - second) / members
        values.append(first - second)
        variance += members * ((square + other_square) / members - mean**2)
        whole += members
        counts = [counts[0] + mine.n, counts[1] + theirs.n]
    found = with_doubt(
        math.fsum(values) / whole, variance / whole**2, float(sum(counts) - 2),
        (counts[0], counts[1]), "weighed by chance", level,
    )  # fmt: skip
    return Compared(found, is_selected)


def brought(past: Sequence[Batch], level: float = LEVEL) -> Estimate:
    """Give what all contents together brought against no contact: the only figure that counts."""
    if not past:
        raise CannotEstimate("nothing_sent")
    together = [
        Batch(each.shares, {"contact": _contacted(each), NO_CONTACT: each.outcomes[NO_CONTACT]})
        for each in past
        if NO_CONTACT in each.outcomes
    ]
    if len(together) < len(past):
        raise CannotEstimate("no_one_left_alone")
    return by_batch(together, "contact", NO_CONTACT, level=level).estimate


def _chances_of_best(contents: Sequence[str], past: Sequence[Batch]) -> Vector:
    """Draw how likely each content is the best, with every send's own level taken out."""
    count = len(contents)
    if not past:
        return np.full(count, 1 / count)
    means, doubts = _levels(contents, past)
    noise = np.random.default_rng([_SEED, len(past)])
    drawn = noise.multivariate_normal(means, doubts, _DRAWS, method="eigh")
    return np.bincount(drawn.argmax(axis=1), minlength=count) / _DRAWS


def _levels(contents: Sequence[str], past: Sequence[Batch]) -> tuple[Vector, Vector]:
    """Give what the sends say of each content, and the doubt; the common level is nothing."""
    found = differences(contents, past)
    if found is None:
        return np.zeros(len(contents)), np.eye(len(contents))
    inverse = np.asarray(np.linalg.pinv(found.known, hermitian=True), dtype=np.float64)
    return inverse @ found.told, inverse


def _with_both(past: Sequence[Batch], one: str, other: str) -> list[Batch]:
    """Keep the sends in which both can be compared, and refuse what was never sent."""
    kept = [
        each for each in past
        if all(name in each.outcomes and each.outcomes[name].n > 1 for name in (one, other))
    ]  # fmt: skip
    if not kept:
        raise CannotEstimate("never_side_by_side", one=one, other=other)
    return kept


def _weighed(outcome: Moments, middle: float, share: float) -> tuple[float, float]:
    """Give the sum and the sum of squares of outcomes over their chance, from the middle."""
    if not 0 < share <= 1:
        raise CannotEstimate("no_chance_written")
    total = float(outcome.sums[0]) - outcome.n * middle
    square = float(outcome.products[0][0]) - 2 * middle * float(outcome.sums[0])
    return total / share, (square + outcome.n * middle**2) / share**2


def _silent(batch: Batch) -> int:
    return batch.outcomes[NO_CONTACT].n if NO_CONTACT in batch.outcomes else 0


def _contacted(batch: Batch) -> Moments:
    arms = [each for name, each in batch.outcomes.items() if name != NO_CONTACT]
    whole = arms[0]
    for each in arms[1:]:
        whole = whole + each
    return whole
