"""Many worlds of known truth: what is claimed where nothing is, and what intervals hold.

Everything between the history and the figure is the product's own: the draw, the looks, their
levels and the reading. Only the stores are made up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pytest

from headwater.increment.places import designs, waves
from headwater.increment.places.designs import Design, Rules
from headwater.increment.places.panels import Panel
from headwater.increment.rollouts import designing, judging
from headwater.increment.rollouts.judging import Sight
from headwater.increment.rollouts.wishes import WEEK

FIRST = date(2025, 6, 2)
BEFORE, STORES = 52, 24
REDRAWS = 199


@dataclass(frozen=True)
class World:
    """Stores whose levels drift, with an effect in those that have started."""

    panel: Panel
    design: Design
    starts: dict[str, date | None]
    caused: Panel

    def sight(self, weeks: int, level: float, wave_weeks: int) -> Sight:
        """What a look so many weeks after the first start sees."""
        seen = range(BEFORE - designing.BEFORE_WEEKS, BEFORE + weeks)
        panel = self.panel.only(self.design.units).within(seen)
        starts = {unit: self.starts[unit] for unit in self.design.units}
        return Sight(panel, starts, self.design, (), level, REDRAWS, wave_weeks)


def world(seed: int, sizes: tuple[int, ...], wave_weeks: int, lift: float) -> World:
    """Draw stores of all sizes, a season, a random walk for each, and noise in every week."""
    random = np.random.default_rng(seed)
    weeks = BEFORE + wave_weeks * len(sizes)
    level = random.uniform(4e6, 12e6, (STORES, 1))
    walk = np.cumsum(random.normal(0, 0.015, (STORES, weeks)), axis=1)
    season = 1 + 0.1 * np.sin(np.arange(weeks) / 8)
    usual = level * season * np.exp(walk) * random.normal(1, 0.04, (STORES, weeks))
    units = tuple(f"S{number:02d}" for number in range(STORES))
    periods = tuple(FIRST + number * WEEK for number in range(weeks))
    history = Panel.of(units, periods[:BEFORE], usual[:, :BEFORE])
    design = designs.draw(f"salt {seed}", history, Rules(waves=sizes))
    starts: dict[str, date | None] = dict.fromkeys(units)
    caused = np.zeros_like(usual)
    for unit, wave in design.waves_of.items():
        column = BEFORE + (wave - 1) * wave_weeks
        starts[unit] = periods[column]
        row = units.index(unit)
        caused[row, column:] = usual[row, column:] * lift
    panel = Panel.of(units, periods, usual + caused)
    return World(panel, design, starts, Panel(units, periods, caused))


def test_one_wave_claims_seldom_what_is_not_there_and_holds_what_is() -> None:
    worlds = 200
    claimed = held = seen = 0
    for seed in range(worlds):
        nothing = judging.figures(world(seed, (8,), 4, 0.0).sight(4, 0.95, 4), "once").each
        claimed += nothing.low > 0 or nothing.high < 0
        one = world(seed, (8,), 4, 0.12)
        found = judging.figures(one.sight(4, 0.95, 4), "once").each
        truth = float(one.caused.values.sum()) / found.treated_count
        held += found.low <= truth <= found.high
        seen += found.low > 0
    # Three standard errors around five in a hundred.
    assert claimed / worlds == pytest.approx(0.05, abs=0.046)
    assert held / worlds == pytest.approx(0.95, abs=0.046)
    assert seen / worlds > 0.8


def test_all_looks_at_waves_together_claim_seldom_what_is_not_there() -> None:
    worlds, sizes, wave_weeks = 50, (6, 6), 3
    levels = [1 - alpha for alpha in designing.alphas(len(sizes))]
    claimed = held = 0
    for seed in range(worlds):
        one = world(seed, sizes, wave_weeks, 0.0)
        claims = []
        for no, level in enumerate(levels, start=1):
            sight = one.sight(wave_weeks * no, level, wave_weeks)
            asked = waves.Asked(level=level, draws=499)
            found = waves.redrawn(sight.panel, sight.starts, one.design, asked).estimate
            claims.append(found.low > 0 or found.high < 0)
        claimed += any(claims)
        held += not claims[-1]
    assert claimed / worlds <= 0.05 + 3 * (0.05 * 0.95 / worlds) ** 0.5
    assert held / worlds >= 0.95 - 3 * (0.05 * 0.95 / worlds) ** 0.5
