"""The console: headquarters' desk, each page inside the walls of whoever looks."""

from __future__ import annotations

from starlette.routing import Route

from headwater.web.console import (
    campaigns,
    login,
    members,
    orders,
    refunds,
    segments,
    stores,
)
from headwater.web.console.increment import (
    channels,
    experiments,
    guides,
    honesty,
    planning,
    programs,
    rows,
    scoreboard,
    waves,
)
from headwater.web.console.outside import ads
from headwater.web.console.shelf import deals, pictures, products
from headwater.web.console.system import jobs, overview

SUBJECTS = (
    login, scoreboard, planning, programs, experiments, rows, waves, guides, channels, honesty,
    segments, campaigns, members, orders, refunds, products, pictures, deals, stores, ads,
    overview, jobs,
)  # fmt: skip
ROUTES: list[Route] = [route for each in SUBJECTS for route in each.door.routes]
