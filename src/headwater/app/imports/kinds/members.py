"""Members out of a file: sealed on the way in; what they allowed comes with them or is a no."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from headwater.app.imports.cells import choice, code, flag, moment, phone, text
from headwater.app.imports.columns import Column, Record
from headwater.app.imports.errors import Problem
from headwater.app.imports.kinds.kind import Act, Kind, repeated, unknown
from headwater.base.db import Db
from headwater.members import imports, merging
from headwater.members.consents import Said
from headwater.members.identities import Id
from headwater.members.imports import Imported
from headwater.stores import imports as stores

SOURCE = "import"
CHANNEL = "official_account"
LEVELS = ("basic", "silver", "gold", "platinum")


def columns(now: datetime) -> tuple[Column, ...]:
    """List the columns of a members file."""
    return (
        Column("external_id", code, "what your system calls the member", is_required=True),
        Column("name", text(32), "name"),
        Column("phone", phone, "mobile number of eleven digits"),
        Column("open_id", code, "by which your official account knows the follower"),
        Column("level", choice(*LEVELS), "default basic", False, "basic"),
        Column("home_store_code", code, "the store they are at home in"),
        Column("joined_at", moment(now), "since when they are a member", is_required=True),
        Column("allows_service", flag, "yes or no; empty says nothing", False, None),
        Column("allows_marketing", flag, "yes or no; empty says nothing", False, None),
    )


async def check(db: Db, act: Act, records: Sequence[Record]) -> list[Problem]:
    """Find doubled ids and phones, phones of other members, and stores nobody knows."""
    found = repeated(records, "external_id") + repeated(records, "phone")
    found += repeated(records, "open_id")
    found += unknown(records, "home_store_code", await stores.known_stores(db), "store")
    known = [each for record in records for each in _ids(act, record)]
    holders = await imports.holders(db, act.keys, known)
    ids = [imports.member_id(record["external_id"]) for record in records]
    others = await merging.became_others(db, ids)
    for record, id in zip(records, ids, strict=True):
        for column in ("phone", "open_id"):
            holder = holders.get(record[column])
            if holder is not None and holder != others.get(id, id):
                why = f"is the {column.replace('_', ' ')} of another member already"
                found.append(Problem(record.line, column, _masked(record[column]), why))
    return found


async def write(db: Db, act: Act, records: Sequence[Record]) -> int:
    """Write the members; tell how many changed."""
    known = await stores.known_stores(db)
    people = []
    for record in records:
        home = known.get(record["home_store_code"])
        people.append(
            Imported(
                external_id=record["external_id"],
                name=record["name"],
                phone=record["phone"],
                level=record["level"],
                home_store_id=None if home is None else home.id,
                joined_at=record["joined_at"],
                open_ids=tuple(each for each in _ids(act, record) if each.kind == "open_id"),
                said=tuple(_said(record)),
            )
        )
    return await imports.put(db, act.keys, people, SOURCE, act.now)


def _ids(act: Act, record: Record) -> list[Id]:
    """Give the ids by which somebody is found; open ids are those of the account that we run."""
    given = [Id("phone", record["phone"])] if record["phone"] else []
    if record["open_id"]:
        given.append(Id("open_id", record["open_id"], act.app_id))
    return given


def _said(record: Record) -> list[Said]:
    return [
        Said(purpose, CHANNEL, record[f"allows_{purpose}"], "imported")
        for purpose in ("service", "marketing")
        if record[f"allows_{purpose}"] is not None
    ]


def _masked(number: str) -> str:
    """Keep the error file from becoming a list of phone numbers."""
    return f"{number[:3]}****{number[-4:]}"


MEMBERS = Kind("members", "members", columns, check, write)
