"""What the sandbox must not forget: whole rows, one JSON line each, the last of a key counts."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, TypeVar

import msgspec

Row = TypeVar("Row")


class Journal:
    """Rows that outlive the process, so that a killed sandbox still knows whose money it took.

    A line is handed to the operating system before the answer leaves; a line cut short by a kill
    was never answered for, so it is dropped at the next start.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._kept: list[tuple[str, Any]] = []
        self._file: int | None = None
        if path is None:
            return
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        whole = path.read_bytes()
        end = whole.rfind(b"\n") + 1
        os.ftruncate(self._file, end)
        for line in whole[:end].splitlines():
            kind, row = msgspec.json.decode(line)
            self._kept.append((kind, row))

    def rows(self, kind: str, row_type: type[Row]) -> list[Row]:
        """The rows of one kind in the order they were written, older states of a row included."""
        return [
            msgspec.convert(row, row_type, strict=False) for of, row in self._kept if of == kind
        ]

    def write(self, kind: str, row: object) -> None:
        """Keep the row as it is now; without a file this is nothing."""
        if self._file is not None:
            os.write(self._file, msgspec.json.encode((kind, row)) + b"\n")

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
