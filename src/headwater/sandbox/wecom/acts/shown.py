"""What the phones show: friends, tasks, moments, codes, each as one plain row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from headwater.sandbox.people import Person
from headwater.sandbox.wecom.company.inbox import Inbox
from headwater.sandbox.wecom.contacts.broadcasts import Broadcasts
from headwater.sandbox.wecom.contacts.groups import GroupChats
from headwater.sandbox.wecom.contacts.moments import Moments, Reaction
from headwater.sandbox.wecom.contacts.relations import Relation, Relations
from headwater.sandbox.wecom.contacts.tags import Tags
from headwater.sandbox.wecom.contacts.transfers import Transfers
from headwater.sandbox.wecom.contacts.ways import Ways
from headwater.sandbox.wecom.contacts.welcomes import Welcomes
from headwater.sandbox.wecom.content import Attachment
from headwater.sandbox.wecom.corp import CannotDo, Corp


@dataclass(frozen=True)
class Added:
    """Whom a code led to; not friends yet means that the member must accept."""

    userid: str
    is_friend: bool


@dataclass(frozen=True)
class Friend:
    """A member and a customer, seen from either side."""

    person: Person
    external_userid: str
    userid: str
    remark: str
    description: str
    tags: tuple[str, ...]
    state: str
    since: datetime
    standing: str
    is_blocked: bool


@dataclass(frozen=True)
class Task:
    """Something the company asks a member to send or to post."""

    kind: str
    id: str
    words: str
    attachments: tuple[Attachment, ...]
    customers: tuple[Person, ...]
    chats: tuple[str, ...]
    made_at: datetime
    reminded: int
    may_choose: bool
    state: str


@dataclass(frozen=True)
class Seen:
    """A post in a customer's Moments."""

    moment_id: str
    userid: str
    words: str
    attachments: tuple[Attachment, ...]
    at: datetime
    likes: tuple[Reaction, ...]
    comments: tuple[Reaction, ...]


@dataclass(frozen=True)
class Way:
    """A code that is around, for somebody to scan."""

    code: str
    remark: str
    state: str
    userids: tuple[str, ...]


@dataclass(frozen=True)
class Desk:
    """Everything an act may touch."""

    corp: Corp
    relations: Relations
    welcomes: Welcomes
    ways: Ways
    tags: Tags
    groups: GroupChats
    broadcasts: Broadcasts
    moments: Moments
    transfers: Transfers
    inbox: Inbox


class ActsBase:
    """What all acts share."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._relations = desk.relations

    def _needed(self, userid: str, person: Person) -> Relation:
        """The relation of the two while anything is left of it."""
        relation = self._relations.find(userid, person)
        if relation is None or relation.standing == "ended":
            raise CannotDo("they do not know each other")
        return relation

    def _friend(self, relation: Relation) -> Friend:
        tags = [self._desk.tags.find(one) for one in relation.tags]
        return Friend(
            person=self._relations.person(relation),
            external_userid=self._relations.external(relation),
            userid=relation.userid,
            remark=relation.remark,
            description=relation.description,
            tags=tuple(one.name for one in tags if one is not None),
            state=relation.state,
            since=relation.since,
            standing=relation.standing,
            is_blocked=relation.is_blocked,
        )

    def _welcomed(self, relation: Relation, change: str, now: datetime) -> None:
        """Tell the merchant of a new customer, with a code to greet them where there is one."""
        code = self._desk.welcomes.open(relation, now)
        more = {"State": relation.state, "WelcomeCode": code}
        self._relations.announce(relation, change, now, **more)
