"""Plans of rollouts: how waves will be judged, said before the first store starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from headwater.base.times import day_start
from headwater.increment import plans as questions
from headwater.increment.places import randomisation, synthetic
from headwater.increment.rollouts.designing import BEFORE_WEEKS, EARLY_ALPHA, Proposal, alphas
from headwater.increment.rollouts.wishes import Intervention, MoneyOff, Wish

METRIC: Final = "store_week_net_sales_fen.1"
# Picked stores are told apart from others by their past alone, so all of it is used.
PICKED_BEFORE_WEEKS: Final = 52
DRAWS: Final = randomisation.DRAWS
# The exact test of the same draw over the weeks before the start; with 999 redraws it can say so.
IMBALANCE_P: Final = 0.005
METHODS: Final = {
    "once": "exact randomisation test of the draw, difference in differences, relative",
    "waves": "imputation, exact randomisation test of the waves",
    "picked": "synthetic control, block conformal; picked by hand, weaker",
}


def way_of(choice: str, sizes: Sequence[int]) -> str:
    """Tell by which of the three ways such stores are read."""
    if choice == "picked":
        return "picked"
    return "waves" if len(sizes) > 1 else "once"


def written(
    wish: Wish, proposal: Proposal, calendar: Sequence[Intervention], now: datetime
) -> dict[str, Any]:
    """Write the plan: it becomes a row of the ledger, and readings name its fingerprint."""
    way = way_of(wish.choice, wish.sizes)
    looks = _looks(wish, len(proposal.ahead))
    compared = len(proposal.design.units if proposal.design else proposal.panel.units)
    return {
        "question": f"What net sales did {wish.name_en} cause in stores that would not have been?",
        "estimand": "mean net sales a started store had more, from its start to the look",
        "unit": "store",
        "metric": METRIC,
        "metric_words": "paid orders by store and week, less what was refunded",
        "data_cut": "weeks that ended before the look, refunds as counted by the time of reading",
        "covariates": [],
        "weeks_before": PICKED_BEFORE_WEEKS if way == "picked" else BEFORE_WEEKS,
        "winsorising": "none",
        "salt": wish.salt,
        "holdout_share": 1 - wish.sizes[0] / compared,
        "window_from": day_start(wish.starts_on).isoformat(),
        "window_until": looks[-1]["at"],
        "alpha": questions.ALPHA,
        "early_alpha": EARLY_ALPHA,
        "looks": looks,
        "family": f"{questions.quarter_of(now)} questions",
        "role": "rest",
        "way": way,
        "method": METHODS[way],
        "redraws": DRAWS,
        "placebos": synthetic.Asked().placebos if way == "picked" else None,
        "least_per_arm": 2,
        "least_share": 0.01,
        "imbalance_alarm_p": IMBALANCE_P,
        "choice": wish.choice,
        "sizes": list(wish.sizes),
        "wave_weeks": wish.wave_weeks,
        "strata": wish.strata,
        "picked": list(wish.picked),
        "forced": list(wish.forced),
        "forbidden": list(wish.forbidden),
        "contaminated": list(wish.contaminated),
        "design": proposal.design.as_row() if proposal.design else None,
        "calendar": [of_calendar(each) for each in calendar],
        "money_off": _of_money_off(wish.money_off),
        "foreseen": {"least_share": proposal.ahead[-1].mde},
        "outlook": [each.as_row() for each in proposal.ahead],
    }


def of_calendar(each: Intervention) -> dict[str, Any]:
    """Write down one thing that is done besides."""
    return {
        "since_on": each.since_on.isoformat(),
        "until_on": each.until_on.isoformat(),
        "units": list(each.units),
        "note": each.note,
        "experiment_id": str(each.experiment_id) if each.experiment_id else None,
    }


def money_off_of(plan: Mapping[str, Any]) -> MoneyOff | None:
    """Read back what checkouts give off in stores that have started; older plans know of none."""
    row = plan.get("money_off")
    if row is None:
        return None
    return MoneyOff(row["floor_fen"], row["off_fen"], date.fromisoformat(row["last_on"]))


def level_of(plan: Mapping[str, Any], look_no: int) -> float:
    """Give the level of one look's interval: what it spends of the error is its own."""
    spent = [0.0, *(float(each["alpha_spent"]) for each in plan["looks"])]
    return 1 - (spent[look_no] - spent[look_no - 1])


def _of_money_off(given: MoneyOff | None) -> dict[str, Any] | None:
    if given is None:
        return None
    return {
        "floor_fen": given.floor_fen, "off_fen": given.off_fen,
        "last_on": given.last_on.isoformat(),
    }  # fmt: skip


def _looks(wish: Wish, count: int) -> list[dict[str, Any]]:
    spent = alphas(count)
    return [
        {
            "no": no,
            "share": no / count,
            "at": day_start(wish.wave_starts_on(no + 1)).isoformat(),
            "alpha_spent": round(sum(spent[:no]), 6),
        }
        for no in range(1, count + 1)
    ]
