"""A table of the lake is read by the lake's own record, and by nothing that merely lies there."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.increment.analyst.files import members, parquet_of

from headwater.base import ids
from headwater.base.errors import BadInput
from headwater.cli import headwater
from headwater.increment.analyst import members as analyst
from headwater.increment.analyst.arms import Question
from headwater.increment.analyst.tables import Source
from headwater.insight.lake import Export

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def test_only_the_files_that_the_record_names_are_read(tmp_path: Path) -> None:
    halves = members(400, seed=1), members(400, seed=2)
    exports = []
    for day, columns in enumerate(halves, start=1):
        file = parquet_of(tmp_path, columns, f"day-{day}.parquet")
        exports.append(
            Export(ids.new(), "tests", date(2026, 11, day), file.name, 400, 0, b"", NOON)
        )
    parquet_of(tmp_path, members(400, seed=3), "left-over.parquet")
    source = Source.of_lake("tests", tmp_path, exports)
    found = analyst.read(source, Question("arm", "holdout", ("spent",)))
    assert found.rows == 800
    assert found.source == "lake:tests"
    with pytest.raises(BadInput, match="no table others"):
        Source.of_lake("others", tmp_path, exports)


def test_a_table_that_the_lake_does_not_have_is_refused(app_url: str, tmp_path: Path) -> None:
    asked = ("--arm", "arm", "--control", "holdout", "--outcome", "spent")
    ended = CliRunner().invoke(
        headwater,
        ["measure", "members", "lake:nothing", *asked],
        env={"DATABASE_URL": app_url, "HEADWATER_HOME": str(tmp_path)},
    )
    assert ended.exit_code == 2
    assert "the lake has no table nothing" in ended.stderr
