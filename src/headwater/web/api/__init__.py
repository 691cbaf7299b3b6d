"""API: what apps and the mini program call; JSON in and out, typed by msgspec."""

from headwater.web.api import holdouts, orders

ROUTES = [*orders.door.routes, *holdouts.door.routes]

__all__ = ["ROUTES"]
