"""Machines: systems outside that may ask us something, each with a key and a scope of its own."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from headwater.base.db import Db
from headwater.base.errors import BadInput
from headwater.base.sql import statements
from headwater.stores.errors import MachineExists, NoSuchMachine

sql = statements(__file__)

# What a machine can be allowed; a door that names nothing of this opens to none.
PERMISSIONS: Final = frozenset({"holdouts.read", "waves.read"})


@dataclass(frozen=True)
class Machine:
    """A system outside, what it may do, and for which brands; none means all of the company's."""

    name: str
    permissions: list[str]
    brand_ids: list[UUID]

    def may(self, permission: str) -> bool:
        """Tell whether it was allowed this."""
        return permission in self.permissions


async def add(
    db: Db, name: str, permissions: Sequence[str], brand_ids: Sequence[UUID], now: datetime
) -> str:
    """Let a machine in, and give its key; only the key's hash is kept, so it is shown once."""
    if not name.strip():
        raise BadInput("name", "must not be empty")
    unknown = sorted(set(permissions) - PERMISSIONS)
    if unknown or not permissions:
        raise BadInput("permissions", f"one or more of {', '.join(sorted(PERMISSIONS))}")
    key = secrets.token_urlsafe(32)
    added = await db.run(
        sql.add,
        name=name.strip(),
        key_hash=_hash(key),
        permissions=sorted(set(permissions)),
        brand_ids=list(brand_ids),
        now=now,
    )
    if not added:
        raise MachineExists(name=name)
    return key


async def who(db: Db, key: str) -> Machine | None:
    """Tell whose key this is, or None when it has ended or never was."""
    return await db.maybe(sql.by_key, Machine, key_hash=_hash(key))


async def every(db: Db) -> list[Machine]:
    """List the machines that may ask."""
    return await db.all(sql.every, Machine)


async def end(db: Db, name: str, now: datetime) -> None:
    """Let a machine in no more; its key is dead at once."""
    if not await db.run(sql.end, name=name, now=now):
        raise NoSuchMachine(name=name)


def _hash(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
