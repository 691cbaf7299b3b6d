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
    friends,
    guides,
    looks,
    members,
    mutations,
    picked,
    rehearsals,
    stores,
    waves,
)
from headwater.world.honesty.studies.pooled import campaigns, lessons


@dataclass(frozen=True)
class Size:
    """How many worlds each study gets, how many salts, and how many draws behind a boundary."""

    one_look: int
    weekly: int
    daily: int
    guides: int
    contents: int
    lessons: int
    channels: int
    campaigns: int
    friends: int
    stores: int
    picked: int
    waves: int
    mutations: int
    salts: int
    draws: int


# fmt: off
FAST: Final = Size(
    one_look=300, weekly=200, daily=40, guides=8, contents=300, lessons=60,
    channels=50, campaigns=25, friends=80, stores=30, picked=6, waves=20, mutations=40,
    salts=5, draws=2**9,
)
# So many that chance no longer widens what is promised.
FULL: Final = Size(
    one_look=3_500, weekly=6_900, daily=400, guides=300, contents=6_900, lessons=3_500,
    channels=3_500, campaigns=1_500, friends=3_100, stores=1_500, picked=400, waves=1_750,
    mutations=1_000, salts=10, draws=2**11,
)
# fmt: on

Study = Callable[[], Iterator[Line]]


def studies(households: Households, size: Size, seed: int) -> dict[str, Study]:
    """Name the studies in the order of the table; none is begun before it is asked."""
    salts, one_look = size.salts, size.one_look
    # Where it is the sizes of arms that are judged, it is salts that have to be many.
    many_salts = 8 * salts
    return {
        "members": lambda: members.study(households, members.HALF, one_look, salts, seed),
        "many": lambda: members.study(households, members.MANY, one_look, salts, seed),
        "few": lambda: members.study(households, members.FEW, one_look, salts, seed),
        "weekly": lambda: looks.weekly(households, size.weekly, salts, seed, size.draws),
        "daily": lambda: looks.daily(households, size.daily, salts, seed),
        "guides": lambda: guides.study(households, size.guides, salts, seed),
        "contents": lambda: contents.study(size.contents, seed),
        "lessons": lambda: lessons.study(size.lessons, seed),
        "channels": lambda: channels.study(households, size.channels, salts, seed),
        "campaigns": lambda: campaigns.study(households, size.campaigns, salts, seed),
        "friends": lambda: friends.study(households, size.friends, salts, seed),
        "stores": lambda: stores.study(households, size.stores, seed),
        "picked": lambda: picked.study(households, size.picked, seed),
        "waves": lambda: waves.study(households, size.waves, seed),
        "rehearsals": lambda: rehearsals.study(households),
        "guards": lambda: breakages.study(households, one_look, many_salts, seed),
        "mutations": lambda: mutations.study(households, size.mutations, many_salts, seed),
    }
