"""Storefront: the shopper's website, on the phone first."""

from headwater.web.storefront import (
    cart,
    checkout,
    deals,
    home,
    login,
    me,
    orders,
    pay,
    products,
    stores,
)

_DOORS = (home, products, stores, cart, login, checkout, deals, pay, orders, me)
ROUTES = [route for each in _DOORS for route in each.door.routes]

__all__ = ["ROUTES"]
