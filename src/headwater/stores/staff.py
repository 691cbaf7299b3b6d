"""Staff: who works here, how they log in, and inside which walls they look."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from headwater.base import ids, limits
from headwater.base.db import Db, Walls
from headwater.base.errors import BadInput
from headwater.base.sql import statements
from headwater.stores import grants
from headwater.stores.errors import LoginTaken, WrongLogin
from headwater.stores.grants import Grant

sql = statements(__file__)

SESSION_HOURS = 12
PASSWORD_LENGTH_LEAST = 10


@dataclass(frozen=True)
class StaffMember:
    """Somebody who is logged in, with every grant in force."""

    id: UUID
    login: str
    name: str
    store_id: UUID | None
    brand_id: UUID | None
    grants: tuple[Grant, ...]

    def may(self, permission: str) -> bool:
        """Tell whether a role of theirs allows this."""
        return grants.may(self.grants, permission)

    def walls(self, permission: str) -> Walls:
        """Draw the walls inside which they may do this."""
        return grants.walls(self.grants, permission)


@dataclass(frozen=True)
class Colleague:
    """Somebody who works in a store, as a list shows them."""

    id: UUID
    login: str
    name: str
    store_id: UUID | None
    is_demo_label: bool


@dataclass(frozen=True)
class Listed:
    """Somebody who works here, for who runs the system; a grant is role, kind of scope, id."""

    id: UUID
    login: str
    name: str
    store_id: UUID | None
    has_password: bool
    grants: list[tuple[str, str, str | None]]


@dataclass(frozen=True)
class NewStaff:
    """Somebody who starts to work here."""

    id: UUID
    login: str
    name: str
    store_id: UUID | None = None
    wecom_user_id: str | None = None
    is_demo_label: bool = False


@dataclass(frozen=True)
class _Credentials:
    id: UUID
    password_hash: str | None


@dataclass(frozen=True)
class _Session:
    id: UUID
    login: str
    name: str
    store_id: UUID | None
    brand_id: UUID | None
    grants: list[tuple[str, str, str | None]]


@dataclass(frozen=True)
class _Visible:
    id: UUID


@cache
def _hasher() -> PasswordHash:
    return PasswordHash((Argon2Hasher(),))


@cache
def _nobodys_hash() -> str:
    return _hasher().hash(secrets.token_urlsafe(16))


async def count_try(db: Db, login: str, address: str, now: datetime) -> None:
    """Count a try to log in, in a transaction of its own so that a failure keeps the count."""
    await limits.count(db, f"staff-login:{login.strip().lower()[:64]}", 10, 600, now)
    await limits.count(db, f"staff-login-from:{address}", 100, 600, now)


async def log_in(db: Db, login: str, password: str, now: datetime) -> str:
    """Check a password and open a session; the token goes into a cookie, its hash is kept.

    An unknown login takes as long as a wrong password, so that neither can be told apart.
    """
    found = await db.maybe(sql.by_login, _Credentials, login=_tidy(login))
    known = found.password_hash if found is not None else None
    is_right = _hasher().verify(password, known or _nobodys_hash())
    if found is None or known is None or not is_right:
        raise WrongLogin()
    return await open_session(db, found.id, now)


async def open_session(db: Db, staff_id: UUID, now: datetime) -> str:
    """Open a session for somebody who was recognised, and give its token."""
    token = secrets.token_urlsafe(32)
    await db.run(
        sql.open_session,
        token_hash=_hash(token),
        staff_id=staff_id,
        now=now,
        expires_at=now + timedelta(hours=SESSION_HOURS),
    )
    return token


async def log_out(db: Db, token: str, now: datetime) -> None:
    """End a session for good."""
    await db.run(sql.end_session, token_hash=_hash(token), now=now)


async def who(db: Db, token: str, now: datetime) -> StaffMember | None:
    """Tell whose session this is, or None when it has ended or never was."""
    found = await db.maybe(sql.by_session, _Session, token_hash=_hash(token), now=now)
    if found is None:
        return None
    given = tuple(
        Grant(role, kind, None if scope is None else UUID(scope))
        for role, kind, scope in found.grants
    )
    return StaffMember(found.id, found.login, found.name, found.store_id, found.brand_id, given)


async def add(db: Db, new: NewStaff, now: datetime, password: str | None = None) -> None:
    """Let somebody start to work here; without a password they cannot log in yet.

    A repeat with the same id changes nothing. A login or a WeCom id that is another's, even of
    somebody who left, is LoginTaken.
    """
    added = await db.run(
        sql.add,
        id=new.id,
        login=_tidy(new.login),
        name=new.name,
        password_hash=None if password is None else _hasher().hash(_checked(password)),
        wecom_user_id=new.wecom_user_id,
        store_id=new.store_id,
        is_demo_label=new.is_demo_label,
        now=now,
    )
    if not added and not await db.value(sql.is_added, id=new.id):
        raise LoginTaken(login=_tidy(new.login))


async def grant(db: Db, staff_id: UUID, given: Grant, now: datetime) -> None:
    """Give somebody a role in a scope; giving it twice is giving it once."""
    await db.run(
        sql.grant,
        id=_grant_id(staff_id, given),
        staff_id=staff_id,
        role=given.role,
        scope_kind=given.scope_kind,
        scope_id=given.scope_id,
        now=now,
    )


async def revoke(db: Db, staff_id: UUID, given: Grant, now: datetime) -> bool:
    """Take a role in a scope away, at once; tell whether they had it."""
    return await db.run(sql.end_grant, id=_grant_id(staff_id, given), now=now) == 1


async def set_password(db: Db, login: str, password: str, now: datetime) -> bool:
    """Set somebody's password and end their sessions; tell whether there is such a login."""
    changed = await db.maybe(
        sql.set_password,
        _Visible,
        login=_tidy(login),
        password_hash=_hasher().hash(_checked(password)),
        now=now,
    )
    return changed is not None


