"""Quiet hours and months are the shop's own, wherever the server stands."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from headwater.base.db import Db
from headwater.base.times import SHANGHAI
from headwater.gate import rules
from headwater.gate.rules import Budget, Channel, QuietHours

NIGHT = QuietHours("marketing", 22, 9, "house rule", date(2026, 11, 1))


def shop(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 6, day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


@pytest.mark.parametrize(
    "asked,opens",
    [
        (shop(1, 21, 59), shop(1, 21, 59)),
        (shop(1, 22, 0), shop(2, 9, 0)),
        (shop(2, 0, 0), shop(2, 9, 0)),
        (shop(2, 8, 59), shop(2, 9, 0)),
        (shop(2, 9, 0), shop(2, 9, 0)),
    ],
)
def test_nobody_is_disturbed_at_night(asked: datetime, opens: datetime) -> None:
    assert NIGHT.open_at(asked) == opens


@given(some.datetimes(timezones=some.just(UTC)), some.integers(0, 23), some.integers(0, 23))
def test_whatever_the_hours_the_answer_is_open_and_soon(
    at: datetime, first: int, last: int
) -> None:
    quiet = QuietHours("marketing", first, last, "", date(2026, 1, 1))
    opens = quiet.open_at(at)
    assert not quiet.holds(opens)
    assert at <= opens <= at + timedelta(days=1)


def test_a_month_is_the_shops_month() -> None:
    month = rules.month_of(datetime(2026, 5, 31, 16, 30, tzinfo=UTC))
    assert month.starts_at == datetime(2026, 5, 31, 16, tzinfo=UTC)
    assert month.ends_at == datetime(2026, 6, 30, 16, tzinfo=UTC)


async def test_every_budget_names_its_source(db: Db) -> None:
    listed = await rules.budgets(db)
    assert ("official_account", "month", 4) in {(b.channel, b.period, b.most) for b in listed}
    assert all(each.source for each in listed)
    stricter = Budget("any", "days", 7, 1, "board", date(2026, 6, 1))
    await rules.set_budget(db, stricter)
    assert stricter in await rules.budgets(db)


async def test_a_channel_is_opened_once(db: Db) -> None:
    mail = Channel("official_account", "open_id", "wx-1")
    await rules.open_channel(db, mail, shop(1, 12))
    await rules.open_channel(db, mail, shop(1, 13))
    assert await rules.channel(db, "official_account") == mail
    assert await rules.channel(db, "pigeon") is None
