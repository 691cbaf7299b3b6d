"""Simulated shoppers buy by habit, and more because of a message, as the seed says."""

from __future__ import annotations

import numpy as np

from headwater.world.shoppers import Habit, Shopper, basket_of, caused_urges, usual_urges

CROWD = [Shopper(f"p{n}", f"o{n}", Habit(0.7, 3.0)) for n in range(2000)]


def test_the_same_seed_lives_the_same_life() -> None:
    first = usual_urges(CROWD[:50], 28, np.random.default_rng(3))
    again = usual_urges(CROWD[:50], 28, np.random.default_rng(3))
    other = usual_urges(CROWD[:50], 28, np.random.default_rng(4))
    assert first == again
    assert first != other


def test_a_message_adds_its_true_lift_to_the_usual_rate() -> None:
    noise = np.random.default_rng(5)
    usual = len(usual_urges(CROWD, 28, noise))
    caused = sum(len(caused_urges(each, range(28), 0.5, noise)) for each in CROWD)
    assert 0.45 < caused / usual < 0.55


def test_a_lift_of_nothing_causes_nothing() -> None:
    noise = np.random.default_rng(6)
    assert not any(caused_urges(each, range(28), 0.0, noise) for each in CROWD)


def test_a_basket_holds_each_thing_once() -> None:
    for seed in range(200):
        places = [place for place, _count in basket_of(CROWD[0], 24, seed)]
        assert len(set(places)) == len(places)
        assert all(1 <= count <= 9 for _place, count in basket_of(CROWD[0], 24, seed))
