"""Tables: an analyst's file, opened so that only its sums come into memory.

DuckDB scans the file with two threads and bounded memory, whatever its size, and reaches neither
the network nor any file that was not named. What a file cannot say clearly is refused with the
column and the number of rows; nothing is guessed or left out in silence.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import duckdb

from headwater.base.errors import BadInput
from headwater.insight.lake import Export

MEMORY_LIMIT: Final = "3000MB"
THREADS: Final = 2

WHOLE: Final = {
    "boolean", "tinyint", "smallint", "integer", "bigint", "hugeint",
    "utinyint", "usmallint", "uinteger", "ubigint",
}  # fmt: skip
_SMALL: Final = {
    "boolean", "tinyint", "smallint", "integer", "utinyint", "usmallint", "uinteger",
}  # fmt: skip
_LARGE: Final = {"hugeint", "ubigint"}
FRACTIONAL: Final = {"float", "double", "decimal"}
_DELIMITERS: Final = (",", ";", "\t")


@dataclass(frozen=True)
class Source:
    """Where the rows lie: a file, or the files of a table of the lake."""

    name: str
    files: tuple[Path, ...]

    @classmethod
    def of(cls, file: Path) -> Source:
        """Take one file."""
        return cls(file.name, (file,))

    @classmethod
    def of_lake(cls, dataset: str, folder: Path, exports: Sequence[Export]) -> Source:
        """Take the files that the lake's own record names; others that lie there are waste."""
        files = [folder / each.file for each in exports if each.dataset == dataset]
        if not files:
            raise BadInput("FILE", f"the lake has no table {dataset}, or nothing lies in it yet")
        return cls(f"lake:{dataset}", tuple(sorted(files)))


@dataclass(frozen=True)
class Number:
    """A column of numbers as an expression, and the engine's kind of number that holds it.

    Small ones are whole and of 32 bits: a double adds up two million of them without rounding.
    """

    name: str
    expression: str
    kind: str
    is_small: bool = False

    @property
    def is_whole(self) -> bool:
        """Tell whether all of them are whole, so that their sums are exact."""
        return self.kind != "DOUBLE"


@dataclass(frozen=True)
class Table:
    """Rows that can be asked for sums; they are read when they are asked, and not before."""

    name: str
    connection: duckdb.DuckDBPyConnection
    relation: duckdb.DuckDBPyRelation
    kinds: dict[str, str]

    def column(self, name: str, option: str) -> str:
        """Give a column's name as it stands in a statement."""
        if name not in self.kinds:
            known = ", ".join(self.kinds)
            raise BadInput(option, f"there is no column {name} in {self.name}; it has {known}")
        return quoted(name)

    def number(self, name: str, option: str, is_wide: bool = False) -> Number:
        """Give a column of numbers; whole ones stay whole, in 128 bits where 64 may not do."""
        column, kind = self.column(name, option), self.kinds[name].partition("(")[0]
        if kind in WHOLE:
            width = "HUGEINT" if is_wide or kind in _LARGE else "BIGINT"
            return Number(name, f"{column}::{width}", width, kind in _SMALL and not is_wide)
        if kind in FRACTIONAL:
            return Number(name, f"{column}::DOUBLE", "DOUBLE")
        # Text it is also where a file says inf; that is refused later, with its count.
        self._refuse_text(name, option)
        return Number(name, f"{column}::DOUBLE", "DOUBLE")

    def moment(self, column: str, value: str, option: str) -> str:
        """Give a moment as it is compared with a column, in the column's own kind."""
        kind = self.kinds[column]
        if kind == "varchar":
            why = f"the column {column} holds text that is no date; dates are written 2026-11-30"
            raise BadInput(option, why)
        cast = f"CAST({literal(value)} AS {kind})"
        try:
            self.connection.execute(f"SELECT {cast}")
        except duckdb.Error:
            why = f"{value} is no moment of the column {column}, which holds a {kind}"
            raise BadInput(option, why) from None
        return cast

    def one(self, relation: duckdb.DuckDBPyRelation) -> tuple[Any, ...]:
        """Give the one row of an aggregate."""
        row = relation.fetchone()
        assert row is not None
        return tuple(row)

    def _refuse_text(self, name: str, option: str) -> None:
        column = quoted(name)
        odd = f"{column} IS NOT NULL AND TRY_CAST({column} AS DOUBLE) IS NULL"
        asked = f"count(*) FILTER (WHERE {odd}), min({column}::VARCHAR) FILTER (WHERE {odd})"
        count, first = self.one(self.relation.aggregate(asked))
        if count:
            why = f"the column {name} holds {count:,} values that are no numbers"
            raise BadInput(option, f"{why}, as {first[:40]!r}")


