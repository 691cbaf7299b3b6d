"""Readings: what an experiment shows at a planned look, kept in a ledger that nobody rewrites."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from scipy import special

from headwater.base.db import Db
from headwater.base.events import announce
from headwater.base.sql import statements
from headwater.increment import experiments, leaks, ledger, outcomes, plans, proofs, verdicts
from headwater.increment.errors import CannotEstimate
from headwater.increment.events import MeasuredIncrement
from headwater.increment.experiments import Experiment
from headwater.increment.ledger import Found, Reading
from headwater.increment.outcomes import Arms
from headwater.increment.proofs import Proof
from headwater.increment.statistics import families, health, means, sequential
from headwater.increment.statistics.moments import Moments
from headwater.increment.statistics.relative import relative
from headwater.increment.statistics.sequential import Looks
from headwater.increment.verdicts import Guards, Seen, not_readable

sql = statements(__file__)

NOTHING: Final = (0, 0)


@dataclass(frozen=True)
class _Drawn:
    treated: int
    held_out: int


@dataclass(frozen=True)
class _Peer:
    experiment_id: UUID
    p: float


async def read(db: Db, experiment_id: UUID, now: datetime, at: datetime | None = None) -> Reading:
    """Read an experiment at the look that is due, and add a row; where nothing moved, none.

    A look is of its own moment, however late it is taken: sales after it do not count, and until
    the next one there is nothing new to see. `at` asks for another moment, which is refused, and
    the asking stays in the ledger. After the window, what was refunded since makes a new row.
    """
    experiment = await experiments.get(db, experiment_id)
    before = await ledger.latest(db, experiment_id)
    looks = experiment.looks_due(now)
    if not looks or (at is not None and at != looks[-1].at):
        return await write(db, experiment, before, _unplanned(experiment, now), now)
    if before is not None and experiment.is_open(now) and _shows(before, looks[-1]):
        # Between looks nobody adds up sales again: they are not looked at before the next one.
        guards = await _guards_between(db, experiment, before)
        if verdicts.refuse(guards) is None:
            return before
    arms = await outcomes.arms_of(db, experiment, [each.at for each in looks])
    guards = await guards_of(db, experiment, arms)
    found = judge(experiment, arms, guards, await peers_of(db, experiment), now)
    return await write(db, experiment, before, found, now)


def _shows(before: Reading, look: plans.Look) -> bool:
    """Tell whether a row has this look's figure already; until the next there is no other."""
    return before.look_no == look.no and before.p is not None


async def latest(db: Db, experiment_ids: Sequence[UUID]) -> dict[UUID, Reading]:
    """Give the newest reading of each experiment that has one."""
    rows = await ledger.latest_of(db, experiment_ids)
    return {row.experiment_id: row for row in rows}


def judge(
    experiment: Experiment, arms: Arms, guards: Guards, peers: Mapping[UUID, float], now: datetime
) -> Found:
    """Turn sums into a verdict and its figures, or into a reason why there are none.

    `peers` are the p-values of what else was asked in the same quarter.
    """
    plan = experiment.plan
    looks = experiment.looks_due(now)
    this = looks[-1]
    details = stand_of(experiment, now) | {"guards": asdict(guards)}
    counts = arms.treated.n, arms.holdout.n
    refused = verdicts.refuse(guards)
    if refused is not None:
        return Found(refused, counts, details, look=this)
    try:
        figures = _figures(plan, arms, len(looks))
    except CannotEstimate as error:
        details["cannot"] = error.why.as_row()
        return Found(not_readable("no_estimate"), counts, details, look=this)
    family_p = among(plan, experiment.id, figures.look.estimate.p, peers)
    verdict = verdicts.decide(
        Seen(
            figures.look.estimate,
            figures.lift,
            experiment.is_open(now),
            plan["least_share"],
            family_p,
            plan["alpha"],
        )
    )
    details |= figures.details | {
        "family": {
            "name": plan["family"], "role": plan["role"], "size": len(peers) + 1, "p": family_p,
        },
    }  # fmt: skip
    return Found(verdict, counts, details, figures.look.estimate, figures.lift, this)


