"""Contrasts: one weight for each store, positive for the treated and negative for what they are
compared with, made from the draw and from what was sold before it, never from the outcome.

Difference in differences weighs each side by the chance of its draw (Hajek 1971). Synthetic control
takes one fixed effect a store and a mixture of the others, at most one and in all one (Doudchenko
and Imbens 2016; Ferman and Pinto, Quantitative Economics 12 (2021), 1197-1221).
"""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from headwater.increment.errors import CannotEstimate
from headwater.increment.places.designs import Design

Statistic = Literal["did", "synthetic"]
Scale = Literal["relative", "absolute"]
Table = NDArray[np.float64]
Vector = NDArray[np.float64]
Mask = NDArray[np.bool_]

# How hard weights are held to their sum; they are then scaled to it exactly.
_HOLD: Final = 1e4


def chances(design: Design, wave: int = 1) -> Vector:
    """Give each store of the draw its chance of being in a wave."""
    among = design.waves[wave - 1] / sum(design.waves)
    return np.array(
        [block.treat / len(block.units) * among for block in design.blocks for _ in block.units]
    )


def differences(masks: Mask, chance: Vector) -> Table:
    """Weigh each row's treated against the rest of the draw; a store without a choice is out."""
    open_to_chance = (chance > 0) & (chance < 1)
    safe = np.where(open_to_chance, chance, 0.5)
    up = np.where(masks & open_to_chance, 1 / safe, 0.0)
    down = np.where(~masks & open_to_chance, 1 / (1 - safe), 0.0)
    sides = up.sum(axis=1, keepdims=True), down.sum(axis=1, keepdims=True)
    if min(side.min() for side in sides) <= 0:
        raise CannotEstimate("one_sided_draw")
    return np.asarray(up / sides[0] - down / sides[1], dtype=np.float64)


def synthetics(before: Table, masks: Mask) -> Table:
    """Weigh each row's treated against their synthetic control; more rows of donors may follow.

    `before` may have more units than `masks` has columns: the further ones are donors in each row.
    """
    further = len(before) - masks.shape[1]
    found = np.zeros((len(masks), len(before)))
    centred = before - before.mean(axis=1, keepdims=True)
    for row, mask in enumerate(masks):
        treated = np.concatenate([mask, np.zeros(further, dtype=np.bool_)])
        if not treated.any() or treated.all():
            raise CannotEstimate("one_sided_draw")
        found[row, treated] = 1 / treated.sum()
        found[row, ~treated] = -simplex(centred[~treated].T, centred[treated].mean(axis=0))
    return found


def simplex(donors: Table, target: Vector) -> Vector:
    """Mix donors (columns) into the target: weights of at least nothing that add up to one."""
    scale = float(np.abs(donors).max(initial=0.0)) or 1.0
    held = np.vstack([donors / scale, np.full((1, donors.shape[1]), _HOLD)])
    aim = np.append(target / scale, _HOLD)
    try:
        weights, _error = optimize.nnls(held, aim)
    except RuntimeError as error:
        raise CannotEstimate("no_mixture") from error
    total = float(weights.sum())
    if total <= 0:
        raise CannotEstimate("no_mixture")
    return np.asarray(weights / total, dtype=np.float64)
