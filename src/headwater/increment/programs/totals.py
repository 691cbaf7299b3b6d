"""Totals: what a program brought in a quarter, and where it came from.

The total is read from those whom the whole brand leaves alone, and from nothing else. Campaigns say
what each added while the others ran; what they leave over is interaction, and all that nobody
measured. Winners are not summed: whatever could be read takes part, proven or not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from headwater.base.db import Db
from headwater.increment import experiments, ledger, outcomes, plans, readings, verdicts
from headwater.increment.errors import CannotEstimate
from headwater.increment.experiments import Experiment
from headwater.increment.honesty import placebos
from headwater.increment.ledger import Found, Reading
from headwater.increment.outcomes import Arms
from headwater.increment.plans import Look
from headwater.increment.statistics import means
from headwater.increment.statistics.moments import Estimate, Moments
from headwater.increment.statistics.relative import relative
from headwater.increment.statistics.totals import Effect, in_total, reconcile
from headwater.increment.verdicts import Guards, Seen, not_readable

# Shorter than this an epoch is one quarter; else it is two.
TWO_QUARTERS_DAYS: Final = 150
QUARTER: Final = "quarter"


@dataclass(frozen=True)
class Quarter:
    """A quarter of an epoch; it ends with a planned look, so that reading it is planned as well."""

    no: int
    from_at: datetime
    until: Look


@dataclass(frozen=True)
class _Parts:
    effects: list[Effect]
    rows: dict[str, Reading]
    unmeasured: list[str]


async def read(db: Db, experiment_id: UUID, now: datetime) -> list[Reading]:
    """Read every quarter of a program that is over; where nothing moved, its last row stands."""
    program = await experiments.get(db, experiment_id)
    if program.kind != "program":
        return []
    before = {each.true_at: each for each in await ledger.totals_of(db, [experiment_id])}
    rows = []
    for quarter in quarters(program):
        if quarter.until.at <= min(now, program.closes_at):
            row = before.get(quarter.until.at)
            rows.append(await _read(db, program, quarter, row, now))
    return rows


async def of_programs(db: Db, experiment_ids: Sequence[UUID]) -> list[Reading]:
    """Give the newest total of each quarter of these epochs, in the order of time."""
    return await ledger.totals_of(db, experiment_ids)


def quarters(program: Experiment) -> list[Quarter]:
    """Cut an epoch into its quarters, each at a look that was planned."""
    looks = plans.looks_of(program.plan)
    ends = [looks[-1]]
    if program.window_days >= TWO_QUARTERS_DAYS:
        middle = next((each for each in looks if each.share == 0.5), None)
        ends = [middle, looks[-1]] if middle else ends
    starts = [program.launched_at, *(each.at for each in ends)]
    return [Quarter(no + 1, starts[no], end) for no, end in enumerate(ends)]


async def _read(
    db: Db, program: Experiment, quarter: Quarter, before: Reading | None, now: datetime
) -> Reading:
    looks = [each for each in (quarter.from_at, quarter.until.at) if each > program.launched_at]
    arms = _of_quarter(await outcomes.arms_of(db, program, looks), len(looks))
    guards = await readings.guards_of(db, program, arms)
    parts = await _parts(db, program, quarter)
    found = judge(program, quarter, arms, guards, parts)
    if before is not None and _says(before) == _says_found(before, found):
        return before
    return await ledger.add(
        db, lambda end: ledger.follow(end, program.id, found, now, entry="total")
    )


def judge(
    program: Experiment, quarter: Quarter, arms: Arms, guards: Guards, parts: _Parts
) -> Found:
    """Turn a quarter's sums and its campaigns into a total with its parts, or say why not."""
    plan = program.plan
    counts = arms.treated.n, arms.holdout.n
    details: dict[str, Any] = {
        "quarter": quarter.no,
        "from": quarter.from_at.isoformat(),
        "until": quarter.until.at.isoformat(),
        "plan_hash": ledger.plan_hash(plan),
        "guards": asdict(guards),
        "unmeasured": parts.unmeasured,
    }
    refused = verdicts.refuse(guards)
    if refused is not None:
        return Found(refused, counts, details, look=quarter.until)
    try:
        known = outcomes.usable(arms.treated, arms.holdout, plan["covariates"])
        contrast = means.adjusted(arms.treated, arms.holdout, QUARTER, known)
        compared = means.compare(arms.treated, arms.holdout, QUARTER, known)
        whole = in_total(compared.adjusted, arms.treated.n)
        effect = Effect(program.code, whole, quarter.from_at, quarter.until.at)
        said = reconcile(effect, parts.effects, [each.name for each in parts.effects])
    except CannotEstimate as error:
        details["cannot"] = error.why.as_row()
        return Found(not_readable("no_estimate"), counts, details, look=quarter.until)
    lift = relative(contrast)
    moved = compared.adjusted
    seen = Seen(moved, lift, False, plan["least_share"], moved.p, plan["alpha"])
    details |= {
        "per_member": asdict(moved),
        "raw_per_member": asdict(compared.raw),
        "variance_taken_out": compared.variance_taken_out,
        "sums": {
            "treated": readings.written(arms.treated, QUARTER),
            "holdout": readings.written(arms.holdout, QUARTER),
        },
        "parts": [_part(each, parts.rows[each.name]) for each in said.parts],
        "sum_of_parts": _figure(said.sum_of_parts),
        "rest": _figure(said.rest),
    }
    return Found(verdicts.decide(seen), counts, details, moved, lift, quarter.until)


