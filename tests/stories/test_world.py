"""A small world lives through the doors, and what the product reads is held against its truth."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.house import House
from tests.stories import townsfolk

from headwater.app.demo import weeks
from headwater.app.demo.weeks import Stage
from headwater.base.db import SYSTEM
from headwater.base.times import business_day, day_start
from headwater.increment import experiments, ledger
from headwater.increment.ledger import Reading
from headwater.increment.programs import totals
from headwater.increment.rollouts import rollouts
from headwater.program import programs
from headwater.stores import places
from headwater.world.heart.effects import Effect
from headwater.world.heart.lives import Ways
from headwater.world.wanted import Guides, Push, Rollout, Wanted

BOUGHT = {"on_ordered": "yes", "ordered_least": "1", "ordered_days": "400", "how": "all"}
RECALL = Push(Effect("recall", "message", 1.0, spread=0.5), "老客召回", 0, 28, rule=BOUGHT)
SMALL = Wanted(
    members=700,
    weeks=4,
    true_lift=0.08,
    seed=4,
    brand="drug",
    programme_holdout_percent=40,
    ways=Ways(online_share=0.02, returns_share=0.05),
    guides=Guides(working=1),
    pushes=(RECALL,),
)


@dataclass(frozen=True)
class Read:
    """What the product says of the quarter, and what is true."""

    total: Reading
    known: dict[str, Any]

    @property
    def caused_fen(self) -> int:
        """What was truly caused among the treated, net of what was brought back."""
        return int(self.known["programme"]["treated"]["caused"]["net_fen"])


async def test_a_true_effect_lies_in_the_interval_of_the_total(
    own_house: House, tmp_path: Path
) -> None:
    found = await _lived(own_house, tmp_path, SMALL)
    assert found.total.p is not None, found.total.why
    assert found.total.low_fen is not None
    assert found.total.high_fen is not None
    assert found.total.low_fen <= found.caused_fen <= found.total.high_fen
    programme = found.known["programme"]
    assert 0.04 < programme["true_lift_share"] < 0.14
    assert programme["held_out"]["caused"]["orders"] == 0
    assert programme["held_out"]["would_have_been_caused_fen"] > 0
    everything = [
        programme[arm][why] for arm in ("treated", "held_out") for why in ("anyway", "caused")
    ]
    sold, given_back = await _in_the_books(own_house)
    assert sum(each["sold_fen"] for each in everything) == sold
    assert sum(each["returned_fen"] for each in everything) == given_back > 0


async def test_where_nothing_is_caused_nothing_is_claimed(own_house: House, tmp_path: Path) -> None:
    found = await _lived(own_house, tmp_path, replace(SMALL, true_lift=0.0))
    assert found.caused_fen == 0
    assert found.total.state in ("not_enough", "none_seen"), found.total.state


async def test_links_sent_past_the_gate_are_found_and_nothing_is_read(
    own_house: House, tmp_path: Path
) -> None:
    leaky = replace(SMALL, members=250, weeks=2, leak=0.1, guides=Guides(working=1, lift=3.0))
    found = await _lived(own_house, tmp_path, leaky)
    assert (found.total.state, found.total.why) == ("not_readable", "leak")
    assert found.total.estimate_fen is None
    assert found.known["programme"]["held_out"]["caused"]["orders"] > 0


async def test_stores_that_start_in_waves_sell_more_and_are_read_to_do_so(
    own_house: House, tmp_path: Path
) -> None:
    stores = tuple(f"S{number:02d}" for number in range(12))
    bread = Rollout("bread", "现烤面包", "Bread", 1.0, sizes=(5,), wave_weeks=3, spread=0.2)
    wanted = replace(SMALL, brand="grocery", members=400, rollouts=(bread,))
    found = await _lived(own_house, tmp_path, wanted, stores, past_days=84)
    (truth,) = found.known["rollouts"]
    async with own_house.building.transaction(SYSTEM) as db:
        (rollout,) = await rollouts.of_brand(db, (await places.brands(db))[0].id)
        parts = {each.unit: each.wave for each in await rollouts.places_of(db, rollout.id)}
        row = await ledger.latest(db, rollout.id)
    # Tills heard of the very stores that the lot drew, and only those sold more.
    assert {code: each["wave"] for code, each in truth["stores"].items()} == parts
    assert {code for code, each in truth["stores"].items() if each["caused_fen"]} == {
        code for code, wave in parts.items() if wave
    }
    assert truth["page"] == f"/console/waves/{rollout.id}"
    assert row is not None
    assert rollout.state == "read", row.why
    assert row.low_fen is not None
    assert row.high_fen is not None
    assert 0 < row.low_fen <= truth["caused"]["net_fen"] <= row.high_fen
    # Both arms of the programme went to the same stores, and its figure is none the greater.
    programme = found.known["programme"]
    assert all(programme[arm]["by_stores"]["orders"] > 0 for arm in ("treated", "held_out"))
    assert found.total.low_fen is not None
    assert found.total.high_fen is not None
    assert found.total.low_fen <= found.caused_fen <= found.total.high_fen


async def test_a_town_of_few_stores_rolls_nothing_out(own_house: House, tmp_path: Path) -> None:
    bread = Rollout("bread", "现烤面包", "Bread", 0.5, sizes=(9,), wave_weeks=1)
    wanted = replace(SMALL, members=60, weeks=1, pushes=(), rollouts=(bread,))
    found = await _lived(own_house, tmp_path, wanted)
    (truth,) = found.known["rollouts"]
    assert (truth["page"], truth["caused"]["orders"]) == (None, 0)


async def _lived(
    house: House,
    folder: Path,
    wanted: Wanted,
    stores: tuple[str, ...] = townsfolk.STORES,
    past_days: int = townsfolk.PAST_DAYS,
) -> Read:
    now = house.now
    house.times[0] = day_start(business_day(now)) - timedelta(weeks=wanted.weeks, days=1)
    town = replace(await townsfolk.town(house, folder, stores), past_days=past_days)
    stage = Stage(house.building, house.sandbox, house.times, folder)
    lived = await weeks.live_them(stage, town, wanted, now)
    async with house.building.transaction(SYSTEM) as db:
        program = (await programs.every(db))[0]
        asked = await experiments.of_brand(db, program.brand_id)
        first = next(each for each in asked if each.kind == "program" and each.epoch == 1)
        total = (await totals.of_programs(db, [first.id]))[-1]
    return Read(total, lived.truth.known(lived.causes))


async def _in_the_books(house: House) -> tuple[int, int]:
    """What the product itself has of the weeks that were lived, sold and given back."""
    async with house.building.transaction(SYSTEM) as db:
        row = await db.raw.fetchrow(
            "SELECT sum(payable_fen)::bigint AS sold, sum(refunded_fen)::bigint AS back"
            " FROM trade.orders WHERE paid_at >= (SELECT min(launched_at)"
            " FROM increment.experiments)"
        )
    return int(row["sold"]), int(row["back"])
