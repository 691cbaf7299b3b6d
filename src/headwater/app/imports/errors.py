"""What is wrong with a file, row by row, and the file that says so."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HEADINGS = ("line", "column", "what", "why")
# A cell that begins with one of these is a formula to a spreadsheet program.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True)
class Problem:
    """One thing in one row that cannot be taken in."""

    line: int
    column: str
    what: str
    why: str


class BadCell(Exception):
    """A cell does not hold what its column must hold; the message says why."""


def file_for(source: Path) -> Path:
    """Give the name of the error file that belongs to a source file."""
    return source.with_name(f"{source.name}.errors.csv")


def write(file: Path, problems: Sequence[Problem]) -> None:
    """Write the problems so that Excel opens them with the right signs and runs nothing."""
    with file.open("w", encoding="utf-8-sig", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(HEADINGS)
        for each in sorted(problems, key=lambda one: (one.line, one.column)):
            cells = (each.column, each.what, each.why)
            writer.writerow([each.line, *(harmless(cell) for cell in cells)])


def harmless(cell: str) -> str:
    """Put a quote before what a spreadsheet would calculate."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell
