"""Columns: which a kind of file has, which it must have, and a file checked against them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from headwater.app.imports.cells import Parse
from headwater.app.imports.errors import BadCell, Problem
from headwater.app.imports.files import Sheet
from headwater.base.errors import BadInput


@dataclass(frozen=True)
class Column:
    """One column: how a cell is read, and what an empty cell means."""

    name: str
    parse: Parse
    about: str
    is_required: bool = False
    otherwise: Any = ""


@dataclass(frozen=True)
class Record:
    """A row whose every cell could be read."""

    line: int
    values: dict[str, Any]

    def __getitem__(self, column: str) -> Any:
        return self.values[column]


@dataclass(frozen=True)
class Parsed:
    """The rows that could be read, and what is wrong with the others."""

    records: list[Record]
    problems: list[Problem]
    unread: list[dict[str, str]]

    def spoilt_groups(self, column: str) -> set[str]:
        """Tell which groups have a row that could not be read."""
        return {cells.get(column, "") for cells in self.unread}


def parse(file_name: str, sheet: Sheet, columns: Sequence[Column]) -> Parsed:
    """Read every row; raises BadInput where whole columns are missing or unknown."""
    names = [column.name for column in columns]
    missing = [
        column.name for column in columns if column.is_required and column.name not in sheet.columns
    ]
    if missing:
        raise BadInput(file_name, f"columns are missing: {', '.join(missing)}")
    unknown = [name for name in sheet.columns if name not in names]
    if unknown:
        raise BadInput(
            file_name, f"unknown columns: {', '.join(unknown)}; known are {', '.join(names)}"
        )
    found = Parsed([], [], [])
    for line in sheet.lines:
        values: dict[str, Any] = {}
        wrong = len(found.problems)
        for column in columns:
            cell = line.cells.get(column.name, "")
            try:
                values[column.name] = _value(column, cell)
            except BadCell as bad:
                found.problems.append(Problem(line.number, column.name, cell[:80], str(bad)))
        if len(found.problems) == wrong:
            found.records.append(Record(line.number, values))
        else:
            found.unread.append(line.cells)
    return found


def _value(column: Column, cell: str) -> Any:
    if cell:
        return column.parse(cell)
    if column.is_required:
        raise BadCell("must not be empty")
    return column.otherwise
