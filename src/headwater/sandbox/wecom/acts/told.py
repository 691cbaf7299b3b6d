"""Acts as one JSON document each, for tests and simulated worlds that have no phone in hand."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import Meta

from headwater.sandbox.people import People
from headwater.sandbox.wecom.acts import Acts
from headwater.sandbox.wecom.contacts.broadcasts import Cap

Words = Annotated[str, Meta(min_length=1, max_length=2_000)]
Name = Annotated[str, Meta(min_length=1, max_length=64)]
Userid = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}\Z")]
TaskKind = Literal["broadcast", "moment"]


class Told(msgspec.Struct, tag_field="act", tag=str.lower, forbid_unknown_fields=True):
    """An act named in its field `act`: the class's name in small letters; `do` does it."""


class Add(Told):
    """A person adds whoever is behind a code."""

    person_id: str
    code: str

    def do(self, acts: Acts, people: People, now: datetime) -> Any:
        return acts.add(people.get(self.person_id), self.code, now)


class Leave(Told):
    """A person deletes a guide."""

    person_id: str
    userid: Userid

    def do(self, acts: Acts, people: People, now: datetime) -> Any:
        return acts.delete_guide(people.get(self.person_id), self.userid, now)


class Write(Told):
    """A person says something to a guide."""

    person_id: str
    userid: Userid
    text: Words

    def do(self, acts: Acts, people: People, now: datetime) -> Any:
        return acts.write(people.get(self.person_id), self.userid, self.text, now)


class Block(Told):
    """A person hears nothing more from a guide, or again."""

    person_id: str
    userid: Userid
    is_blocked: bool = True

    def do(self, acts: Acts, people: People, now: datetime) -> Any:
        return acts.block(people.get(self.person_id), self.userid, self.is_blocked, now)


class Refuse(Told):
    """A person refuses to be taken over."""

    person_id: str
    transfer_id: str

    def do(self, acts: Acts, people: People, now: datetime) -> Any:
        return acts.refuse_transfer(people.get(self.person_id), self.transfer_id, now)


class Like(Told):
    """A person likes a post."""

    person_id: str
    moment_id: str
    userid: Userid

    def do(self, acts: Acts, people: People, now: datetime) -> Any:
        return acts.like(people.get(self.person_id), self.moment_id, self.userid, now)


class Comment(Told):
    """A person writes under a post."""

    person_id: str
    moment_id: str
    userid: Userid
    text: Words

    def do(self, acts: Acts, people: People, now: datetime) -> Any:
        person = people.get(self.person_id)
        return acts.comment(person, self.moment_id, self.userid, self.text, now)


class Join(Told):
    """A person comes into a group."""

    person_id: str
    chat_id: str

    def do(self, acts: Acts, people: People, now: datetime) -> Any:
        return acts.join(people.get(self.person_id), self.chat_id, now)


class Quit(Told):
    """A person leaves a group."""

    person_id: str
    chat_id: str

    def do(self, acts: Acts, people: People, now: datetime) -> Any:
        return acts.leave(people.get(self.person_id), self.chat_id, now)


class Accept(Told):
    """A guide takes a person as a customer."""

    userid: Userid
    person_id: str

    def do(self, acts: Acts, people: People, now: datetime) -> Any:
        return acts.accept(self.userid, people.get(self.person_id), now)


class Say(Told):
    """A guide writes to a customer."""

    userid: Userid
    person_id: str
    text: Words

    def do(self, acts: Acts, people: People, now: datetime) -> Any:
        return acts.say(self.userid, people.get(self.person_id), self.text, now)


class Delete(Told):
    """A guide deletes a customer."""

    userid: Userid
    person_id: str

    def do(self, acts: Acts, people: People, now: datetime) -> Any:
        return acts.delete_customer(self.userid, people.get(self.person_id), now)


class Note(Told):
    """A guide notes something about a customer."""

    userid: Userid
    person_id: str
    remark: str | None = None
    description: str | None = None
    mobiles: list[str] | None = None

    def do(self, acts: Acts, people: People, now: datetime) -> Any:
        person = people.get(self.person_id)
        return acts.note(self.userid, person, now, self.remark, self.description, self.mobiles)


