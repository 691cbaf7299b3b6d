"""Side doors of the weixin host: what a person does in the chat, and tokens that die early."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.routing import Route

from headwater.sandbox.hosts import Ground
from headwater.sandbox.side_doors import Answer, NotDone, door, read, shown
from headwater.sandbox.weixin.messages import Messages
from headwater.sandbox.weixin.tokens import Tokens


class Words(msgspec.Struct, forbid_unknown_fields=True):
    text: Annotated[str, Meta(min_length=1, max_length=600)]


class Following(msgspec.Struct, forbid_unknown_fields=True):
    follows: bool


class WeixinSideDoors:
    """What people do with the service account, without a phone in hand."""

    def __init__(self, ground: Ground, messages: Messages, tokens: Tokens) -> None:
        self._ground = ground
        self._people = ground.people
        self._messages = messages
        self._tokens = tokens

    def routes(self) -> list[Route]:
        """The doors, to be hung under /_sandbox."""
        person, now = "/people/{person_id}", self._ground.now
        return [
            Route(person + "/messages", door(self._inbox, now), methods=["GET"]),
            Route(person + "/words", door(self._hear, now), methods=["POST"]),
            Route(person + "/following", door(self._follow, now), methods=["PUT"]),
            Route("/expired-tokens", door(self._expire, now), methods=["POST"]),
        ]

    def _inbox(self, request: Request, body: bytes, now: datetime) -> Answer:
        person = self._people.get(request.path_params["person_id"])
        texts = self._people.texts(person.phone_number)
        return 200, {"messages": self._people.messages(person), "texts": texts}

    def _hear(self, request: Request, body: bytes, now: datetime) -> Answer:
        person = self._people.get(request.path_params["person_id"])
        if not person.follows:
            raise NotDone(409, "the person does not follow the account")
        self._messages.hear(person, read(body, Words).text, now)
        return 201, {}

    def _follow(self, request: Request, body: bytes, now: datetime) -> Answer:
        person = self._people.get(request.path_params["person_id"])
        follows = read(body, Following).follows
        return 200, shown(self._ground, self._messages.follow(person, follows, now))

    def _expire(self, request: Request, body: bytes, now: datetime) -> Answer:
        self._tokens.expire()
        return 200, {}
