"""Money, moments and shares read as people expect."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from headwater.web.kit import filters, wording

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def chinese() -> None:
    """Each test starts with nobody asking in English."""
    wording.listen({"type": "http", "headers": []})


def speak_english() -> None:
    """Let the rest of a test be asked in English."""
    wording.listen({"type": "http", "headers": [(b"cookie", b"language=en")]})


@pytest.mark.parametrize(
    "fen,words",
    [
        (0, "¥0.00"),
        (1, "¥0.01"),
        (99, "¥0.99"),
        (-500, "−¥5.00"),
        (-1, "−¥0.01"),
        (123_456, "¥1,234.56"),
        (10**9, "¥10,000,000.00"),
    ],
)
def test_fen_are_shown_as_yuan_with_the_minus_outside(fen: int, words: str) -> None:
    assert filters.yuan(fen) == words
    sign, whole, cents = filters.yuan_parts(fen)
    assert f"{sign}¥{whole}.{cents}" == words


def test_a_round_amount_never_shows_a_minus_before_nothing() -> None:
    assert [filters.yuan_round(fen) for fen in (-49, -50, 49, 50, -18_20_049)] == [
        "¥0",
        "−¥1",
        "¥0",
        "¥1",
        "−¥18,200",
    ]


def test_a_moment_stands_on_the_shops_clock() -> None:
    late = datetime(2026, 11, 21, 16, 30, tzinfo=UTC)
    assert filters.moment(late) == "2026年11月22日 00:30"
    assert filters.stamp(late) == "2026-11-21T16:30:00+00:00"
    speak_english()
    assert filters.moment(late) == "22 Nov 2026 00:30"


@pytest.mark.parametrize(
    "ago,words",
    [
        (timedelta(seconds=5), "刚刚"),
        (timedelta(minutes=5), "5 分钟前"),
        (timedelta(hours=3), "3 小时前"),
        (timedelta(hours=13), "昨天"),
        (timedelta(days=3), "3 天前"),
        (timedelta(days=8), "2026年11月14日"),
        (timedelta(hours=-1), "2026年11月22日 13:00"),
    ],
)
def test_what_is_near_is_told_by_its_distance(ago: timedelta, words: str) -> None:
    assert filters.relative(NOW - ago, NOW) == words


def test_figures_are_grouped_and_shortened_as_the_language_does() -> None:
    assert filters.percent(0.1024) == "10.2%"
    assert filters.percent(-0.05, 0) == "−5%"
    assert filters.number(1_469_307) == "1,469,307"
    assert filters.compact(1_235_000) == "123.5万"
    assert filters.compact(950) == "950"
    assert filters.compact(1_759_218_600_000_000) == "1.8×10¹⁵"
    speak_english()
    assert filters.compact(1_235_000) == "1.2M"


def test_a_phone_number_shows_only_what_its_owner_recognises() -> None:
    assert filters.masked_phone("13800005521") == "138****5521"
    assert filters.masked_phone("110") == "****"
