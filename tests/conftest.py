"""What every test may ask for: a database of its own kind, and no way out to the world."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests import grounds
from tests.house import House, raised

from headwater.base.db import SYSTEM, Db, Pool
from headwater.base.postgres import supervisor
from headwater.base.postgres.supervisor import Cluster

# Set to run all tests on members' tables that are spread over hash partitions.
PARTITIONED = os.environ.get("HEADWATER_TEST_PARTITIONED") == "1"
# The rooms whose tables are members': they run on partitions always, and on plain tables through
# the doors. What PostgreSQL refuses there, a sharded one would refuse as well.
ON_PARTITIONS = ("trade", "gate", "guides")
_OURS = ("127.", "::1", "localhost")


def _stay_at_home(event: str, details: tuple[object, ...]) -> None:
    """Refuse every connection that leaves this machine."""
    if event != "socket.connect":
        return
    address = details[1]
    if isinstance(address, tuple) and not str(address[0]).startswith(_OURS):
        raise ConnectionRefusedError(f"a test tried to reach {address[0]}")


sys.addaudithook(_stay_at_home)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what is slow, and leave out what needs a browser where there is none.

    A slow module that comes last lets the other worker wait for it. In CI there must be a browser.
    """
    slow = {each.path for each in items if each.get_closest_marker("slow")}
    items.sort(key=lambda each: each.path not in slow)
    needy = [each for each in items if each.get_closest_marker("browser")]
    if not needy or shutil.which("chromium") or shutil.which("chromium-browser"):
        return
    if os.environ.get("CI") == "true":
        raise pytest.UsageError("Chromium is missing, and in CI the browser tests must run")
    for each in needy:
        each.add_marker(pytest.mark.skip(reason="Chromium is missing"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the tables that tests have recorded, wherever they ran."""
    for report in terminalreporter.getreports("passed"):
        for name, table in report.user_properties:
            if name == "table":
                terminalreporter.section(report.nodeid, sep="-")
                terminalreporter.write_line(str(table))


class _Undo(Exception):
    """Ends a test's transaction so that nothing of it stays."""


@pytest.fixture(scope="session")
async def cluster() -> AsyncIterator[Cluster]:
    """The server under all tests of this checkout; workers and runs share it."""
    found = await supervisor.start(grounds.HOME, grounds.SETTINGS)
    yield found
    await found.stop()


@dataclass
class Lent:
    """This worker's databases for rooms, each with the application's connections to it."""

    cluster: Cluster
    until: AsyncExitStack
    pools: dict[str, Pool] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    async def database(self, purpose: str, *, partitioned: bool = PARTITIONED) -> str:
        """Lend a migrated database, the same one for a purpose each time, by its name."""
        kind = f"{purpose}_{'spread' if partitioned else 'plain'}"
        if kind not in self.names:
            source = await grounds.template(self.cluster, partitioned=partitioned)
            clone = grounds.clone(self.cluster, source, kind)
            self.names[kind] = await self.until.enter_async_context(clone)
        return self.names[kind]

    async def pool(self, purpose: str, test: Path) -> Pool:
        """Lend connections to a database, with partitions where a test's room is on them."""
        room = test.relative_to(grounds.CHECKOUT / "tests").parts[0]
        partitioned = PARTITIONED or room in ON_PARTITIONS
        name = await self.database(purpose, partitioned=partitioned)
        if name not in self.pools:
            opened = await Pool.open(grounds.url_of(self.cluster.app_url, name))
            self.until.push_async_callback(opened.close)
            self.pools[name] = opened
        return self.pools[name]


@pytest.fixture(scope="session")
async def lent(cluster: Cluster) -> AsyncIterator[Lent]:
    """The databases that rooms borrow, each made when the first test asks for it."""
    async with AsyncExitStack() as until:
        yield Lent(cluster, until)


@pytest.fixture(scope="session")
async def owner_url(cluster: Cluster, lent: Lent) -> str:
    """How the owner of the tables reaches the database in which what tests commit stays."""
    return grounds.url_of(cluster.owner_url, await lent.database("rooms"))


@pytest.fixture(scope="session")
async def app_url(cluster: Cluster, lent: Lent) -> str:
    """How the application reaches the database in which what tests commit stays."""
    return grounds.url_of(cluster.app_url, await lent.database("rooms"))


@pytest.fixture
async def pool(lent: Lent, request: pytest.FixtureRequest) -> Pool:
    """The application's connections to a database in which what tests commit stays."""
    return await lent.pool("rooms", request.path)


@pytest.fixture
async def db(lent: Lent, request: pytest.FixtureRequest) -> AsyncIterator[Db]:
    """A transaction that serves every member, and of which nothing stays.

    Its database is one in which nothing ever stays, so that no test meets another's rows.
    """
    untouched = await lent.pool("untouched", request.path)
    with suppress(_Undo):
        async with untouched.transaction(SYSTEM) as transaction:
            yield transaction
            raise _Undo


@pytest.fixture(scope="session")
async def house(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """A whole building on a database of its own, in which what tests do stays done."""
    source = await grounds.template(cluster, partitioned=PARTITIONED)
    async with grounds.clone(cluster, source, "house") as name:
        url = grounds.url_of(cluster.app_url, name)
        async with raised(url, tmp_path_factory.mktemp("house")) as whole:
            yield whole