async def _parts(db: Db, program: Experiment, quarter: Quarter) -> _Parts:
    """Gather the campaigns that ran within the quarter; those that cannot be read are named."""
    ran = [
        each
        for each in await experiments.of_brand(db, program.brand_id)
        if each.kind in ("campaign", "journey")
        and not placebos.is_placebo(each.code)
        and each.launched_at < quarter.until.at
        and each.window_ends_at > quarter.from_at
    ]
    rows = await readings.latest(db, [each.id for each in ran])
    effects, used, unmeasured = [], {}, []
    for each in ran:
        row = rows.get(each.id)
        is_within = each.launched_at >= quarter.from_at and each.window_ends_at <= quarter.until.at
        if row is None or row.p is None or row.true_at < each.window_ends_at or not is_within:
            unmeasured.append(each.code)
            continue
        alone = Estimate(**row.details["one_look_per_member"])
        total = in_total(alone, alone.treated_count)
        effects.append(Effect(each.code, total, each.launched_at, each.window_ends_at))
        used[each.code] = row
    return _Parts(effects, used, sorted(unmeasured))


def _of_quarter(arms: Arms, looks: int) -> Arms:
    """Add what was bought in the quarter alone: up to its end, less what came before it began."""
    names = outcomes.sales(looks)
    shares = {names[-1]: 1.0} | ({names[0]: -1.0} if looks > 1 else {})

    def cut(arm: Moments) -> Moments:
        return arm.with_mix(QUARTER, shares) if arm.n else arm.with_mix(QUARTER, {})

    return Arms(cut(arms.treated), cut(arms.holdout), arms.until)


def _part(effect: Effect, row: Reading) -> dict[str, Any]:
    figure = _figure(effect.total)
    assert figure is not None
    return figure | {"code": effect.name, "reading_id": row.id.hex, "state": row.state}


def _figure(total: Estimate | None) -> dict[str, Any] | None:
    if total is None:
        return None
    return {
        "estimate_fen": round(total.estimate),
        "standard_error_fen": round(total.standard_error),
        "low_fen": round(total.low),
        "high_fen": round(total.high),
    }


def _says(row: Reading) -> tuple[Any, ...]:
    compared = ("guards", "unmeasured", "parts", "sum_of_parts", "rest")
    return (row.state, row.why, row.estimate_fen, row.low_fen, row.high_fen,
            *(row.details.get(each) for each in compared))  # fmt: skip


def _says_found(before: Reading, found: Found) -> tuple[Any, ...]:
    """Say what a row of this would say."""
    end = ledger.Link(before.place, before.hash)
    return _says(ledger.follow(end, before.experiment_id, found, before.read_at, entry="total"))
