"""Access tokens and tickets: one holder per credential, asked for once however many need it."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Annotated, Final, Protocol
from uuid import UUID

import msgspec

from headwater.base import ids
from headwater.base.errors import NotReached, Refusal, Trouble
from headwater.base.times import Clock, business_day

log = logging.getLogger(__name__)

# The server hands out the same token until five minutes before its end, then a new one beside it.
EARLY_SECONDS: Final = 240
# Whoever renews must be done before others may think that it died.
LEASE_SECONDS: Final = 20
ISSUE_SECONDS: Final = 15
# After a failure others go on with the old token for a while instead of all asking again.
PAUSE_SECONDS: Final = 5
# developers.weixin.qq.com/miniprogram/dev/server/API/mp-access-token/api_getstableaccesstoken
FORCED_A_DAY: Final = 20
FORCED_APART_SECONDS: Final = 30

_LOOK_AGAIN_SECONDS: Final = 0.05
_LOOKS_MOST: Final = int((LEASE_SECONDS + 5) / _LOOK_AGAIN_SECONDS)


class IssuedToken(msgspec.Struct):
    """A token as the server gives it."""

    access_token: Annotated[str, msgspec.Meta(pattern=r"\A[!-~]{1,512}\Z")]
    expires_in: Annotated[int, msgspec.Meta(ge=1, le=86_400)]


Issue = Callable[[bool], Awaitable[IssuedToken]]


@dataclass(frozen=True)
class Kept:
    """A token as the store keeps it; the version rises with each new one."""

    version: int
    token: str = field(repr=False)
    fresh_until: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Lease:
    """The right to renew one credential's token, which ends by itself."""

    name: str
    holder: UUID
    until: datetime


class Rows(Protocol):
    """Where tokens lie; each verb is one compare-and-set."""

    async def read(self, name: str) -> tuple[int, Kept | None]:
        """Give the version and the token of a credential, if it has one."""

    async def take(self, lease: Lease, version: int, now: datetime) -> bool:
        """Take the lease unless somebody holds it or a newer version came."""

    async def put(self, lease: Lease, kept: Kept, now: datetime) -> bool:
        """Keep a new token and end the lease; an overtaken lease keeps nothing."""

    async def give_up(self, lease: Lease, until: datetime | None) -> None:
        """End the lease without a token, at once or at a moment."""

    async def may_force(self, name: str, day: date, now: datetime) -> bool:
        """Count one forced renewal if the day's budget and the pause allow it."""


@dataclass(frozen=True)
class TokenHolder:
    """One credential's token."""

    store: Tokens
    name: str
    issue: Issue

    async def token(self) -> str:
        """Give a token that lives a while; asking again gives the same one until shortly before
        its end.
        """
        return await self.store.get(self.name, self.issue)

    async def after_refusal_of(self, refused: str) -> str:
        """Give another token than the refused one; many refusals of one token ask once."""
        return await self.store.after_refusal_of(self.name, refused, self.issue)


