"""The kit's own addresses: static files, pictures, and how one likes to read."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from headwater.web.kit import assets
from headwater.web.kit.answers import safe_next
from headwater.web.kit.drawing import pictures
from headwater.web.kit.forms import read_form
from headwater.web.kit.pages import A_YEAR_SECONDS
from headwater.web.kit.site import site_of

CHOICES = {
    "theme": {"system", "light", "dark"},
    "language": {"zh", "en"},
    "size": {"normal", "large"},
}


async def prefer(request: Request) -> Response:
    """Remember a colour, a language or a size of type, and go back to the page."""
    chosen = await read_form(request)
    response = RedirectResponse(safe_next(chosen.get("next")), 303)
    for name, known in CHOICES.items():
        if chosen.get(name) in known:
            response.set_cookie(
                name,
                chosen[name],
                max_age=A_YEAR_SECONDS,
                samesite="lax",
                secure=site_of(request).is_secure,
            )
    return response


ROUTES = [
    Route("/static/{file}", assets.serve, name="static"),
    Route("/pictures/{category}/{variant:int}.svg", pictures.serve, name="picture"),
    Route("/goods/{category}/{variant:int}.svg", pictures.serve, name="goods"),
    Route("/preferences", prefer, methods=["POST"], name="preferences"),
]
