"""The simulated people: who they are to each app, whether they follow, and what reached them.

A conversation has a key: `account` is the service account's, `program` holds the mini program's
service notices, `service` is its customer service, `guide:<userid>` is the chat with one guide.
"""

from __future__ import annotations

import base64
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from headwater.sandbox.credentials import derive
from headwater.sandbox.journal import Journal

ACCOUNT = "account"
PROGRAM = "program"
SERVICE = "service"
FIRST_PEOPLE = ("林晓", "周航", "陈一诺", "王建国", "赵小满", "Emily 吴")


@dataclass(frozen=True)
class Person:
    """Someone with a phone and WeChat on it."""

    id: str
    nickname: str
    phone_number: str
    unionid: str
    follows: bool = True


@dataclass(frozen=True)
class Message:
    """Something that arrived on a phone, or that its owner wrote."""

    kind: str
    title: str
    lines: tuple[tuple[str, str], ...]
    url: str | None
    arrived_at: datetime
    template_id: str | None = None
    client_id: str | None = None
    media_id: str | None = None
    appid: str | None = None
    pagepath: str | None = None


class NoSuchPerson(Exception):
    """Nobody has this id, open id or number."""


class NumberTaken(Exception):
    """A phone number rings at one person only."""


class People:
    """Everybody, found by id, by open id of an app, and by phone number."""

    def __init__(self, seed: int, appids: tuple[str, ...], journal: Journal) -> None:
        self._seed = seed
        self._appids = appids
        self._journal = journal
        self._by_id: dict[str, Person] = {}
        self._id_by_openid: dict[tuple[str, str], str] = {}
        self._id_by_number: dict[str, str] = {}
        self._id_by_unionid: dict[str, str] = {}
        self._id_by_external: dict[str, str] = {}
        self._messages: dict[tuple[str, str], list[Message]] = defaultdict(list)
        self._texts: dict[str, list[Message]] = defaultdict(list)
        for person in journal.rows("person", Person):
            self._put(person)
        if not self._by_id:
            for nickname in FIRST_PEOPLE:
                self.create(nickname)

    def create(
        self, nickname: str, phone_number: str | None = None, follows: bool = True
    ) -> Person:
        """A new person; the ids follow from the seed and from how many came before."""
        number = phone_number or f"138{len(self._by_id) + 13_000_001:08d}"
        if number in self._id_by_number:
            raise NumberTaken(number)
        person_id = f"p{len(self._by_id) + 1}"
        unionid = "o6_" + self._code(25, "union", person_id)
        person = Person(person_id, nickname, number, unionid, follows)
        self._put(person)
        self._journal.write("person", person)
        return person

    def everybody(self) -> list[Person]:
        """All people in the order they came."""
        return list(self._by_id.values())

    def matching(self, words: str, most: int) -> list[Person]:
        """The first people whose nickname or number has these words in it."""
        everybody = self._by_id.values()
        found = (one for one in everybody if words in one.nickname or words in one.phone_number)
        return list(islice(found, most))

    def get(self, person_id: str) -> Person:
        """One person by id."""
        if person_id not in self._by_id:
            raise NoSuchPerson(person_id)
        return self._by_id[person_id]

    def openid(self, person: Person, appid: str) -> str:
        """How this app knows the person; another app knows another id."""
        return "o" + self._code(27, "open", appid, person.id)

    def behind(self, openid: str, appid: str) -> Person:
        """The person behind an open id of this app."""
        person_id = self._id_by_openid.get((appid, openid))
        if person_id is None:
            raise NoSuchPerson(openid)
        return self._by_id[person_id]

    def external_userid(self, person: Person) -> str:
        """How the brand's WeCom knows the person, once a guide has them as a customer."""
        return "wm" + self._code(30, "external", person.id)

    def behind_external(self, external_userid: str) -> Person:
        """The person behind an external user id."""
        person_id = self._id_by_external.get(external_userid)
        if person_id is None:
            raise NoSuchPerson(external_userid)
        return self._by_id[person_id]

    def behind_unionid(self, unionid: str) -> Person:
        """The person behind a union id, the same in every app of the brand."""
        person_id = self._id_by_unionid.get(unionid)
        if person_id is None:
            raise NoSuchPerson(unionid)
        return self._by_id[person_id]

    def with_number(self, phone_number: str) -> Person:
        """Whoever's phone rings at this number."""
        person_id = self._id_by_number.get(phone_number)
        if person_id is None:
            raise NoSuchPerson(phone_number)
        return self._by_id[person_id]

    def follow(self, person: Person, follows: bool) -> Person:
        """The person follows the service account, or no longer."""
        changed = replace(person, follows=follows)
        self._put(changed)
        self._journal.write("person", changed)
        return changed

    def deliver(self, person: Person, message: Message, chat: str = ACCOUNT) -> None:
        """Put a message into one of the person's conversations."""
        self._messages[person.id, chat].append(message)

    def text(self, phone_number: str, message: Message) -> None:
        """Deliver an SMS; any number has an inbox, whoever holds it."""
        self._texts[phone_number].append(message)

    def messages(self, person: Person, chat: str = ACCOUNT) -> list[Message]:
        """One conversation of the person, oldest first."""
        return list(self._messages.get((person.id, chat), ()))

    def chats(self, person: Person) -> list[str]:
        """The conversations that have something in them, the latest first."""
        found = [
            (rows[-1].arrived_at, chat)
            for (one, chat), rows in self._messages.items()
            if one == person.id and rows
        ]
        return [chat for _, chat in sorted(found, reverse=True)]

    def texts(self, phone_number: str) -> list[Message]:
        """The SMS of one number, oldest first."""
        return list(self._texts.get(phone_number, ()))

    def strange_numbers(self) -> list[str]:
        """Numbers that got an SMS and belong to nobody we made; somebody typed them in a shop."""
        return [number for number in self._texts if number not in self._id_by_number]

    def _put(self, person: Person) -> None:
        self._by_id[person.id] = person
        self._id_by_number[person.phone_number] = person.id
        self._id_by_unionid[person.unionid] = person.id
        self._id_by_external[self.external_userid(person)] = person.id
        for appid in self._appids:
            self._id_by_openid[appid, self.openid(person, appid)] = person.id

    def _code(self, length: int, *parts: object) -> str:
        return base64.urlsafe_b64encode(derive(self._seed, *parts)).decode()[:length]
