"""Doors: routes that each say who may enter; what says nothing lets nobody in."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from headwater.base.db import NOBODY, Walls
from headwater.base.errors import NotFound, NotLoggedIn, NotPermitted
from headwater.members import members
from headwater.stores import machines, staff
from headwater.stores.grants import PERMISSIONS
from headwater.stores.machines import Machine
from headwater.stores.staff import StaffMember
from headwater.web.kit import cookies, forms
from headwater.web.kit.building import Building
from headwater.web.kit.errors import ForeignForm
from headwater.web.kit.site import site_of
from headwater.web.kit.visits import Shopper, Visit, keep_visitor, read_visit

STAFF_LOGIN = "staff"

Handler = Callable[..., Awaitable[Response]]


@dataclass(frozen=True)
class Permission:
    """Who may enter: anybody, a member, staff with a permission, or a signed machine."""

    kind: str
    name: str = ""


PUBLIC = Permission("public")
SHOPPER = Permission("shopper")
# A member whose login the order's own statement checks, so that a launch asks no question twice.
BUYER = Permission("buyer")
MACHINE = Permission("machine")


def may(permission: str) -> Permission:
    """Let staff in whose role carries this permission."""
    if permission not in PERMISSIONS:
        raise ValueError(f"no role carries {permission}")
    return Permission("staff", permission)


def asks(permission: str) -> Permission:
    """Let a system outside in whose key carries this permission."""
    if permission not in machines.PERMISSIONS:
        raise ValueError(f"no machine can be allowed {permission}")
    return Permission("machine", permission)


@dataclass(frozen=True)
class Staff:
    """Somebody who works here, at a page that one of their grants allows."""

    member: StaffMember
    walls: Walls
    permission: str

    @property
    def id(self) -> UUID:
        """Their id."""
        return self.member.id


@dataclass
class Door:
    """One door's routes. A handler takes the request and whoever its permission lets in."""

    routes: list[Route] = field(default_factory=list)

    def get(
        self, path: str, who: Permission, name: str | None = None
    ) -> Callable[[Handler], Handler]:
        """Open a page to whoever may see it."""
        return self._add(path, who, ["GET"], name)

    def post(
        self, path: str, who: Permission, name: str | None = None
    ) -> Callable[[Handler], Handler]:
        """Open a change to whoever may make it; forms are checked to be our own by `read_form`."""
        return self._add(path, who, ["POST"], name)

    def put(
        self, path: str, who: Permission, name: str | None = None
    ) -> Callable[[Handler], Handler]:
        """Take a whole object under its own name."""
        return self._add(path, who, ["PUT"], name)

    def _add(
        self, path: str, who: Permission, methods: list[str], name: str | None
    ) -> Callable[[Handler], Handler]:
        def register(handler: Handler) -> Handler:
            endpoint = _guarded(handler, who)
            self.routes.append(Route(path, endpoint, methods=methods, name=name))
            return handler

        return register


def building_of(request: Request) -> Building:
    """The building that the wiring has put into `app.state.building`."""
    building: Building = request.app.state.building
    return building


def _guarded(handler: Handler, who: Permission) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        _without_null(request)
        if who.kind == "staff":
            return await _as_staff(handler, request, who.name)
        if who.kind == "shopper":
            return await _as_shopper(handler, request)
        if who.kind == "buyer":
            return await _as_buyer(handler, request)
        if who.kind == "public":
            return await _as_visit(handler, request)
        if who.kind == "machine" and who.name:
            return await _as_machine(handler, request, who.name)
        return await _as_nobody(handler, request)

    functools.update_wrapper(endpoint, handler)
    endpoint.permission = who  # type: ignore[attr-defined]
    return endpoint


def _without_null(request: Request) -> None:
    """Keep out the one sign that no text in the database may hold.

    Nothing lies under such a path; in a query, which nobody types with it, it is passed over.
    """
    if "\0" in request.scope["path"]:
        raise NotFound
    request.scope["query_string"] = request.scope["query_string"].replace(b"%00", b"")


async def _as_nobody(handler: Handler, request: Request) -> Response:
    return await handler(request, building_of(request))


async def _as_visit(handler: Handler, request: Request) -> Response:
    building = building_of(request)
    now = building.now()
    visit = await _checked(building, read_visit(request, now), now)
    response = await handler(request, building, visit)
    keep_visitor(request, response, visit, now)
    return response


async def _as_shopper(handler: Handler, request: Request) -> Response:
    building = building_of(request)
    now = building.now()
    visit = await _checked(building, read_visit(request, now), now)
    if visit.member_id is None:
        raise NotLoggedIn
    return await handler(request, building, Shopper(visit.member_id, visit.open_id, visit))


async def _as_buyer(handler: Handler, request: Request) -> Response:
    building = building_of(request)
    visit = read_visit(request, building.now())
    if visit.member_id is None:
        raise NotLoggedIn
    return await handler(request, building, Shopper(visit.member_id, visit.open_id, visit))


async def _as_staff(handler: Handler, request: Request, permission: str) -> Response:
    building = building_of(request)
    token = cookies.read(request, STAFF_LOGIN, is_secure=site_of(request).is_secure)
    if not token:
        raise NotLoggedIn
    async with building.transaction(NOBODY) as db:
        member = await staff.who(db, token, building.now())
    if member is None:
        raise NotLoggedIn
    if not member.may(permission):
        raise NotPermitted(permission=permission)
    return await handler(request, building, Staff(member, member.walls(permission), permission))


async def _as_machine(handler: Handler, request: Request, permission: str) -> Response:
    building = building_of(request)
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    machine: Machine | None = None
    if scheme.lower() == "bearer" and key:
        async with building.transaction(NOBODY) as db:
            machine = await machines.who(db, key.strip())
    if machine is None:
        raise NotLoggedIn
    if not machine.may(permission):
        raise NotPermitted(permission=permission)
    return await handler(request, building, machine)


async def _checked(building: Building, visit: Visit, now: datetime) -> Visit:
    member_id = visit.member_id
    if member_id is None:
        return visit

    async def ask() -> datetime | None:
        async with building.transaction(visit.walls) as db:
            return await members.sessions_from(db, member_id)

    since = await building.logins.since(member_id, now, ask)
    is_ended = since is None or (
        visit.logged_in_at is not None and visit.logged_in_at < since.replace(microsecond=0)
    )
    return _without_login(visit) if is_ended else visit


def _without_login(visit: Visit) -> Visit:
    values: dict[str, Any] = dict(vars(visit), member_id=None, open_id=None, logged_in_at=None)
    return Visit(**values)


async def own_json(request: Request) -> bytes:
    """Read a JSON body that our own page or app sent; a browser of another site cannot."""
    if not forms.is_own_origin(request.headers, site_of(request)):
        raise ForeignForm
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise ForeignForm
    return await request.body()
