"""Subscription messages: one accepted prompt is one message, counted per person and template."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from headwater.sandbox.credentials import digits
from headwater.sandbox.hosts import Ground
from headwater.sandbox.people import PROGRAM, Message, NoSuchPerson, Person
from headwater.sandbox.shelf import Shelf
from headwater.sandbox.weixin.apps import App
from headwater.sandbox.weixin.calls import Call
from headwater.sandbox.weixin.errors import WeixinError, done
from headwater.sandbox.weixin.limits import Meters
from headwater.sandbox.weixin.program.pages import ProgramPages
from headwater.sandbox.weixin.program.templates import TEMPLATES, Template
from headwater.sandbox.weixin.pushes.queue import Pushes
from headwater.sandbox.weixin.speaking.fields import check

MOST_IN_A_PROMPT = 3
STATES = ("developer", "trial", "formal")
LANGUAGES = ("zh_CN", "en_US", "zh_HK", "zh_TW")


class Value(msgspec.Struct):
    value: str | int | float


class SendRequest(msgspec.Struct):
    """The body of subscribe/send."""

    touser: str
    template_id: str
    data: dict[str, Value]
    page: str = ""
    miniprogram_state: str = "formal"
    lang: str = "zh_CN"


@dataclass(frozen=True)
class Accepted:
    """How many messages of a template a person still lets through."""

    person_id: str
    of: str
    left: int


class CannotAsk(Exception):
    """The prompt does not open for these templates."""


class Subscriptions:
    """Who accepted what, and how often that may still be used."""

    def __init__(
        self, ground: Ground, app: App, pages: ProgramPages, pushes: Pushes, meters: Meters
    ) -> None:
        self._app = app
        self._seed = ground.seed
        self._people = ground.people
        self._pages = pages
        self._pushes = pushes
        self._meters = meters
        ids: dict[str, str] = ground.credentials[app.kind].get("template_ids", {})
        self.templates: dict[str, Template] = {ids[name]: TEMPLATES[name] for name in ids}
        self._left = Shelf(
            ground.journal, "weixin_accepted", Accepted, lambda one: f"{one.person_id} {one.of}"
        )
        self._sent = 0

    def answer(self, person: Person, choices: dict[str, bool], now: datetime) -> dict[str, str]:
        """The person answers a prompt with up to three templates in it."""
        if not 1 <= len(choices) <= MOST_IN_A_PROMPT or set(choices) - set(self.templates):
            raise CannotAsk("一次最多询问三个已有的模板")
        said = {one: "accept" if yes else "reject" for one, yes in choices.items()}
        for template_id, is_accepted in choices.items():
            self._change(person, template_id, self.left(person, template_id) + is_accepted)
        listed = [
            {"TemplateId": one, "SubscribeStatusString": status, "PopupScene": "0"}
            for one, status in said.items()
        ]
        self._event(person, "subscribe_msg_popup_event", listed, now)
        return said

    def give_up(self, person: Person, template_id: str, now: datetime) -> None:
        """The person switches a template off in the program's settings."""
        self._change(person, template_id, 0)
        listed = [{"TemplateId": template_id, "SubscribeStatusString": "reject"}]
        self._event(person, "subscribe_msg_change_event", listed, now)

    def left(self, person: Person, template_id: str) -> int:
        """How many messages of this kind the person still lets through."""
        known = self._left.get(f"{person.id} {template_id}")
        return known.left if known is not None else 0

    def _change(self, person: Person, template_id: str, left: int) -> None:
        self._left.put(Accepted(person.id, template_id, left))

    def send(self, call: Call) -> dict[str, Any]:
        """message/subscribe/send: uses up one acceptance."""
        asked = call.read(SendRequest)
        person = self._person(asked.touser)
        template = self.templates.get(asked.template_id)
        if template is None:
            raise WeixinError(40037, "invalid template_id")
        if asked.page and not self._pages.has(asked.page.removeprefix("/")):
            raise WeixinError(41030, "invalid page")
        if asked.miniprogram_state not in STATES or asked.lang not in LANGUAGES:
            raise WeixinError(47003, "argument invalid!")
        values = {name: str(field.value) for name, field in asked.data.items()}
        check(template.labels, values)
        left = self.left(person, asked.template_id)
        if left < 1:
            raise WeixinError(43101, "user refuse to accept the msg")
        self._meters.spend("subscribe.day", self._app.appid, call.now)
        self._change(person, asked.template_id, left - 1)
        self._sent += 1
        msg_id = int("3" + digits(self._seed, 17, "subscribe", self._sent))
        self._deliver(person, asked, template, values, call.now)
        listed = [
            {
                "TemplateId": asked.template_id,
                "MsgID": str(msg_id),
                "ErrorCode": "0",
                "ErrorStatus": "success",
            }
        ]
        self._event(person, "subscribe_msg_sent_event", listed, call.now)
        return done(msgid=msg_id)

    def everything(self, call: Call) -> dict[str, Any]:
        """wxaapi/newtmpl/gettemplate: what the program may send."""
        listed = [
            {
                "priTmplId": template_id,
                "title": one.title,
                "content": "".join(
                    f"{label}:{{{{{name}.DATA}}}}\n" for name, label in one.labels.items()
                ),
                "example": "",
                "type": 2,
            }
            for template_id, one in self.templates.items()
        ]
        return done(data=listed)

    def _deliver(
        self,
        person: Person,
        asked: SendRequest,
        template: Template,
        values: dict[str, str],
        now: datetime,
    ) -> None:
        lines = tuple((label, values[name]) for name, label in template.labels.items())
        message = Message(
            "subscribe",
            template.title,
            lines,
            None,
            now,
            template_id=asked.template_id,
            appid=self._app.appid,
            pagepath=asked.page or None,
        )
        self._people.deliver(person, message, PROGRAM)

    def _event(
        self, person: Person, event: str, listed: list[dict[str, str]], now: datetime
    ) -> None:
        openid = self._people.openid(person, self._app.appid)
        self._pushes.event(self._app, openid, {"Event": event, "List": listed}, now)

    def _person(self, openid: str) -> Person:
        try:
            return self._people.behind(openid, self._app.appid)
        except NoSuchPerson:
            raise WeixinError(40003, "invalid openid") from None
