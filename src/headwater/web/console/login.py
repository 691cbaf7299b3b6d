"""Logging in and out, and the way back to where one was."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from headwater.base.db import NOBODY
from headwater.base.errors import BadInput
from headwater.stores import staff
from headwater.stores.errors import WrongLogin
from headwater.stores.staff import StaffMember
from headwater.web.console.desk import home_of
from headwater.web.kit import cookies
from headwater.web.kit.answers import safe_next
from headwater.web.kit.building import Building
from headwater.web.kit.doors import PUBLIC, STAFF_LOGIN, Door, Staff, may
from headwater.web.kit.forms import read_form, text
from headwater.web.kit.pages import render
from headwater.web.kit.site import site_of
from headwater.web.kit.visits import Visit
from headwater.web.kit.wording import refusal_sentence

door = Door()


@door.get("/console", may("stores.read"), name="console:home")
async def home(request: Request, building: Building, who: Staff) -> Response:
    """Lead to the first page of whoever is here."""
    return RedirectResponse(home_of(who.member), 303)


@door.get("/console/login", PUBLIC, name="console:login")
async def enter(request: Request, building: Building, visit: Visit) -> Response:
    """Ask who it is, and remember where to go back to."""
    back = safe_next(request.query_params.get("next"), "/console")
    return render(request, "console/login.html", back=back, typed="", error="")


@door.post("/console/login", PUBLIC, name="console:log-in")
async def log_in(request: Request, building: Building, visit: Visit) -> Response:
    """Open a session, or say that login and password do not belong together."""
    fields = await read_form(request)
    back = safe_next(fields.get("next"), "/console")
    try:
        token, who = await _open(request, building, text(fields, "login"), text(fields, "password"))
    except (WrongLogin, BadInput) as refusal:
        words, given = refusal_sentence(refusal), fields.get("login", "")
        return render(
            request, "console/login.html", status=422, back=back, typed=given, error=words
        )
    response = RedirectResponse(home_of(who) if back == "/console" else back, 303)
    lasting = staff.SESSION_HOURS * 3600
    is_secure = site_of(request).is_secure
    cookies.put(response, STAFF_LOGIN, token, is_secure=is_secure, max_age_seconds=lasting)
    return response


@door.post("/console/logout", PUBLIC, name="console:log-out")
async def log_out(request: Request, building: Building, visit: Visit) -> Response:
    """End the session, here and for good; ending none does no harm."""
    await read_form(request)
    is_secure = site_of(request).is_secure
    token = cookies.read(request, STAFF_LOGIN, is_secure=is_secure) or ""
    async with building.transaction(NOBODY) as db:
        await staff.log_out(db, token, building.now())
    response = RedirectResponse("/console/login", 303)
    cookies.drop(response, STAFF_LOGIN, is_secure=is_secure)
    return response


async def _open(
    request: Request, building: Building, login: str, password: str
) -> tuple[str, StaffMember]:
    """Count the try first, in a transaction of its own, so that a failure keeps the count."""
    address = request.client.host if request.client else "unknown"
    async with building.transaction(NOBODY) as db:
        await staff.count_try(db, login, address, building.now())
    async with building.transaction(NOBODY) as db:
        token = await staff.log_in(db, login, password, building.now())
        who = await staff.who(db, token, building.now())
    assert who is not None, "a session that was just opened is there"
    return token, who
