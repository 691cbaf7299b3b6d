"""Commands started in processes of their own, out of one that has loaded everything already."""

from __future__ import annotations

import multiprocessing
import os
import sys
from dataclasses import dataclass
from pathlib import Path

SECONDS = 60


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it left."""

    code: int
    said: str
    complained: str


def run(folder: Path, environment: dict[str, str], *arguments: str) -> Ended:
    """Run one of our commands to its end."""
    context = multiprocessing.get_context("forkserver")
    # Loading takes a second, and there are many starts.
    loaded = ["headwater.cli.demo", "headwater.cli.running", "pytest", "tests.faults.starting"]
    context.set_forkserver_preload(loaded)
    process = context.Process(target=_main, args=(str(folder), environment, arguments))
    process.start()
    process.join(SECONDS)
    code = process.exitcode
    if code is None:
        process.kill()
        process.join()
        raise AssertionError(f"{arguments} went on: {_read(folder, 'err')}")
    return Ended(code, _read(folder, "out"), _read(folder, "err"))


def _main(folder: str, environment: dict[str, str], arguments: tuple[str, ...]) -> None:
    """Be the command: its environment, its arguments and its output, and nothing of ours."""
    for number, name in ((1, "out"), (2, "err")):
        file = os.open(Path(folder, name), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(file, number)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["headwater", *arguments]
    from headwater.cli import main

    main()


def _read(folder: Path, name: str) -> str:
    return (folder / name).read_text(encoding="utf-8")
