"""Readings of guides: what each one's tasks brought, read when the window is over.

A guide's own slice is small and its raw figure mostly luck, so no guide gets a p-value or a
verdict: the figure is drawn towards the store, the region and the middle, it stands with its band,
and a rank never stands without its probability.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final, cast

import msgspec

from headwater.base.db import Db
from headwater.increment import ledger, outcomes, plans
from headwater.increment.books import books
from headwater.increment.books.books import Keeper
from headwater.increment.errors import CannotEstimate
from headwater.increment.experiments import Experiment
from headwater.increment.ledger import Found, Reading
from headwater.increment.plans import Look
from headwater.increment.statistics.moments import Moments
from headwater.increment.statistics.pooled import nested, slices
from headwater.increment.statistics.pooled.nested import Home
from headwater.increment.statistics.shrinkage import LEAST_UNITS, TOP_SHARE, Raw, Shrunken
from headwater.increment.verdicts import State, Verdict, not_readable

ENTRY: Final = "guides"
METHOD: Final = "slices shrunken, guide in store in region"
# With fewer in one arm a guide is not measured, and stands where the store stands.
LEAST_PER_ARM: Final = 5

Pair = tuple[Moments, Moments]
Books = Mapping[int, Pair]


def is_about_guides(experiment: Experiment) -> bool:
    """Tell whether a question leaves a slice of every guide's book alone."""
    is_everybody = experiment.kind == "guide" and experiment.about_id is None
    return is_everybody and experiment.unit == "member"


async def read(db: Db, experiment: Experiment, whole: Reading, now: datetime) -> Reading | None:
    """Add a row that tells guides apart once the window is over; where nothing moved, none.

    What is wrong with the whole is wrong with its parts, and then no guide has a figure.
    """
    looks = experiment.looks_due(now)
    if experiment.is_open(now) or not looks:
        return None
    found = _refused(experiment, whole, looks[-1])
    if whole.state != "not_readable":
        table = await outcomes.table_of(db, experiment, [each.at for each in looks])
        parts = table.parts(outcomes.sales(len(looks))[-1], outcomes.BEFORE)
        keepers = await books.guides(db, experiment.id)
        found = judge(experiment, whole, keepers, parts)
    before = await books.latest(db, experiment.id)
    if before is not None and before.details == _as_kept(found.details):
        return before
    return await ledger.add(db, lambda end: ledger.follow(end, experiment.id, found, now, ENTRY))


def judge(experiment: Experiment, whole: Reading, keepers: Sequence[Keeper], parts: Books) -> Found:
    """Turn the books' sums into a figure for each guide, store and region, or say why not."""
    look = plans.looks_of(experiment.plan)[-1]
    of_guide = {str(each.guide_id): parts.get(at) for at, each in enumerate(keepers)}
    homes = {str(each.guide_id): Home(str(each.store_id), str(each.region_id)) for each in keepers}
    measured = {
        name: arms
        for name, arms in of_guide.items()
        if arms is not None and min(arm.n for arm in arms) >= LEAST_PER_ARM
    }
    try:
        shrunken = nested.shrink(_lifts(measured), homes)
    except CannotEstimate as error:
        found = _refused(experiment, whole, look)
        found.details["cannot"] = error.why.as_row()
        return found
    details = _known(experiment, whole) | {
        "middle": asdict(shrunken.middle),
        "regions": {name: asdict(each) for name, each in shrunken.uppers.items()},
        "stores": {name: asdict(each) for name, each in shrunken.groups.items()},
        "guides": {
            name: _row(each, of_guide[name], homes[name]) for name, each in shrunken.leaves.items()
        },
    }
    counts = whole.treated_count, whole.holdout_count
    return Found(Verdict(cast("State", whole.state), whole.why), counts, details, look=look)


def _lifts(measured: Mapping[str, Pair]) -> Mapping[str, Raw]:
    if not measured:
        raise CannotEstimate("few_to_pool", count=0, least=LEAST_UNITS)
    sales, before = next(iter(measured.values()))[0].names
    return slices.lifts(measured, sales, before).lifts


def _row(found: Shrunken, arms: Pair | None, home: Home) -> dict[str, Any]:
    """Write down one guide: the figure and its raw, and what it comes to in money.

    The money is out of what the guide's own customers really bought, for this window and no year.
    """
    treated, holdout = arms or (None, None)
    sold = float(treated.sums[0]) if treated is not None else 0.0
    is_raw = math.isfinite(found.raw.value)
    return {
        "lift": found.value, "low": found.low, "high": found.high,
        "top_chance": found.top_chance,
        "caused_fen": _caused(sold, found.value),
        "caused_low_fen": _caused(sold, found.low),
        "caused_high_fen": _caused(sold, found.high),
        "raw_lift": found.raw.value if is_raw else None,
        "raw_error": found.raw.standard_error if is_raw else None,
        "treated": treated.n if treated is not None else 0,
        "holdout": holdout.n if holdout is not None else 0,
        "sums": [[str(each) for each in arm.sums] for arm in arms or ()],
        "store": home.group, "region": home.upper,
    }  # fmt: skip


def _caused(sold: float, lift: float) -> int:
    """Tell which part of what was sold would not have been, at such a lift."""
    return round(sold * lift / (1 + lift)) if lift > -1 else round(-sold)


def _known(experiment: Experiment, whole: Reading) -> dict[str, Any]:
    return {
        "guards": whole.details["guards"],
        "plan_hash": ledger.plan_hash(experiment.plan),
        "method": METHOD,
        "least_per_arm": LEAST_PER_ARM,
        "top_share": TOP_SHARE,
    }


def _refused(experiment: Experiment, whole: Reading, look: Look) -> Found:
    why = whole.why if whole.state == "not_readable" else "no_estimate"
    counts = whole.treated_count, whole.holdout_count
    return Found(not_readable(why), counts, _known(experiment, whole), look=look)


def _as_kept(details: Mapping[str, Any]) -> Any:
    """Give details as they come back from the ledger."""
    return msgspec.json.decode(msgspec.json.encode(details))
