"""Everything works the same when members' tables are spread over hash partitions by bucket.

The rooms of members' tables run on partitions always (tests/conftest.py); here the doors do.
PostgreSQL then refuses by itself every unique key without the bucket, and every conflict clause
that names another one: what a sharded PostgreSQL would refuse as well.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from tests import grounds

from headwater.base.postgres.supervisor import Cluster

# The doors that write to members' tables, and all statements of all rooms.
CHOSEN = [
    *sorted(
        str(each.relative_to(grounds.CHECKOUT))
        for kind in ("api", "guide", "hooks", "scango", "senders", "storefront")
        for each in (grounds.CHECKOUT / "tests/doors").glob(f"test_{kind}*.py")
    ),
    "tests/test_tidy.py::test_every_statement_prepares",
    "tests/test_distribution.py::test_every_table_of_every_room_keeps_the_rules",
]


async def _partitions(cluster: Cluster) -> int:
    source = await grounds.template(cluster, partitioned=True)
    async with (
        grounds.clone(cluster, source, "partitions") as name,
        grounds.admin(cluster, name) as connection,
    ):
        found = await connection.fetchval(
            "SELECT count(*) FROM pg_class WHERE relkind = 'p' AND NOT relispartition"
        )
        return int(found)


async def test_every_members_table_is_spread(cluster: Cluster) -> None:
    source = await grounds.template(cluster)
    async with (
        grounds.clone(cluster, source, "kinds") as name,
        grounds.admin(cluster, name) as connection,
    ):
        said = await connection.fetchval(
            "SELECT count(*) FROM pg_class WHERE relkind = 'r' "
            "AND obj_description(oid, 'pg_class') ~ '^(member|lookup):'"
        )
    assert await _partitions(cluster) == said > 20


@pytest.mark.slow
def test_the_doors_work_on_partitions(cluster: Cluster) -> None:
    assert cluster.process_id() is not None
    environment = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
    chosen = [each for each in CHOSEN if (grounds.CHECKOUT / each.partition(":")[0]).exists()]
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", *chosen],
        cwd=grounds.CHECKOUT,
        env={**environment, "HEADWATER_TEST_PARTITIONED": "1"},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout[-6000:]
