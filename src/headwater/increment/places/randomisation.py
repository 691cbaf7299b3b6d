"""Randomisation: the exact test of the very generator that drew the design.

All that is assumed is that the stores were drawn as the design says. The draw is repeated over all
of its stores, the treated ones too; donors are whoever is left, each time anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from headwater.increment.errors import CannotEstimate
from headwater.increment.places import contrasts
from headwater.increment.places.contrasts import Scale, Statistic
from headwater.increment.places.designs import Campaign, Design, clean, redraws
from headwater.increment.places.inversion import Inverted, Lines, invert, over_base
from headwater.increment.places.panels import Label, Panel
from headwater.increment.statistics.moments import Estimate

VERSION: Final = "randomisation.1"
DRAWS: Final = 999
LEAST_BEFORE: Final = 4
# What rounding leaves of stores that all moved alike.
_ROUNDING: Final = 1e-12

Table = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Asked:
    """How to read; it belongs into the plan, before there is anything to read."""

    statistic: Statistic = "did"
    scale: Scale = "relative"
    draws: int = DRAWS
    level: float = 0.95
    until: Label | None = None
    calendar: tuple[Campaign, ...] = ()


@dataclass(frozen=True)
class Tested:
    """What the stores of the first wave sold more, thrice: each, in shares, and in all.

    The three are one test on three scales and share one p. `null` holds the redrawn statistics and
    `observed` the one that was drawn, for whoever wants to see where it falls.
    """

    estimate: Estimate
    lift: Estimate | None
    total: Estimate
    observed: float
    null: tuple[float, ...]
    possible_draws: int
    specification: dict[str, Any]


@dataclass(frozen=True)
class Trial:
    """The stores of a draw before and after the start; rows after the mask's are donors only."""

    before: Table
    after: Table
    masks: Mask
    design: Design
    cut: tuple[Label, ...]

    @property
    def drawn(self) -> Mask:
        """Who was treated, over all rows."""
        further = len(self.before) - self.masks.shape[1]
        return np.concatenate([self.masks[0], np.zeros(further, dtype=np.bool_)])


def read(panel: Panel, design: Design, since: Label, asked: Asked | None = None) -> Tested:
    """Compare the first wave with the stores not treated, from its start to the last period asked.

    `asked.until` is that last period; with several waves it lies before the second one's start.
    """
    asked = asked or Asked()
    if design.why is not None:
        raise CannotEstimate(design.why)
    if len(design.waves) > 1 and asked.until is None:
        raise CannotEstimate("several_waves", waves=len(design.waves))
    trial = _trial(panel, design, since, asked)
    size = _sizes(trial, asked.scale)
    before, after = trial.before / size, trial.after / size
    weights = _weights(before, trial, asked.statistic)
    gains = after.mean(axis=1) - before.mean(axis=1)
    if np.ptp(gains) <= _ROUNDING * np.abs(before).max():
        raise CannotEstimate("all_move_alike")
    touched = np.where(trial.drawn, after.mean(axis=1) if asked.scale == "relative" else 1.0, 0.0)
    constants, slopes = weights @ gains, weights @ touched
    lines = Lines(float(constants[0]), float(slopes[0]), constants[1:], slopes[1:])
    found = invert(lines, asked.level)
    figures = _figures(found, trial, asked)
    return Tested(
        *figures,
        observed=lines.observed / lines.slope,
        null=tuple((lines.redrawn / lines.slope).tolist()),
        possible_draws=design.possible_draws,
        specification=_specification(panel, trial, since, asked),
    )


def _trial(panel: Panel, design: Design, since: Label, asked: Asked) -> Trial:
    units = (*design.units, *design.forbidden) if asked.statistic == "synthetic" else design.units
    panel = panel.only(units).until(asked.until)
    cleaned = clean(panel, _known(asked.calendar, set(units)))
    kept = [at for at, each in enumerate(cleaned.panel.periods) if str(each) not in design.cut]
    gone = tuple(each for each in panel.periods if str(each) in design.cut)
    left = cleaned.panel.within(kept)
    panel.place_of(since)
    start = sum(each < since for each in left.periods)
    if start < LEAST_BEFORE:
        raise CannotEstimate("few_before", before=start, least=LEAST_BEFORE)
    if start == len(left.periods):
        raise CannotEstimate("nothing_clean_after")
    table = redraws(design, asked.draws)
    return Trial(
        left.values[:, :start], left.values[:, start:], table == 1, design, gone + cleaned.cut
    )


