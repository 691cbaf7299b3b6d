"""What is answered when the system says no: a page, a part of one, or JSON."""

from __future__ import annotations

import logging
import secrets
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from headwater.base.errors import BadInput, NotLoggedIn, Refusal, TooOften, Trouble
from headwater.web.kit import wording
from headwater.web.kit.pages import is_partial, render
from headwater.web.kit.site import safe_headers, site_of
from headwater.web.kit.wording import _, mark

log = logging.getLogger("headwater.web")

# By status: the mark, the heading and the tone of the page.
FACES = {
    401: ("lock", mark("请先登录"), ""),
    403: ("lock", mark("没有权限"), "warn"),
    404: ("search", mark("没有找到"), ""),
    429: ("clock", mark("慢一点"), "warn"),
    500: ("failed", mark("出了点问题"), "bad"),
    503: ("refresh", mark("请稍后再试"), "warn"),
}
OTHER_FACE = ("alert", mark("没有完成"), "warn")


def install(app: Starlette) -> None:
    """Let every refusal of the house be answered in words, whichever door raised it."""
    app.add_exception_handler(Refusal, on_refusal)
    app.add_exception_handler(Trouble, on_trouble)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(Exception, on_bug)


async def on_refusal(request: Request, error: Exception) -> Response:
    """Say what was refused; whoever is not logged in is led to the login and back."""
    assert isinstance(error, Refusal)
    wording.listen(request.scope)
    if isinstance(error, NotLoggedIn) and not wants_json(request):
        return to_login(request)
    sentence = wording.refusal_sentence(error)
    field = error.field if isinstance(error, BadInput) else None
    response = answer(request, error.status, error.code, sentence, field=field)
    if isinstance(error, TooOften):
        response.headers["Retry-After"] = str(error.details.get("retry_after_seconds", 60))
    return response


async def on_trouble(request: Request, error: Exception) -> Response:
    """The outside failed: say so, and that trying again does no harm."""
    log.warning("trouble on %s: %s", request.url.path, error)
    response = answer(request, 503, "trouble", simple("trouble"))
    response.headers["Retry-After"] = "5"
    return response


async def on_http(request: Request, error: Exception) -> Response:
    """Refusals of the framework itself, such as an unknown address or a wrong method."""
    assert isinstance(error, HTTPException)
    code = "not_found" if error.status_code == 404 else "refusal"
    if error.status_code in {401, 403}:
        code = "not_permitted"
    response = answer(request, error.status_code, code, simple(code))
    response.headers.update(error.headers or {})
    return response


async def on_bug(request: Request, error: Exception) -> Response:
    """A bug shows a reference and nothing of its insides."""
    reference = secrets.token_hex(4)
    log.error("bug %s on %s %s", reference, request.method, request.url.path, exc_info=error)
    response = answer(request, 500, "bug", simple("bug"), reference=reference)
    # The framework answers bugs outside of all middleware, hence without its headers.
    response.headers.update(safe_headers(site_of(request)))
    return response


def answer(
    request: Request,
    status: int,
    code: str,
    sentence: str,
    *,
    field: str | None = None,
    reference: str | None = None,
) -> Response:
    """The same refusal in the shape that the caller understands."""
    if wants_json(request):
        body = {"code": code, "message": sentence, "field": field, "reference": reference}
        kept = {key: value for key, value in body.items() if value is not None}
        return JSONResponse(kept, status, {"Cache-Control": "no-store"})
    name, title, tone = FACES.get(status, OTHER_FACE)
    return render(
        request,
        "shell/refusal.html",
        block="refusal",
        status=status,
        mark=name,
        title=_(title),
        tone=tone or "warn",
        sentence=sentence,
        field=field,
        reference=reference,
        home=home_of(request),
        retry=str(request.url.path) if status >= 500 and request.method == "GET" else None,
    )


def wants_json(request: Request) -> bool:
    """Machines and our own scripts ask for JSON; browsers ask for a page."""
    path, accepted = request.url.path, request.headers.get("accept", "")
    if path.startswith(("/api/", "/hooks/")):
        return True
    return "application/json" in accepted and "text/html" not in accepted


def to_login(request: Request) -> Response:
    """Lead to the login of this door, which leads back to where one was."""
    login = site_of(request).login_for(request.url.path)
    here = request.url.path
    if request.method != "GET":
        here = home_of(request)
    elif request.url.query:
        here = f"{here}?{request.url.query}"
    address = f"{login}?next={quote(here, safe='/')}"
    if is_partial(request):
        return Response(status_code=401, headers={"HX-Redirect": address})
    return RedirectResponse(address, 303)


def led_to(request: Request, address: str) -> Response:
    """Lead to another page of ours, also from a part of a page that asked for itself."""
    if is_partial(request):
        return Response(headers={"HX-Redirect": address, "Cache-Control": "no-store"})
    return RedirectResponse(address, 303)


def safe_next(address: str | None, otherwise: str = "/") -> str:
    """Where to go after a login or a choice: only ever to a page of our own."""
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")):
        return otherwise
    return otherwise if any(sign in address for sign in "\\\r\n\t") else address


def home_of(request: Request) -> str:
    """The first page of the door that was asked."""
    login = site_of(request).login_for(request.url.path)
    return login.removesuffix("/login") or "/"


def simple(code: str) -> str:
    """The sentence of a code that needs no details."""
    return wording.refusals()[code][wording.language()]
