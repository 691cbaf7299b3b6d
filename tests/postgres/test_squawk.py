"""Migrations are linted: no statement that would stop a running shop."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests import grounds

from headwater.base.postgres import migrations

SQUAWK = Path(sys.executable).with_name("squawk")


def lint(*files: Path) -> subprocess.CompletedProcess[str]:
    config = grounds.CHECKOUT / ".squawk.toml"
    command = [str(SQUAWK), "--config", str(config), "--reporter", "gcc"]
    return subprocess.run([*command, *map(str, files)], capture_output=True, text=True)


def test_every_migration_can_run_beside_a_busy_shop() -> None:
    files = [
        each
        for each in sorted(migrations.folder().glob("*.sql"))
        if each.name != migrations.RECORDED_SCHEMA
    ]
    result = lint(*files)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE trade.orders ADD COLUMN touch_code text;",  # without a lock_timeout
        "SET LOCAL lock_timeout = '4s'; CREATE INDEX orders_more ON trade.orders (bucket, number);",
        "SET LOCAL lock_timeout = '4s'; ALTER TABLE trade.orders RENAME COLUMN number TO no;",
        "SET LOCAL lock_timeout = '4s'; ALTER TABLE trade.orders ALTER COLUMN door TYPE bigint;",
        "SET LOCAL lock_timeout = '4s'; ALTER TABLE trade.orders ADD CHECK (payable_fen > 0);",
        "SET LOCAL lock_timeout = '4s'; DROP TABLE trade.orders;",
    ],
)
def test_a_statement_that_would_stop_it_is_found(tmp_path: Path, statement: str) -> None:
    file = tmp_path / "0099_pre_bad.sql"
    file.write_text(statement + "\n")
    assert lint(file).returncode != 0
