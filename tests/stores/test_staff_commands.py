"""The first person of a new installation is let in at the terminal."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from headwater.base import ids
from headwater.cli import headwater


@pytest.fixture
def login() -> str:
    """A login that no other test has used in this database."""
    return f"first-{ids.code(8).lower()}"


class Terminal:
    """Types commands at one database."""

    def __init__(self, url: str, home: Path) -> None:
        self._environment = {"DATABASE_URL": url, "HEADWATER_HOME": str(home)}

    def types(self, *arguments: str, answer: str = "") -> Result:
        """Type a command, and what it asks for."""
        return CliRunner().invoke(headwater, arguments, input=answer, env=self._environment)

    def does(self, *arguments: str, answer: str = "") -> str:
        """Type a command that must end well."""
        ended = self.types(*arguments, answer=answer)
        assert ended.exit_code == 0, ended.output
        return ended.output


@pytest.fixture
def terminal(app_url: str, tmp_path: Path) -> Terminal:
    """A terminal at the tests' own database."""
    return Terminal(app_url, tmp_path)


def test_an_administrator_is_added_given_a_role_and_a_password(
    terminal: Terminal, login: str
) -> None:
    assert "headwater staff grant" in terminal.does("staff", "add", login, "--name", "林梅")
    terminal.does("staff", "grant", login, "admin")
    assert f"{login}  林梅  admin in company  (no password)" in terminal.does("staff", "list")
    terminal.does("staff", "password", login, answer="a good password\n")
    assert f"{login}  林梅  admin in company\n" in terminal.does("staff", "list")
    terminal.does("staff", "revoke", login, "admin")
    assert f"{login}  林梅  no role" in terminal.does("staff", "list")
    terminal.does("staff", "leave", login)
    assert login not in terminal.does("staff", "list")


def test_what_cannot_be_done_is_said_and_ends_badly(terminal: Terminal, login: str) -> None:
    for arguments, words in (
        (("staff", "grant", login, "admin"), f"nobody works here as {login}"),
        (("staff", "grant", login, "king"), "king"),
        (("staff", "leave", login), f"nobody works here as {login}"),
        (("staff", "add", login, "--name", "x", "--store", "NOWHERE"), "NOWHERE"),
    ):
        ended = terminal.types(*arguments)
        assert ended.exit_code != 0
        assert words in ended.output


def test_the_phone_somebody_shops_with_is_noted_and_forgotten(
    terminal: Terminal, login: str
) -> None:
    terminal.does("staff", "add", login, "--name", "林梅")
    assert "Noted" in terminal.does("staff", "phone", login, answer="138 0013 8000\n")
    assert "Forgotten" in terminal.does("staff", "phone", login, "--forget")
    ended = terminal.types("staff", "phone", login, answer="12\n")
    assert ended.exit_code != 0
    assert "not_a_phone" in repr(ended.exception)
    ended = terminal.types("staff", "phone", f"{login}-nobody", answer="13800138000\n")
    assert ended.exit_code != 0
    assert f"nobody works here as {login}-nobody" in ended.output
