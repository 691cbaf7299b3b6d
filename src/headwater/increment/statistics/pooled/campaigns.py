"""Campaigns: what each brought, drawn together by channel, and what the next one may bring.

Each campaign has a randomised holdout of its own, so its lift is honest alone and mostly luck. They
are pooled as logarithms of the response ratio, whose error does not grow with the lift itself
(Hedges, Gurevitch and Curtis, Ecology 80 (1999), 1150-1156); what small arms bend is taken out to
the second order (Lajeunesse, Ecology 96 (2015), 2056-2063). Then a campaign is drawn towards its
channel and a channel towards all.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from headwater.increment.statistics.means import Contrast
from headwater.increment.statistics.pooled import nested
from headwater.increment.statistics.pooled.nested import Band, Home
from headwater.increment.statistics.relative import is_told_from_zero
from headwater.increment.statistics.shrinkage import LEAST_UNITS, Raw

# With fewer campaigns in all nothing is said; a channel with fewer of its own is in no ranking.
LEAST_CAMPAIGNS: Final = LEAST_UNITS
LEAST_TO_RANK: Final = 3
_NEXT: Final = "next of "


@dataclass(frozen=True)
class Pooled:
    """What may be said of each channel, of its next campaign, and of each campaign that was read.

    `average` is of the campaigns that were read. `best` is how likely a channel is the best of
    those with campaigns enough, where two have them.
    """

    average: Band
    channels: Mapping[str, Band]
    following: Mapping[str, Band]
    campaigns: Mapping[str, Band]
    best: Mapping[str, float]


def log_lift(found: Contrast) -> Raw | None:
    """Give a lift as a logarithm, or None where what was left alone, or bought, may be nothing."""
    base, bought = found.base, found.base + found.value
    if base <= 0 or bought <= 0 or not is_told_from_zero(found):
        return None
    variance = _common_variance(found, bought)
    together = found.base_variance + found.with_base
    of_base = found.base_variance / base**2
    of_bought = (variance + found.with_base + together) / bought**2
    doubt = of_bought + of_base - 2 * together / (bought * base)
    if doubt <= 0:
        return None
    bent = (of_base - of_bought) / 2
    return Raw(math.log(bought / base) - bent, math.sqrt(doubt))


def _common_variance(found: Contrast, bought: float) -> float:
    """Give the variance of a contrast whose members spread alike in both arms, each by its mean.

    A few big spenders raise an arm's mean and its spread at once: by its own spread, a holdout that
    lacks them by chance would show a large lift and claim to be sure of it.
    """
    means, counts = (bought, found.base), found.counts
    spreads = [
        part * count / mean**2 for part, count, mean in zip(found.parts, counts, means, strict=True)
    ]
    common = sum(s * count for s, count in zip(spreads, counts, strict=True)) / sum(counts)
    parts = (common * mean**2 / count for mean, count in zip(means, counts, strict=True))
    return sum(parts) + found.shared


def pool(measured: Mapping[str, Raw], channel_of: Mapping[str, str]) -> Pooled:
    """Draw every campaign towards its channel, and every channel towards all of them."""
    homes = {name: Home(channel_of[name]) for name in measured}
    channels = sorted({each.group for each in homes.values()})
    # Of the next campaign nothing is known but whose it is.
    homes |= {f"{_NEXT}{each}": Home(each) for each in channels}
    found = nested.shrink(measured, homes, ranked(channel_of), np.expm1)
    leaves = {name: Band(each.value, each.low, each.high) for name, each in found.leaves.items()}
    return Pooled(
        found.average,
        found.groups,
        {name: leaves[f"{_NEXT}{name}"] for name in channels},
        {name: leaves[name] for name in measured},
        found.best,
    )


def ranked(channel_of: Mapping[str, str]) -> list[str]:
    """Name the channels that can be compared: two at least, each with campaigns enough."""
    counts = Counter(channel_of.values())
    enough = sorted(name for name, count in counts.items() if count >= LEAST_TO_RANK)
    return enough if len(enough) > 1 else []
