"""Scan and go, as the shopper walks through the store."""

from headwater.web.scango import passes, visits

_DOORS = (visits, passes)
ROUTES = [route for each in _DOORS for route in each.door.routes]

__all__ = ["ROUTES"]
