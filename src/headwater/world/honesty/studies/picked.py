"""Picked: stores that somebody chose, read by what is left then; weaker, and how much so.

Nothing is done in any store. Other stores treated as if (the usual placebo) speak up too often;
weeks shifted around in one block see less; only a draw has an exact test.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from headwater.increment.errors import CannotEstimate
from headwater.increment.places import designs, randomisation, synthetic
from headwater.increment.places.designs import Rules
from headwater.increment.places.panels import Panel
from headwater.world.honesty import bands
from headwater.world.honesty.bands import Line
from headwater.world.honesty.households import Households

STORES: Final = 40
TREATED: Final = 8
BEFORE: Final = 26
WEEKS: Final = 4
# Whoever chooses by taste chooses those that lately did worst.
LATELY: Final = 4
_REDRAWS: Final = 199

Table = NDArray[np.float64]


def study(households: Households, worlds: int, seed: int) -> Iterator[Line]:
    """Read stores of which some were drawn, or chosen because they were falling."""
    stores = households.stores
    noise = np.random.default_rng([seed, STORES, TREATED])
    found: dict[str, list[bool]] = defaultdict(list)
    claimed: dict[str, list[float]] = defaultdict(list)
    for world in range(worlds):
        rows = noise.choice(len(stores), size=min(STORES, len(stores)), replace=False)
        end = int(noise.integers(BEFORE + WEEKS, stores.shape[1] + 1))
        values = stores[np.sort(rows), end - BEFORE - WEEKS : end]
        panel = Panel.of([f"store {at:02}" for at in range(len(values))], _WEEKS, values)
        history = panel.within(range(BEFORE))
        design = designs.draw(f"honesty-{seed}-{world}", history, Rules(waves=(TREATED,)))
        asked = randomisation.Asked(statistic="synthetic", draws=_REDRAWS)
        found["exact"].append(randomisation.read(panel, design, BEFORE, asked).estimate.p <= 0.05)
        for key, treated in (("drawn", design.treated), ("falling", _falling(history))):
            _read(panel, treated, found, claimed, key)
    yield from _lines(found, claimed)


_WEEKS: Final = list(range(BEFORE + WEEKS))


def _falling(history: Panel) -> tuple[str, ...]:
    """Choose the stores that lately sold least of what they usually do."""
    lately = history.values[:, -LATELY:].mean(axis=1) / history.values.mean(axis=1)
    return tuple(history.units[at] for at in np.argsort(lately, kind="stable")[:TREATED])


def _read(
    panel: Panel, treated: tuple[str, ...],
    found: dict[str, list[bool]], claimed: dict[str, list[float]], key: str,
) -> None:  # fmt: skip
    """Read as the product reads hand-picked stores; what it refuses claims nothing."""
    try:
        read = synthetic.read(panel, treated, BEFORE)
    except CannotEstimate:
        found[f"{key}, refused"].append(True)
        found[f"{key}, placebo"].append(False)
        found[f"{key}, block"].append(False)
        return
    found[f"{key}, refused"].append(False)
    found[f"{key}, placebo"].append(read.placebo.p <= 0.05)
    found[f"{key}, block"].append(read.conformal.p <= 0.05)
    if read.lift is not None:
        claimed[key].append(read.lift.estimate)


def _lines(found: dict[str, list[bool]], claimed: dict[str, list[float]]) -> Iterator[Line]:
    subject = f"picked stores, {TREATED} of {STORES}, {WEEKS} weeks, synthetic control, no effect"
    yield bands.one_look(subject, "drawn, exact test: found where nothing is", found["exact"])
    for key, words in (("drawn", "picked at random"), ("falling", "picked as they were falling")):
        for test, name in (
            ("placebo", "other stores as if"), ("block", "weeks in a block"), ("refused", "refused")
        ):  # fmt: skip
            yield bands.beside(subject, f"{words}, {name}", found[f"{key}, {test}"])
        said, error = bands.mean(claimed[key])
        claim = f"{words}, lift said where none is"
        yield Line(subject, claim, said, error, len(claimed[key]), form="+.1%")
