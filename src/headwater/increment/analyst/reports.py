"""Reports: a reading as plain values for another program; every number carries its doubt."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

from headwater.increment.analyst.members import Figure, Guards, Reading
from headwater.increment.analyst.planning import MembersPlan, StoresPlan
from headwater.increment.analyst.stores import Drawn, Picked
from headwater.increment.analyst.waves import Reading as WavesReading
from headwater.increment.statistics.moments import Estimate
from headwater.increment.statistics.planned import sizes

Plain = dict[str, Any]


def number(found: Estimate | None, names: tuple[str, str], guards: Plain) -> Plain | None:
    """Give a figure with all that is needed to judge it; None stays None."""
    if found is None:
        return None
    return {
        "estimate": _plain(found.estimate),
        "se": _plain(found.standard_error),
        "interval": [_plain(found.low), _plain(found.high)],
        "p": _plain(found.p),
        "n": {names[0]: found.treated_count, names[1]: found.holdout_count},
        "method": found.method,
        "version": found.version,
        "guards": guards,
    }


def members(reading: Reading) -> Plain:
    """Give a reading of members."""
    guards = _guards(reading.guards)
    return {
        "kind": "members",
        "source": reading.source,
        "rows": reading.rows,
        "units": reading.units,
        "control": reading.question.control,
        "readable": reading.guards.is_readable,
        "because": list(reading.guards.because),
        "guards": guards,
        "outcomes": [_figure(each, reading, guards) for each in reading.figures],
    }


def _figure(figure: Figure, reading: Reading, guards: Plain) -> Plain:
    names = figure.arm, reading.question.control
    return {
        "outcome": figure.outcome,
        "arm": figure.arm,
        "adjusted": number(figure.adjusted, names, guards),
        "raw": number(figure.raw, names, guards),
        "relative": number(figure.lift, names, guards),
        "relative_raw": number(figure.raw_lift, names, guards),
        "total": number(figure.total, names, guards),
        "p_holm": figure.holm_p,
        "variance_taken_out": figure.variance_taken_out,
    }


def _guards(guards: Guards) -> Plain:
    return {
        "sample_ratio_p": guards.sample_ratio_p,
        "imbalance_p": guards.imbalance_p,
        "unit_in_one_arm_checked": guards.is_unit_checked,
        "readable": guards.is_readable,
    }


def stores(reading: Drawn | Picked) -> Plain:
    """Give a reading of stores, with the evidence that the figures rest upon."""
    is_drawn = isinstance(reading, Drawn)
    names = "treated", "compared"
    found = reading.tested if isinstance(reading, Drawn) else reading.synthetic
    guards: Plain = {"drawn_by_design": is_drawn, "weaker": not is_drawn}
    if isinstance(reading, Drawn):
        guards["possible_draws"] = reading.tested.possible_draws
    else:
        guards["label"] = reading.label
        placebo = reading.synthetic.placebo
        guards["placebo"] = {"p": placebo.p, "rank": placebo.rank, "of": placebo.of}
        guards["error_before"] = reading.synthetic.error_before
    shown: Plain = {
        "kind": "stores",
        "source": reading.source,
        "stores": len(reading.panel.units),
        "periods": [str(each) for each in reading.panel.periods],
        "treated": list(reading.treated),
        "guards": guards,
        "per_store_and_period": number(found.estimate, names, guards),
        "relative": number(found.lift, names, guards),
        "specification": found.specification,
    }
    if isinstance(reading, Drawn):
        shown["total"] = number(reading.tested.total, names, guards)
    else:
        shown["weights"] = reading.synthetic.weights
        shown["gaps"] = list(reading.synthetic.gaps)
    return shown


def _plain(value: float) -> float | None:
    """JSON knows no infinity: an end that is open is null."""
    return value if math.isfinite(value) else None


def waves(reading: WavesReading) -> Plain:
    """Give a reading of waves, the other estimates that people compute beside it."""
    found, names = reading.waves, ("treated", "compared")
    guards: Plain = {"drawn_by_design": found.tested is not None, "why_no_verdict": found.why}
    return {
        "kind": "waves",
        "source": reading.source,
        "stores": len(reading.panel.units),
        "periods": [str(each) for each in reading.panel.periods],
        "first": {unit: None if at is None else str(at) for unit, at in reading.first.items()},
        "readable": found.verdict is not None,
        "because": [found.why] if found.why else [],
        "guards": guards,
        "verdict": number(found.verdict, names, guards),
        "relative": number(found.lift, names, guards),
        "imputation": number(found.imputation, names, guards),
        "group_time": number(found.beside, names, guards),
        "two_way_wrong_here": number(found.twfe_wrong_here, names, guards),
        "exact_test": number(found.tested.estimate if found.tested else None, names, guards),
        "by_horizon": [
            {"periods_since": each.weeks_since, **(number(each.estimate, names, guards) or {})}
            for each in found.by_horizon
        ],
        "honest": asdict(found.honest) if found.honest else None,
        "specification": found.specification,
    }


def members_plan(plan: MembersPlan) -> Plain:
    """Give what holdouts of members could see."""
    return {
        "kind": "plan of members",
        "source": plan.source,
        "members": plan.members,
        "lift": plan.lift,
        "alpha": sizes.ALPHA,
        "power": sizes.POWER,
        "windows": [
            {
                "periods": window.periods,
                "mean": window.noise.mean,
                "variance_taken_out": window.variance_taken_out,
                "least_share": window.least_share,
                "members_needed_half_held_out": window.members_needed,
                "holdouts": [asdict(option) for option in window.options],
            }
            for window in plan.windows
        ],
    }


def stores_plan(plan: StoresPlan) -> Plain:
    """Give what tests in stores could see."""
    cells = zip(plan.cells, plan.costs_fen, strict=True)
    return {
        "kind": "plan of stores",
        "source": plan.source,
        "stores": plan.stores,
        "lift": plan.lift,
        "speaks_up_when_nothing_happens": plan.speaks_up,
        "tests": [{**asdict(cell), "cost_fen": cost_fen} for cell, cost_fen in cells],
    }
