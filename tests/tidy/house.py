"""What the checks know of the house: its files, floors, tables and front pages."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path("src") / "headwater"
# A comment's own colons and quotes say nothing about the statement.
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_STRING = re.compile(r"'(?:[^']|'')*'")
_CREATED = re.compile(r"CREATE (?:TABLE|VIEW|MATERIALIZED VIEW)(?: IF NOT EXISTS)? (\w+\.\w+)")
_DROPPED = re.compile(r"DROP (?:TABLE|VIEW|MATERIALIZED VIEW)(?: IF EXISTS)? (\w+\.\w+)")
_KIND = re.compile(r"COMMENT ON TABLE (\w+\.\w+) IS '(\w+):")
# The runner makes its own record before any migration runs.
_RUNNERS_OWN = {"base.migrations": "ground"}


@dataclass(frozen=True)
class FrontPage:
    """What a room says of itself."""

    owns: frozenset[str]
    readable: frozenset[str]
    announces: frozenset[str]
    begins: frozenset[str]


@dataclass(frozen=True)
class Block:
    """One named statement as it stands in its file, comments included."""

    file: Path
    name: str
    raw: str

    @property
    def bare(self) -> str:
        """Give the statement without comments and strings."""
        return without_words(self.raw)


def without_words(sql: str) -> str:
    """Take comments and strings out, so that what is left are names and keywords."""
    return _STRING.sub("''", _COMMENT.sub(" ", sql))


def rooms(root: Path) -> list[str]:
    """List the rooms that the floors name, from the top down."""
    return [room for floor in floors(root) for room in floor]


def floors(root: Path) -> list[list[str]]:
    """Read the floors from the contract that import-linter checks."""
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    layers = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    # Above all floors stands the module that Python runs; it is a door handle, not a room.
    rooms = [layer for layer in layers if layer != "__main__"]
    return [[room.strip() for room in layer.split("|")] for layer in rooms]


def below(root: Path, room: str) -> set[str]:
    """List the rooms downstairs of a room; neighbours do not know each other."""
    found = floors(root)
    own = next(index for index, floor in enumerate(found) if room in floor)
    return {each for floor in found[own + 1 :] for each in floor}


def room_of(root: Path, file: Path) -> str:
    """Tell in which room a file lies."""
    return file.relative_to(root / PACKAGE).parts[0]


def modules(root: Path, holding: Sequence[str] = ("",)) -> Iterator[tuple[Path, ast.Module]]:
    """Read every module of the package, or those only that hold one of some words."""
    yield from parsed(root / PACKAGE, holding)


def parsed(folder: Path, holding: Sequence[str] = ("",)) -> Iterator[tuple[Path, ast.Module]]:
    """Read every module under a folder that holds one of some words anywhere in its text."""
    for file in sorted(folder.rglob("*.py")):
        text = file.read_text(encoding="utf-8")
        if any(word in text for word in holding):
            yield file, ast.parse(text)


def blocks(root: Path) -> Iterator[Block]:
    """Read every named statement of the package."""
    for file in sorted((root / PACKAGE).rglob("*.sql")):
        if "migrations" in file.parts:
            continue
        pieces = re.split(r"^-- name: *(\w+) *$", file.read_text(encoding="utf-8"), flags=re.M)
        for name, raw in zip(pieces[1::2], pieces[2::2], strict=True):
            yield Block(file, name, raw)


def tables(root: Path) -> dict[str, str]:
    """Give every table and view that the migrations make, with the kind that its comment says."""
    found = dict(_RUNNERS_OWN)
    for file in sorted((root / "migrations").glob("[0-9]*.sql")):
        text = _COMMENT.sub(" ", file.read_text(encoding="utf-8"))
        found |= {name: found.get(name, "") for name in _CREATED.findall(text)}
        found |= dict(_KIND.findall(text))
        for name in _DROPPED.findall(text):
            found.pop(name, None)
    return found


def front_page(root: Path, room: str) -> FrontPage | None:
    """Read what a room says of itself, or None where it says nothing."""
    file = root / PACKAGE / room / "__init__.py"
    text = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    fields = dict(
        re.findall(
            r"^(Owns|Readable|Announces|Begins at)\s+(.*(?:\n[ \t]+\S.*)*)", text, flags=re.M
        )
    )
    if len(fields) < 4:
        return None
    return FrontPage(
        _names(fields["Owns"]),
        _names(fields["Readable"]),
        _names(fields["Announces"]),
        frozenset(re.findall(r"\b[a-z_]+\.[A-Za-z_]+\b", fields["Begins at"])),
    )


def _names(listed: str) -> frozenset[str]:
    """Read a list of names; a sentence instead of a list names nothing."""
    names = [each.strip() for each in listed.split(",")]
    return frozenset(each for each in names if re.fullmatch(r"\w+", each) and each != "nothing")
