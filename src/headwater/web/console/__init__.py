"""The console: headquarters' desk, each page inside the walls of whoever looks."""

from __future__ import annotations

from starlette.routing import Route

from headwater.web.console import (
    campaigns,
    login,
    members,
    orders,
    products,
    refunds,
    scoreboard,
    segments,
    stores,
    system,
)

SUBJECTS = (
    login, scoreboard, segments, campaigns, members, orders, refunds, products, stores, system,
)  # fmt: skip
ROUTES: list[Route] = [route for each in SUBJECTS for route in each.door.routes]
