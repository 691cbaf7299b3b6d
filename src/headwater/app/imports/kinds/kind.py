"""What every kind of file gives: columns, a check against the database, and the writing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Container, Sequence
from dataclasses import dataclass
from datetime import datetime

from headwater.app.imports.columns import Column, Record
from headwater.app.imports.errors import Problem
from headwater.base.crypto import Keys
from headwater.base.db import Db


@dataclass(frozen=True)
class Act:
    """Whose import this is: the keys that seal, the moment, and the brand where no row names one.

    `cause` names this run in ledgers that ask for a cause; `app_id` is the official account whose
    open ids members come with.
    """

    keys: Keys
    now: datetime
    cause: str
    brand: str | None = None
    app_id: str = ""


@dataclass(frozen=True)
class Kind:
    """One kind of file. `check` finds what does not fit; `write` tells how many things changed."""

    name: str
    things: str
    columns: Callable[[datetime], tuple[Column, ...]]
    check: Callable[[Db, Act, Sequence[Record]], Awaitable[list[Problem]]]
    write: Callable[[Db, Act, Sequence[Record]], Awaitable[int]]
    # Rows with the same value here are one thing: a bad one takes the others with it.
    group_by: str | None = None


def repeated(records: Sequence[Record], column: str) -> list[Problem]:
    """Find what stands in a column twice although it must be there once; the first one counts."""
    seen: dict[str, int] = {}
    found = []
    for record in records:
        value = str(record[column])
        if value and value in seen:
            why = f"stands in line {seen[value]} already"
            found.append(Problem(record.line, column, value, why))
        seen.setdefault(value, record.line)
    return found


def unknown(
    records: Sequence[Record], column: str, known: Container[str], what: str
) -> list[Problem]:
    """Find what a column names and nobody knows."""
    return [
        Problem(record.line, column, record[column], f"there is no {what} with this code")
        for record in records
        if record[column] and record[column] not in known
    ]


def by_group(records: Sequence[Record], column: str) -> dict[str, list[Record]]:
    """Gather rows that are one thing, in the order of the file."""
    groups: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        groups[record[column]].append(record)
    return groups
