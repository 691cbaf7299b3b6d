"""The truth of a simulated world, written to a file that the product never reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from headwater.world.heart.effects import NEVER, Causes
from headwater.world.heart.habits import Array
from headwater.world.wanted import Wanted

ANYWAY: Final = -1
# What was bought on the phone has no store of the tills'.
ONLINE: Final = -1


@dataclass(frozen=True)
class Money:
    """So many orders, what they came to, and what of it was brought back."""

    orders: int
    sold_fen: int
    returned_fen: int

    @property
    def net_fen(self) -> int:
        """What stayed sold."""
        return self.sold_fen - self.returned_fen

    def said(self) -> dict[str, int]:
        """Say it as the file does."""
        return {
            "orders": self.orders, "sold_fen": self.sold_fen,
            "returned_fen": self.returned_fen, "net_fen": self.net_fen,
        }  # fmt: skip


@dataclass
class Sales:
    """Every order of a world in columns: whose, on which day, why, what it came to."""

    who: list[int] = field(default_factory=list)
    day: list[int] = field(default_factory=list)
    cause: list[int] = field(default_factory=list)
    fen: list[int] = field(default_factory=list)
    returned_fen: list[int] = field(default_factory=list)
    store: list[int] = field(default_factory=list)
    # The causes without which it would not have been, as bits.
    needs: list[int] = field(default_factory=list)

    def add(self, who: int, day: int, cause: int, fen: int, store: int, needs: int) -> int:
        """Note an order and give its place."""
        row = (who, day, cause, fen, 0, store, needs)
        for column, value in zip(vars(self).values(), row, strict=True):
            column.append(value)
        return len(self.who) - 1

    def columns(self) -> dict[str, Array]:
        """Give the columns as numbers."""
        return {name: np.array(column, dtype=np.int64) for name, column in vars(self).items()}


@dataclass
class Truth:
    """What was really caused, in fen, by what, and what would have been sold anyway."""

    wanted: Wanted
    members: int
    store_codes: tuple[str, ...] = ()
    causes: list[str] = field(default_factory=list)
    sales: Sales = field(default_factory=Sales)
    started_at: datetime | None = None
    ended_at: datetime | None = None
    # Where each campaign's page is, by the name of its effect.
    pages: dict[str, str] = field(default_factory=dict)
    held_out: Array = field(default_factory=lambda: np.zeros(0, dtype=bool))
    # What each would have been made to buy, had everybody been treated alike (fen, expected).
    would_have_fen: Array = field(default_factory=lambda: np.zeros(0))
    # Usual visits that did not happen, since something drove people away.
    driven_away_fen: int = 0
    sold_out: int = 0
    lost_to_outages: int = 0
    reached: dict[str, int] = field(default_factory=dict)

    def known(self, moved: Causes) -> dict[str, Any]:
        """Lay out everything, for whoever judges the product."""
        columns = self.sales.columns()
        held = self.held_out[columns["who"]] if len(self.held_out) else columns["who"] < 0
        anyway = columns["cause"] == ANYWAY
        treated: dict[str, Any] = {
            "members": int((~self.held_out).sum()) if len(self.held_out) else self.members,
            "anyway": _money(columns, ~held & anyway).said(),
            "caused": _money(columns, ~held & ~anyway).said(),
        }
        left_alone: dict[str, Any] = {
            "members": int(self.held_out.sum()),
            "anyway": _money(columns, held & anyway).said(),
            "caused": _money(columns, held & ~anyway).said(),
            "would_have_been_caused_fen": round(float(self.would_have_fen.sum())),
        }
        base = treated["anyway"]["net_fen"]
        return {
            "asked": msgspec.to_builtins(self.wanted),
            "seed": self.wanted.seed,
            "members": self.members,
            "weeks": self.wanted.weeks,
            "started_at": self.started_at,
            "ended_at": self.ended_at,
            "programme": {
                "treated": treated,
                "held_out": left_alone,
                "true_lift_share": treated["caused"]["net_fen"] / base if base else 0.0,
            },
            "causes": [self._cause(columns, no, moved) for no in range(len(self.causes))],
            "channels": self._channels(columns, moved),
            "stores": _by_store(columns, self.store_codes),
            "driven_away_fen": self.driven_away_fen,
            "sold_out": self.sold_out,
            "lost_to_outages": self.lost_to_outages,
        }

    def save(self, file: Path, moved: Causes) -> None:
        """Write it down beside the product."""
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(msgspec.json.format(msgspec.json.encode(self.known(moved)), indent=1))

    def _cause(self, columns: dict[str, Array], no: int, moved: Causes) -> dict[str, Any]:
        name = self.causes[no]
        effect = moved.effects.get(name)
        needed = (columns["needs"] >> no) & 1 == 1
        return {
            "name": name,
            "channel": effect.channel if effect else name,
            "page": self.pages.get(name),
            "first_lift": effect.lift if effect else None,
            "growth_a_week": effect.growth if effect else None,
            "reached": self.reached.get(name, 0),
            # Each order has one cause; `marginal` would not have been without this one.
            "caused": _money(columns, columns["cause"] == no).said(),
            "marginal": _money(columns, needed).said(),
        }

    def _channels(self, columns: dict[str, Array], moved: Causes) -> dict[str, dict[str, int]]:
        names: dict[str, list[int]] = {}
        for no, name in enumerate(self.causes):
            effect = moved.effects.get(name)
            names.setdefault(effect.channel if effect else name, []).append(no)
        return {
            channel: _money(columns, np.isin(columns["cause"], places)).said()
            for channel, places in names.items()
        }


def reached_of(moved: Causes) -> dict[str, int]:
    """Count whom each cause reached."""
    return {name: int((since != NEVER).sum()) for name, since in moved.since.items()}


def _money(columns: dict[str, Array], kept: Array) -> Money:
    return Money(
        int(kept.sum()),
        int(columns["fen"][kept].sum()),
        int(columns["returned_fen"][kept].sum()),
    )


def _by_store(columns: dict[str, Array], codes: Sequence[str]) -> dict[str, dict[str, int]]:
    """Say of each store what was sold there anyway, and what was caused."""
    found = {}
    for store in np.unique(columns["store"]):
        here = columns["store"] == store
        anyway = columns["cause"] == ANYWAY
        code = codes[store] if store != ONLINE else "online"
        found[code] = {
            "anyway_fen": _money(columns, here & anyway).net_fen,
            "caused_fen": _money(columns, here & ~anyway).net_fen,
        }
    return found
