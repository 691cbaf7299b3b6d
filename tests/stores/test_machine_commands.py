"""A system outside is let in at the terminal, and let go there."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from headwater.base import ids
from headwater.cli import headwater


def typed(url: str, home: Path, *arguments: str) -> Result:
    environment = {"DATABASE_URL": url, "HEADWATER_HOME": str(home)}
    return CliRunner().invoke(headwater, ["machine", *arguments], env=environment)


def test_a_machine_gets_its_key_once_and_is_let_go(app_url: str, tmp_path: Path) -> None:
    name = f"loyalty-{ids.code(6).lower()}"
    added = typed(app_url, tmp_path, "add", name, "--may", "holdouts.read")
    assert (added.exit_code, len(added.output.strip())) == (0, 43)
    assert f"{name}: holdouts.read in every brand" in typed(app_url, tmp_path, "list").output
    assert typed(app_url, tmp_path, "add", name, "--may", "holdouts.read").exit_code != 0
    assert typed(app_url, tmp_path, "end", name).output == f"{name} may ask no more.\n"
    assert name not in typed(app_url, tmp_path, "list").output


def test_a_scope_that_does_not_exist_is_refused(app_url: str, tmp_path: Path) -> None:
    for wrong in (("--may", "everything"), ("--may", "holdouts.read", "--brand", "nobodys")):
        assert typed(app_url, tmp_path, "add", ids.code(), *wrong).exit_code != 0
