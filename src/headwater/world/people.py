"""People: who lives in a world, and where each of them is known."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import httpx2

from headwater.world.doors import Clients, Visitor

# A login lasts a month; people log in again a little earlier.
LOGIN_LASTS = timedelta(days=25)


@dataclass(frozen=True)
class Person:
    """One simulated person: the phone's owner, the tills' customer, the product's member."""

    person_id: str
    external_id: str
    member_id: str


@dataclass(frozen=True)
class Colleague:
    """A guide with a login, whose truth has a name of its own."""

    login: str
    password: str


@dataclass(frozen=True)
class Told:
    """What a till heard of one store: its wave, since when, and whether it is on."""

    store_code: str
    is_on: bool
    wave: int | None
    starts_at: datetime | None


@dataclass
class World:
    """Where simulated people live: the shop's address, their phones, and a clock that moves.

    `take_in` hands a till's file to the import; `night` is what the clock makes the product do when
    days end; `told` says whose phone got a message since a moment; `held_out` asks the product's
    own door who is left alone of the whole programme, and `started` which stores of a rollout have
    started.
    """

    shop: str
    phone: str
    clients: Clients
    people: Sequence[Person]
    guides: Sequence[Colleague]
    set_clock: Callable[[datetime], None]
    pass_time: Callable[[], Awaitable[None]]
    night: Callable[[], Awaitable[None]]
    take_in: Callable[[str, Path], Awaitable[None]]
    told: Callable[[datetime], set[str]]
    held_out: Callable[[Sequence[str]], Awaitable[set[str]]]
    started: Callable[[str], Awaitable[list[Told]]]
    folder: Path
    progress: Callable[[str, int, int], None] = lambda *_said: None
    _visitors: dict[int, tuple[Visitor, datetime]] = field(default_factory=dict)

    async def at_the_door(self, who: int, now: datetime) -> Visitor:
        """Give a person their own browser, logged in."""
        known = self._visitors.get(who)
        if known is not None and now - known[1] < LOGIN_LASTS:
            return known[0]
        visitor = known[0] if known else self._arriving(who)
        visitor.is_logged_in = False
        await visitor.log_in()
        self._visitors[who] = (visitor, now)
        return visitor

    def placed(self) -> Mapping[str, int]:
        """Find people by the id under which the product knows them."""
        return {person.member_id: place for place, person in enumerate(self.people)}

    async def close(self) -> None:
        """Let everybody put their phone away."""
        for visitor, _since in self._visitors.values():
            await visitor.client.aclose()

    def _arriving(self, who: int) -> Visitor:
        client: httpx2.AsyncClient = self.clients()
        return Visitor(self.people[who].person_id, self.shop, self.phone, client)
