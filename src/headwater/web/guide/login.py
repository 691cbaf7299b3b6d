"""Who works here says so, with a login and a password."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from headwater.base.db import NOBODY
from headwater.base.errors import BadInput
from headwater.stores import staff
from headwater.stores.errors import WrongLogin
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


@door.get("/guide/login", PUBLIC, name="guide:login")
async def enter(request: Request, building: Building, visit: Visit) -> Response:
    """Ask who it is, and remember where to go back to."""
    back = safe_next(request.query_params.get("next"), "/guide")
    return render(request, "guide/login.html", back=back, typed="", error="")


@door.post("/guide/login", PUBLIC, name="guide:log-in")
async def log_in(request: Request, building: Building, visit: Visit) -> Response:
    """Open a session, or say that login and password do not belong together."""
    fields = await read_form(request)
    back = safe_next(fields.get("next"), "/guide")
    try:
        token = await _open(request, building, text(fields, "login"), text(fields, "password"))
    except (WrongLogin, BadInput) as refusal:
        words = refusal_sentence(refusal)
        typed = fields.get("login", "")
        return render(request, "guide/login.html", status=422, back=back, typed=typed, error=words)
    response = RedirectResponse(back, 303)
    cookies.put(
        response,
        STAFF_LOGIN,
        token,
        is_secure=site_of(request).is_secure,
        max_age_seconds=staff.SESSION_HOURS * 3600,
    )
    return response


@door.post("/guide/logout", may("workbench"), name="guide:log-out")
async def log_out(request: Request, building: Building, who: Staff) -> Response:
    """End the session, here and for good."""
    await read_form(request)
    secure = site_of(request).is_secure
    token = cookies.read(request, STAFF_LOGIN, is_secure=secure) or ""
    async with building.transaction(NOBODY) as db:
        await staff.log_out(db, token, building.now())
    response = RedirectResponse("/guide/login", 303)
    cookies.drop(response, STAFF_LOGIN, is_secure=secure)
    return response


async def _open(request: Request, building: Building, login: str, password: str) -> str:
    """Count the try first, in a transaction of its own, so that a failure keeps the count."""
    address = request.client.host if request.client else "unknown"
    async with building.transaction(NOBODY) as db:
        await staff.count_try(db, login, address, building.now())
    async with building.transaction(NOBODY) as db:
        return await staff.log_in(db, login, password, building.now())
