"""Wishes: what cannot be is refused, and the field at fault is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.base import ids
from headwater.base.errors import BadInput
from headwater.increment.rollouts import designing, plans, wishes
from headwater.increment.rollouts.wishes import Intervention, Wish
from headwater.stores.places import Store
from headwater.web.kit.wording import refusal_sentence

NOW = datetime(2026, 6, 3, 2, 0, tzinfo=UTC)
BRAND, REGION = ids.new(), ids.new()
STORES = [
    Store(ids.new(), BRAND, REGION, f"S{number}", "shop", "店", "Shop", city)
    for number, city in enumerate(["上海", "上海", "北京", "北京"])
]
WISH = Wish(BRAND, "scan-go", "扫码购", "Scan and go", (2,), 4, date(2026, 6, 8), "spring")


def test_a_wish_that_can_be_is_let_through() -> None:
    wishes.check(WISH, STORES, NOW)
    assert wishes.next_monday(NOW) == date(2026, 6, 8)
    assert WISH.ends_on == date(2026, 7, 6)


@pytest.mark.parametrize(
    "changes,field,why",
    [
        ({"code": "Scan Go"}, "rollout_code", "code_malformed"),
        ({"code": ""}, "rollout_code", "code_malformed"),
        ({"name_zh": " "}, "name_zh", "missing"),
        ({"name_en": ""}, "name_en", "missing"),
        ({"salt": " "}, "salt", "missing"),
        ({"sizes": ()}, "sizes", "waves_malformed"),
        ({"sizes": (2, 0)}, "sizes", "waves_malformed"),
        ({"sizes": (1,) * 7}, "sizes", "waves_malformed"),
        ({"wave_weeks": 0}, "wave_weeks", "too_small"),
        ({"wave_weeks": 14}, "wave_weeks", "too_large"),
        ({"sizes": (1,) * 5, "wave_weeks": 13}, "wave_weeks", "too_large"),
        ({"starts_on": date(2026, 6, 9)}, "starts_on", "no_monday"),
        ({"starts_on": date(2026, 6, 1)}, "starts_on", "already_begun"),
        ({"starts_on": date(2027, 6, 7)}, "starts_on", "too_far_ahead"),
        ({"forbidden": ("S9",)}, "forbidden", "store_unknown"),
        ({"forced": ("S1", "S1")}, "forced", "store_twice"),
        ({"forbidden": ("S1",), "forced": ("S1",)}, "forced", "store_elsewhere"),
        ({"choice": "picked"}, "picked", "missing"),
        ({"picked": ("S1",)}, "picked", "picked_and_drawn"),
        ({"choice": "picked", "picked": ("S1",)}, "sizes", "not_as_many_as_picked"),
        ({"choice": "picked", "picked": ("S1",), "sizes": (1, 1)}, "sizes", "one_wave_of_picked"),
        ({"calendar": (Intervention(date(2026, 6, 9), date(2026, 6, 8)),)}, "calendar",
         "backwards"),
        ({"calendar": (Intervention(date(2026, 6, 8), date(2026, 6, 9), ("S9",)),)}, "calendar",
         "store_unknown"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_its_field_in_both_languages(
    changes: dict[str, Any], field: str, why: str
) -> None:
    with pytest.raises(BadInput) as refused:
        wishes.check(replace(WISH, **changes), STORES, NOW)
    assert (refused.value.field, refused.value.why) == (field, why)
    chinese, english = (refusal_sentence(refused.value, each) for each in ("zh", "en"))
    assert why not in chinese + english
    assert chinese != english


def test_strata_follow_what_stores_are() -> None:
    by_city = wishes.rules_of(replace(WISH, strata="city"), STORES)
    assert set(by_city.strata.values()) == {"上海", "北京"}
    assert wishes.rules_of(WISH, STORES).strata == {}
    gone = wishes.rules_of(replace(WISH, forbidden=("S0", "S3")), STORES[:2])
    assert gone.forbidden == ("S0",)


def test_a_calendar_is_said_in_weeks_and_only_for_stores_that_are_compared() -> None:
    calendar = [
        Intervention(date(2026, 6, 10), date(2026, 6, 16), ("S0", "S9")),
        Intervention(date(2026, 7, 1), date(2026, 7, 1)),
        Intervention(date(2026, 8, 3), date(2026, 8, 4), ("S9",)),
    ]
    found = wishes.campaigns_of(calendar, ["S0", "S1"])
    assert [(each.since, each.until, each.stores) for each in found] == [
        (date(2026, 6, 8), date(2026, 6, 15), ("S0",)),
        (date(2026, 6, 29), date(2026, 6, 29), ()),
    ]


@given(waves=st.integers(1, wishes.WAVES_MOST))
def test_all_looks_together_spend_the_error_and_no_more(waves: int) -> None:
    spent = designing.alphas(waves)
    assert len(spent) == waves
    assert sum(spent) == pytest.approx(designing.ALPHA)
    assert min(spent) >= designing.EARLY_ALPHA
    # Redraws are many enough for the level of every look.
    assert min(spent) * (plans.DRAWS + 1) >= 1
    assert min(spent) * designing.REHEARSED.draws >= 1


@given(days=st.integers(0, 3_000))
def test_a_week_begins_on_the_monday_before(days: int) -> None:
    day = date(2024, 1, 1) + timedelta(days=days)
    found = wishes.monday(day)
    assert found.weekday() == 0
    assert timedelta(0) <= day - found < timedelta(days=7)
