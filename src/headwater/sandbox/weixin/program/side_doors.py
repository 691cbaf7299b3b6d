"""Side doors of the mini program: what people do in it, and which pages it has."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.routing import Route

from headwater.sandbox.hosts import Ground
from headwater.sandbox.people import Person
from headwater.sandbox.side_doors import Answer, NotDone, door, read
from headwater.sandbox.weixin.led import CannotAct
from headwater.sandbox.weixin.program.acts import ProgramActs
from headwater.sandbox.weixin.program.program import Program

Text = Annotated[str, Meta(min_length=1, max_length=1_024)]


class Opened(msgspec.Struct, forbid_unknown_fields=True):
    path: str = ""
    query: str = ""
    scene: int | None = None


class Choices(msgspec.Struct, forbid_unknown_fields=True):
    """The person's answer to a prompt: template ids, accepted or not."""

    choices: dict[str, bool]


class TemplateOff(msgspec.Struct, forbid_unknown_fields=True):
    template_id: Text


class Tapped(msgspec.Struct, forbid_unknown_fields=True):
    url: Text


class Received(msgspec.Struct, forbid_unknown_fields=True):
    out_trade_no: Text


class Words(msgspec.Struct, forbid_unknown_fields=True):
    text: Annotated[str, Meta(min_length=1, max_length=600)]


class Pages(msgspec.Struct, forbid_unknown_fields=True):
    """The released version: its pages, none at all for any page, or no release."""

    pages: list[str] | None = None
    is_released: bool = True


class ProgramSideDoors:
    """What people do in the program, without a phone in hand."""

    def __init__(self, ground: Ground, program: Program, acts: ProgramActs) -> None:
        self._ground = ground
        self._program = program
        self._acts = acts

    def routes(self) -> list[Route]:
        """The doors, to be hung under /_sandbox."""
        person, now = "/people/{person_id}", self._ground.now
        verbs = [
            ("/visits", self._open),
            ("/login-codes", self._login),
            ("/phone-codes", self._phone),
            ("/subscriptions", self._subscribe),
            ("/unsubscriptions", self._unsubscribe),
            ("/links", self._tap),
            ("/receipts", self._receive),
            ("/service-words", self._say),
        ]
        return [
            *(Route(person + path, door(verb, now), methods=["POST"]) for path, verb in verbs),
            Route("/weixin/pages", door(self._publish, now), methods=["PUT"]),
        ]

    def _person(self, request: Request) -> Person:
        return self._ground.people.get(request.path_params["person_id"])

    def _open(self, request: Request, body: bytes, now: datetime) -> Answer:
        asked = read(body, Opened)
        try:
            visit = self._acts.open(
                self._person(request), asked.path, asked.query, asked.scene, now
            )
        except CannotAct as error:
            raise NotDone(409, str(error)) from None
        return 201, visit

    def _login(self, request: Request, body: bytes, now: datetime) -> Answer:
        return 201, {"code": self._acts.login_code(self._person(request), now)}

    def _phone(self, request: Request, body: bytes, now: datetime) -> Answer:
        return 201, {"code": self._acts.phone_code(self._person(request), now)}

    def _subscribe(self, request: Request, body: bytes, now: datetime) -> Answer:
        choices = read(body, Choices).choices
        try:
            return 200, self._acts.subscribe(self._person(request), choices, now)
        except CannotAct as error:
            raise NotDone(409, str(error)) from None

    def _unsubscribe(self, request: Request, body: bytes, now: datetime) -> Answer:
        person, template_id = self._person(request), read(body, TemplateOff).template_id
        self._acts.unsubscribe(person, template_id, now)
        return 200, self._acts.accepted(person)

    def _tap(self, request: Request, body: bytes, now: datetime) -> Answer:
        return 200, self._acts.open_link(self._person(request), read(body, Tapped).url, now)

    def _receive(self, request: Request, body: bytes, now: datetime) -> Answer:
        self._acts.receive(self._person(request), read(body, Received).out_trade_no, now)
        return 200, {}

    def _say(self, request: Request, body: bytes, now: datetime) -> Answer:
        self._acts.say_to_service(self._person(request), read(body, Words).text, now)
        return 201, {}

    def _publish(self, request: Request, body: bytes, now: datetime) -> Answer:
        asked = read(body, Pages)
        self._program.pages.publish(asked.pages)
        self._program.pages.is_released = asked.is_released
        return 200, {}