@dataclass(frozen=True)
class _Figures:
    look: sequential.Look
    lift: Any
    details: dict[str, Any]


def _figures(plan: Mapping[str, Any], arms: Arms, count: int) -> _Figures:
    """Work out the figure of this look, and everything that stands beside it."""
    treated, holdout = arms.treated, arms.holdout
    names = outcomes.sales(count)
    known = outcomes.usable(treated, holdout, plan["covariates"])
    compared = means.compare(treated, holdout, names[-1], known)
    # Where nothing varied, as before the first sale, no error was spent.
    told = [
        place
        for place, name in enumerate(names)
        if max(treated.variance(name), holdout.variance(name)) > 0
    ]
    look = sequential.look(
        treated, holdout, [names[place] for place in told], known, _without(plan, count, told)
    )
    level = 2 * float(special.ndtr(look.boundary)) - 1
    lift = relative(means.adjusted(treated, holdout, names[-1], known), level)
    raw_lift = relative(means.difference(treated, holdout, names[-1]))
    details = {
        "per_member": asdict(look.estimate),
        "one_look_per_member": asdict(look.naive),
        "raw_per_member": asdict(compared.raw),
        "raw_lift": None if raw_lift is None else asdict(raw_lift),
        "covariates": list(known),
        "variance_taken_out": compared.variance_taken_out,
        "boundary": look.boundary,
        "is_beyond": look.is_beyond,
        "sums": {"treated": written(treated, names[-1]), "holdout": written(holdout, names[-1])},
    }
    return _Figures(look, lift, details)


def written(arm: Moments, outcome: str) -> dict[str, Any]:
    """Write down an arm's sums, from which anybody can work the figure out again.

    As text: these whole numbers are larger than JSON promises to keep.
    """
    return {
        "n": str(arm.n),
        "y": str(arm.sums[arm.place(outcome)]),
        "x": str(arm.sums[arm.place(outcomes.BEFORE)]),
        "names": list(arm.names),
        "sums": [str(each) for each in arm.sums],
        "products": [[str(each) for each in row] for row in arm.products],
    }


def _without(plan: Mapping[str, Any], count: int, told: Sequence[int]) -> Looks:
    """Leave out of the plan those past looks at which there was nothing to see."""
    whole = plans.spending(plan)
    kept = [share for place, share in enumerate(whole.shares) if place >= count or place in told]
    return Looks(tuple(kept), whole.alpha)


def among(plan: Mapping[str, Any], own: UUID, p: float, peers: Mapping[UUID, float]) -> float:
    """Hold the chance findings of a whole quarter down: Holm for primaries, else by shares."""
    together = {**peers, own: p}
    adjust = families.holm if plan["role"] == "primary" else families.benjamini_hochberg
    return adjust(together)[own]


def stand_of(experiment: Experiment, now: datetime) -> dict[str, Any]:
    """Say which plan a row answers, until when it is true, and when the next look is."""
    looks = plans.looks_of(experiment.plan)
    following = next((each for each in looks if each.at > now), None)
    return {
        "plan_hash": ledger.plan_hash(experiment.plan),
        "true_until": min(now, experiment.window_ends_at).isoformat(),
        "looks": len(looks),
        "next_look_at": following.at.isoformat() if following else None,
    }


def _unplanned(experiment: Experiment, now: datetime) -> Found:
    """Refuse a look that nobody planned: it shows nothing, and is remembered."""
    plan = experiment.plan
    guards = Guards(
        unit=experiment.unit,
        treated_count=0,
        holdout_count=0,
        drawn_count=experiment.drawn_count,
        misdrawn_count=0,
        sales_fen=0,
        sales_off_fen=0,
        sales_alarm_share=proofs.ALARM_SHARE,
        leaked_count=0,
        leaks={},
        leak_alarm_share=plan["leak_alarm_share"],
        ratio_p=1.0,
        ratio_always_p=1.0,
        ratio_alarm_p=plan["ratio_alarm_p"],
        imbalance_p=1.0,
        imbalance_alarm_p=plan["imbalance_alarm_p"],
        least_per_arm=plan["least_per_arm"],
    )
    details = stand_of(experiment, now) | {"guards": asdict(guards)}
    return Found(not_readable("look_not_planned"), NOTHING, details)