class Mark(Told):
    """A guide puts the company's tags on a customer."""

    userid: Userid
    person_id: str
    add: list[str] = []
    remove: list[str] = []

    def do(self, acts: Acts, people: People, now: datetime) -> Any:
        person = people.get(self.person_id)
        return acts.tag(self.userid, person, self.add, self.remove, now)


class Confirm(Told):
    """A guide sends or posts what the company asked for."""

    userid: Userid
    kind: TaskKind
    task_id: str
    only: list[str] | None = None

    def do(self, acts: Acts, people: People, now: datetime) -> Any:
        only = None if self.only is None else [people.get(one) for one in self.only]
        return acts.confirm(self.userid, self.kind, self.task_id, now, only)


class Ignore(Told):
    """A guide does not do what the company asked for."""

    userid: Userid
    kind: TaskKind
    task_id: str

    def do(self, acts: Acts, people: People, now: datetime) -> Any:
        return acts.ignore(self.userid, self.kind, self.task_id, now)


class Broadcast(Told):
    """A guide's own broadcast."""

    userid: Userid
    person_ids: list[str]
    text: Words

    def do(self, acts: Acts, people: People, now: datetime) -> Any:
        persons = [people.get(one) for one in self.person_ids]
        return acts.broadcast(self.userid, persons, self.text, now)


class Post(Told):
    """A guide's own moment."""

    userid: Userid
    text: Words
    images: Annotated[list[str], Meta(max_length=9)] = []

    def do(self, acts: Acts, people: People, now: datetime) -> Any:
        return {"moment_id": acts.post(self.userid, self.text, self.images, now)}


class Group(Told):
    """A guide makes a group with customers."""

    userid: Userid
    name: Name
    person_ids: list[str]

    def do(self, acts: Acts, people: People, now: datetime) -> Any:
        persons = [people.get(one) for one in self.person_ids]
        return acts.open_group(self.userid, self.name, persons, now)


class Rename(Told):
    """The owner gives a group another name."""

    userid: Userid
    chat_id: str
    name: Name

    def do(self, acts: Acts, people: People, now: datetime) -> Any:
        return acts.rename(self.userid, self.chat_id, self.name, now)


class Dismiss(Told):
    """The owner ends a group."""

    userid: Userid
    chat_id: str

    def do(self, acts: Acts, people: People, now: datetime) -> Any:
        return acts.dismiss(self.userid, self.chat_id, now)


class Hire(Told):
    """The company has somebody new."""

    userid: Userid
    name: Name
    department: int = 1

    def do(self, acts: Acts, people: People, now: datetime) -> Any:
        return acts.hire(self.userid, self.name, self.department, now)


class Settle(Told):
    """The console's settings of a member; what is left out stays."""

    userid: Userid
    skips_verify: bool | None = None
    greets: bool | None = None
    most_customers: Annotated[int, Meta(ge=0, le=20_000)] | None = None

    def do(self, acts: Acts, people: People, now: datetime) -> Any:
        named = ("skips_verify", "greets", "most_customers")
        given = {name: value for name in named if (value := getattr(self, name)) is not None}
        return acts.settle_member(self.userid, **given)


class Resign(Told):
    """Somebody leaves the company."""

    userid: Userid

    def do(self, acts: Acts, people: People, now: datetime) -> Any:
        return acts.resign(self.userid, now)


class Department(Told):
    """A new department."""

    name: Name
    parent_id: int = 1

    def do(self, acts: Acts, people: People, now: datetime) -> Any:
        return acts.found_department(self.name, self.parent_id)


class Tags(Told):
    """New tags, made by hand."""

    group_name: Name
    names: list[Name]

    def do(self, acts: Acts, people: People, now: datetime) -> Any:
        return acts.add_tags(self.group_name, self.names, now)


class CapChange(Told, tag="cap"):
    """How often a customer may be reached by broadcasts."""

    cap: Cap

    def do(self, acts: Acts, people: People, now: datetime) -> Any:
        return acts.set_cap(self.cap)


AnyAct: TypeAlias = (
    Add
    | Leave
    | Write
    | Block
    | Refuse
    | Like
    | Comment
    | Join
    | Quit
    | Accept
    | Say
    | Delete
    | Note
    | Mark
    | Confirm
    | Ignore
    | Broadcast
    | Post
    | Group
    | Rename
    | Dismiss
    | Hire
    | Settle
    | Resign
    | Department
    | Tags
    | CapChange
)
