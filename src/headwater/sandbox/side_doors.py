"""Side doors under /_sandbox: what tests and a simulated world do that no merchant's API can."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import UNSET, Meta, UnsetType
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from headwater.sandbox.faults import Faults
from headwater.sandbox.hosts import Ground
from headwater.sandbox.people import NoSuchPerson, NumberTaken, Person
from headwater.sandbox.scenario import BadScenario, Stage, play, understood

Answer = tuple[int, Any]
Body = TypeVar("Body")
Verb = Callable[[Request, bytes, datetime], Answer]
Url = Annotated[str, Meta(pattern=r"^https?://[^\s#]+\Z", max_length=512)]


class NewPerson(msgspec.Struct, forbid_unknown_fields=True):
    nickname: Annotated[str, Meta(min_length=1, max_length=32)]
    phone_number: Annotated[str, Meta(pattern=r"^1[3-9][0-9]{9}\Z")] | None = None
    follows: bool = True


class NewCallbacks(msgspec.Struct, forbid_unknown_fields=True):
    """Addresses for pushes; what is left out stays, null takes one away."""

    official_account: Url | UnsetType | None = UNSET
    mini_program: Url | UnsetType | None = UNSET
    wecom: Url | UnsetType | None = UNSET


class NotDone(Exception):
    """A side door's plain refusal: a status and a reason."""

    def __init__(self, status: int, why: str) -> None:
        self.status = status
        self.why = why
        super().__init__(why)


def door(verb: Verb, now: Callable[[], datetime]) -> Callable[[Request], Awaitable[Response]]:
    """JSON in, JSON out, unsigned: reachable only where the sandbox itself is."""

    async def answer(request: Request) -> Response:
        try:
            # A page of somebody else's, open in the same browser, has no business here.
            if request.headers.get("sec-fetch-site") == "cross-site":
                raise NotDone(403, "side doors do not open for pages of other sites")
            status, said = verb(request, await request.body(), now())
        except (NoSuchPerson, NumberTaken) as error:
            known = isinstance(error, NumberTaken)
            status, said = (409 if known else 404), {"error": f"{type(error).__name__}"}
        except NotDone as error:
            status, said = error.status, {"error": error.why}
        return Response(msgspec.json.encode(said), status, media_type="application/json")

    return answer


def read(body: bytes, body_type: type[Body]) -> Body:
    """The body of a side door, or 422 that says what is wrong with it."""
    try:
        return msgspec.json.decode(body or b"{}", type=body_type)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NotDone(422, str(error)) from None


class SideDoors:
    """The doors that belong to no host: people, misbehaviour, addresses for pushes, the clock."""

    def __init__(self, ground: Ground, settle: Callable[[datetime], Awaitable[int]]) -> None:
        self._ground = ground
        self._people = ground.people
        self._settle = settle

    def mount(self, more: Iterable[BaseRoute]) -> Mount:
        """All side doors, those of the hosts too, to be hung into the phone's host."""
        return Mount(
            "/_sandbox",
            routes=[
                self._route("/people", self._list_people, "GET"),
                self._route("/people", self._create_person, "POST"),
                self._route("/texts/{number}", self._texts, "GET"),
                self._route("/misbehaviour", self._faults_shown, "GET"),
                self._route("/misbehaviour", self._misbehave, "PUT"),
                self._route("/scenario", self._scenario, "GET"),
                self._route("/scenario", self._play, "PUT"),
                self._route("/callbacks", self._callbacks, "GET"),
                self._route("/callbacks", self._set_callbacks, "POST"),
                Route("/deliveries", self._deliver, methods=["POST"]),
                *more,
            ],
        )

    def _route(self, path: str, verb: Verb, method: str) -> Route:
        return Route(path, door(verb, self._ground.now), methods=[method])

    def _list_people(self, request: Request, body: bytes, now: datetime) -> Answer:
        return 200, {"people": [shown(self._ground, one) for one in self._people.everybody()]}

    def _create_person(self, request: Request, body: bytes, now: datetime) -> Answer:
        asked = read(body, NewPerson)
        person = self._people.create(asked.nickname, asked.phone_number, asked.follows)
        return 201, shown(self._ground, person)

    def _texts(self, request: Request, body: bytes, now: datetime) -> Answer:
        return 200, {"texts": self._people.texts(request.path_params["number"])}

    def _faults_shown(self, request: Request, body: bytes, now: datetime) -> Answer:
        return 200, self._ground.faults

    def _misbehave(self, request: Request, body: bytes, now: datetime) -> Answer:
        self._ground.faults.become(read(body, Faults))
        return 200, self._ground.faults

    def _scenario(self, request: Request, body: bytes, now: datetime) -> Answer:
        return 200, {"rules": self._ground.faults.told()}

    def _play(self, request: Request, body: bytes, now: datetime) -> Answer:
        try:
            script = understood(msgspec.json.decode(body or b"{}"))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, BadScenario) as error:
            raise NotDone(422, str(error)) from None
        play(script, self._ground.faults, stage_of(self._ground))
        return 200, {"rules": self._ground.faults.told()}

    def _callbacks(self, request: Request, body: bytes, now: datetime) -> Answer:
        return 200, self._ground.callbacks.everything()

    def _set_callbacks(self, request: Request, body: bytes, now: datetime) -> Answer:
        asked = read(body, NewCallbacks)
        given = {name: getattr(asked, name) for name in asked.__struct_fields__}
        self._ground.callbacks.set({n: url for n, url in given.items() if url is not UNSET})
        return 200, self._ground.callbacks.everything()

    async def _deliver(self, request: Request) -> Response:
        heard = await self._settle(self._ground.now())
        return Response(msgspec.json.encode({"heard": heard}), media_type="application/json")


def stage_of(ground: Ground) -> Stage:
    """Where scenarios of this sandbox play."""
    return Stage(ground.seed, ground.speed, ground.now)


def shown(ground: Ground, person: Person) -> dict[str, Any]:
    """A person with every id that an application knows them by."""
    known = {
        name: ground.credentials[name]["appid"] for name in ("official_account", "mini_program")
    }
    openids = {name: ground.people.openid(person, appid) for name, appid in known.items()}
    return {
        **msgspec.to_builtins(person),
        "openid": openids["official_account"],
        "openids": openids,
        "external_userid": ground.people.external_userid(person),
    }
