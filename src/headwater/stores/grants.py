"""Grants: which role somebody has and where, and what each role may do.

One table decides; doors name the permission they need, and the tests walk every pair.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from headwater.base.db import Walls

ROLES: dict[str, frozenset[str]] = {
    "guide": frozenset({"workbench", "exits.check", "products.read", "stock.read"}),
    "store_manager": frozenset(
        {
            "workbench",
            "exits.check",
            "products.read",
            "stock.read",
            "orders.read",
            "orders.hand_over",
            "members.read",
            "stores.read",
        }
    ),
    "supervisor": frozenset(
        {
            "exits.check",
            "products.read",
            "stock.read",
            "orders.read",
            "members.read",
            "stores.read",
            "scoreboard.read",
        }
    ),
    "operator": frozenset(
        {
            "products.read",
            "products.write",
            "stock.read",
            "orders.read",
            "orders.refund",
            "orders.hand_over",
            "members.read",
            "stores.read",
            "segments.write",
            "campaigns.write",
            "programs.write",
            "waves.write",
            "scoreboard.read",
        }
    ),
    "analyst": frozenset(
        {
            "products.read",
            "stock.read",
            "orders.read",
            "members.read",
            "stores.read",
            "scoreboard.read",
        }
    ),
    "finance": frozenset(
        {"orders.read", "orders.refund", "stores.read", "books.read", "scoreboard.read"}
    ),
    "chief": frozenset({"scoreboard.read", "stores.read", "books.read"}),
    "admin": frozenset(
        {
            "products.read",
            "products.write",
            "stock.read",
            "orders.read",
            "orders.refund",
            "orders.hand_over",
            "members.read",
            "stores.read",
            "segments.write",
            "campaigns.write",
            "programs.write",
            "waves.write",
            "scoreboard.read",
            "books.read",
            "staff.write",
            "system.read",
        }
    ),
}
PERMISSIONS = frozenset[str]().union(*ROLES.values())


@dataclass(frozen=True)
class Grant:
    """A role in a scope: the company, a brand, a region or a store."""

    role: str
    scope_kind: str
    scope_id: UUID | None


def may(grants: Sequence[Grant], permission: str) -> bool:
    """Tell whether any grant allows this; what no role names is allowed to nobody."""
    return any(permission in ROLES.get(grant.role, frozenset()) for grant in grants)


def walls(grants: Sequence[Grant], permission: str) -> Walls:
    """Draw the walls inside which somebody has a permission: only the grants that carry it."""
    carrying = [grant for grant in grants if permission in ROLES.get(grant.role, frozenset())]
    if any(grant.scope_kind == "company" for grant in carrying):
        return Walls("company")

    def scopes(kind: str) -> tuple[UUID, ...]:
        return tuple(
            grant.scope_id
            for grant in carrying
            if grant.scope_kind == kind and grant.scope_id is not None
        )

    return Walls(
        "staff", brand_ids=scopes("brand"), region_ids=scopes("region"), store_ids=scopes("store")
    )
