"""The migration files: where they lie, what they are called, and what each would do."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from headwater.base.postgres.errors import MigrationRefused

PARTITIONS = 2
RECORDED_SCHEMA = "schema.sql"
_NAME = re.compile(r"(?P<number>\d{4})_(?P<phase>pre|post)_[a-z0-9_]+\.sql")
# A member's table says at its end that it is spread by bucket; no other statement lies between.
_BY_BUCKET = re.compile(
    r"CREATE TABLE (?P<table>\w+\.\w+) \("
    r"(?P<columns>(?:(?!CREATE TABLE).)*?)"
    r"\n\) /\* by bucket \*/;",
    re.DOTALL,
)


@dataclass(frozen=True)
class Migration:
    """One file: `pre` runs before the release that needs it, `post` after the old one is gone."""

    number: int
    name: str
    phase: str
    text: str
    sha256: str

    @property
    def purpose(self) -> str:
        """Give the sentence under the file's name, for people who decide whether to go on."""
        lines = [line[3:] for line in self.text.splitlines() if line.startswith("-- ")]
        return lines[1] if len(lines) > 1 else self.name


def folder() -> Path:
    """Find the files: inside an installed package, or at the root of the checkout."""
    here = Path(__file__).resolve()
    packaged = here.parents[2] / "migrations"
    if packaged.is_dir():
        return packaged
    checkout = here.parents[4] / "migrations"
    if checkout.is_dir():
        return checkout
    raise MigrationRefused(f"no migrations lie in {packaged} or {checkout}")


def read(source: Path) -> list[Migration]:
    """Read the files in order; a strange name, a gap or a number used twice is refused."""
    found: list[Migration] = []
    for file in sorted(source.glob("*.sql")):
        if file.name == RECORDED_SCHEMA:
            continue
        match = _NAME.fullmatch(file.name)
        if match is None:
            raise MigrationRefused(f"{file.name} is not called NNNN_pre_name.sql or NNNN_post_name")
        raw = file.read_bytes()
        sha256 = hashlib.sha256(raw).hexdigest()
        number = int(match["number"])
        if number != len(found) + 1:
            raise MigrationRefused(f"{file.name} should have the number {len(found) + 1:04}")
        found.append(Migration(number, file.name, match["phase"], raw.decode(), sha256))
    return found


def partitioned(text: str) -> str:
    """Spread members' tables over partitions, so that PostgreSQL refuses a key without bucket."""

    def spread(match: re.Match[str]) -> str:
        table = match["table"]
        created = [f"CREATE TABLE {table} ({match['columns']}\n) PARTITION BY HASH (bucket);"]
        created += [
            f"CREATE TABLE {table}_part_{part} PARTITION OF {table} "
            f"FOR VALUES WITH (MODULUS {PARTITIONS}, REMAINDER {part});"
            for part in range(PARTITIONS)
        ]
        return "\n".join(created)

    return _BY_BUCKET.sub(spread, text)
