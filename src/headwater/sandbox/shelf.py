"""Rows of one kind, found by key and written down as they change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from headwater.sandbox.journal import Journal

Row = TypeVar("Row")


class Shelf(Generic[Row]):
    """Rows of one kind by their key, each written down whenever it changes."""

    def __init__(
        self, journal: Journal, kind: str, row_type: type[Row], key: Callable[[Row], str]
    ) -> None:
        self._journal = journal
        self._kind = kind
        self._key = key
        self.rows: dict[str, Row] = {key(row): row for row in journal.rows(kind, row_type)}

    def put(self, row: Row) -> Row:
        """Keep the row in place of the one with its key."""
        self.rows[self._key(row)] = row
        self._journal.write(self._kind, row)
        return row

    def get(self, key: str) -> Row | None:
        """The row of a key."""
        return self.rows.get(key)

    def everything(self) -> list[Row]:
        """All rows in the order they first came."""
        return list(self.rows.values())

    def __len__(self) -> int:
        return len(self.rows)
