"""One import of one file: read, checked, and taken in whole, or in part where that was asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from headwater.app.imports import columns, errors, files
from headwater.app.imports.columns import Record
from headwater.app.imports.errors import Problem
from headwater.app.imports.kinds.kind import Act, Kind, by_group
from headwater.app.imports.kinds.members import MEMBERS
from headwater.app.imports.kinds.orders import ORDERS
from headwater.app.imports.kinds.products import PRODUCTS
from headwater.app.imports.kinds.returns import RETURNS
from headwater.app.imports.kinds.stock import STOCK
from headwater.app.imports.kinds.stores import STORES
from headwater.base.db import SYSTEM, Db, Walls

KINDS = {kind.name: kind for kind in (PRODUCTS, STORES, STOCK, MEMBERS, ORDERS, RETURNS)}
ROWS_A_SET = 5_000

# Told how many rows are done of how many.
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Wish:
    """What to do with the file."""

    file: Path
    encoding: str = "utf-8"
    is_dry_run: bool = False
    skips_bad: bool = False


@dataclass(frozen=True)
class Outcome:
    """What came of it: how many rows there were, how many were good, how many things changed."""

    rows: int
    taken: int
    changed: int
    problems: list[Problem]
    error_file: Path | None
    was_written: bool


class Transactions(Protocol):
    """What opens a transaction: the pool, or a test inside one of its own."""

    def transaction(self, walls: Walls) -> AbstractAsyncContextManager[Db]:
        """Open a transaction inside these walls."""


class _Undo(Exception):
    """Ends the transaction of a dry run so that nothing of it stays."""


async def run(
    pool: Transactions, kind: Kind, wish: Wish, act: Act, progress: Progress = lambda *_: None
) -> Outcome:
    """Import a file: all rows or none, unless bad ones are to be skipped.

    A dry run does everything and undoes it, so that it says exactly what the real one would do.
    """
    sheet = files.read(wish.file, wish.encoding)
    parsed = columns.parse(wish.file.name, sheet, kind.columns(act.now))
    changed, good, problems = 0, list[Record](), list[Problem]()
    is_written = False
    try:
        async with pool.transaction(SYSTEM) as db:
            good, problems = await _sift(db, kind, act, parsed)
            if not problems or wish.skips_bad:
                changed = await _write(db, kind, act, good, progress)
                is_written = not wish.is_dry_run
            if not is_written:
                raise _Undo
    except _Undo:
        pass
    error_file = _say(wish.file, problems)
    return Outcome(len(sheet.lines), len(good), changed, problems, error_file, is_written)


async def _sift(
    db: Db, kind: Kind, act: Act, parsed: columns.Parsed
) -> tuple[list[Record], list[Problem]]:
    """Part the rows that can be taken from those that cannot, with every reason there is."""
    problems = parsed.problems + await kind.check(db, act, parsed.records)
    bad = {problem.line for problem in problems}
    good = [record for record in parsed.records if record.line not in bad]
    if kind.group_by is None:
        return good, problems
    return _whole_groups(kind.group_by, parsed, bad), problems


def _whole_groups(column: str, parsed: columns.Parsed, bad: set[int]) -> list[Record]:
    """Keep a group only where each of its rows is good, those included that could not be read."""
    spoilt = {
        record[column] for record in parsed.records if record.line in bad
    } | parsed.spoilt_groups(column)
    return [record for record in parsed.records if record[column] not in spoilt]


async def _write(
    db: Db, kind: Kind, act: Act, records: Sequence[Record], progress: Progress
) -> int:
    changed = done = 0
    for part in _sets(kind, records):
        changed += await kind.write(db, act, part)
        done += len(part)
        progress(done, len(records))
    return changed


def _sets(kind: Kind, records: Sequence[Record]) -> list[list[Record]]:
    """Cut rows into sets for one statement each, and never through a group."""
    pieces: list[list[Record]] = [[each] for each in records]
    if kind.group_by is not None:
        pieces = list(by_group(records, kind.group_by).values())
    sets: list[list[Record]] = []
    for piece in pieces:
        if not sets or len(sets[-1]) + len(piece) > ROWS_A_SET:
            sets.append([])
        sets[-1] += piece
    return sets


def _say(source: Path, problems: Sequence[Problem]) -> Path | None:
    """Write the error file beside the source, or take away the one of an earlier try."""
    file = errors.file_for(source)
    if not problems:
        file.unlink(missing_ok=True)
        return None
    errors.write(file, problems)
    return file
