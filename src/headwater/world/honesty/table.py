"""The table: every promise, what many worlds said of it, and whether it was kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from headwater.world.honesty.bands import Line
from headwater.world.honesty.households import Households
from headwater.world.honesty.studies import (
    breakages,
    channels,
    contents,
    guides,
    looks,
    members,
    stores,
    waves,
)


@dataclass(frozen=True)
class Size:
    """How many worlds each study gets, and how many salts the product draws for them."""

    one_look: int
    weekly: int
    daily: int
    guides: int
    contents: int
    channels: int
    stores: int
    waves: int
    salts: int


FAST: Final = Size(500, 500, 80, 10, 400, 80, 30, 12, 8)
FULL: Final = Size(1_000, 3_000, 600, 30, 1_000, 60, 60, 30, 40)


def studies(
    households: Households, size: Size, seed: int
) -> dict[str, Callable[[], Iterator[Line]]]:
    """Name the studies in the order of the table; none is begun before it is asked."""
    salts = size.salts
    return {
        "members": lambda: members.study(households, size.one_look, salts, seed),
        "weekly": lambda: looks.weekly(households, size.weekly, salts, seed),
        "daily": lambda: looks.daily(households, size.daily, salts, seed),
        "guides": lambda: guides.study(households, size.guides, salts, seed),
        "contents": lambda: contents.study(size.contents, seed),
        "channels": lambda: channels.study(households, size.channels, salts, seed),
        "stores": lambda: stores.study(households, size.stores, seed),
        "waves": lambda: waves.study(households, size.waves, seed),
        "guards": lambda: breakages.study(households, size.one_look, salts, seed),
    }
