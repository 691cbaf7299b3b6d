"""Bounds: what is left of the figure if stores would have parted from each other anyway.

Rambachan and Roth's bounds need far fewer moments than stores, so weeks are taken together in
blocks as long as a wave: no wave starts within one, and none loses more than its oldest weeks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

import numpy as np

from headwater.increment.errors import CannotEstimate, Why
from headwater.increment.places import staggered
from headwater.increment.places.panels import Panel
from headwater.increment.places.staggered import Staggered

# Trends may part after the start as much as they did before it.
TIMES = 1.0


def honest(
    panel: Panel, starts: Mapping[str, date | None], wave_weeks: int, level: float
) -> tuple[dict[str, Any] | None, Why | None]:
    """Bound the mean effect of a store's week, or say why it cannot be bounded."""
    try:
        found, _notes = staggered.honest(
            _in_blocks(panel, starts, wave_weeks, level), "not_yet_treated", TIMES
        )
    except CannotEstimate as refused:
        return None, refused.why
    return {**asdict(found), "block_weeks": wave_weeks}, None


def _in_blocks(
    panel: Panel, starts: Mapping[str, date | None], wave_weeks: int, level: float
) -> Staggered:
    """Take weeks together from the first start outwards."""
    first = panel.place_of(min(each for each in starts.values() if each is not None))
    whole = len(panel.periods)
    begin = first % wave_weeks
    blocks = [range(at, at + wave_weeks) for at in range(begin, whole - wave_weeks + 1, wave_weeks)]
    values = np.stack([panel.values[:, list(each)].mean(axis=1) for each in blocks], axis=1)

    def block_of(unit: str) -> int:
        start = starts.get(unit)
        if start is None or start > panel.periods[-1]:
            return len(blocks)
        return (panel.place_of(start) - begin) // wave_weeks

    return Staggered(values, np.array([block_of(unit) for unit in panel.units]), level)