async def leave(db: Db, login: str, now: datetime) -> bool:
    """Let somebody stop to work here: what they did stays, what they may ends."""
    return await db.maybe(sql.leave, _Visible, login=_tidy(login), now=now) is not None


async def know_phone(db: Db, login: str, phone_index: bytes | None) -> bool:
    """Note by which phone somebody shops themselves, or forget it; tell whether they work here.

    Only the blind index is kept: it recognises their own purchases, and nobody can call them by it.
    """
    return await db.run(sql.know_phone, login=_tidy(login), phone_index=phone_index) == 1


async def id_of(db: Db, login: str) -> UUID | None:
    """Find who works here under a login."""
    found: UUID | None = await db.value(sql.id_of, login=_tidy(login))
    return found


async def listed(db: Db) -> list[Listed]:
    """List who works here, with what they may do."""
    return await db.all(sql.listed, Listed)


async def visible_stores(db: Db) -> list[UUID]:
    """List the stores inside the walls of this transaction."""
    return [each.id for each in await db.all(sql.visible_stores, _Visible)]


async def in_store(db: Db, store_id: UUID) -> list[Colleague]:
    """List who works in a store."""
    return await db.all(sql.in_store, Colleague, store_id=store_id)


async def first_with_role(db: Db, role: str) -> str | None:
    """Name one login that has a role; the demo prints it."""
    found: str | None = await db.value(sql.first_with_role, role=role)
    return found


def _tidy(login: str) -> str:
    return login.strip().lower()


def _grant_id(staff_id: UUID, given: Grant) -> UUID:
    name = f"{staff_id}:{given.role}:{given.scope_kind}:{given.scope_id}"
    return ids.named("grant", name)


def _checked(password: str) -> str:
    if len(password) < PASSWORD_LENGTH_LEAST:
        raise BadInput("password", f"a password has at least {PASSWORD_LENGTH_LEAST} characters")
    return password


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
