"""The truth of a simulated world, written to a file that the product never reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from headwater.world.heart.effects import NEVER, Causes
from headwater.world.heart.habits import Array
from headwater.world.people import Told
from headwater.world.wanted import Rollout, Wanted

ANYWAY: Final = -1
# What was bought on the phone has no store of the tills'.
ONLINE: Final = -1
# What a store does, it does for everybody who shops there, also for who is left alone.
STORES: Final = "store"


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
class RolledOut:
    """A rollout with each store's own true lift, its page, and what tills heard this morning."""

    wanted: Rollout
    lifts: Mapping[str, float]
    page: str | None = None
    heard: dict[str, Told] = field(default_factory=dict)

    def hear(self, told: Sequence[Told]) -> None:
        """Take in which stores have started."""
        self.heard = {each.store_code: each for each in told}

    def is_on(self, store_code: str) -> bool:
        """Tell whether a store has started; one that has no part never does."""
        told = self.heard.get(store_code)
        return told is not None and told.is_on

    @property
    def read_until(self) -> datetime | None:
        """Give the end of the last wave's window, up to which the last look sees."""
        starts = [each.starts_at for each in self.heard.values() if each.starts_at is not None]
        return min(starts) + timedelta(weeks=self.wanted.weeks) if starts else None

    def store(self, code: str) -> dict[str, Any]:
        """Say of a store when it started and what it truly adds there."""
        told = self.heard[code]
        return {"wave": told.wave, "starts_at": told.starts_at,
                "lift": self.lifts.get(code, 0.0) if told.wave else 0.0}  # fmt: skip


@dataclass
class Truth:
    """What was really caused, in fen, by what, and what would have been sold anyway."""

    wanted: Wanted
    members: int
    store_codes: tuple[str, ...] = ()
    rolled: list[RolledOut] = field(default_factory=list)
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
        treated: dict[str, Any] = {
            "members": int((~self.held_out).sum()) if len(self.held_out) else self.members,
            **self._arm(columns, ~held, moved),
        }
        left_alone: dict[str, Any] = {
            "members": int(self.held_out.sum()),
            **self._arm(columns, held, moved),
            "would_have_been_caused_fen": round(float(self.would_have_fen.sum())),
        }
        base = treated["anyway"]["net_fen"] + treated["by_stores"]["net_fen"]
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
            "rollouts": [self._rollout(columns, each) for each in self.rolled],
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

    def _arm(
        self, columns: dict[str, Array], here: Array, moved: Causes
    ) -> dict[str, dict[str, int]]:
        """Say of an arm what was sold anyway, what we caused, and what stores did for everybody."""
        of_stores = [no for no, name in enumerate(self.causes)
                     if self._channel(name, moved) == STORES]  # fmt: skip
        by_stores = np.isin(columns["cause"], of_stores)
        anyway = columns["cause"] == ANYWAY
        return {
            "anyway": _money(columns, here & anyway).said(),
            "caused": _money(columns, here & ~anyway & ~by_stores).said(),
            "by_stores": _money(columns, here & by_stores).said(),
        }

    def _channel(self, name: str, moved: Causes) -> str:
        effect = moved.effects.get(name)
        if effect is not None:
            return effect.channel
        return STORES if any(each.wanted.code == name for each in self.rolled) else name

    def _rollout(self, columns: dict[str, Array], each: RolledOut) -> dict[str, Any]:
        """Say what it caused up to the end of the last window, in all and in each store."""
        until = each.read_until
        asked = {"code": each.wanted.code, "page": each.page, "read_until": until}
        if until is None or self.started_at is None:
            return asked | {"stores": {}, "caused": Money(0, 0, 0).said()}
        caused = (columns["cause"] == self.causes.index(each.wanted.code)) & (
            columns["day"] < (until - self.started_at).days
        )
        stores = {}
        for code in sorted(each.heard):
            place = self.store_codes.index(code) if code in self.store_codes else None
            here = (
                _money(columns, caused & (columns["store"] == place)) if place is not None else None
            )
            stores[code] = each.store(code) | {"caused_fen": here.net_fen if here else 0}
        return asked | {"stores": stores, "caused": _money(columns, caused).said()}

    def _cause(self, columns: dict[str, Array], no: int, moved: Causes) -> dict[str, Any]:
        name = self.causes[no]
        effect = moved.effects.get(name)
        needed = (columns["needs"] >> no) & 1 == 1
        return {
            "name": name,
            "channel": self._channel(name, moved),
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
            names.setdefault(self._channel(name, moved), []).append(no)
        return {
            channel: _money(columns, np.isin(columns["cause"], places)).said()
            for channel, places in names.items()
        }


def rolled_out(wanted: Rollout, store_codes: Sequence[str], seed: Sequence[int]) -> RolledOut:
    """Draw how much it does in each store; it lies about the lift asked for, and stays."""
    noise = np.random.default_rng([*seed])
    strength = np.maximum(1 + wanted.spread * noise.standard_normal(len(store_codes)), 0.0)
    lifts = (wanted.lift * strength).tolist()
    return RolledOut(wanted, dict(zip(store_codes, lifts, strict=True)))


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
