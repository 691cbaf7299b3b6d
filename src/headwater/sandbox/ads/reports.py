"""Reports: what ads cost and brought, from the views and clicks that a side door puts in."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any

import msgspec

from headwater.sandbox.ads.actions import Actions
from headwater.sandbox.ads.api import Answer, Api, Call, page
from headwater.sandbox.ads.errors import AdsError
from headwater.sandbox.credentials import letters
from headwater.sandbox.hosts import Ground
from headwater.sandbox.shelf import Shelf

SHANGHAI = timezone(timedelta(hours=8))
# Source: developers.e.qq.com/v3.0/docs/api/daily_reports/get and hourly_reports/get, 2026-11.
DAYS_BACK, HOURS_DAYS_BACK = 365, 90
MOST_ROWS_A_PAGE = 2_000
KEYS = {
    "REPORT_LEVEL_ADVERTISER": None,
    "REPORT_LEVEL_ADGROUP": "adgroup_id",
    "REPORT_LEVEL_CHANNEL": "channel_id",
    "REPORT_LEVEL_DYNAMIC_CREATIVE": "dynamic_creative_id",
}
BY_REQUEST, BY_REPORT, BY_ACT = "REQUEST_TIME", "REPORTING_TIME", "ACTIVE_TIME"
MEASURES = ("view_count", "valid_click_count", "cost", "conversions_count", "order_amount")


@dataclass(frozen=True)
class Show:
    """Ads that were shown in one moment, and what that cost; a click has an id."""

    id: str
    at: datetime
    adgroup_id: int
    channel_id: int
    creative_id: int
    views: int
    clicks: int
    cost_fen: int
    person_id: str = ""


class Range(msgspec.Struct):
    start_date: date
    end_date: date


class Filter(msgspec.Struct):
    field: str
    operator: str
    values: list[str]


class AskReport(msgspec.Struct):
    account_id: int
    level: str
    date_range: Range
    group_by: list[str]
    fields: list[str] = []
    filtering: list[Filter] = []
    time_line: str = BY_REQUEST
    page: int = 1
    page_size: int = 10


class Reports:
    """All shows and what came of them."""

    def __init__(self, ground: Ground, actions: Actions) -> None:
        self._ground = ground
        self._actions = actions
        self._shows = Shelf(ground.journal, "ads_show", Show, lambda one: one.id)

    def apis(self) -> list[Api]:
        """Days and hours."""
        return [
            Api("daily_reports/get", "GET", self._daily),
            Api("hourly_reports/get", "GET", self._hourly),
        ]

    def show(self, now: datetime, **told: Any) -> Show:
        """Ads were shown, perhaps clicked; a click's id is what the shop gets in the address."""
        number = letters(self._ground.seed, 32, "ads show", len(self._shows))
        return self._shows.put(Show(id="wx0" + number, at=now, **told))

    def _daily(self, call: Call) -> Answer:
        return self._report(call, "date", DAYS_BACK)

    def _hourly(self, call: Call) -> Answer:
        return self._report(call, "hour", HOURS_DAYS_BACK)

    def _report(self, call: Call, unit: str, days_back: int) -> Answer:
        asked = call.asked(AskReport)
        _check(asked, unit, call.now, days_back)
        sums: defaultdict[tuple[str, ...], dict[str, int]] = defaultdict(
            lambda: dict.fromkeys(MEASURES, 0)
        )
        for show in self._wanted(asked):
            if asked.date_range.start_date <= _day(show.at) <= asked.date_range.end_date:
                row = sums[_key(asked, show, show.at)]
                row["view_count"] += show.views
                row["valid_click_count"] += show.clicks
                row["cost"] += show.cost_fen
        self._count_actions(asked, sums)
        rows = [_row(asked, key, sums[key]) for key in sorted(sums)]
        found, info = page(rows, asked.page, asked.page_size, MOST_ROWS_A_PAGE)
        return {"list": found, "page_info": info}

    def _count_actions(
        self, asked: AskReport, sums: defaultdict[tuple[str, ...], dict[str, int]]
    ) -> None:
        shows = {one.id: one for one in self._wanted(asked)}
        for action in self._actions.everything():
            show = shows.get(action.click_id)
            if show is None:
                continue
            moments = {BY_REQUEST: show.at, BY_REPORT: action.told_at, BY_ACT: action.acted_at}
            at = moments[asked.time_line]
            if asked.date_range.start_date <= _day(at) <= asked.date_range.end_date:
                row = sums[_key(asked, show, at)]
                row["conversions_count"] += 1
                row["order_amount"] += action.value_fen if action.is_sale else 0

    def _wanted(self, asked: AskReport) -> list[Show]:
        found = self._shows.everything()
        for one in asked.filtering:
            if one.field not in ("adgroup_id", "channel_id", "dynamic_creative_id"):
                raise AdsError(18001, "filtering.field")
            if one.operator not in ("EQUALS", "IN"):
                raise AdsError(18001, "filtering.operator")
            found = [show for show in found if _of(show, one.field) in one.values]
        return found


def _check(asked: AskReport, unit: str, now: datetime, days_back: int) -> None:
    if asked.level not in KEYS:
        raise AdsError(18001, "level")
    if asked.time_line not in (BY_REQUEST, BY_REPORT, BY_ACT):
        raise AdsError(18001, "time_line")
    key = KEYS[asked.level]
    if unit not in asked.group_by or not set(asked.group_by) <= {"date", "hour", key}:
        raise AdsError(18001, "group_by")
    start, end = asked.date_range.start_date, asked.date_range.end_date
    if not _day(now) - timedelta(days=days_back) <= start <= end:
        raise AdsError(18001, "date_range")
    if unit == "hour" and start != end:
        raise AdsError(18001, "date_range")
    if not set(asked.fields) <= {*asked.group_by, *MEASURES, "account_id"}:
        raise AdsError(18001, "fields")


def _key(asked: AskReport, show: Show, at: datetime) -> tuple[str, ...]:
    values = {"date": _day(at).isoformat(), "hour": f"{at.astimezone(SHANGHAI).hour:02d}"}
    return tuple(values.get(name) or _of(show, name) for name in asked.group_by)


def _of(show: Show, name: str) -> str:
    ids = {
        "adgroup_id": show.adgroup_id,
        "channel_id": show.channel_id,
        "dynamic_creative_id": show.creative_id,
    }
    return str(ids[name])


def _row(asked: AskReport, key: tuple[str, ...], sums: dict[str, int]) -> dict[str, Any]:
    named: dict[str, Any] = {
        name: text if name == "date" else int(text)
        for name, text in zip(asked.group_by, key, strict=True)
    }
    whole = {**named, **sums}
    return {name: whole[name] for name in asked.fields if name in whole} if asked.fields else whole


def _day(moment: datetime) -> date:
    return moment.astimezone(SHANGHAI).date()
