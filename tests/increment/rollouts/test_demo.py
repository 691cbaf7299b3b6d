"""The demo's own wave: planned where the past suffices, and left out with a word where not."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from tests.increment.rollouts import town
from tests.increment.rollouts.test_guards import Same
from tests.increment.rollouts.town import NOW

from headwater.app.demo import waves
from headwater.base.db import Db
from headwater.increment.rollouts import rollouts


async def test_a_demo_has_a_wave_to_launch(db: Db) -> None:
    brand = await town.built(db, named=("0-town", "T"))
    said: list[str] = []
    pool: Any = SimpleNamespace(transaction=lambda _walls: Same(db))
    assert await waves.plan(pool, said.append, NOW)
    (planned,) = await rollouts.of_brand(db, brand.brand_id)
    assert (planned.code, planned.state, planned.wave_sizes) == ("self-checkout", "planned", [6])
    assert await rollouts.launch(db, planned.id, None, NOW)
    # A second time there is nothing to plan, and the demo goes on.
    assert not await waves.plan(pool, said.append, NOW)
    assert "rollout_exists" in said[-1]


async def test_without_a_past_the_demo_says_why(db: Db) -> None:
    await town.built(db, count=2, named=("0-town", "T"))
    await db.raw.execute("DELETE FROM insight.daily_sales")
    said: list[str] = []
    pool: Any = SimpleNamespace(transaction=lambda _walls: Same(db))
    assert not await waves.plan(pool, said.append, NOW)
    assert "two stores or more" in said[0]
