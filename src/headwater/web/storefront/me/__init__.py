"""My corner of the shop: who one is here, what is allowed, and all of it to take away."""

from headwater.web.kit.doors import Door
from headwater.web.storefront.me import pages, phones

__all__ = ["door"]

door = Door([*pages.door.routes, *phones.door.routes])
