"""Who listens to pushes: rooms of the business hook in here, and the worker tells them."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from headwater.connect import pushes
from headwater.web.kit.building import Building

log = logging.getLogger(__name__)

ANYTHING = "*"


@dataclass(frozen=True)
class Heard:
    """A push that was believed; `fields` say what the platform says, in its own names."""

    channel: str
    fields: Mapping[str, Any]
    heard_at: datetime

    @property
    def name(self) -> str:
        """What it is about: its event, or the kind of its message."""
        return pushes.name_of(self.fields)


Listener = Callable[[Building, Heard], Awaitable[None]]


class Listeners:
    """Who wants to be told of what; a listener may be told again, so it ends in a unique key."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], list[Listener]] = defaultdict(list)

    def hears(self, channel: str, name: str = ANYTHING) -> Callable[[Listener], Listener]:
        """Register a listener to one kind of push of a channel, or to all of them."""

        def register(listener: Listener) -> Listener:
            self._known[channel, name.lower()].append(listener)
            return listener

        return register

    async def work(self, building: Building, body: Any) -> None:
        """Tell everybody who wants to hear of a push; what nobody wants is let go."""
        fields = pushes.unsealed(building.keys, body["sealed"])
        heard = Heard(body["channel"], fields, datetime.fromisoformat(body["heard_at"]))
        for name in (heard.name, ANYTHING):
            for listener in self._known.get((heard.channel, name), ()):
                await listener(building, heard)


LISTENERS = Listeners()
hears = LISTENERS.hears
