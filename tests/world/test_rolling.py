"""Stores that start in waves: more is sold where a store is on, to everybody alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from tests.world.test_heart import lives

from headwater.base.errors import BadInput
from headwater.world.heart import lives as living
from headwater.world.heart.effects import Causes, Effect
from headwater.world.people import Told
from headwater.world.truth import ANYWAY, RolledOut, Sales, Truth, rolled_out
from headwater.world.wanted import PRESETS, Change, Rollout, Wanted

BREAD = Rollout("bread", "现烤面包", "Bread", 0.2, sizes=(1, 1), wave_weeks=1, spread=0.0)
MONDAY = datetime(2026, 8, 23, 16, tzinfo=UTC)


def told(code: str, wave: int | None, is_on: bool) -> Told:
    """What a till hears of a store."""
    return Told(code, is_on, wave, MONDAY + timedelta(weeks=wave - 1) if wave else None)


def test_a_store_that_is_on_sells_so_much_more_and_others_sell_as_ever() -> None:
    whole = lives(days=56)
    usual = whole.usual()
    lift = np.array([0.5, 0.0])
    added = living.joined([whole.in_stores(day, lift, 0) for day in range(56)])
    sold = [whole.habits.store[each.basket] for each in (usual.only(~usual.is_online), added)]
    assert (sold[1] == 1).sum() == 0
    assert len(sold[1]) / (sold[0] == 0).sum() == pytest.approx(0.5, rel=0.05)
    assert not added.is_online.any()
    # It is the stores' own doing: who comes on top is drawn from everybody alike.
    alike = [np.isin(each.who, np.arange(0, 4_000, 2)).mean() for each in (usual, added)]
    assert alike[0] == pytest.approx(alike[1], abs=0.03)
    again = whole.in_stores(9, lift, 0)
    assert (again.seed == added.only(added.day == 9).seed).all()
    other = whole.in_stores(9, lift, 1)
    assert set(other.seed.tolist()).isdisjoint(again.seed.tolist())
    assert len(whole.in_stores(9, np.zeros(2), 0)) == 0


def test_each_store_has_a_strength_of_its_own_about_the_one_asked_for() -> None:
    codes = [f"S{number}" for number in range(2_000)]
    drawn = rolled_out(replace(BREAD, spread=0.4), codes, (1, 2))
    assert np.mean(list(drawn.lifts.values())) == pytest.approx(0.2, rel=0.05)
    assert min(drawn.lifts.values()) >= 0
    assert drawn.lifts == rolled_out(replace(BREAD, spread=0.4), codes, (1, 2)).lifts
    assert set(rolled_out(BREAD, codes, (1, 2)).lifts.values()) == {0.2}


def test_a_store_is_on_as_it_was_told_this_morning() -> None:
    rolled = rolled_out(BREAD, ["S1", "S2"], (1,))
    assert (rolled.is_on("S1"), rolled.read_until) == (False, None)
    rolled.hear([told("S1", 1, True), told("S2", 2, False)])
    assert (rolled.is_on("S1"), rolled.is_on("S2"), rolled.is_on("S3")) == (True, False, False)
    assert rolled.read_until == MONDAY + timedelta(weeks=2)
    rolled.hear([told("S1", 1, False), told("S2", 2, False)])
    assert not rolled.is_on("S1")


def known() -> dict[str, Any]:
    """Tell of two members and two stores, of which one was on, and of a change in a store."""
    causes = Causes(2, 1)
    causes.know(Effect("mail", "message", 0.1))
    causes.know(Effect("shelves", "store", 0.1))
    sold = Sales()
    for who in (0, 1):
        sold.add(who, 1, ANYWAY, 1_000, 0, 0)
        sold.add(who, 8, 2, 300, 0, 4)
        sold.add(who, 9, 1, 50, 1, 2)
    sold.add(0, 8, 0, 400, 1, 1)
    # After the last look nothing of it can be read any more.
    sold.add(0, 20, 2, 70, 0, 4)
    rolled = RolledOut(BREAD, {"S1": 0.2, "S2": 0.2}, "/console/waves/1")
    rolled.hear([told("S1", 1, True), told("S2", None, False)])
    wanted = Wanted(rollouts=(BREAD,), changes=(Change("shelves", ("S2",), 0, 0.1),))
    truth = Truth(wanted, 2, ("S1", "S2"), [rolled], ["mail", "shelves", "bread"], sold)
    truth.started_at = MONDAY - timedelta(days=1)
    truth.held_out = np.array([False, True])
    truth.would_have_fen = np.zeros(2)
    return truth.known(causes)


def test_what_stores_do_is_the_same_to_both_arms_and_none_of_it_the_programmes() -> None:
    programme = known()["programme"]
    nets = {
        arm: [programme[arm][why]["net_fen"] for why in ("anyway", "caused", "by_stores")]
        for arm in ("treated", "held_out")
    }
    assert nets == {"treated": [1_000, 400, 420], "held_out": [1_000, 0, 350]}
    assert programme["true_lift_share"] == 400 / 1_420


def test_the_truth_of_a_rollout_is_told_by_store_up_to_its_last_look() -> None:
    (found,) = known()["rollouts"]
    assert found["code"] == "bread"
    assert found["caused"]["net_fen"] == 600
    assert found["stores"]["S1"] == {
        "wave": 1, "starts_at": MONDAY, "lift": 0.2, "caused_fen": 600
    }  # fmt: skip
    assert found["stores"]["S2"] == {"wave": None, "starts_at": None, "lift": 0.0, "caused_fen": 0}
    channels = known()["channels"]
    assert channels["store"]["net_fen"] == 770


def test_a_rollout_that_nobody_launched_caused_nothing() -> None:
    truth = Truth(Wanted(rollouts=(BREAD,)), 2, ("S1",), [RolledOut(BREAD, {})], ["bread"])
    (found,) = truth.known(Causes(2, 1))["rollouts"]
    assert (found["page"], found["stores"], found["caused"]["orders"]) == (None, {}, 0)


def test_rollouts_need_codes_of_their_own_and_do_no_harm() -> None:
    for wrong in ((BREAD, BREAD), (replace(BREAD, lift=-0.1),), (replace(BREAD, spread=-1.0),)):
        with pytest.raises(BadInput) as refused:
            Wanted(rollouts=wrong).check()
        assert refused.value.field == "rollouts"


def test_in_a_world_without_effects_stores_start_and_nothing_comes_of_it() -> None:
    assert [each.lift for each in PRESETS["zero"].calibrated().rollouts] == [0.0]
    assert PRESETS["grocery"].calibrated().rollouts[0].lift > 0
