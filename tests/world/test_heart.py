"""The heart of a world draws what it was told, by its seed, and nothing else."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.world.heart import habits as making
from headwater.world.heart import lives as living
from headwater.world.heart.days import Weather, calendar
from headwater.world.heart.effects import WORD_OF_MOUTH, Causes, Effect
from headwater.world.heart.habits import BRANDS, Habits
from headwater.world.heart.lives import Lives, Ways, begun

PEOPLE = 4_000
STEADY = Weather(season=0.0, payday=0.0, day_shock=0.0)


def habits() -> Habits:
    """Households of two stores that buy three things."""
    return making.made(("S1", "S2"), {"1001": 190, "1002": 490, "1003": 990}, 3, 500)


def lives(seed: int = 5, days: int = 28, ways: Ways | None = None, people: int = PEOPLE) -> Lives:
    """Let people live for some weeks that are all alike."""
    noise = np.random.default_rng(seed)
    shared = calendar(date(2026, 3, 2), days, STEADY, noise)
    return begun(habits(), noise.integers(500, size=people), shared, ways or Ways(), seed)


def test_the_same_seed_lives_the_same_life() -> None:
    first, again, other = lives().usual(), lives().usual(), lives(6).usual()
    assert all((one == two).all() for one, two in zip(*map(_columns, (first, again)), strict=True))
    assert len(first) != len(other) or (first.basket != other.basket).any()


def _columns(visits: living.Visits) -> list[making.Array]:
    return list(vars(visits).values())


def test_people_come_as_often_as_their_households_do() -> None:
    whole = lives(days=84)
    expected = whole.habits.weekly[whole.household].sum() * 12
    assert len(whole.usual()) == pytest.approx(expected, rel=0.05)


def test_half_of_those_who_stayed_away_for_a_month_come_back_by_themselves_in_the_next() -> None:
    ways = Ways(mood=0.0, while_away=0.0)
    draw = np.random.default_rng(1)
    away = living._away(50_000, 9, ways, draw)
    stayed = away[:, :5].all(axis=1)
    assert (~away[stayed, 5:]).any(axis=1).mean() == pytest.approx(0.49, abs=0.02)


@pytest.mark.parametrize("lift", [0.05, 0.5])
def test_an_effect_adds_its_lift_to_the_usual_rate_of_whom_it_reached(lift: float) -> None:
    whole = lives()
    causes = Causes(PEOPLE, 5)
    causes.know(Effect("push", "message", lift, spread=0.0))
    causes.reach("push", np.arange(0, PEOPLE, 2), 0)
    caused = [whole.caused(day, causes.today(day).lift) for day in range(1, 28)]
    count = sum(len(each) for each in caused)
    expected = lift * whole.rate[::2, 1:].sum()
    assert abs(count - expected) < 4 * np.sqrt(expected)
    assert all((each.who % 2 == 0).all() for each in caused)


def test_nothing_is_caused_on_the_day_itself_nor_after_the_end() -> None:
    effect = Effect("push", "message", 0.2, lasts_days=14)
    assert effect.at(np.array([0, 1, 14, 15])).tolist() == [0.0, 0.2, 0.2, 0.0]


def test_an_effect_fades_by_its_share_each_week() -> None:
    effect = Effect("push", "message", 0.2, growth=-0.5)
    assert effect.at(np.array([7, 8, 15])).tolist() == pytest.approx([0.2, 0.1, 0.05])
    assert effect.mean(14) == pytest.approx(0.15)


def test_strength_differs_and_is_one_on_average() -> None:
    causes = Causes(PEOPLE, 5)
    causes.know(Effect("push", "message", 0.1))
    causes.reach("push", np.arange(PEOPLE), 0)
    lift = causes.today(1).lift
    assert lift.mean() == pytest.approx(0.1, rel=0.06)
    assert lift.std() == pytest.approx(0.1, rel=0.12)


@given(
    overlap=st.floats(0, 1),
    lifts=st.lists(st.floats(-0.5, 1.0), min_size=1, max_size=5),
    seed=st.integers(0, 1_000),
)
def test_shares_of_causes_add_up_to_the_whole(
    overlap: float, lifts: list[float], seed: int
) -> None:
    causes = Causes(40, seed, overlap)
    noise = np.random.default_rng(seed)
    for number, lift in enumerate(lifts):
        causes.know(Effect(f"cause {number}", "message", lift))
        causes.reach(f"cause {number}", np.flatnonzero(noise.random(40) < 0.5), 0)
    today = causes.today(3)
    alone = [causes._alone(f"cause {number}", 3) for number in range(len(lifts))]
    # Where causes cancel each other out to nothing there are no shares of it.
    told = np.abs(np.sum(alone, axis=0)) > 1e-9
    shares = np.sum(list(today.shares.values()), axis=0)
    assert shares[told] == pytest.approx(today.lift[told], abs=1e-9)


def test_causes_that_meet_at_one_person_bring_less_than_both_alone() -> None:
    causes = Causes(10, 1, overlap=0.2)
    for name in ("one", "two"):
        causes.know(Effect(name, "message", 0.1, spread=0.0))
        causes.reach(name, np.arange(10), 0)
    today = causes.today(1)
    assert today.lift[0] == pytest.approx(0.16)
    assert today.marginal["one"][0] == pytest.approx(0.06)


def test_word_of_mouth_reaches_those_whom_nobody_reached() -> None:
    reached = np.arange(0, PEOPLE, 2)
    for interference, expected in ((0.0, 0.0), (0.25, 0.05)):
        causes = Causes(PEOPLE, 5, interference=interference)
        causes.know(Effect("push", "message", 0.2, spread=0.0))
        causes.reach("push", reached, 0)
        today = causes.today(1)
        assert today.lift[1::2].mean() == pytest.approx(expected, rel=0.1)
        assert (WORD_OF_MOUTH in today.shares) == (interference > 0)


def test_what_drives_people_away_takes_visits_that_would_have_been() -> None:
    whole = lives()
    usual = whole.usual()
    lost = whole.kept_away(usual, np.full(PEOPLE, -0.3))
    assert lost.mean() == pytest.approx(0.3, abs=0.02)
    assert not whole.kept_away(usual, np.full(PEOPLE, 0.3)).any()


def test_each_caused_visit_owes_itself_to_one_cause_in_proportion() -> None:
    whole = lives()
    lift = np.full(PEOPLE, 0.8)
    visits = whole.caused(3, lift)
    shares = [np.full(PEOPLE, 0.6), np.full(PEOPLE, 0.2), np.zeros(PEOPLE)]
    cause = living.with_causes(visits, shares, np.random.default_rng(1)).cause
    assert (cause == 0).mean() == pytest.approx(0.75, abs=0.06)
    assert not (cause == 2).any()


def test_a_basket_comes_to_its_amount_as_near_as_whole_pieces_can() -> None:
    found = habits()
    basket = np.arange(len(found.fen))
    quantities = found.quantities(basket)
    fen = (quantities * found.prices_fen).sum(axis=1)
    assert (quantities[:, 0] >= 1).all()
    assert (np.abs(fen - found.fen) <= found.prices_fen[:, 0]).mean() > 0.98
    assert fen.sum() == pytest.approx(found.fen.sum(), rel=0.03)


def test_a_cosmetics_brand_sees_its_customers_less_and_less_alike() -> None:
    grocer = habits()
    brand = grocer.of_brand(BRANDS["cosmetics"], np.random.default_rng(1))
    assert brand.weekly.mean() == pytest.approx(0.07 * grocer.weekly.mean(), rel=0.15)
    unlike = [each.weekly.std() / each.weekly.mean() for each in (grocer, brand)]
    assert unlike[1] > 1.2 * unlike[0]


def test_paydays_and_weekends_are_busier_and_outages_come_after_the_past() -> None:
    weather = Weather(season=0.0, payday=0.3, day_shock=0.0, outage_days=3)
    days = calendar(date(2026, 3, 2), 60, weather, np.random.default_rng(2), past_days=30)
    saturdays, mondays = days.busy[5::7].mean(), days.busy[0::7].mean()
    assert saturdays > 1.2 * mondays
    # The tenth of March 2026 is a Tuesday, as the third is.
    assert days.busy[8] > 1.2 * days.busy[1]
    assert days.is_open[:31].all()
    assert days.is_open[-1]
    assert (~days.is_open).sum() == 3
