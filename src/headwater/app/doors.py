"""The doors of one building, as one ASGI application."""

from __future__ import annotations

import importlib
from dataclasses import replace

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from headwater.app import metrics
from headwater.base.crypto import Keys
from headwater.base.db import NOBODY
from headwater.base.settings import Settings
from headwater.base.sql import statements
from headwater.web.kit import answers, routes
from headwater.web.kit.building import Building
from headwater.web.kit.doors import MACHINE, Door
from headwater.web.kit.media import door as media
from headwater.web.kit.site import SafeHeaders, Site

sql = statements(__file__)

# The storefront stands last: its addresses begin at the root.
DOORS = ("hooks", "api", "scango", "guide", "console", "storefront")

health = Door()


@health.get("/livez", MACHINE, name="livez")
async def live(request: Request, building: Building) -> Response:
    """The process answers; nothing else is looked at."""
    return JSONResponse({"state": "live"})


@health.get("/readyz", MACHINE, name="readyz")
async def ready(request: Request, building: Building) -> Response:
    """The database answers too, and its migrations are there."""
    async with building.transaction(NOBODY) as db:
        newest = await db.value(sql.newest_migration)
    return JSONResponse({"state": "ready", "migration": newest})


def all_routes() -> list[BaseRoute]:
    """List every route of every door, for the wiring and for the tests that walk them."""
    found: list[BaseRoute] = [
        *health.routes,
        *metrics.door.routes,
        *routes.ROUTES,
        *media.door.routes,
    ]
    for name in DOORS:
        door = importlib.import_module(f"headwater.web.{name}")
        found.extend(getattr(door, "ROUTES", []))
    return found


def site_of(
    settings: Settings,
    signing: tuple[str, ...],
    pay_page: str | None,
    pictures_from: tuple[str, ...] = (),
) -> Site:
    """Describe the site to its templates and cookies."""
    hosts = ["/".join(pay_page.split("/")[:3])] if pay_page else []
    return Site(
        keys=signing,
        is_secure=settings.public_url.startswith("https://"),
        origins=(settings.public_url,),
        form_hosts=tuple(hosts),
        framed_by=tuple(hosts),
        pictures_from=pictures_from,
    )


def open_doors(building: Building) -> Starlette:
    """Make the application around a building that stands."""
    app = Starlette(routes=all_routes())
    settings = building.settings
    site = site_of(settings, building.keys.signing, settings.pay_page_url, building.storage.origins)
    app.state.building = building
    app.state.site = site

    def sign_with(keys: Keys) -> None:
        app.state.site = replace(app.state.site, keys=keys.signing)

    building.secrets.tell(sign_with)
    answers.install(app)
    app.add_middleware(SafeHeaders, site=site)
    return app


def is_route(route: BaseRoute) -> bool:
    """Tell whether this is a plain route, not a mount."""
    return isinstance(route, Route)
