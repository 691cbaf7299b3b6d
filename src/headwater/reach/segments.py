"""Segments: members by a rule, counted live, and kept with the time they are true at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.errors import BadInput
from headwater.base.sql import Statement, statements
from headwater.base.text import Text
from headwater.reach import conditions
from headwater.reach.conditions import Condition, Rule
from headwater.reach.errors import NoSuchSegment

sql = statements(__file__)

# Members are looked at slice by slice, so that a count of millions needs no millions in memory.
SLICE: Final = 256


@dataclass(frozen=True)
class Draft:
    """A segment as somebody describes it."""

    brand_id: UUID
    name: str
    rule: Any
    created_by: UUID | None = None


@dataclass(frozen=True)
class Segment:
    """Members by a rule."""

    id: UUID
    brand_id: UUID
    name: str
    rule: dict[str, Any]
    member_count: int
    true_at: datetime | None
    created_by: UUID | None
    created_at: datetime


@dataclass(frozen=True)
class _Name:
    code: str
    name_zh: str
    name_en: str


@dataclass(frozen=True)
class _Slice:
    """Some buckets of a brand's members, at a moment."""

    db: Db
    brand_id: UUID
    first_bucket: int
    last_bucket: int
    now: datetime


async def draft(db: Db, what: Draft, now: datetime) -> Segment:
    """Write down a rule; it holds nobody until it is materialised."""
    name = what.name.strip()
    if not 1 <= len(name) <= 60:
        raise BadInput("name", "must have 1 to 60 characters")
    segment_id = ids.new()
    await db.run(
        sql.draft,
        id=segment_id,
        brand_id=what.brand_id,
        name=name,
        rule=conditions.to_tree(conditions.parse(what.rule)),
        created_by=what.created_by,
        now=now,
    )
    return await get(db, segment_id)


async def get(db: Db, segment_id: UUID) -> Segment:
    """Give one segment."""
    found = await db.maybe(sql.get, Segment, id=segment_id)
    if found is None:
        raise NoSuchSegment(segment_id=segment_id)
    return found


async def of_brand(db: Db, brand_id: UUID) -> list[Segment]:
    """List the segments of a brand, newest first."""
    return await db.all(sql.of_brand, Segment, brand_id=brand_id)


async def count(db: Db, rule: Any, brand_id: UUID, now: datetime) -> int:
    """Count whom a rule holds now; it needs walls that show every member, and shows none."""
    parsed = conditions.parse(rule)
    total = 0
    for part in _slices(db, brand_id, now):
        total += len(await _holding(part, parsed, await _everybody(part)))
    return total


async def members(db: Db, rule: Any, brand_id: UUID, now: datetime) -> list[UUID]:
    """Find whom a rule holds now."""
    parsed = conditions.parse(rule)
    found: list[UUID] = []
    for part in _slices(db, brand_id, now):
        found += sorted(await _holding(part, parsed, await _everybody(part)))
    return found


async def everybody(db: Db, brand_id: UUID, now: datetime) -> list[UUID]:
    """Find every member of a brand."""
    found: list[UUID] = []
    for part in _slices(db, brand_id, now):
        found += sorted(await _everybody(part))
    return found


async def kept(db: Db, segment_id: UUID) -> list[UUID]:
    """Give whom the segment held when it was last materialised."""
    return list(await db.value(sql.kept, segment_id=segment_id) or ())


async def materialise(db: Db, segment_id: UUID, now: datetime) -> Segment:
    """Keep whom the rule holds now, with the time that this is true at."""
    segment = await get(db, segment_id)
    found = await members(db, segment.rule, segment.brand_id, now)
    await db.run(sql.empty, segment_id=segment_id)
    await db.run(
        sql.fill,
        segment_id=segment_id,
        buckets=[ids.bucket_of(each) for each in found],
        member_ids=found,
    )
    await db.run(sql.date, id=segment_id, member_count=len(found), now=now)
    return await get(db, segment_id)


async def in_words(db: Db, rule: Any, language: str) -> str:
    """Say a rule in words, with stores, regions and categories by their names."""
    parsed = conditions.parse(rule)
    codes = [each.code for each in conditions.conditions(parsed) if each.code]
    rows = await db.all(sql.names, _Name, codes=codes) if codes else []
    names = {each.code: Text(each.name_zh, each.name_en) for each in rows}
    return conditions.describe(parsed, language, names)


def _slices(db: Db, brand_id: UUID, now: datetime) -> Iterator[_Slice]:
    for first in range(0, ids.BUCKETS, SLICE):
        yield _Slice(db, brand_id, first, first + SLICE - 1, now)


async def _holding(part: _Slice, rule: Rule, everybody: set[UUID]) -> set[UUID]:
    """Put a rule together by sets: each condition asks one fixed statement."""
    if isinstance(rule, Condition):
        return await _asked(part, rule) & everybody
    if rule.how == "not":
        return everybody - await _holding(part, rule.parts[0], everybody)
    found = [await _holding(part, each, everybody) for each in rule.parts]
    return set.union(*found) if rule.how == "any" else set.intersection(*found)


async def _everybody(part: _Slice) -> set[UUID]:
    return await _ids(part, sql.everybody)


async def _asked(part: _Slice, condition: Condition) -> set[UUID]:
    statement, values = _STATEMENTS[condition.kind]
    return await _ids(part, statement, **values(condition, part.now))


async def _ids(part: _Slice, statement: Statement, **values: Any) -> set[UUID]:
    """Fetch only ids, as one array: a row for each would cost more than finding them."""
    if "brand_id" in statement.parameters:
        values["brand_id"] = part.brand_id
    found = await part.db.value(
        statement, first_bucket=part.first_bucket, last_bucket=part.last_bucket, **values
    )
    return set(found or ())


def _since(condition: Condition, now: datetime) -> dict[str, Any]:
    return {"since": now - timedelta(days=condition.days), "now": now}


_Values = Callable[[Condition, datetime], dict[str, Any]]

_STATEMENTS: Final[dict[str, tuple[Statement, _Values]]] = {
    "lapsed": (sql.lapsed, _since),
    "bought": (
        sql.bought,
        lambda each, now: {"code": each.code, "since": now - timedelta(days=each.days)},
    ),
    "spent": (
        sql.ordered,
        lambda each, now: {"least": 0, "least_fen": each.least, **_since(each, now)},
    ),
    "ordered": (
        sql.ordered,
        lambda each, now: {"least": each.least, "least_fen": 0, **_since(each, now)},
    ),
    "home_store": (sql.home_store, lambda each, now: {"code": each.code}),
    "home_region": (sql.home_region, lambda each, now: {"code": each.code}),
    "level": (sql.level, lambda each, now: {"level": each.code}),
    "allows": (sql.allows, lambda each, now: {"channel": each.code}),
    "joined": (sql.joined, _since),
}
