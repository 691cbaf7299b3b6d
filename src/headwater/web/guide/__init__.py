"""The guide's workbench, on the phone first."""

from headwater.web.guide import customers, earnings, exits, login, sharing, today

_DOORS = (login, today, customers, sharing, earnings, exits)
ROUTES = [route for each in _DOORS for route in each.door.routes]

__all__ = ["ROUTES"]
