"""Lifts: a figure as a share of what would have been sold without it."""

from __future__ import annotations

from headwater.increment.statistics.moments import Estimate


def over_base(each: Estimate, sold: float) -> Estimate | None:
    """Set a figure against what was sold without it, where that is surely something.

    The share rises with the figure, so the interval's ends are the ends' shares and p stays.
    """
    if sold - each.high <= 0:
        return None
    base = sold - each.estimate
    shares = {
        "estimate": each.estimate / base,
        "standard_error": each.standard_error * sold / base**2,
        "low": each.low / (sold - each.low),
        "high": each.high / (sold - each.high),
    }
    return Estimate(**{**vars(each), **shares})
