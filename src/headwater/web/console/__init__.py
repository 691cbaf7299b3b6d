"""The console: headquarters' desk, each page inside the walls of whoever looks."""

from __future__ import annotations

from starlette.routing import Route

from headwater.web.console import campaigns, login, scoreboard, segments

ROUTES: list[Route] = [
    *login.door.routes,
    *scoreboard.door.routes,
    *segments.door.routes,
    *campaigns.door.routes,
]
