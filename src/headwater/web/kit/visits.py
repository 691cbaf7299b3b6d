"""Who came: the visitor's cookie, the login, the store and the share that brought them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from headwater.base import ids
from headwater.base.db import Walls, member_walls
from headwater.web.kit import cookies
from headwater.web.kit.site import Site, site_of

LOGIN = "login"
VISITOR = "visitor"
STORE = "store"
TOUCH = "touch"
A_DAY_SECONDS = 86_400
YEAR_SECONDS = 365 * A_DAY_SECONDS
TOUCH_SECONDS = 7 * A_DAY_SECONDS
LOGIN_SECONDS = 30 * A_DAY_SECONDS
# A login that was ended elsewhere is noticed here within half a minute, without a question to the
# database each time.
REVOKED_SEEN_AFTER = timedelta(seconds=30)
SEEN_MOST = 50_000


Ask = Callable[[], Awaitable[datetime | None]]


@dataclass(frozen=True)
class Visit:
    """Somebody at a door of the shop: a visitor with a cart, and perhaps a member.

    `who_id` is under which the cart lies: the member's id after login, the visitor's before.
    """

    visitor_id: UUID
    member_id: UUID | None
    open_id: str | None
    logged_in_at: datetime | None
    store_id: UUID | None
    touch_code: str | None
    is_new: bool

    @property
    def who_id(self) -> UUID:
        """Under whose id the cart lies."""
        return self.member_id or self.visitor_id

    @property
    def walls(self) -> Walls:
        """Only one's own rows."""
        return member_walls(self.who_id)


@dataclass(frozen=True)
class Shopper:
    """A member who is logged in."""

    member_id: UUID
    open_id: str | None
    visit: Visit

    @property
    def walls(self) -> Walls:
        """Only one's own rows."""
        return member_walls(self.member_id)


class Logins:
    """When each member's logins were last looked up, and since when they count."""

    def __init__(self) -> None:
        self._seen: dict[UUID, tuple[datetime, datetime | None]] = {}

    async def since(self, member_id: UUID, now: datetime, ask: Ask) -> datetime | None:
        """Tell since when a member's logins count, or None where there is no such member."""
        known = self._seen.get(member_id)
        # What was seen later than now was seen by a clock that has been put back.
        if known is not None and timedelta(0) <= now - known[0] <= REVOKED_SEEN_AFTER:
            return known[1]
        since = await ask()
        if len(self._seen) >= SEEN_MOST:
            self._seen.clear()
        self._seen[member_id] = now, since
        return since

    def forget(self, member_id: UUID) -> None:
        """Look a member's logins up anew at the next request, after they were ended here."""
        self._seen.pop(member_id, None)


def read_visit(request: Request, now: datetime) -> Visit:
    """Read who came out of the cookies; a forged or an old one reads as nobody."""
    site = site_of(request)
    visitor = _unseal(request, site, VISITOR, YEAR_SECONDS, now)
    login = _unseal(request, site, LOGIN, LOGIN_SECONDS, now) or {}
    member = login.get("member")
    at = login.get("at")
    return Visit(
        visitor_id=UUID(visitor) if visitor else ids.new_member(),
        member_id=UUID(member) if member else None,
        open_id=login.get("open_id"),
        logged_in_at=datetime.fromtimestamp(at, UTC) if at else None,
        store_id=_uuid(cookies.read(request, STORE, is_secure=site.is_secure)),
        touch_code=_unseal(request, site, TOUCH, TOUCH_SECONDS, now),
        is_new=not visitor,
    )


def keep_visitor(request: Request, response: Response, visit: Visit, now: datetime) -> None:
    """Give a new visitor the cookie under which their cart will be found again."""
    if visit.is_new:
        _put(request, response, VISITOR, str(visit.visitor_id), YEAR_SECONDS, now)


def keep_login(
    request: Request, response: Response, member_id: UUID, open_id: str | None, now: datetime
) -> None:
    """Give the cookie of somebody who has just proved who they are."""
    payload = {"member": str(member_id), "open_id": open_id, "at": int(now.timestamp())}
    _put(request, response, LOGIN, payload, LOGIN_SECONDS, now)


def keep_touch(request: Request, response: Response, code: str, now: datetime) -> None:
    """Remember which share brought the visitor; the order will carry it."""
    _put(request, response, TOUCH, code, TOUCH_SECONDS, now)


def keep_store(request: Request, response: Response, store_id: UUID) -> None:
    """Remember the chosen store; it is no secret, and is checked when read."""
    cookies.put(
        response,
        STORE,
        str(store_id),
        is_secure=site_of(request).is_secure,
        max_age_seconds=YEAR_SECONDS,
    )


def drop_login(request: Request, response: Response) -> None:
    """Log out on this device."""
    cookies.drop(response, LOGIN, is_secure=site_of(request).is_secure)


def _put(
    request: Request,
    response: Response,
    name: str,
    payload: object,
    seconds: int,
    now: datetime,
) -> None:
    site = site_of(request)
    sealed = cookies.seal(site.keys, name, payload, now)
    cookies.put(response, name, sealed, is_secure=site.is_secure, max_age_seconds=seconds)


def _unseal(request: Request, site: Site, name: str, seconds: int, now: datetime) -> Any:
    text = cookies.read(request, name, is_secure=site.is_secure)
    return cookies.unseal(site.keys, name, text, seconds, now)


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