def _known(calendar: tuple[Campaign, ...], units: set[str]) -> list[Campaign]:
    """Keep of each campaign the stores of the comparison; one that touches none is of no matter."""
    kept = []
    for campaign in calendar:
        stores = tuple(unit for unit in campaign.stores if unit in units)
        if stores or not campaign.stores:
            kept.append(Campaign(campaign.since, campaign.until, stores))
    return kept


def _sizes(trial: Trial, scale: Scale) -> Table:
    """Shares are of each store's own level before the start; absolute figures stay as they are."""
    if scale == "absolute":
        return np.ones((len(trial.before), 1))
    level = trial.before.mean(axis=1, keepdims=True)
    if (level <= 0).any():
        raise CannotEstimate("no_share_to_tell")
    return np.asarray(level, dtype=np.float64)


def _weights(before: Table, trial: Trial, statistic: Statistic) -> Table:
    if statistic == "synthetic":
        return contrasts.synthetics(before, trial.masks)
    return contrasts.differences(trial.masks, contrasts.chances(trial.design))


def _figures(
    found: Inverted, trial: Trial, asked: Asked
) -> tuple[Estimate, Estimate | None, Estimate]:
    """Tell one interval on three scales; each scale rises with the tested one, so p stays."""
    sold = float(trial.after[trial.drawn].sum())
    cells = trial.after[trial.drawn].size
    if asked.scale == "relative":
        if found.high >= 1:
            raise CannotEstimate("endless_lift")
        each = _estimate(found, trial, asked, sold / cells)
        lift: Estimate | None = _bent(found, trial, asked)
    else:
        each = _estimate(found, trial, asked, 1.0)
        lift = over_base(each, sold / cells)
    total = _estimate(found, trial, asked, sold if asked.scale == "relative" else float(cells))
    return each, lift, total


def _estimate(found: Inverted, trial: Trial, asked: Asked, factor: float) -> Estimate:
    if factor <= 0:
        raise CannotEstimate("nothing_sold_after")
    treated = int(trial.masks[0].sum())
    return Estimate(
        estimate=found.estimate * factor,
        standard_error=found.standard_error * factor,
        low=found.low * factor,
        high=found.high * factor,
        p=found.p,
        degrees=float("inf"),
        treated_count=treated,
        holdout_count=trial.masks.shape[1] - treated,
        method=f"randomisation, {asked.statistic}, {asked.scale}",
        version=VERSION,
    )


def _bent(found: Inverted, trial: Trial, asked: Asked) -> Estimate:
    """Turn the share of what was sold into a share of what would have been sold."""
    flat = _estimate(found, trial, asked, 1.0)
    bend = 1 / (1 - found.estimate)
    return Estimate(
        **{
            **vars(flat),
            "estimate": found.estimate * bend,
            "standard_error": found.standard_error * bend**2,
            "low": found.low / (1 - found.low),
            "high": found.high / (1 - found.high),
        }
    )


def _specification(panel: Panel, trial: Trial, since: Label, asked: Asked) -> dict[str, Any]:
    return {
        "version": VERSION,
        "statistic": asked.statistic,
        "scale": asked.scale,
        "level": asked.level,
        "draws": asked.draws,
        "design": trial.design.fingerprint,
        "since": str(since),
        "until": str(panel.until(asked.until).periods[-1]),
        "periods_before": trial.before.shape[1],
        "periods_after": trial.after.shape[1],
        "cut": [str(each) for each in dict.fromkeys(trial.cut)],
        "forced_and_not_compared": list(trial.design.forced),
        "contaminated_and_left_out": list(trial.design.contaminated),
    }
