"""Preparing the demo: the year is loaded, people get phones, and some weeks are lived."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import anyio
import httpx2
import msgspec

from headwater.app import building as wiring
from headwater.app.channels import open_channels
from headwater.app.demo import waves, weeks
from headwater.app.demo.households import town_of
from headwater.app.demo.weeks import Stage
from headwater.app.ground import Ground
from headwater.app.imports.complete_journey import load as journey
from headwater.app.imports.complete_journey import people, source
from headwater.app.imports.complete_journey.people import Followed
from headwater.app.serve import credentials_file, keys_of
from headwater.base.db import Pool
from headwater.base.errors import Trouble
from headwater.base.postgres import migrate
from headwater.base.settings import Settings
from headwater.base.times import business_day, day_start, system_clock
from headwater.sandbox import Sandbox, at_hosts, make_credentials, make_sandbox, read_credentials
from headwater.sandbox.serve import hosts_at
from headwater.web.kit.building import Building
from headwater.world.wanted import Wanted

SEED = 20
DEMO_FILE = "demo.json"

Say = Callable[[str], None]
Progress = Callable[[str, int, int], None]


@dataclass
class Prepared:
    """What the demo prints, kept for the second start."""

    logins: dict[str, str]
    password: str
    truth_file: str = ""


async def prepare(
    settings: Settings, ground: Ground, wanted: Wanted, say: Say, progress: Progress
) -> Prepared:
    """Make everything that is not there yet; the second time there is nothing to do."""
    done = settings.home / DEMO_FILE
    await migrate.apply(ground.owner_url)
    if done.exists():
        kept: Prepared = msgspec.json.decode(done.read_bytes(), type=Prepared)
        return kept
    now = system_clock()
    starts_at = day_start(business_day(now)) - timedelta(weeks=wanted.weeks, days=1)
    times = [starts_at]
    sandbox = open_sandbox(settings, times)
    try:
        await load_year(settings, ground, sandbox, starts_at, say, progress)
        async with opened_here(settings, ground, sandbox, times) as building:
            await open_channels(building)
            say(f"living {wanted.weeks} weeks with a true lift of {wanted.true_lift:.0%}")
            with tempfile.TemporaryDirectory() as folder:
                stage = Stage(building, sandbox, times, Path(folder), progress)
                town = await anyio.to_thread.run_sync(town_of, sandbox)
                lived = await weeks.live_them(stage, town, wanted, now)
            await waves.plan(building.pool, say, now)
    finally:
        await sandbox.close()
    truth_file = settings.home / "truth.json"
    lived.truth.save(truth_file, lived.causes)
    known = lived.furnished
    prepared = Prepared(known.logins, known.password, str(truth_file))
    _write_private(done, msgspec.json.format(msgspec.json.encode(prepared), indent=1))
    return prepared


def open_sandbox(settings: Settings, times: list[datetime]) -> Sandbox:
    """Open the sandbox in this process, on the files that its own process will go on with."""
    file = credentials_file(settings)
    hosts = hosts_at(settings.host, settings.sandbox_port)
    known = read_credentials(file) if file.exists() else make_credentials(SEED, system_clock())
    known = at_hosts(known, hosts)
    file.parent.mkdir(parents=True, exist_ok=True)
    _write_private(file, msgspec.json.format(msgspec.json.encode(known), indent=1))
    state = file.with_name(file.name + ".state.jsonl")
    return make_sandbox(SEED, 1.0, lambda: times[0], None, known, state)


async def load_year(
    settings: Settings,
    ground: Ground,
    sandbox: Sandbox,
    before: datetime,
    say: Say,
    progress: Progress,
) -> None:
    """Load the year that ends before the simulated weeks begin."""
    appid = sandbox.credentials["official_account"]["appid"]
    openids = _phones(sandbox, appid)
    plan = journey.Plan(
        source.folder(), source.shift_to(before), Followed(appid, lambda who: openids(who))
    )
    owner = await Pool.open(ground.owner_url, 2)
    try:
        report = await journey.load(owner, keys_of(settings), plan, before, progress)
    finally:
        await owner.close()
    if report.differences():
        raise Trouble(f"the import differs from its source in {report.differences()}")
    found = report.database
    say(
        f"{found.stores} stores, {found.products:,} products, {found.households:,} members, "
        f"{found.baskets:,} baskets, {found.lines:,} lines, {found.campaigns} campaigns"
    )


def _phones(sandbox: Sandbox, appid: str) -> Callable[[str], str]:
    """Give every household somebody with a phone, who follows the service account."""
    known = {person.phone_number: person for person in sandbox.people.everybody()}

    def openid(external_id: str) -> str:
        number = people.phone(int(external_id.removeprefix("cj-")))
        person = known.get(number) or sandbox.people.create(external_id, number)
        known[number] = person
        return sandbox.people.openid(person, appid)

    return openid


@asynccontextmanager
async def opened_here(
    settings: Settings, ground: Ground, sandbox: Sandbox, times: list[datetime]
) -> AsyncIterator[Building]:
    """Open the building in this process, with a clock that the simulated weeks move."""
    pool = await ground.pool(settings.pool_size)
    http = sandbox.client(transport=httpx2.ASGITransport(sandbox.apps["phone"]))
    known = dict(sandbox.credentials)
    try:
        yield wiring.build(settings, pool, keys_of(settings), known, http, lambda: times[0])
    finally:
        await http.aclose()
        await pool.close()


def _write_private(file: Path, content: bytes) -> None:
    part = file.with_name(file.name + ".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as open_file:
        open_file.write(content)
    part.replace(file)
