"""Moments are aware and UTC inside; screens show the shop's own clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]

SHANGHAI = ZoneInfo("Asia/Shanghai")


def system_clock() -> datetime:
    """Read the machine's clock; only the wiring passes this on."""
    return datetime.now(UTC)


def business_day(at: datetime) -> date:
    """Give the day on which a shop in China books this moment."""
    return at.astimezone(SHANGHAI).date()


def day_start(day: date) -> datetime:
    """Give the moment, in UTC, at which this day begins in the shop."""
    return datetime.combine(day, time(), SHANGHAI).astimezone(UTC)


def quarter_start(at: datetime) -> datetime:
    """Give the moment at which the quarter of this moment begins in the shop."""
    day = business_day(at)
    return day_start(date(day.year, (day.month - 1) // 3 * 3 + 1, 1))


def seconds(count: float) -> timedelta:
    """Name a duration; a bare number says neither seconds nor minutes."""
    return timedelta(seconds=count)
