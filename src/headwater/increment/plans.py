"""Plans: all that could be chosen to please, said before there is anything to please with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from headwater.base.times import business_day
from headwater.increment.statistics.sequential import LOOKS_MOST, Looks

METRIC: Final = "net_sales_fen.1"
PRE_PERIOD_DAYS: Final = 26 * 7
ALPHA: Final = 0.05
# Members compare by their thousands; guides and stores are few, and fewer say nothing.
LEAST_PER_ARM: Final = {"member": 30, "guide": 20, "store": 20}
# Spending in three stretches and how often somebody came: known before the start, so free to use.
COVARIATES: Final = ("spend 4 weeks", "spend 5-13 weeks", "spend 14-26 weeks", "active weeks")


@dataclass(frozen=True)
class Asked:
    """What a plan is written about."""

    kind: str
    unit: str
    name_en: str
    holdout_share: float
    window_days: int
    salt: str


@dataclass(frozen=True)
class Look:
    """One moment at which one may look, and the error spent up to it."""

    no: int
    share: float
    at: datetime
    alpha_spent: float


def written(
    asked: Asked, now: datetime, foreseen: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Write the plan: it becomes a row of the ledger, and readings name its fingerprint."""
    looks = Looks.even(_looks(asked), ALPHA)
    ends_at = now + timedelta(days=asked.window_days)
    return {
        "question": f"What net sales did {asked.name_en} cause that would not have been?",
        "estimand": f"difference in mean net sales of {asked.unit}s drawn treated and held out",
        "unit": asked.unit,
        "metric": METRIC,
        "metric_words": "paid orders in the window in the brand's stores, less what was refunded",
        "data_cut": "orders paid before the look, less what was refunded by the time of reading",
        "covariates": list(COVARIATES),
        "adjustment": "lin where both arms have 1,000, else slopes that both arms share",
        "pre_period_days": PRE_PERIOD_DAYS,
        "winsorising": "none",
        "salt": asked.salt,
        "holdout_share": asked.holdout_share,
        "window_from": now.isoformat(),
        "window_until": ends_at.isoformat(),
        "alpha": ALPHA,
        "looks": [
            {
                "no": place + 1,
                "share": share,
                "at": (now + share * timedelta(days=asked.window_days)).isoformat(),
                "alpha_spent": looks.spent(place),
            }
            for place, share in enumerate(looks.shares)
        ],
        "family": f"{quarter_of(now)} {'total' if asked.kind == 'program' else 'questions'}",
        "role": "primary" if asked.kind == "program" else "rest",
        "method": "lin, group sequential",
        "least_per_arm": LEAST_PER_ARM[asked.unit],
        "least_share": 0.01,
        "ratio_alarm_p": 0.001,
        "imbalance_alarm_p": 0.001,
        "leak_alarm_share": 0.02,
        "foreseen": None if foreseen is None else dict(foreseen),
    }


def _looks(asked: Asked) -> int:
    """Count the looks: one a week, and never more than statistics promise to bear.

    A program has twelve, so that one of them falls on the end of its first quarter.
    """
    most = LOOKS_MOST - 1 if asked.kind == "program" else LOOKS_MOST
    return min(max(asked.window_days // 7, 1), most)


def looks_of(plan: Mapping[str, Any]) -> list[Look]:
    """Read the looks that a plan allows, in their order."""
    return [
        Look(each["no"], each["share"], datetime.fromisoformat(each["at"]), each["alpha_spent"])
        for each in plan["looks"]
    ]


def spending(plan: Mapping[str, Any]) -> Looks:
    """Give the looks as the statistics want them."""
    return Looks(tuple(float(each["share"]) for each in plan["looks"]), float(plan["alpha"]))


def due(plan: Mapping[str, Any], now: datetime) -> list[Look]:
    """Give the looks that have come, the newest last; the boundary needs all of them."""
    return [each for each in looks_of(plan) if each.at <= now]


def quarter_of(at: datetime) -> str:
    """Name the quarter in which a question is put: the family with which it is judged."""
    day = business_day(at)
    return f"{day.year}-Q{(day.month - 1) // 3 + 1}"
