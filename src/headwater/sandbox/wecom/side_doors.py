"""Side doors of the WeCom host: acts, what the phones would show, tokens that die, addresses."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from headwater.sandbox.hosts import Ground
from headwater.sandbox.side_doors import Answer, NotDone, Url, Verb, door, read
from headwater.sandbox.wecom.acts.told import AnyAct
from headwater.sandbox.wecom.callbacks import CannotListen
from headwater.sandbox.wecom.contacts.relations import chat_of
from headwater.sandbox.wecom.corp import CannotDo
from headwater.sandbox.wecom.errors import WecomError
from headwater.sandbox.wecom.house import House

_ACTS: msgspec.json.Decoder[AnyAct] = msgspec.json.Decoder(AnyAct)


class Addresses(msgspec.Struct, forbid_unknown_fields=True):
    """Who may call; null lets everybody."""

    allowed: list[str] | None


class Callback(msgspec.Struct, forbid_unknown_fields=True):
    """Where events are to go; it is asked to prove that it can open what is sealed."""

    url: Url


class Signature(msgspec.Struct, forbid_unknown_fields=True):
    """What a page hands to wx.config or wx.agentConfig."""

    kind: Literal["config", "agentConfig"]
    url: str
    noncestr: Annotated[str, Meta(min_length=1)]
    timestamp: Annotated[str, Meta(pattern=r"^[0-9]{1,12}\Z")]
    signature: str


class WecomSideDoors:
    """What people do, without a phone in hand."""

    def __init__(self, ground: Ground, house: House) -> None:
        self._ground = ground
        self._people = ground.people
        self._house = house
        self._acts = house.acts

    def routes(self) -> list[BaseRoute]:
        """All of them, under /_sandbox/wecom."""
        return [
            self._route("/acts", self._act, "POST"),
            self._route("/staff", self._staff, "GET"),
            self._route("/staff/{userid}", self._member, "GET"),
            self._route("/people/{person_id}", self._person, "GET"),
            self._route("/people/{person_id}/chats/{userid}", self._chat, "GET"),
            self._route("/ways", self._ways, "GET"),
            self._route("/events", self._events, "GET"),
            self._route("/expired-tokens", self._expire, "POST"),
            self._route("/addresses", self._allow, "PUT"),
            self._route("/signatures", self._signature, "POST"),
            Route("/wecom/callback", self._listen, methods=["POST"]),
        ]

    def _route(self, path: str, verb: Verb, method: str) -> Route:
        def kind(request: Request, body: bytes, now: datetime) -> Answer:
            try:
                return verb(request, body, now)
            except CannotDo as error:
                raise NotDone(409, str(error)) from None
            except WecomError as error:
                raise NotDone(422, str(error)) from None

        return Route("/wecom" + path, door(kind, self._ground.now), methods=[method])

    def _act(self, request: Request, body: bytes, now: datetime) -> Answer:
        try:
            told = _ACTS.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise NotDone(422, str(error)) from None
        return 200, {"done": told.do(self._acts, self._people, now)}

    def _staff(self, request: Request, body: bytes, now: datetime) -> Answer:
        return 200, {"staff": self._acts.staff()}

    def _member(self, request: Request, body: bytes, now: datetime) -> Answer:
        userid = request.path_params["userid"]
        return 200, {
            "member": self._acts.member(userid),
            "requests": self._acts.requests(userid),
            "customers": self._acts.customers(userid),
            "tasks": self._acts.tasks(userid),
            "inbox": self._acts.inbox(userid),
            "groups": self._acts.owned_groups(userid),
        }

    def _person(self, request: Request, body: bytes, now: datetime) -> Answer:
        person = self._people.get(request.path_params["person_id"])
        return 200, {
            "external_userid": self._people.external_userid(person),
            "guides": self._acts.guides(person),
            "transfers": self._acts.transfers(person),
            "moments": self._acts.moments(person, now),
            "groups": self._acts.group_chats(person),
        }

    def _chat(self, request: Request, body: bytes, now: datetime) -> Answer:
        person = self._people.get(request.path_params["person_id"])
        chat = chat_of(request.path_params["userid"])
        return 200, {"messages": self._people.messages(person, chat)}

    def _ways(self, request: Request, body: bytes, now: datetime) -> Answer:
        return 200, {"ways": self._acts.ways()}

    def _events(self, request: Request, body: bytes, now: datetime) -> Answer:
        return 200, {"events": self._house.callbacks.everything()}

    def _expire(self, request: Request, body: bytes, now: datetime) -> Answer:
        self._house.tokens.expire()
        return 200, {}

    def _allow(self, request: Request, body: bytes, now: datetime) -> Answer:
        allowed = read(body, Addresses).allowed
        self._house.allowed = None if allowed is None else frozenset(allowed)
        return 200, {"allowed": allowed}

    def _signature(self, request: Request, body: bytes, now: datetime) -> Answer:
        given = read(body, Signature)
        fields: dict[str, Any] = msgspec.to_builtins(given)
        return 200, {"is_good": self._house.tickets.is_signed(given.kind, fields, now)}

    async def _listen(self, request: Request) -> Response:
        try:
            url = read(await request.body(), Callback).url
            await self._house.callbacks.configure(url, self._ground.now())
            status, said = 200, {"url": url}
        except NotDone as error:
            status, said = error.status, {"error": error.why}
        except CannotListen as error:
            status, said = 409, {"error": str(error)}
        return Response(msgspec.json.encode(said), status, media_type="application/json")
