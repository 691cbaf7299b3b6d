"""API: what apps and the mini program call; JSON in and out, typed by msgspec."""

from headwater.web.api import holdouts, orders, waves

ROUTES = [*orders.door.routes, *holdouts.door.routes, *waves.door.routes]

__all__ = ["ROUTES"]
