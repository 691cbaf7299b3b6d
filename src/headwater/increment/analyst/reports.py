"""Reports: a reading as plain values for another program; every number carries its doubt."""

from __future__ import annotations

from typing import Any

from headwater.increment.analyst.members import Figure, Guards, Reading
from headwater.increment.statistics.moments import Estimate

Plain = dict[str, Any]


def number(found: Estimate | None, names: tuple[str, str], guards: Plain) -> Plain | None:
    """Give a figure with all that is needed to judge it; None stays None."""
    if found is None:
        return None
    return {
        "estimate": found.estimate,
        "se": found.standard_error,
        "interval": [found.low, found.high],
        "p": found.p,
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
