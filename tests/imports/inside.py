"""An import inside a test's own transaction, of which nothing stays."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from tests.make import KEYS

from headwater.app.imports.kinds.kind import Act
from headwater.app.imports.run import KINDS, Outcome, Wish, run
from headwater.base.db import Db, Walls

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"


class Inside:
    """Opens what the import takes for a transaction: a savepoint of the test's."""

    def __init__(self, db: Db) -> None:
        self._db = db

    @asynccontextmanager
    async def transaction(self, walls: Walls) -> AsyncIterator[Db]:
        async with self._db.attempt():
            yield self._db


async def take(db: Db, kind: str, wish: Wish | Path, cause: str = "import:1") -> Outcome:
    """Import a file into a test's transaction."""
    given = Wish(wish) if isinstance(wish, Path) else wish
    return await run(Inside(db), KINDS[kind], given, Act(KEYS, NOW, cause))


async def take_examples(db: Db, folder: Path, *kinds: str) -> None:
    """Import the documented examples, from copies whose error files may lie beside them."""
    for kind in kinds:
        outcome = await take(db, kind, copied(folder, kind))
        assert not outcome.problems


def copied(folder: Path, kind: str) -> Path:
    """Copy the documented example of a kind to where a test may write."""
    file = folder / f"{kind}.csv"
    file.write_bytes((EXAMPLES / f"{kind}.csv").read_bytes())
    return file


def written(folder: Path, kind: str, *rows: str) -> Path:
    """Write a CSV of these rows, the first of which names the columns."""
    file = folder / f"{kind}-made.csv"
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return file
