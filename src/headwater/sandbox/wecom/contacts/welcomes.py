"""Welcome messages: a code that lives twenty seconds and works once."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from headwater.sandbox.people import Person
from headwater.sandbox.wecom.api import Answer, Api, Call, contact_api
from headwater.sandbox.wecom.contacts.relations import Relation, Relations
from headwater.sandbox.wecom.content import Content, check_message, messages
from headwater.sandbox.wecom.corp import Corp
from headwater.sandbox.wecom.errors import WecomError

LIVES = timedelta(seconds=20)


@dataclass(frozen=True)
class Opened:
    """Whom a code greets, in whose name, and since when."""

    userid: str
    person: Person
    opened_at: datetime


class Welcome(Content, frozen=True):
    """The body of send_welcome_msg."""

    welcome_code: str = ""


class Welcomes:
    """The codes that are out; they are too short-lived to be written down."""

    def __init__(self, corp: Corp, relations: Relations) -> None:
        self._corp = corp
        self._relations = relations
        self._codes: dict[str, Opened] = {}

    def apis(self) -> list[Api]:
        """The greeting."""
        return [contact_api("send_welcome_msg", self._send)]

    def open(self, relation: Relation, now: datetime) -> str:
        """A code for a new customer; none when the console has a greeting or they talk already."""
        member = self._corp.staff.find(relation.userid)
        has_spoken = relation.spoke_at is not None and relation.spoke_at >= relation.since
        if member is None or member.greets or has_spoken:
            return ""
        code = secrets.token_urlsafe(32)
        self._codes[code] = Opened(relation.userid, self._relations.person(relation), now)
        return code

    def _send(self, call: Call) -> Answer:
        asked = call.read(Welcome)
        if not asked.welcome_code:
            raise WecomError(41049)
        opened = self._codes.get(asked.welcome_code)
        if opened is None:
            raise WecomError(41050)
        relation = self._relations.find(opened.userid, opened.person)
        if relation is None or not relation.may_chat:
            raise WecomError(84061)
        if relation.spoke_at is not None and relation.spoke_at >= opened.opened_at:
            raise WecomError(41051)
        if call.now - opened.opened_at > LIVES:
            raise WecomError(41050)
        check_message(asked, self._corp.media, call.now)
        if self._corp.ground.faults.spends("welcome_busy_next"):
            raise WecomError(41096)
        self._relations.tell(relation, messages(asked, call.now), call.now)
        return {}
