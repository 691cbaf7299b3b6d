"""What ads cost and brought, day by day or hour by hour; developers.e.qq.com/v3.0/docs/api."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, Any, Final

import msgspec

from headwater.base.errors import BadInput, Trouble
from headwater.base.times import Clock, business_day
from headwater.connect.sending import Fen
from headwater.connect.tencent_ads import bounds
from headwater.connect.tencent_ads.api import WHOM, AdsApi, Count, Page, PageInfo, WireId

_FIELDS: Final = ("view_count", "valid_click_count", "cost", "conversions_count", "order_amount")


class Level(StrEnum):
    """What one row stands for."""

    ADVERTISER = "REPORT_LEVEL_ADVERTISER"
    ADGROUP = "REPORT_LEVEL_ADGROUP"
    CHANNEL = "REPORT_LEVEL_CHANNEL"
    CREATIVE = "REPORT_LEVEL_DYNAMIC_CREATIVE"


class TimeLine(StrEnum):
    """By which moment a conversion is counted: the ad's request, or its being reported."""

    REQUEST = "REQUEST_TIME"
    REPORTING = "REPORTING_TIME"
    ACTIVE = "ACTIVE_TIME"


_KEYS: Final = {
    Level.ADVERTISER: None,
    Level.ADGROUP: "adgroup_id",
    Level.CHANNEL: "channel_id",
    Level.CREATIVE: "dynamic_creative_id",
}


@dataclass(frozen=True)
class ReportRow:
    """What one day, or one hour of it, cost and brought; all money in fen.

    `order_fen` is what the platform credits to itself. It is not increment.
    """

    day: date
    hour: int | None
    subject_id: int | None
    views: int
    clicks: int
    cost_fen: int
    conversions: int
    order_fen: int


class _Row(msgspec.Struct):
    day: date | None = msgspec.field(name="date", default=None)
    hour: Annotated[int, msgspec.Meta(ge=0, le=23)] | None = None
    adgroup_id: WireId | None = None
    channel_id: WireId | None = None
    dynamic_creative_id: WireId | None = None
    view_count: Count = 0
    valid_click_count: Count = 0
    cost: Fen = 0
    conversions_count: Count = 0
    order_amount: Fen = 0


class _Rows(msgspec.Struct):
    rows: list[_Row] = msgspec.field(name="list", default_factory=list)
    page_info: PageInfo = msgspec.field(default_factory=PageInfo)


class Reports:
    """Reads reports page by page."""

    def __init__(self, api: AdsApi, now: Clock) -> None:
        self._api = api
        self._now = now

    async def daily(
        self,
        level: Level,
        first: date,
        last: date,
        time_line: TimeLine = TimeLine.REQUEST,
        number: int = 1,
    ) -> Page[ReportRow]:
        """Read a page of days, of the last year; reading again is harmless.

        A day is complete from about eight in the morning of the next one.
        """
        oldest = business_day(self._now()) - timedelta(days=bounds.REPORT_DAYS_BACK)
        if not oldest <= first <= last:
            raise BadInput("first", f"within {bounds.REPORT_DAYS_BACK} days, and before the last")
        asked = _asked(level, first, last, "date", time_line, number)
        wire = await self._api.get("daily_reports/get", asked, _Rows)
        return _page(wire, level, None, number)

    async def hourly(
        self,
        level: Level,
        day: date,
        time_line: TimeLine = TimeLine.REQUEST,
        number: int = 1,
    ) -> Page[ReportRow]:
        """Read a page of one day's hours, of the last ninety days; reading again is harmless."""
        oldest = business_day(self._now()) - timedelta(days=bounds.REPORT_HOURS_DAYS_BACK)
        if day < oldest:
            raise BadInput("day", f"within {bounds.REPORT_HOURS_DAYS_BACK} days")
        asked = _asked(level, day, day, "hour", time_line, number)
        wire = await self._api.get("hourly_reports/get", asked, _Rows)
        return _page(wire, level, day, number)

    async def every_day(
        self,
        level: Level,
        first: date,
        last: date,
        time_line: TimeLine = TimeLine.REQUEST,
        pages_most: int = bounds.REPORT_PAGES,
    ) -> AsyncIterator[ReportRow]:
        """Walk through all pages of days, as far as a walk may go; reading again is harmless."""
        for number in range(1, pages_most + 1):
            found = await self.daily(level, first, last, time_line, number)
            for row in found.items:
                yield row
            if found.is_last:
                return
            if not found.items:
                raise Trouble(f"{WHOM} sends an empty page that is not the last")
        raise Trouble(f"{WHOM} has more than {pages_most} pages to tell")


def _asked(
    level: Level, first: date, last: date, unit: str, time_line: TimeLine, number: int
) -> dict[str, Any]:
    key = _KEYS[level]
    groups = [unit] if key is None else [unit, key]
    return {
        "level": level.value,
        "date_range": {"start_date": first.isoformat(), "end_date": last.isoformat()},
        "group_by": groups,
        "fields": [*groups, *_FIELDS],
        "time_line": time_line.value,
        "page": number,
        "page_size": bounds.PAGE,
    }


def _page(wire: _Rows, level: Level, day: date | None, number: int) -> Page[ReportRow]:
    rows = tuple(_row(each, level, day) for each in wire.rows)
    return Page(rows, number, number >= wire.page_info.total_page)


def _row(wire: _Row, level: Level, day: date | None) -> ReportRow:
    at = wire.day or day
    if at is None or (day is not None and wire.hour is None):
        raise Trouble(f"{WHOM} sends a row without its time")
    key = _KEYS[level]
    return ReportRow(
        day=at,
        hour=wire.hour if day is not None else None,
        subject_id=None if key is None else getattr(wire, key),
        views=wire.view_count,
        clicks=wire.valid_click_count,
        cost_fen=wire.cost,
        conversions=wire.conversions_count,
        order_fen=wire.order_amount,
    )
