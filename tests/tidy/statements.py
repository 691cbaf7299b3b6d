"""Statements: each is used, each stays in its room, each names the bucket of a member's rows."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.tidy import house
from tests.tidy.house import Block

_WRITTEN = re.compile(r"\b(?:INSERT INTO|UPDATE|DELETE FROM|MERGE INTO|TRUNCATE)\s+(\w+\.\w+)")
_NAMED = re.compile(r"\b[a-z_]+\.[a-z_0-9]+\b")
# Said in a statement's comment, with its reason, where rows of all members are meant.
_ACROSS = re.compile(r"^-- across buckets: \S+ \S+", re.MULTILINE)
_WITH_BUCKET = ("member", "lookup")


def complaints(root: Path) -> list[str]:
    """Say which statements are lost, missing, out of their room, or without a bucket."""
    return [*_use(root), *_borders(root), *_buckets(root), *_columns(root)]


def _use(root: Path) -> Iterator[str]:
    named = {(block.file, block.name) for block in house.blocks(root)}
    used = set()
    for file, tree in house.modules(root):
        beside = file.with_suffix(".sql")
        for holder in _holders(tree):
            if not beside.exists():
                yield f"{file.relative_to(root)}: has no {beside.name} beside it"
            used |= {(beside, name) for name in _asked_of(tree, holder)}
    for file, name in sorted(named - used):
        yield f"{file.relative_to(root)}: {name} is not used by the module beside it"
    for file, name in sorted(used - named):
        if file.exists():
            yield f"{file.relative_to(root)}: {name} is used, but is not there"


def _holders(tree: ast.Module) -> Iterator[str]:
    """Find the names that `statements(__file__)` is given to."""
    for node in tree.body:
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Call)
            and isinstance(node.value.func, ast.Name)
            and node.value.func.id == "statements"
        ):
            yield from (each.id for each in node.targets if isinstance(each, ast.Name))


def _asked_of(tree: ast.Module, holder: str) -> Iterator[str]:
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id == holder
            and node.attr != "all"
        ):
            yield node.attr


def _borders(root: Path) -> Iterator[str]:
    known = house.tables(root)
    schemas = {name.partition(".")[0] for name in known}
    for block in house.blocks(root):
        room = house.room_of(root, block.file)
        where = _where(root, block)
        written = set(_WRITTEN.findall(block.bare))
        for table in sorted(written):
            if table.partition(".")[0] != room:
                yield f"{where} writes {table}; only its own room may"
            elif table not in known:
                yield f"{where} writes {table}, which no migration makes"
        for table in sorted(set(_NAMED.findall(block.bare)) & known.keys() - written):
            owner, _, name = table.partition(".")
            if owner != room and not _may_read(root, room, owner, name):
                yield f"{where} reads {table}, which is not Readable from {room}"
        for table in sorted(_from(block)):
            if table.partition(".")[0] in schemas and table not in known:
                yield f"{where} reads {table}, which no migration makes"


def _from(block: Block) -> set[str]:
    return set(re.findall(r"\b(?:FROM|JOIN)\s+([a-z_]+\.[a-z_0-9]+)\b(?!\s*\()", block.bare))


def _may_read(root: Path, room: str, owner: str, table: str) -> bool:
    if owner not in house.below(root, room):
        return False
    # The app audits the whole house (app/invariants.sql), so it looks into every room.
    if room == "app":
        return True
    page = house.front_page(root, owner)
    return page is not None and table in page.readable


def _buckets(root: Path) -> Iterator[str]:
    spread = {name for name, kind in house.tables(root).items() if kind in _WITH_BUCKET}
    for block in house.blocks(root):
        touched = sorted(set(_NAMED.findall(block.bare)) & spread)
        if not touched or _ACROSS.search(block.raw):
            continue
        if not re.search(r"\bbucket\b", block.bare):
            yield (
                f"{_where(root, block)} touches {touched[0]} without naming bucket; "
                f"name it, or say '-- across buckets: why'"
            )


def _columns(root: Path) -> Iterator[str]:
    for block in house.blocks(root):
        if re.search(r"\bSELECT\s+(?:\w+\.)?\*|\bRETURNING\s+\*", block.bare):
            yield f"{_where(root, block)} selects *; name the columns"


def _where(root: Path, block: Block) -> str:
    return f"{block.file.relative_to(root)}: {block.name}"