class Tokens:
    """The tokens of all credentials; processes share them where the rows lie in the database.

    A token is renewed early and by one alone, under a lease; meanwhile everybody else goes on
    with the old one, which the server honours beside the new one for five minutes. No transaction
    is open while the outside is asked.
    """

    def __init__(self, rows: Rows, now: Clock) -> None:
        self._rows = rows
        self._now = now
        self._seen: dict[str, Kept] = {}
        self._locks: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    def holder(self, name: str, issue: Issue) -> TokenHolder:
        """Make the holder of one credential; its name is the same in every process."""
        return TokenHolder(self, name, issue)

    async def get(self, name: str, issue: Issue) -> str:
        """Give a fresh token, or one that still lives while somebody renews it."""
        lock = self._locks[name]
        if (seen := self._remembered(name, lock.locked())) is not None:
            return seen.token
        async with lock:
            if (seen := self._remembered(name, is_busy=False)) is not None:
                return seen.token
            return await self._renewed(name, None, issue)

    async def after_refusal_of(self, name: str, refused: str, issue: Issue) -> str:
        """Give another token than the refused one.

        Where the server insists on the refused token it is forced to make a new one, seldom,
        because that is counted twenty times a day; beyond that the refused one comes back.
        """
        async with self._locks[name]:
            seen = self._seen.pop(name, None)
            if seen is not None and seen.token != refused:
                self._seen[name] = seen
                return seen.token
            return await self._renewed(name, refused, issue)

    def _remembered(self, name: str, is_busy: bool) -> Kept | None:
        seen, now = self._seen.get(name), self._now()
        if seen is None or now >= (seen.ends_at if is_busy else seen.fresh_until):
            return None
        return seen

    async def _renewed(self, name: str, refused: str | None, issue: Issue) -> str:
        for _look in range(_LOOKS_MOST):
            now = self._now()
            version, kept = await self._rows.read(name)
            is_refused = kept is not None and kept.token == refused
            if kept is not None and not is_refused and now < kept.fresh_until:
                return self._remember(name, kept)
            usable = kept if kept is not None and not is_refused and now < kept.ends_at else None
            lease = Lease(name, ids.new(), now + timedelta(seconds=LEASE_SECONDS))
            if await self._rows.take(lease, version, now):
                return await self._renew(lease, version, usable, refused, issue)
            if usable is not None:
                return usable.token
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
        raise NotReached(f"another process renews {name} and comes to no end")

    async def _renew(
        self, lease: Lease, version: int, usable: Kept | None, refused: str | None, issue: Issue
    ) -> str:
        """Ask the outside under the lease; a failure leaves the old token in use if it lives."""
        try:
            async with asyncio.timeout(ISSUE_SECONDS):
                issued = await self._issued(lease.name, refused, issue)
        except (Refusal, Trouble, TimeoutError) as error:
            now = self._now()
            if usable is None:
                await self._rows.give_up(lease, None)
                if isinstance(error, TimeoutError):
                    raise NotReached(f"no token for {lease.name} in time") from error
                raise
            log.warning("%s is not renewed (%s); the old token is used on", lease.name, error)
            await self._rows.give_up(lease, now + timedelta(seconds=PAUSE_SECONDS))
            return usable.token
        except BaseException:
            # Who asked was called off: the next one need not wait for the end of the lease.
            with suppress(Exception):
                await self._rows.give_up(lease, None)
            raise
        kept = _kept(issued, version + 1, self._now())
        if await self._rows.put(lease, kept, self._now()):
            self._remember(lease.name, kept)
        return kept.token

    async def _issued(self, name: str, refused: str | None, issue: Issue) -> IssuedToken:
        issued = await issue(False)
        if issued.access_token == refused:
            now = self._now()
            if await self._rows.may_force(name, business_day(now), now):
                return await issue(True)
            log.error("%s is refused, and may not be forced again yet", name)
        return issued

    def _remember(self, name: str, kept: Kept) -> str:
        self._seen[name] = kept
        return kept.token


@dataclass
class _Row:
    version: int = 0
    kept: Kept | None = None
    lease: Lease | None = None
    forced: list[tuple[date, datetime]] = field(default_factory=list)


class MemoryRows:
    """The twin for a process without a database: nothing is shared and nothing lasts."""

    def __init__(self) -> None:
        self._rows: dict[str, _Row] = defaultdict(_Row)

    async def read(self, name: str) -> tuple[int, Kept | None]:
        """Give the version and the token."""
        row = self._rows[name]
        return row.version, row.kept

    async def take(self, lease: Lease, version: int, now: datetime) -> bool:
        """Take the lease if it is free."""
        row = self._rows[lease.name]
        if row.version != version or (row.lease is not None and now < row.lease.until):
            return False
        row.lease = lease
        return True

    async def put(self, lease: Lease, kept: Kept, now: datetime) -> bool:
        """Keep a new token and end the lease."""
        row = self._rows[lease.name]
        if row.lease is None or row.lease.holder != lease.holder:
            return False
        row.version, row.kept, row.lease = kept.version, kept, None
        return True

    async def give_up(self, lease: Lease, until: datetime | None) -> None:
        """End the lease at once or at a moment."""
        row = self._rows[lease.name]
        if row.lease is not None and row.lease.holder == lease.holder:
            row.lease = None if until is None else replace(lease, until=until)

    async def may_force(self, name: str, day: date, now: datetime) -> bool:
        """Count one forced renewal if budget and pause allow it."""
        row = self._rows[name]
        row.forced = [each for each in row.forced if each[0] == day]
        pause = timedelta(seconds=FORCED_APART_SECONDS)
        if len(row.forced) >= FORCED_A_DAY or (row.forced and now < row.forced[-1][1] + pause):
            return False
        row.forced.append((day, now))
        return True


def in_memory(now: Clock) -> Tokens:
    """Make a store for one process alone, as clients have where no database is."""
    return Tokens(MemoryRows(), now)


def _kept(issued: IssuedToken, version: int, now: datetime) -> Kept:
    lasts_seconds = max(issued.expires_in - EARLY_SECONDS, issued.expires_in // 2)
    return Kept(
        version,
        issued.access_token,
        now + timedelta(seconds=lasts_seconds),
        now + timedelta(seconds=issued.expires_in),
    )
