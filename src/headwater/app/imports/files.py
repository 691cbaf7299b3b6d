"""CSV, XLSX and Parquet, read as rows of text, with every way a file can be wrong said plainly."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

from headwater.base.errors import BadInput

BYTES_MOST = 512 * 1024 * 1024
ROWS_MOST = 5_000_000
CELL_MOST = 32_767
# A spreadsheet is a zip: what it unpacks to decides how much memory it takes.
UNPACKED_MOST = 1024 * 1024 * 1024
UNPACKED_TIMES_MOST = 200
ENTRIES_MOST = 2_000
ENCODINGS = ("utf-8", "gbk", "gb18030", "big5", "utf-16")


@dataclass(frozen=True)
class Line:
    """One row of a file: where it stands, and its cells by column name."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Sheet:
    """The columns of a file and its rows, in the order of the file."""

    columns: tuple[str, ...]
    lines: list[Line]


def read(file: Path, encoding: str = "utf-8") -> Sheet:
    """Read a file by its ending; raises BadInput for a file that cannot be read at all."""
    _refuse_strange(file)
    ending = file.suffix.lower()
    if ending in (".csv", ".txt", ".tsv"):
        rows = _csv(file, encoding)
    elif ending == ".xlsx":
        rows = _xlsx(file)
    elif ending == ".parquet":
        rows = _parquet(file)
    else:
        raise BadInput(file.name, "the file must end in .csv, .xlsx or .parquet")
    return _sheet(file, rows)


def _refuse_strange(file: Path) -> None:
    if not file.exists():
        raise BadInput(file.name, f"there is no file {file}")
    if not file.is_file():
        raise BadInput(file.name, f"{file} is not a file")
    size = file.stat().st_size
    if size == 0:
        raise BadInput(file.name, "the file is empty")
    if size > BYTES_MOST:
        raise BadInput(file.name, f"the file has {size:,} bytes; at most {BYTES_MOST:,} are read")


def _sheet(file: Path, rows: Iterator[list[Any]]) -> Sheet:
    first = next(rows, None)
    if first is None:
        raise BadInput(file.name, "the file is empty")
    columns = tuple(_text(cell).strip().lower() for cell in first)
    while columns and not columns[-1]:
        columns = columns[:-1]
    doubled = sorted({name for name in columns if columns.count(name) > 1})
    if not columns or doubled or "" in columns:
        raise BadInput(
            file.name, f"the first row must name every column once; found {', '.join(columns)}"
        )
    lines: list[Line] = []
    for number, cells in enumerate(rows, start=2):
        texts = [_text(cell).strip() for cell in cells]
        if not any(texts):
            continue
        if len(lines) >= ROWS_MOST:
            raise BadInput(file.name, f"the file has more than {ROWS_MOST:,} rows; split it")
        if any(texts[len(columns) :]):
            raise BadInput(file.name, f"line {number} has more cells than there are columns")
        texts += [""] * (len(columns) - len(texts))
        lines.append(Line(number, dict(zip(columns, texts, strict=False))))
    if not lines:
        raise BadInput(file.name, "the file has column names and no rows")
    return Sheet(columns, lines)


def _csv(file: Path, encoding: str) -> Iterator[list[Any]]:
    """Read a CSV; a byte order mark is dropped, a separator other than the comma is recognised."""
    text = _decoded(file, encoding)
    csv.field_size_limit(CELL_MOST)
    first_row = text.split("\n", 1)[0]
    separator = max(",;\t", key=first_row.count)
    try:
        yield from csv.reader(text.splitlines(keepends=True), delimiter=separator, strict=True)
    except csv.Error as error:
        raise BadInput(file.name, f"this is not a CSV file: {error}") from error


def _decoded(file: Path, encoding: str) -> str:
    raw = file.read_bytes()
    if raw.startswith((b"PK\x03\x04", b"PAR1")):
        raise BadInput(file.name, "the file is a spreadsheet or Parquet under the name of a CSV")
    try:
        text = raw.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except (UnicodeDecodeError, LookupError) as error:
        hint = _other_encoding(raw) if encoding == "utf-8" else None
        advice = f"; it looks like {hint.upper()}: add --encoding {hint}" if hint else ""
        raise BadInput(file.name, f"the file is not {encoding.upper()}{advice}") from error
    if "\x00" in text:
        raise BadInput(file.name, "the file has zero bytes in it: it is not a text file")
    return text


def _other_encoding(raw: bytes) -> str | None:
    """Guess what Excel in China saves: a text that is not UTF-8 and is whole in GBK."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    for encoding in ("gbk", "gb18030"):
        try:
            raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    return None


def _xlsx(file: Path) -> Iterator[list[Any]]:
    _refuse_bombs(file)
    try:
        # Formulas are read as such: what they came to is the other program's opinion.
        book = openpyxl.load_workbook(file, read_only=True, data_only=False, keep_links=False)
    except Exception as error:  # openpyxl raises whatever its XML parser raised.
        raise BadInput(file.name, f"the spreadsheet cannot be opened: {error}") from error
    try:
        if book.active is None:
            raise BadInput(file.name, "the spreadsheet has no sheet")
        for row in book.active.iter_rows(values_only=True):
            yield list(row)
    finally:
        book.close()


def _refuse_bombs(file: Path) -> None:
    """Refuse a spreadsheet that would unpack to more than a spreadsheet is worth."""
    try:
        with zipfile.ZipFile(file) as packed:
            entries = packed.infolist()
    except zipfile.BadZipFile as error:
        raise BadInput(file.name, "this is not an XLSX file") from error
    unpacked = sum(entry.file_size for entry in entries)
    times = unpacked / max(sum(entry.compress_size for entry in entries), 1)
    if len(entries) > ENTRIES_MOST or unpacked > UNPACKED_MOST or times > UNPACKED_TIMES_MOST:
        raise BadInput(
            file.name,
            f"the spreadsheet unpacks to {unpacked:,} bytes, {times:.0f} times its size; "
            "save it anew or as CSV",
        )


def _parquet(file: Path) -> Iterator[list[Any]]:
    try:
        opened = pq.ParquetFile(file)
    except (pa.ArrowException, OSError) as error:
        raise BadInput(file.name, f"this is not a Parquet file: {error}") from error
    if opened.metadata.num_rows > ROWS_MOST:
        raise BadInput(file.name, f"the file has more than {ROWS_MOST:,} rows; split it")
    names = opened.schema_arrow.names
    yield list(names)
    for batch in opened.iter_batches(batch_size=20_000):
        for row in zip(*(batch.column(name).to_pylist() for name in names), strict=True):
            yield list(row)


def _text(cell: Any) -> str:
    """Write a cell as its column would be typed."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, (date, Decimal)):
        return str(cell)
    return str(cell)