@contextmanager
def opened(source: Source) -> Iterator[Table]:
    """Open a source for one reading; what the engine stumbles over becomes one sentence."""
    for file in source.files:
        if not file.is_file():
            raise BadInput("FILE", f"there is no file {file}")
    with TemporaryDirectory(prefix="headwater-measure-") as spill:
        connection = duckdb.connect(
            config={
                "threads": THREADS,
                "memory_limit": MEMORY_LIMIT,
                "temp_directory": spill,
                "preserve_insertion_order": False,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            }
        )
        try:
            connection.execute("SET enable_progress_bar = false")
            relation = _relation(connection, source)
            kinds = dict(
                zip(relation.columns, (str(kind).lower() for kind in relation.types), strict=True)
            )
            table = Table(source.name, connection, relation, kinds)
            if relation.limit(1).fetchone() is None:
                raise BadInput("FILE", f"{source.name} has no rows")
            yield table
        except duckdb.Error as error:
            raise BadInput("FILE", f"{source.name} cannot be read: {_sentence(error)}") from error
        finally:
            connection.close()


def quoted(name: str) -> str:
    """Write a column's name so that it is nothing but a name."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Write a text so that it is nothing but a text."""
    return "'" + text.replace("'", "''") + "'"


def _relation(connection: duckdb.DuckDBPyConnection, source: Source) -> duckdb.DuckDBPyRelation:
    names = [file.name.lower() for file in source.files]
    paths = [_plain(file) for file in source.files]
    if all(name.endswith(".parquet") for name in names):
        return connection.read_parquet(paths, union_by_name=len(paths) > 1)
    if len(paths) == 1 and names[0].endswith((".csv", ".csv.gz")):
        return connection.read_csv(
            paths[0],
            header=True,
            skiprows=0,
            delimiter=_delimiter(source.files[0]),
            quotechar='"',
            escapechar='"',
            strict_mode=True,
        )
    raise BadInput("FILE", f"{source.name} is neither .csv, .csv.gz nor .parquet")


def _plain(file: Path) -> str:
    """Refuse a name that would mean several files."""
    path = str(file.absolute())
    if set(path) & set("*?[]{}"):
        raise BadInput(
            "FILE", f"the path {path} holds one of * ? [ ] {{ }}, which stand for others"
        )
    return path


def _delimiter(file: Path) -> str:
    """Find what parts the columns, and refuse a first row that does not name each once."""
    opening = gzip.open if file.name.lower().endswith(".gz") else open
    try:
        with opening(file, "rt", encoding="utf-8-sig", newline="") as lines:
            first = lines.readline(1_000_000)
    except (UnicodeDecodeError, gzip.BadGzipFile, EOFError):
        raise BadInput("FILE", f"{file.name} is not in UTF-8") from None
    delimiter = max(_DELIMITERS, key=first.count)
    names = next(csv.reader([first], delimiter=delimiter), [])
    if not any(name.strip() for name in names):
        raise BadInput("FILE", f"{file.name} has no first row that names the columns")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BadInput("FILE", f"{file.name} names the column {twice[0]} twice")
    return delimiter


def _sentence(error: duckdb.Error) -> str:
    """Take the lines of the engine's message that tell what is wrong and where."""
    if isinstance(error, duckdb.OutOfMemoryException):
        return f"it needs more than the {MEMORY_LIMIT} that a reading may use"
    told = [line.strip() for line in str(error).splitlines() if line.strip()]
    return " ".join(_kept(told)).removeprefix("Invalid Input Error: ")[:300]


def _kept(told: Sequence[str]) -> Iterator[str]:
    for number, line in enumerate(told[:4]):
        if line.startswith(("Possible", "*", "Column ", "The search space", "This type")):
            break
        if number == 0 or not line.startswith("Original Line"):
            yield line
