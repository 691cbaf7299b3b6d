"""Statements live in .sql files, each under a name, and are found from the file beside them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

_NAME = re.compile(r"^-- name: *([a-z_][a-z0-9_]*) *$", re.MULTILINE)
_PARAMETER = re.compile(r"(?<![:\w]):([a-z_][a-z0-9_]*)")
# Strings and comments are passed over, so that a colon in them is no parameter.
_OPAQUE = re.compile(r"'(?:[^']|'')*'|--[^\n]*")
_NUMBERED = re.compile(r"\$([0-9]+)")
_WITH = re.compile(r"WITH\s+(RECURSIVE\s+)?")


@dataclass(frozen=True, eq=False)
class Statement:
    """One named statement: its text with $1…, and the order of its parameters."""

    name: str
    text: str
    parameters: tuple[str, ...]
    source: str
    # The row class whose fields were found to match the columns, so that it is checked once.
    checked: set[type] = field(default_factory=set, repr=False)


class Statements:
    """The statements of one subject, by name."""

    def __init__(self, by_name: dict[str, Statement], source: str) -> None:
        self._by_name = by_name
        self._source = source
        # Found as plain attributes from now on: the hot paths ask for each many times a second.
        vars(self).update(by_name)

    def __getattr__(self, name: str) -> Statement:
        try:
            return self._by_name[name]
        except KeyError:
            raise AttributeError(f"{self._source} has no statement named {name}") from None

    def all(self) -> list[Statement]:
        """List them, for the tests that prepare every one."""
        return list(self._by_name.values())


@cache
def read(path: Path) -> Statements:
    """Read the statements of one .sql file."""
    text = path.read_text(encoding="utf-8")
    pieces = _NAME.split(text)
    by_name: dict[str, Statement] = {}
    for name, body in zip(pieces[1::2], pieces[2::2], strict=True):
        if name in by_name:
            raise ValueError(f"{path.name} names {name} twice")
        by_name[name] = _statement(name, body, path.name)
    return Statements(by_name, path.name)


def statements(python_file: str) -> Statements:
    """Find the statements that lie beside a Python file."""
    return read(Path(python_file).with_suffix(".sql"))


@cache
def carrying(statement: Statement, carried: tuple[Statement, ...]) -> Statement:
    """Make one statement that also does what the carried ones do, on the same round trip.

    Each becomes a WITH of its own, so it must be a plain INSERT, UPDATE or DELETE; PostgreSQL
    runs it to its end whether or not the rest looks at it. Its parameters follow the statement's.
    """
    head = _WITH.match(statement.text)
    recursive = (head[1] or "") if head else ""
    rest = ", " + statement.text[head.end() :] if head else " " + statement.text
    withs: list[str] = []
    parameters = list(statement.parameters)
    for place, each in enumerate(carried):
        assert each.text.startswith(("INSERT", "UPDATE", "DELETE"))
        withs.append(f"carried_{place} AS ({_renumbered(each.text, len(parameters))})")
        parameters += [f"{name}_carried_{place}" for name in each.parameters]
    text = f"WITH {recursive}{', '.join(withs)}{rest}"
    return Statement(statement.name, text, tuple(parameters), statement.source)


def _renumbered(text: str, past: int) -> str:
    def later(found: re.Match[str]) -> str:
        return f"${int(found[1]) + past}"

    return _NUMBERED.sub(later, text)


def _statement(name: str, body: str, source: str) -> Statement:
    order: list[str] = []

    def number(match: re.Match[str]) -> str:
        if match[1] not in order:
            order.append(match[1])
        return f"${order.index(match[1]) + 1}"

    parts: list[str] = []
    position = 0
    for opaque in _OPAQUE.finditer(body):
        parts.append(_PARAMETER.sub(number, body[position : opaque.start()]))
        parts.append("" if opaque[0].startswith("--") else opaque[0])
        position = opaque.end()
    parts.append(_PARAMETER.sub(number, body[position:]))
    text = "".join(parts).strip().rstrip(";").strip()
    return Statement(name, text, tuple(order), source)
