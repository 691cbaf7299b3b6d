"""What rooms say of themselves is true: front pages, refusals, recorded versions."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from tests.tidy import house
from tests.tidy.house import PACKAGE, FrontPage

WORDING = PACKAGE / "web" / "kit" / "wording" / "refusals.toml"
LANGUAGES = ("zh", "en")
# Not refusals, but people read a sentence for them as well.
BESIDES = {"trouble", "bug"}


def complaints(root: Path) -> list[str]:
    """Say which front pages and refusals do not tell the truth."""
    return [*_front_pages(root), *_refusals(root), *_pinned(root)]


def _front_pages(root: Path) -> Iterator[str]:
    known = house.tables(root)
    schemas = {name.partition(".")[0] for name in known}
    for schema in sorted(schemas - set(house.rooms(root))):
        yield f"migrations: the schema {schema} belongs to no room"
    for room in house.rooms(root):
        page = house.front_page(root, room)
        if page is None:
            if room in schemas:
                yield f"{room}: its front page must say Owns, Readable, Announces, Begins at"
            continue
        made = {name.partition(".")[2] for name in known if name.startswith(f"{room}.")}
        yield from _about_tables(room, page, made)
        yield from _about_facts(root, room, page)
        yield from _about_entrances(root, room, page)


def _about_tables(room: str, page: FrontPage, made: set[str]) -> Iterator[str]:
    for table in sorted(made - page.owns):
        yield f"{room}: owns {table}, but its front page does not say so"
    for table in sorted(page.owns - made if made else set()):
        yield f"{room}: says it owns {table}, which no migration makes"
    for table in sorted(page.readable - page.owns):
        yield f"{room}: says others may read {table}, which it does not own"


def _about_facts(root: Path, room: str, page: FrontPage) -> Iterator[str]:
    file = root / PACKAGE / room / "events.py"
    if room == "base":
        return
    facts: set[str] = set()
    if file.exists():
        tree = ast.parse(file.read_text(encoding="utf-8"))
        facts = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
    for fact in sorted(facts - page.announces):
        yield f"{room}: announces {fact}, but its front page does not say so"
    for fact in sorted(page.announces - facts):
        yield f"{room}: says it announces {fact}, which is not in events.py"


def _about_entrances(root: Path, room: str, page: FrontPage) -> Iterator[str]:
    for entrance in sorted(page.begins):
        module, _, name = entrance.partition(".")
        file = root / PACKAGE / room / f"{module}.py"
        if not file.exists():
            file = root / PACKAGE / room / module / "__init__.py"
        # A package may show at its door what a file inside it defines.
        there = rf'^(?:async def|def|class) {name}\b|^__all__ = [^\]]*"{name}"'
        if not file.exists() or not re.search(there, file.read_text(encoding="utf-8"), re.M):
            yield f"{room}: its front page names {entrance}, which is not there"


def _refusals(root: Path) -> Iterator[str]:
    parents: dict[str, set[str]] = {}
    for _, tree in house.modules(root):
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                parents.setdefault(node.name, set()).update(
                    ast.unparse(base).rpartition(".")[2] for base in node.bases
                )
    kinds = {"Refusal"}
    while True:
        more = {name for name, bases in parents.items() if bases & kinds} - kinds
        if not more:
            break
        kinds |= more
    file = root / WORDING
    said = tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    codes = {_code(kind) for kind in kinds}
    for code in sorted(codes):
        for language in LANGUAGES:
            if not str(said.get(code, {}).get(language, "")).strip():
                yield f"{WORDING.name}: [{code}] has no {language}"
    for code in sorted(said.keys() - codes - BESIDES):
        yield f"{WORDING.name}: [{code}] belongs to no refusal"


def _code(kind: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", kind).lower()


def _pinned(root: Path) -> Iterator[str]:
    """Every wish is resolved to what it says, with hashes and without a host."""
    wishes = root / "requirements.in"
    lock = root / "requirements.lock"
    if not wishes.exists():
        return
    locked = lock.read_text(encoding="utf-8") if lock.exists() else ""
    entries = dict(re.findall(r"^([a-z0-9._-]+)==([^\s;]+)", locked, re.M))
    for line in wishes.read_text(encoding="utf-8").splitlines():
        match = re.match(r"([a-z0-9._-]+)(?:\[\w+\])?==(\S+)", line)
        if match and entries.get(match[1].replace("_", "-")) != match[2]:
            yield f"requirements.lock: {match[1]}=={match[2]} is not locked; run make lock"
    for piece in re.split(r"\n(?=[a-z0-9])", locked)[1:]:
        if "--hash=sha256:" not in piece:
            yield f"requirements.lock: {piece.splitlines()[0]} has no hash"
    if "://" in locked or "--index-url" in locked:
        yield "requirements.lock: names a host"
