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
from headwater.increment import experiments
from headwater.increment.ledger import Reading
from headwater.increment.programs import totals
from headwater.program import programs
from headwater.world.heart.effects import Effect
from headwater.world.heart.lives import Ways
from headwater.world.wanted import Guides, Push, Wanted

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


async def _lived(house: House, folder: Path, wanted: Wanted) -> Read:
    now = house.now
    house.times[0] = day_start(business_day(now)) - timedelta(weeks=wanted.weeks, days=1)
    town = await townsfolk.town(house, folder)
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
