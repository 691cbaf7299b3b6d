"""Everything wrong at once, while people buy and have their money back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from tests import grounds
from tests.faults.storm import weathered
from tests.house import House, raised

from headwater.base.postgres.supervisor import Cluster

ORDERS = 60


@pytest.fixture
async def own_house(cluster: Cluster, tmp_path: Path) -> AsyncIterator[House]:
    """A house whose books hold nothing but this storm's."""
    source = await grounds.template(cluster)
    async with (
        grounds.clone(cluster, source, "storm") as name,
        raised(grounds.url_of(cluster.app_url, name), tmp_path) as whole,
    ):
        yield whole


@pytest.mark.slow
async def test_a_storm_loses_nothing(
    own_house: House, record_property: Callable[[str, object], None]
) -> None:
    outcome = await weathered(own_house, ORDERS)
    record_property("table", outcome.table)
    assert outcome.states == {"refunded": 54, "closed": 6}
    assert outcome.is_clear, outcome.table
    assert outcome.paid_fen == outcome.refunded_fen > 0
    assert outcome.compared.differences == []
    assert outcome.compared.rows > 2 * 54
    assert outcome.balances_fen == {"wechat_pay:receivable": 0, "wechat_pay:unmatched": 0}
    assert outcome.broken == []
    assert outcome.open_incidents == {}
    assert all(hits > 0 for name, chances, hits in outcome.faults if chances > 30)
