"""A design can be drawn again, keeps to its rules, and says when no verdict can come of it."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.increment.places import made

from headwater.increment.errors import CannotEstimate
from headwater.increment.places import designs
from headwater.increment.places.designs import Campaign, Kind, Rules
from headwater.increment.places.panels import Panel

HISTORY = made.panel(1)


def test_the_same_salt_draws_the_same_stores_whatever_the_order_of_the_rows() -> None:
    backwards = HISTORY.only(HISTORY.units[::-1])
    one, other = (designs.draw("spring", each, Rules((6,))) for each in (HISTORY, backwards))
    assert one == other
    assert one.waves_of == other.waves_of
    assert designs.draw("autumn", HISTORY, Rules((6,))).waves_of != one.waves_of


def test_a_design_never_changes_between_versions() -> None:
    design = designs.draw("spring", HISTORY, Rules((4,)))
    assert design.treated == ("store 01", "store 08", "store 13", "store 14")


@settings(max_examples=40, deadline=None)
@given(
    waves=st.lists(st.integers(1, 5), min_size=1, max_size=4),
    kind=st.sampled_from(["paired", "stratified"]),
    salt=st.text(max_size=5),
    aside=st.lists(st.integers(0, 23), max_size=6, unique=True),
)
def test_every_draw_keeps_to_the_rules(
    waves: list[int], kind: Kind, salt: str, aside: list[int]
) -> None:
    out = [made.names(24)[at] for at in aside]
    rules = Rules(tuple(waves), kind, {}, tuple(out[0::3]), tuple(out[1::3]), tuple(out[2::3]))
    if sum(waves) > 24 - len(out) or (sum(waves) == 24 - len(out) and len(waves) == 1):
        with pytest.raises(CannotEstimate, match="some must be left"):
            designs.draw(salt, HISTORY, rules)
        return
    design = designs.draw(salt, HISTORY, rules)
    for number in range(5):
        drawn = designs.redraw(design, number)
        assert not set(drawn) & set(out)
        sizes = [list(drawn.values()).count(wave + 1) for wave in range(len(waves))]
        assert sizes == waves
    assert designs.from_row(json.loads(json.dumps(design.as_row()))) == design


def test_each_store_of_a_block_is_drawn_equally_often() -> None:
    design = designs.draw("often", HISTORY, Rules((6,)))
    drawn = (designs.redraws(design, 3000) > 0).mean(axis=0)
    assert np.abs(drawn - 0.25).max() < 0.04
    several = designs.draw("often", HISTORY, Rules((4, 4)))
    first = (designs.redraws(several, 3000) == 1).mean(axis=0)
    assert np.abs(first - 1 / 6).max() < 0.035


def test_pairs_are_more_alike_than_chance_would_have_it() -> None:
    design = designs.draw("alike", HISTORY, Rules((12,)))
    size = dict(zip(HISTORY.units, HISTORY.values.mean(axis=1), strict=True))
    within = [abs(size[one] - size[two]) for one, two in (each.units for each in design.blocks)]
    level = list(size.values())
    anyhow = np.mean([abs(one - two) for one in level for two in level])
    assert np.mean(within) < 0.5 * anyhow


def test_strata_get_their_share_each() -> None:
    strata = {unit: "north" if at < 16 else "south" for at, unit in enumerate(HISTORY.units)}
    kinds: tuple[Kind, ...] = ("paired", "stratified")
    for kind in kinds:
        design = designs.draw("strata", HISTORY, Rules((6,), kind, strata))
        drawn = [strata[unit] for unit in design.treated]
        assert (drawn.count("north"), drawn.count("south")) == (4, 2)


def test_one_store_is_learning_only() -> None:
    design = designs.draw("one", HISTORY, Rules((1,)))
    assert not design.is_readable
    assert design.why is not None
    assert "learning only, no verdict possible" in design.why


@pytest.mark.parametrize("stores, readable", [(4, False), (5, False), (6, True)])
def test_pairs_too_few_for_a_verdict_say_so(stores: int, readable: bool) -> None:
    history = made.panel(2, stores=2 * stores)
    design = designs.draw("few", history, Rules((stores,)))
    assert design.possible_draws == 2**stores
    assert design.is_readable is readable


def test_campaigns_are_cut_out_of_the_history() -> None:
    everywhere = Campaign(5, 7)
    somewhere = Campaign(10, 11, ("store 03",))
    cleaned = designs.clean(HISTORY, [everywhere, somewhere])
    assert cleaned.cut == (5, 6, 7, 10, 11)
    assert set(cleaned.panel.periods) == set(HISTORY.periods) - set(cleaned.cut)
    assert ("store 03", 10) in cleaned.flagged
    assert ("store 04", 10) not in cleaned.flagged
    assert designs.clean(HISTORY, [somewhere], without=["store 03"]).cut == ()


def test_a_polluted_stretch_has_no_part_in_the_draw() -> None:
    values = HISTORY.values.copy()
    values[:12, 10:20] *= 9
    polluted = Panel(HISTORY.units, HISTORY.periods, values)
    calendar = [Campaign(10, 19)]
    one = designs.draw("cut", HISTORY, Rules((6,)), calendar)
    other = designs.draw("cut", polluted, Rules((6,)), calendar)
    assert one == other
    assert designs.draw("cut", polluted, Rules((6,))).blocks != one.blocks


def test_a_history_too_polluted_is_refused() -> None:
    with pytest.raises(CannotEstimate, match="7 periods of history are left"):
        designs.draw("late", HISTORY, Rules((6,)), [Campaign(7, 39)])
    with pytest.raises(CannotEstimate, match="nothing clean is left"):
        designs.draw("late", HISTORY, Rules((6,)), [Campaign(0, 39)])
    with pytest.raises(CannotEstimate, match="different kinds"):
        designs.draw("late", HISTORY, Rules((6,)), [Campaign("3", "4")])
    with pytest.raises(CannotEstimate, match="ends at 3, before it starts"):
        designs.draw("late", HISTORY, Rules((6,)), [Campaign(4, 3)])


@pytest.mark.parametrize(
    "rules, why",
    [
        (Rules(()), "one store or more"),
        (Rules((0,)), "one store or more"),
        (Rules((24,)), "some must be left"),
        (Rules((2,), forced=("nobody",)), "no unit nobody"),
        (Rules((2,), forced=("store 01",), forbidden=("store 01",)), "store 01 cannot be both"),
        (Rules((2,), strata={"store 01": "north"}), "stands in no stratum"),
    ],
)
def test_rules_that_cannot_be_kept_are_refused(rules: Rules, why: str) -> None:
    with pytest.raises(CannotEstimate, match=why):
        designs.draw("rules", HISTORY, rules)


def test_a_row_changed_afterwards_is_refused() -> None:
    row = designs.draw("row", HISTORY, Rules((6,))).as_row()
    chosen = [unit for unit in HISTORY.units if unit not in row["draw"]][:6]
    for changed in (
        {**row, "salt": "rows"},
        {**row, "forbidden": ["store 01"]},
        {**row, "fingerprint": "0" * 64},
        {**row, "draw": dict.fromkeys(chosen, 1)},
    ):
        with pytest.raises(CannotEstimate, match="changed after it was written"):
            designs.from_row(changed)
    with pytest.raises(CannotEstimate, match="not the row of a design"):
        designs.from_row({"salt": "row"})


def test_a_design_is_frozen() -> None:
    design = designs.draw("row", HISTORY, Rules((6,)))
    with pytest.raises(dataclasses.FrozenInstanceError):
        design.salt = "other"  # type: ignore[misc]
