"""Reports of Tencent Ads: typed rows in fen, page by page, within what the platform keeps."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.connect.tencent_ads.advertiser import Advertiser

from headwater.base.errors import BadInput, Trouble
from headwater.connect.tencent_ads.reports import Level, ReportRow

TODAY = date(2026, 11, 22)
ROW = {
    "date": "2026-11-21",
    "adgroup_id": 77,
    "view_count": 12_000,
    "valid_click_count": 1_200,
    "cost": 130_050,
    "conversions_count": 12,
    "order_amount": 990_000,
}
READ = ReportRow(date(2026, 11, 21), None, 77, 12_000, 1_200, 130_050, 12, 990_000)


def pages(advertiser: Advertiser, *lists: list[dict[str, Any]]) -> None:
    for number, rows in enumerate(lists, start=1):
        advertiser.will(list=rows, page_info={"page": number, "total_page": len(lists)})


async def test_days_are_read_in_fen_over_all_pages() -> None:
    advertiser = Advertiser()
    pages(advertiser, [ROW], [ROW | {"adgroup_id": 78}])
    first, last = TODAY - timedelta(days=365), TODAY
    found = [row async for row in advertiser.ads.reports.every_day(Level.ADGROUP, first, last)]
    assert found[0] == READ
    assert [row.subject_id for row in found] == [77, 78]
    query = advertiser.asked[-1].url.params
    assert json.loads(query["date_range"]) == {"start_date": "2025-11-22", "end_date": "2026-11-22"}
    assert json.loads(query["group_by"]) == ["date", "adgroup_id"]
    assert (query["level"], query["time_line"]) == ("REPORT_LEVEL_ADGROUP", "REQUEST_TIME")
    assert (query["page"], query["page_size"]) == ("2", "100")
    assert query["account_id"] == "5001"


async def test_hours_are_read_for_one_day() -> None:
    advertiser = Advertiser()
    pages(advertiser, [{"hour": 8, "cost": 5}, {"hour": 23}])
    day = TODAY - timedelta(days=90)
    page = await advertiser.ads.reports.hourly(Level.ADVERTISER, day)
    assert page.is_last
    assert page.items[0] == ReportRow(day, 8, None, 0, 0, 5, 0, 0)
    assert page.items[1].hour == 23
    assert advertiser.asked[-1].url.path == "/v3.0/hourly_reports/get"


async def test_what_the_platform_does_not_keep_is_not_asked_for() -> None:
    advertiser = Advertiser()
    reports = advertiser.ads.reports
    with pytest.raises(BadInput):
        await reports.daily(Level.ADVERTISER, TODAY - timedelta(days=366), TODAY)
    with pytest.raises(BadInput):
        await reports.daily(Level.ADVERTISER, TODAY, TODAY - timedelta(days=1))
    with pytest.raises(BadInput):
        await reports.hourly(Level.ADVERTISER, TODAY - timedelta(days=91))
    assert advertiser.asked == []


@pytest.mark.parametrize(
    "change",
    [
        {"cost": -1},
        {"cost": 1.5},
        {"cost": "130050"},
        {"date": "yesterday"},
        {"date": None},
        {"view_count": None},
        {"adgroup_id": -7},
    ],
)
async def test_a_row_that_is_no_row_is_trouble(change: dict[str, Any]) -> None:
    advertiser = Advertiser()
    pages(advertiser, [ROW | change])
    with pytest.raises(Trouble):
        await advertiser.ads.reports.daily(Level.ADGROUP, TODAY, TODAY)


@pytest.mark.parametrize("row", [{"cost": 5}, {"hour": 24}, {"hour": -1}])
async def test_an_hour_that_is_no_hour_is_trouble(row: dict[str, Any]) -> None:
    advertiser = Advertiser()
    pages(advertiser, [row])
    with pytest.raises(Trouble):
        await advertiser.ads.reports.hourly(Level.ADVERTISER, TODAY)


async def test_an_empty_page_that_is_not_the_last_ends_in_trouble() -> None:
    advertiser = Advertiser()
    pages(advertiser, [], [ROW])
    with pytest.raises(Trouble):
        async for _row in advertiser.ads.reports.every_day(Level.ADGROUP, TODAY, TODAY):
            pass


async def test_a_report_of_more_pages_than_a_walk_goes_through_ends_in_trouble() -> None:
    advertiser = Advertiser()
    pages(advertiser, [ROW], [ROW], [ROW])
    walk = advertiser.ads.reports.every_day(Level.ADGROUP, TODAY, TODAY, pages_most=2)
    with pytest.raises(Trouble, match="more than 2 pages"):
        async for _row in walk:
            pass


@settings(deadline=None)
@given(
    rows=st.lists(
        st.dictionaries(
            st.sampled_from([*ROW, "hour"]),
            st.none() | st.integers() | st.text(max_size=10) | st.floats(allow_nan=False),
        ),
        max_size=3,
    )
)
async def test_no_rows_whatever_crash_the_reader(rows: list[dict[str, Any]]) -> None:
    advertiser = Advertiser()
    pages(advertiser, rows)
    try:
        page = await advertiser.ads.reports.daily(Level.ADGROUP, TODAY, TODAY)
    except Trouble:
        return
    assert all(row.cost_fen >= 0 for row in page.items)