async def guards_of(db: Db, experiment: Experiment, arms: Arms) -> Guards:
    """Look at everything that must be in order before a number is shown."""
    treated, holdout = arms.treated, arms.holdout
    alike = [
        each
        for each in outcomes.COVARIATES
        if min(treated.variance(each), holdout.variance(each)) > 0
    ]
    # Too few to compare are refused as too few.
    is_compared = min(treated.n, holdout.n) > 1
    imbalance_p = health.imbalance(treated, holdout, alike) if is_compared else 1.0
    proof = await proofs.of_sales(db, experiment, arms)
    return await _guards(db, experiment, (treated.n, holdout.n), imbalance_p, proof)


async def _guards_between(db: Db, experiment: Experiment, before: Reading) -> Guards:
    """Look at what may go wrong between looks: rows that are lost or moved, and leaks.

    What the arms bought was held against the orders when the figure was written.
    """
    days = await db.all(sql.drawn_by_day, _Drawn, experiment_id=experiment.id)
    counts = (int(days[-1].treated), int(days[-1].held_out)) if days else NOTHING
    then = before.details["guards"]
    proof = proofs.Proof(then["sales_fen"], then["sales_off_fen"])
    return await _guards(db, experiment, counts, then["imbalance_p"], proof)


async def _guards(
    db: Db, experiment: Experiment, counts: tuple[int, int], imbalance_p: float, proof: Proof
) -> Guards:
    plan, share = experiment.plan, float(experiment.holdout_share)
    leaked = await leaks.of_experiment(db, experiment.id)
    days = await db.all(sql.drawn_by_day, _Drawn, experiment_id=experiment.id)
    by_day = [(int(each.treated), int(each.held_out)) for each in days]
    return Guards(
        unit=experiment.unit,
        treated_count=counts[0],
        holdout_count=counts[1],
        drawn_count=experiment.drawn_count,
        misdrawn_count=await db.value(
            sql.misdrawn,
            experiment_id=experiment.id,
            salt=plan["salt"],
            holdout_share=plan["holdout_share"],
        ),
        leaked_count=leaked.members,
        leaks=leaked.by_channel,
        leak_alarm_share=plan["leak_alarm_share"],
        ratio_p=health.sample_ratio(*counts, share) if sum(counts) else 1.0,
        ratio_always_p=health.sample_ratio_always(by_day, share),
        ratio_alarm_p=plan["ratio_alarm_p"],
        imbalance_p=imbalance_p,
        imbalance_alarm_p=plan["imbalance_alarm_p"],
        least_per_arm=plan["least_per_arm"],
        sales_fen=proof.sales_fen,
        sales_off_fen=proof.off_fen,
        sales_alarm_share=proofs.ALARM_SHARE,
    )


async def peers_of(db: Db, experiment: Experiment) -> dict[UUID, float]:
    """Give the newest p-values of what else was asked in the same quarter."""
    found = await db.all(
        sql.peers,
        _Peer,
        experiment_id=experiment.id,
        brand_id=experiment.brand_id,
        family=experiment.plan["family"],
    )
    return {each.experiment_id: each.p for each in found}


async def write(
    db: Db, experiment: Experiment, before: Reading | None, found: Found, now: datetime
) -> Reading:
    """Add a row, unless it would only repeat the last."""
    if before is not None:
        tied = ledger.follow(await ledger.last(db), experiment.id, found, now)
        if before.says_the_same(tied):
            return before
    row = await ledger.add(db, lambda end: ledger.follow(end, experiment.id, found, now))
    await announce(db, MeasuredIncrement(row.id, experiment.id, row.state, now), now=now)
    return row
