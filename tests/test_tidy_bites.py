"""Each house rule is shown to bite: what is planted in a small and tidy house is found."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests import grounds
from tests.tidy import fronts, house, sizes, statements, words

SOURCE = "src/headwater"
MEMBERS_PAGE = '''"""Members: who buys.

Owns       people, finders
Readable   people
Announces  MemberJoined
Begins at  people.join
"""
'''
TRADE_PAGE = '''"""Trade: the sale.

Owns       orders
Readable   orders
Announces  (nothing)
Begins at  orders.place
"""
'''
MIGRATION = """-- 0001_pre_rooms.sql
CREATE SCHEMA members;
CREATE TABLE members.people (bucket smallint, id uuid);
COMMENT ON TABLE members.people IS 'member: somebody';
CREATE TABLE members.finders (bucket smallint, id uuid);
COMMENT ON TABLE members.finders IS 'lookup: who it is';
CREATE SCHEMA trade;
CREATE TABLE trade.orders (bucket smallint, id uuid);
COMMENT ON TABLE trade.orders IS 'member: an order';
"""
ORDERS_SQL = """-- name: place
-- A sale of somebody's.
INSERT INTO trade.orders (bucket, id)
SELECT people.bucket, people.id
  FROM members.people
 WHERE people.bucket = :bucket;
"""
ORDERS = '''"""Orders."""

sql = statements(__file__)


def place(total_fen: int) -> object:
    """Place it."""
    return sql.place, total_fen
'''
BASE_PAGE = '''"""Base: the ground.

