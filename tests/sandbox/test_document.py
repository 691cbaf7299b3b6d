"""The sandbox's document says what the sandbox does."""

from __future__ import annotations

import re
from pathlib import Path

from tests.sandbox.merchant import NOON

from headwater.sandbox import make_credentials, serve
from headwater.sandbox.faults import Faults
from headwater.sandbox.pay.limits import LIMITS
from headwater.sandbox.scenario import read_script

DOCUMENT = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text(encoding="utf-8")


def row(name: str) -> str:
    """The row of a table that begins with these words."""
    found = re.search(rf"^\| {re.escape(name)} \|(.*)\|$", DOCUMENT, re.MULTILINE)
    assert found, f"docs/sandbox.md has no row {name}"
    return found[1].replace(",", "")


def test_every_limit_of_the_pay_host_stands_there_with_its_number() -> None:
    for name, limit in LIMITS.items():
        assert re.search(rf"\b{limit.most}\b", row(name)), name


def test_every_misbehaviour_stands_there() -> None:
    assert [one for one in Faults.__struct_fields__ if f"`{one}`" not in DOCUMENT] == []


def test_every_section_of_the_credentials_stands_there() -> None:
    known = make_credentials(1, NOON)
    assert [one for one in known if f"`{one}`" not in DOCUMENT] == []


def test_every_host_stands_there_at_its_port() -> None:
    for place, name in enumerate(serve.ORDER):
        assert f"| +{place} | `{name}` |" in DOCUMENT


def test_the_scenario_of_the_document_is_understood(tmp_path: Path) -> None:
    found = re.search(r"```toml\n(.*?)```", DOCUMENT, re.DOTALL)
    assert found
    file = tmp_path / "scenario.toml"
    file.write_text(found[1], encoding="utf-8")
    assert [one.fault for one in read_script(file).rule] == [
        *("drop_next", "delay_seconds", "hang_next")
    ]
