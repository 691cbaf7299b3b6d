"""How a host plugs into the sandbox: what it is given, what it owes, and whom it may ask."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from headwater.sandbox.credentials import Credentials
from headwater.sandbox.faults import Faults
from headwater.sandbox.journal import Journal
from headwater.sandbox.outgoing import Callbacks, Outgoing
from headwater.sandbox.people import People
from headwater.sandbox.phone.pages import Pages

Clock = Callable[[], datetime]
Telling = Coroutine[Any, Any, bool]


@dataclass(frozen=True)
class Ground:
    """What every host stands on; whatever is shared between hosts is here."""

    credentials: Credentials
    journal: Journal
    seed: int
    speed: float
    now: Clock
    faults: Faults
    people: People
    outgoing: Outgoing
    callbacks: Callbacks
    pages: Pages


class Host(ABC):
    """One of Tencent's hosts at its own root; a package derives from it and is listed once.

    To add one: derive a class in its package, give it `plug(ground, others)`, and name it in
    `simulated.PLUGS`. Its port is its place in `serve.ORDER`.
    """

    @abstractmethod
    def app(self) -> ASGIApp:
        """The host as an ASGI application."""

    def side_doors(self) -> Sequence[BaseRoute]:
        """Routes under /_sandbox, for what no API of the platform can do."""
        return ()

    def take_due(self, now: datetime) -> Sequence[Telling]:
        """What the clock owes by now; each is awaited once and says whether it was heard."""
        return ()


HostKind = TypeVar("HostKind", bound=Host)


class Others:
    """The hosts that were built before, found by their class: the phone asks all of them."""

    def __init__(self) -> None:
        self.by_name: dict[str, Host] = {}

    def the(self, kind: type[HostKind]) -> HostKind:
        """The host of this kind; it must have been built before."""
        return next(host for host in self.by_name.values() if isinstance(host, kind))


Plug = Callable[[Ground, Others], Host]
