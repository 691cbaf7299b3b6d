"""What every test may ask for: a database of its own kind, and no way out to the world."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from tests import grounds
from tests.house import House, raised

from headwater.base.db import SYSTEM, Db, Pool
from headwater.base.postgres import supervisor
from headwater.base.postgres.supervisor import Cluster

# Set to run the tests on members' tables that are spread over hash partitions.
PARTITIONED = os.environ.get("HEADWATER_TEST_PARTITIONED") == "1"
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


@pytest.fixture(scope="session")
async def database(cluster: Cluster) -> AsyncIterator[str]:
    """The name of this worker's own migrated database, in which what tests commit stays."""
    source = await grounds.template(cluster, partitioned=PARTITIONED)
    async with grounds.clone(cluster, source, "rooms") as name:
        yield name


@pytest.fixture(scope="session")
async def owner_url(cluster: Cluster, database: str) -> str:
    """How the owner of the tables reaches this worker's database."""
    return grounds.url_of(cluster.owner_url, database)


@pytest.fixture(scope="session")
async def app_url(cluster: Cluster, database: str) -> str:
    """How the application reaches this worker's database."""
    return grounds.url_of(cluster.app_url, database)


@pytest.fixture(scope="session")
async def pool(app_url: str) -> AsyncIterator[Pool]:
    """The application's connections to this worker's database."""
    opened = await Pool.open(app_url)
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
async def untouched(cluster: Cluster) -> AsyncIterator[Pool]:
    """Connections to a database in which nothing ever stays, so that no test meets another's."""
    source = await grounds.template(cluster, partitioned=PARTITIONED)
    async with grounds.clone(cluster, source, "untouched") as name:
        opened = await Pool.open(grounds.url_of(cluster.app_url, name))
        yield opened
        await opened.close()


@pytest.fixture
async def db(untouched: Pool) -> AsyncIterator[Db]:
    """A transaction that serves every member, and of which nothing stays."""
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
