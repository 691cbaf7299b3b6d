"""Who is whose customer: rows, chats, and what the merchant hears when they change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from headwater.sandbox.people import Message, NoSuchPerson, Person
from headwater.sandbox.shelf import Shelf
from headwater.sandbox.wecom.corp import CannotDo, Corp
from headwater.sandbox.wecom.errors import WecomError

EVENT = "change_external_contact"
BY_SCAN, BY_TRANSFER = 1, 202
Standing = Literal["asked", "half", "friend", "left", "ended"]


@dataclass(frozen=True)
class Relation:
    """A member and a customer.

    `asked` waits for the member; `half` may chat although the member has not confirmed yet;
    `left` is a customer who deleted the member but is still in the member's list; `ended` is over.
    """

    userid: str
    person_id: str
    since: datetime
    standing: Standing
    state: str = ""
    add_way: int = BY_SCAN
    oper_userid: str = ""
    remark: str = ""
    description: str = ""
    company: str = ""
    mobiles: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    spoke_at: datetime | None = None
    is_blocked: bool = False

    @property
    def is_listed(self) -> bool:
        """Whether the customer is in the member's list."""
        return self.standing in ("friend", "left")

    @property
    def may_chat(self) -> bool:
        """Whether words pass between the two."""
        return self.standing in ("half", "friend")


def chat_of(userid: str) -> str:
    """The customer's conversation with this member."""
    return f"guide:{userid}"


class Relations:
    """All relations, by member and by customer."""

    def __init__(self, corp: Corp) -> None:
        self._corp = corp
        self._people = corp.ground.people
        self._rows = Shelf(
            corp.ground.journal,
            "wecom_relation",
            Relation,
            lambda one: f"{one.userid}\t{one.person_id}",
        )
        self._by_member: defaultdict[str, dict[str, None]] = defaultdict(dict)
        self._by_person: defaultdict[str, dict[str, None]] = defaultdict(dict)
        for relation in self._rows.everything():
            self._index(relation)

    def find(self, userid: str, person: Person) -> Relation | None:
        """The relation of these two, whatever became of it."""
        return self._rows.get(f"{userid}\t{person.id}")

    def needed(self, userid: str, person: Person) -> Relation:
        """The relation of these two as long as the customer is in the member's list."""
        relation = self.find(userid, person)
        if relation is None or not relation.is_listed:
            raise CannotDo("they are not each other's contact")
        return relation

    def listed(self, userid: str) -> list[Relation]:
        """The member's list of customers, the oldest first."""
        return [one for one in self._of(self._by_member[userid]) if one.is_listed]

    def asking(self, userid: str) -> list[Relation]:
        """Who waits for the member to agree."""
        waiting = ("asked", "half")
        return [one for one in self._of(self._by_member[userid]) if one.standing in waiting]

    def of_person(self, person: Person) -> list[Relation]:
        """Everybody of the company this person is or was a contact of."""
        return self._of(self._by_person[person.id])

    def followers(self, person: Person) -> list[Relation]:
        """Every member who has this person in the list."""
        return [one for one in self.of_person(person) if one.is_listed]

    def customers(self) -> list[Person]:
        """Everybody whom some member has in the list."""
        ids = dict.fromkeys(one.person_id for one in self._rows.everything() if one.is_listed)
        return [self._people.get(one) for one in ids]

    def behind(self, external_userid: str) -> Person:
        """The person behind an external user id, or the platform's refusal."""
        if not external_userid:
            raise WecomError(41035)
        try:
            return self._people.behind_external(external_userid)
        except NoSuchPerson:
            raise WecomError(40096) from None

    def asked_for(self, userid: str, external_userid: str) -> Relation:
        """The relation that an API call names."""
        self._corp.staff.get(userid)
        relation = self.find(userid, self.behind(external_userid))
        if relation is None or not relation.is_listed:
            raise WecomError(84061)
        return relation

    def save(self, relation: Relation, **changes: Any) -> Relation:
        """Keep the relation with these changes."""
        changed = replace(relation, **changes)
        self._index(changed)
        return self._rows.put(changed)

    def person(self, relation: Relation) -> Person:
        """The customer of a relation."""
        return self._people.get(relation.person_id)

    def external(self, relation: Relation) -> str:
        """The customer's external user id."""
        return self._people.external_userid(self.person(relation))

    def tell(self, relation: Relation, messages: list[Message], now: datetime) -> Relation:
        """What the member says arrives, unless the customer has blocked the member."""
        if not relation.may_chat:
            raise CannotDo("the customer is no longer a friend")
        if not relation.is_blocked:
            for message in messages:
                self._people.deliver(self.person(relation), message, chat_of(relation.userid))
        return self.save(relation, spoke_at=now)

    def hear(self, relation: Relation, message: Message, now: datetime) -> Relation:
        """What the customer says arrives at the member."""
        if not relation.may_chat:
            raise CannotDo("the customer is no longer a friend")
        self._people.deliver(self.person(relation), message, chat_of(relation.userid))
        return self.save(relation, spoke_at=now)

    def announce(self, relation: Relation, change: str, now: datetime, **more: str) -> None:
        """Tell the merchant what a person did; what an API call did is never told."""
        fields = {
            "Event": EVENT,
            "ChangeType": change,
            "UserID": relation.userid,
            "ExternalUserID": self.external(relation),
            **{name: value for name, value in more.items() if value},
        }
        self._corp.callbacks.announce(fields, now)

    def _of(self, keys: Iterable[str]) -> list[Relation]:
        return sorted((self._rows.rows[key] for key in keys), key=lambda one: one.since)

    def _index(self, relation: Relation) -> None:
        key = f"{relation.userid}\t{relation.person_id}"
        self._by_member[relation.userid][key] = None
        self._by_person[relation.person_id][key] = None
