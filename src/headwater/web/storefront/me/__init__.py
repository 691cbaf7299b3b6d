"""My corner of the shop: who one is here, what is allowed, and all of it to take away."""

from headwater.web.storefront.me.pages import door

__all__ = ["door"]