Owns       migrations
Readable   (none)
Announces  (nothing)
Begins at  db.open
"""
'''
TIDY = {
    f"{SOURCE}/base/__init__.py": BASE_PAGE,
    f"{SOURCE}/base/db.py": '"""Db."""\n\n\ndef open() -> None:\n    """Open."""\n',
    f"{SOURCE}/members/__init__.py": MEMBERS_PAGE,
    f"{SOURCE}/members/people.py": '"""People."""\n\n\ndef join() -> None:\n    """Join."""\n',
    f"{SOURCE}/members/events.py": '"""Facts."""\n\n\nclass MemberJoined:\n    """Joined."""\n',
    f"{SOURCE}/trade/__init__.py": TRADE_PAGE,
    f"{SOURCE}/trade/errors.py": '"""No."""\n\n\nclass SoldOut(Refusal):\n    """Sold out."""\n',
    f"{SOURCE}/trade/orders.py": ORDERS,
    f"{SOURCE}/trade/orders.sql": ORDERS_SQL,
    f"{SOURCE}/web/kit/wording/refusals.toml": (
        '[refusal]\nzh = "不行。"\nen = "No."\n[sold_out]\nzh = "售罄。"\nen = "Sold out."\n'
    ),
    "migrations/0001_pre_rooms.sql": MIGRATION,
    "requirements.in": "click==8.5.1\n",
    "requirements.lock": "click==8.5.1 \\\n    --hash=sha256:00\n",
    "tests/test_orders.py": '"""Tests."""\n',
}


@pytest.fixture
def tidy_house(tmp_path: Path) -> Path:
    """A house of the real floors with two small rooms, nothing wrong with it."""
    shutil.copy(grounds.CHECKOUT / "pyproject.toml", tmp_path)
    for room in [*house.rooms(tmp_path), "base/postgres", "."]:
        folder = tmp_path / SOURCE / room
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "__init__.py").write_text('"""A room."""\n')
    (tmp_path / SOURCE / "__main__.py").write_text('"""The handle of the door."""\n')
    for door in ("kit", "storefront", "scango", "guide", "console", "api", "hooks"):
        (tmp_path / SOURCE / "web" / door).mkdir()
        (tmp_path / SOURCE / "web" / door / "__init__.py").write_text('"""A door."""\n')
    for name, text in TIDY.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return tmp_path


def plant(root: Path, name: str, text: str) -> None:
    """Write a file, or after a leading '+' add to the one that is there."""
    file = root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    before = file.read_text() if text.startswith("+") else ""
    file.write_text(before + text.removeprefix("+"))


ALL = [sizes.complaints, statements.complaints, words.complaints, fronts.complaints]


def test_the_small_house_is_tidy(tidy_house: Path) -> None:
    assert [line for complaints in ALL for line in complaints(tidy_house)] == []


def _function(lines: int) -> str:
    return '"""Long."""\n\n\ndef long() -> None:\n' + "    long()\n" * (lines - 1)


TRADE = f"{SOURCE}/trade"
PLANTED: list[tuple[Callable[[Path], list[str]], str, str, str]] = [
    (sizes.complaints, f"{TRADE}/long.py", _function(61), "long has 61 lines"),
    (sizes.complaints, f"{TRADE}/long.py", _function(50) * 2, "more than 40 lines"),
    (sizes.complaints, f"{TRADE}/many.py", '"""M."""\n' * 401, "split it by subject"),
    (sizes.complaints, f"{TRADE}/wide.sql", "-- " + "x" * 98, "101 characters"),
    (sizes.complaints, f"{TRADE}/f.py", "def f(a, b, c, d, e, g, h): ...", "takes 7 parameters"),
    (sizes.complaints, f"{SOURCE}/web/kit/page.html", "<p>\n" * 81, "a template has 80"),
    (statements.complaints, f"{TRADE}/orders.sql", "+\n-- name: more\nSELECT 1;", "is not used"),
    (statements.complaints, f"{TRADE}/orders.py", "+\nsql.gone\n", "gone is used, but is not"),
    (statements.complaints, f"{TRADE}/alone.py", "sql = statements(__file__)", "has no alone.sql"),
    (
        statements.complaints,
        f"{TRADE}/orders.sql",
        "-- name: place\nUPDATE members.people SET id = :id WHERE bucket = :bucket;",
        "writes members.people; only its own room may",
    ),
    (
        statements.complaints,
        f"{TRADE}/orders.sql",
        "-- name: place\nSELECT id FROM members.finders WHERE bucket = :bucket;",
        "reads members.finders, which is not Readable",
    ),
    (
        statements.complaints,
        f"{SOURCE}/members/up.sql",
        "-- name: up\nSELECT id FROM trade.orders WHERE bucket = :bucket;",
        "reads trade.orders, which is not Readable from members",
    ),
    (
        statements.complaints,
        f"{TRADE}/orders.sql",
        "-- name: place\nSELECT id FROM trade.order WHERE bucket = :bucket;",
        "reads trade.order, which no migration makes",
    ),
    (
        statements.complaints,
        f"{TRADE}/orders.sql",
        "-- name: place\n-- by bucket\nSELECT id FROM trade.orders WHERE id = 'bucket';",
        "without naming bucket",
    ),
    (
        statements.complaints,
        f"{TRADE}/orders.sql",
        "-- name: place\n-- across buckets:\nSELECT id FROM trade.orders;",
        "without naming bucket",
    ),
    (
        statements.complaints,
        f"{TRADE}/orders.sql",
        "-- name: place\nSELECT * FROM trade.orders WHERE bucket = :bucket;",
        "selects *",
    ),
    (words.complaints, f"{TRADE}/w.py", "x = datetime.now(UTC)", "datetime.now; pass now"),
    (words.complaints, f"{TRADE}/w.py", "x = os.environ['A']", "os.environ; read it in"),
    (words.complaints, f"{TRADE}/w.py", "print('x')", "print; use a logger"),
    (words.complaints, f"{TRADE}/w.py", "import httpx2", "httpx2; ask an adapter"),
    (words.complaints, f"{TRADE}/w.py", "from random import choice", "random; use base.ids"),
    (words.complaints, f"{TRADE}/w.py", "class A:\n    paid_fen: float", "paid_fen is a float"),
    (words.complaints, f"{TRADE}/w.py", "def f(a_fen: float | None): ...", "a_fen is a float"),
    (words.complaints, f"{TRADE}/w.py", "def total_fen() -> float: ...", "total_fen is a float"),
    (words.complaints, "tests/test_orders.py", "from unittest.mock import Mock", "unittest.mock"),
    (words.complaints, "tests/test_orders.py", "def test(monkeypatch): ...", "monkeypatch"),
    (words.complaints, "tests/test_orders.py", "time.sleep(1)", "wait for a condition"),
    (words.complaints, "README.md", "See /wo" + "rk/main.", "does not belong here"),
    (words.complaints, "README.md", "Data in ../sha" + "red/data.", "does not belong here"),
    (fronts.complaints, f"{TRADE}/__init__.py", '"""Trade."""', "its front page must say"),
    (
        fronts.complaints,
        f"{TRADE}/__init__.py",
        TRADE_PAGE.replace("Owns       orders", "Owns       orders, carts"),
        "trade: says it owns carts",
    ),
    (
        fronts.complaints,
        "migrations/0002_pre_more.sql",
        "CREATE TABLE trade.carts (id uuid);",
        "trade: owns carts, but its front page does not say so",
    ),
    (
        fronts.complaints,
        "migrations/0002_pre_more.sql",
        "CREATE TABLE till.carts (id uuid);",
        "the schema till belongs to no room",
    ),
    (
        fronts.complaints,
        f"{TRADE}/__init__.py",
        TRADE_PAGE.replace("Readable   orders", "Readable   orders, payments"),
        "others may read payments, which it does not own",
    ),
    (fronts.complaints, f"{TRADE}/events.py", "class OrderPaid: ...", "trade: announces OrderPaid"),
    (
        fronts.complaints,
        f"{TRADE}/__init__.py",
        TRADE_PAGE.replace("(nothing)", "OrderPaid"),
        "says it announces OrderPaid",
    ),
    (
        fronts.complaints,
        f"{TRADE}/__init__.py",
        TRADE_PAGE.replace("orders.place", "orders.sell"),
        "names orders.sell, which is not there",
    ),
    (
        fronts.complaints,
        f"{TRADE}/errors.py",
        "class Gone(Refusal): ...\nclass CartGone(Gone): ...\nclass SoldOut(Refusal): ...",
        "[cart_gone] has no zh",
    ),
    (
        fronts.complaints,
        f"{SOURCE}/{fronts.WORDING.relative_to(SOURCE)}",
        "+[x]\nzh = 'x'\n",
        "[x]",
    ),
    (fronts.complaints, "requirements.in", "click==8.5.2", "click==8.5.2 is not locked"),
    (fronts.complaints, "requirements.lock", "\nclick==8.5.1\n", "click==8.5.1 has no hash"),
    (fronts.complaints, "requirements.lock", "+--index-url x", "names a host"),
]


@pytest.mark.parametrize(
    "complaints, name, text, expected",
    PLANTED,
    ids=[f"{number}-{planted[3]}" for number, planted in enumerate(PLANTED)],
)
def test_what_is_planted_is_found(
    tidy_house: Path,
    complaints: Callable[[Path], list[str]],
    name: str,
    text: str,
    expected: str,
) -> None:
    plant(tidy_house, name, text)
    found = complaints(tidy_house)
    assert any(expected in line for line in found), found


def test_a_statement_may_say_why_it_goes_across_buckets(tidy_house: Path) -> None:
    text = (
        "-- name: place\n-- across buckets: the sweep asks everyone\nSELECT id FROM trade.orders;"
    )
    plant(tidy_house, f"{TRADE}/orders.sql", text)
    assert statements.complaints(tidy_house) == []


def lint_imports(root: Path) -> subprocess.CompletedProcess[str]:
    """Hold the contracts of pyproject.toml against another tree."""
    program = Path(sys.executable).with_name("lint-imports")
    environment = {**os.environ, "PYTHONPATH": str(root / "src")}
    command = [str(program), "--no-cache", "--config", str(root / "pyproject.toml")]
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True)


def test_the_small_house_keeps_all_contracts(tidy_house: Path) -> None:
    result = lint_imports(tidy_house)
    assert "4 kept, 0 broken" in result.stdout, result.stdout


@pytest.mark.parametrize(
    "name, text, broken",
    [
        ("base/up.py", "import headwater.trade", "Floors"),
        ("deals/side.py", "import headwater.scango", "Floors"),
        ("attic/__init__.py", "", "Floors"),
        ("web/guide/side.py", "import headwater.web.console", "Doors"),
        ("web/kit/up.py", "import headwater.web.api", "Doors"),
        ("web/annex/__init__.py", "", "Doors"),
        ("sandbox/down.py", "import headwater.connect", "Sandbox"),
        ("sandbox/down.py", "import headwater.trade", "Sandbox"),
        ("trade/page.py", "import jinja2", "Business"),
        ("members/call.py", "from httpx2 import Client", "Business"),
        ("books/serve.py", "from starlette.responses import Response", "Business"),
    ],
)
def test_each_contract_bites(tidy_house: Path, name: str, text: str, broken: str) -> None:
    plant(tidy_house, f"{SOURCE}/{name}", text)
    result = lint_imports(tidy_house)
    assert result.returncode != 0
    verdicts = [line for line in result.stdout.splitlines() if line.endswith((" KEPT", " BROKEN"))]
    assert [line.partition(":")[0] for line in verdicts if line.endswith("BROKEN")] == [
        broken
    ] or "Missing layers" in result.stdout, result.stdout
