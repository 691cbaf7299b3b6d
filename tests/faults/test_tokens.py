"""One token for all processes, also where the one that renews it is killed."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from tests import grounds

from headwater.base import ids
from headwater.connect.tokens import LEASE_SECONDS

PATIENCE_SECONDS = 40.0


async def renewer(
    url: str, folder: Path, name: str, later: int, mode: str
) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.faults.renewer",
        url,
        str(folder),
        name,
        str(later),
        mode,
        cwd=grounds.CHECKOUT,
        stdout=asyncio.subprocess.PIPE,
    )


async def said(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE_SECONDS):
        return (await process.stdout.readline()).decode().strip()


def asked(folder: Path) -> int:
    return len((folder / "asked").read_text().splitlines())


async def test_three_processes_of_thirty_tasks_ask_once(app_url: str, tmp_path: Path) -> None:
    name = f"app:{ids.code(12)}"
    processes = [await renewer(app_url, tmp_path, name, 0, "answer") for _ in range(3)]
    assert {await said(each) for each in processes} == {"token-1"}
    assert asked(tmp_path) == 1
    for each in processes:
        await each.wait()


async def test_a_renewer_killed_in_the_middle_is_replaced_by_one_other(
    app_url: str, tmp_path: Path
) -> None:
    name = f"app:{ids.code(12)}"
    dying = await renewer(app_url, tmp_path, name, 0, "hang")
    assert await said(dying) == "asking"
    dying.kill()
    await dying.wait()
    later = LEASE_SECONDS + 1
    living = [await renewer(app_url, tmp_path, name, later, "answer") for _ in range(3)]
    assert {await said(each) for each in living} == {"token-2"}
    assert asked(tmp_path) == 2
    for each in living:
        await each.wait()
