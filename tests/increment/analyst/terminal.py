"""A terminal at which an analyst types; there is no database behind it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from headwater.cli import headwater

BAD_INPUT = 2
NOT_READABLE = 3


def typed(*arguments: str | Path, language: str = "en") -> Result:
    """Type a command at a terminal that reads some language."""
    runner = CliRunner(env={"HEADWATER_LANGUAGE": language})
    return runner.invoke(headwater, [str(each) for each in arguments])


def json_of(*arguments: str | Path) -> dict[str, Any]:
    """Type a command that must end well, and read its JSON."""
    ended = typed(*arguments, "--json")
    assert ended.exit_code == 0, ended.output
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


def refused(folder: Path, *arguments: str | Path) -> str:
    """Type a command that must be refused: one sentence, exit 2, and nothing written."""
    before = sorted(folder.rglob("*"))
    ended = typed(*arguments)
    assert ended.exit_code == BAD_INPUT, ended.output
    assert ended.stdout == ""
    assert ended.stderr.startswith("headwater: ")
    assert ended.stderr.count("\n") == 1, ended.stderr
    assert sorted(folder.rglob("*")) == before
    return ended.stderr


def check_number(number: dict[str, Any]) -> None:
    """Every number carries its doubt, its sample, its method and what was checked."""
    assert set(number) == {"estimate", "se", "interval", "p", "n", "method", "version", "guards"}
    low, high = number["interval"]
    assert low <= number["estimate"] <= high
    assert number["se"] > 0
    assert 0 <= number["p"] <= 1
    assert all(count > 0 for count in number["n"].values())
    assert number["method"]
    assert number["version"]
    assert number["guards"]
