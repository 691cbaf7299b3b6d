"""What a member does in WeCom: accepts, chats, notes, confirms tasks, posts, leads groups."""

from __future__ import annotations

from datetime import datetime

from headwater.sandbox.people import Message, Person
from headwater.sandbox.wecom.acts.shown import ActsBase, Friend, Task
from headwater.sandbox.wecom.company.inbox import AppMessage
from headwater.sandbox.wecom.contacts.broadcasts import Broadcast, Part
from headwater.sandbox.wecom.contacts.customers import noted
from headwater.sandbox.wecom.contacts.groups import GroupChat
from headwater.sandbox.wecom.contacts.moments import Moment, Post
from headwater.sandbox.wecom.contacts.tags import marked
from headwater.sandbox.wecom.content import Attachment, Content, Image, Text
from headwater.sandbox.wecom.corp import CannotDo


class MemberActs(ActsBase):
    """Acts of people in the company."""

    def requests(self, userid: str) -> list[Person]:
        """Who waits for the member to accept."""
        return [self._relations.person(one) for one in self._relations.asking(userid)]

    def accept(self, userid: str, person: Person, now: datetime) -> None:
        """The member takes the person as a customer."""
        relation = self._needed(userid, person)
        if relation.standing not in ("asked", "half"):
            raise CannotDo("nothing to accept")
        since = now if relation.standing == "asked" else relation.since
        accepted = self._relations.save(relation, standing="friend", since=since)
        self._welcomed(accepted, "add_external_contact", now)

    def customers(self, userid: str) -> list[Friend]:
        """The member's list, those who have left too: WeCom does not say so either."""
        return [self._friend(one) for one in self._relations.listed(userid)]

    def say(self, userid: str, person: Person, words: str, now: datetime) -> None:
        """The member writes to a customer."""
        self.send(userid, person, [Message("text", words, (), None, now)], now)

    def send(self, userid: str, person: Person, messages: list[Message], now: datetime) -> None:
        """The member sends cards, links or pictures, as the sidebar lets them."""
        self._relations.tell(self._needed(userid, person), messages, now)

    def delete_customer(self, userid: str, person: Person, now: datetime) -> None:
        """The member takes a customer out of the list."""
        relation = self._relations.needed(userid, person)
        self._relations.save(relation, standing="ended")
        self._relations.announce(relation, "del_external_contact", now)

    def note(
        self,
        userid: str,
        person: Person,
        now: datetime,
        remark: str | None = None,
        description: str | None = None,
        mobiles: list[str] | None = None,
    ) -> None:
        """The member notes something; numbers alone are not told to the merchant."""
        relation = self._relations.needed(userid, person)
        changed = self._relations.save(relation, **noted(remark, description, mobiles))
        if remark is not None or description is not None:
            self._relations.announce(changed, "edit_external_contact", now)

    def tag(
        self, userid: str, person: Person, add: list[str], remove: list[str], now: datetime
    ) -> None:
        """The member puts the company's tags on a customer, or takes them off."""
        relation = self._relations.needed(userid, person)
        if any(self._desk.tags.find(one) is None for one in add):
            raise CannotDo("there is no such tag")
        changed = self._relations.save(relation, tags=marked(relation.tags, add, remove))
        self._relations.announce(changed, "edit_external_contact", now)

    def tag_groups(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """The company's tags: groups by name, each with its tags by id and name."""
        return [
            (group.name, [(tag.id, tag.name) for tag in tags])
            for group, tags in self._desk.tags.groups()
        ]

    def tasks(self, userid: str) -> list[Task]:
        """What the company asks of the member, the latest first."""
        now = self._desk.corp.ground.now()
        found = [
            *(self._broadcast_task(*pair) for pair in self._desk.broadcasts.parts_of(userid)),
            *(
                self._moment_task(userid, *pair)
                for pair in self._desk.moments.tasks_of(userid, now)
            ),
        ]
        return sorted(found, key=lambda one: one.made_at, reverse=True)

    def confirm(
        self,
        userid: str,
        kind: str,
        task_id: str,
        now: datetime,
        only: list[Person] | None = None,
    ) -> None:
        """The member sends or posts what the company asked for, perhaps to some only."""
        ids = None if only is None else [one.id for one in only]
        if kind == "broadcast":
            self._desk.broadcasts.confirm(task_id, userid, now, ids)
        else:
            self._desk.moments.confirm(task_id, userid, now, ids)

    def ignore(self, userid: str, kind: str, task_id: str, now: datetime) -> None:
        """The member does not want to."""
        if kind == "broadcast":
            self._desk.broadcasts.ignore(task_id, userid)
        else:
            self._desk.moments.ignore(task_id, userid)

    def broadcast(self, userid: str, persons: list[Person], words: str, now: datetime) -> Part:
        """The member's own broadcast, which counts in the customers' caps too."""
        return self._desk.broadcasts.by_member(userid, persons, words, now)

    def post(self, userid: str, words: str, images: list[str], now: datetime) -> str:
        """The member's own moment, with pictures by their addresses; gives its id."""
        pictures = [Attachment("image", image=Image(pic_url=one)) for one in images]
        made = self._desk.moments.by_member(userid, Content(Text(words), pictures), now)
        return made.moment_id

    def answer_comment(self, userid: str, moment_id: str, words: str, now: datetime) -> None:
        """The member writes under the own post."""
        post = self._desk.moments.post_of(moment_id, userid)
        if post is None or post.state != "done":
            raise CannotDo("there is no such post")
        self._desk.moments.comment(post, userid, True, words, now)

    def posts(self, userid: str) -> list[tuple[Moment, Post]]:
        """What the member has posted, the latest first."""
        found = [
            (moment, post)
            for moment in self._desk.moments.everything()
            if (post := self._desk.moments.post_of(moment.moment_id, userid)) is not None
            and post.state == "done"
        ]
        return found[::-1]

    def inbox(self, userid: str) -> list[AppMessage]:
        """What the company's app told the member."""
        return self._desk.inbox.of(userid)

    def open_group(self, userid: str, name: str, persons: list[Person], now: datetime) -> GroupChat:
        """The member makes a group with customers."""
        for person in persons:
            self._relations.needed(userid, person)
        return self._desk.groups.open(userid, name, persons, now)

    def owned_groups(self, userid: str) -> list[GroupChat]:
        """The member's groups."""
        return self._desk.groups.owned_by(userid)

    def group_lines(self, chat_id: str) -> list[tuple[str, Message]]:
        """What was said in a group: by whom, and what."""
        return self._desk.groups.said(chat_id)

    def say_in_group(self, userid: str, chat_id: str, words: str, now: datetime) -> None:
        """The member writes to a group."""
        chat = self._desk.groups.needed(chat_id)
        self._desk.groups.say(chat, userid, [Message("text", words, (), None, now)])

    def rename(self, userid: str, chat_id: str, name: str, now: datetime) -> None:
        """The owner gives a group another name."""
        self._desk.groups.rename(self._owned(userid, chat_id), name, now)

    def dismiss(self, userid: str, chat_id: str, now: datetime) -> None:
        """The owner ends a group."""
        self._desk.groups.dismiss(self._owned(userid, chat_id), now)

    def _owned(self, userid: str, chat_id: str) -> GroupChat:
        chat = self._desk.groups.needed(chat_id)
        if chat.owner != userid:
            raise CannotDo("only the owner may")
        return chat

    def _broadcast_task(self, broadcast: Broadcast, part: Part) -> Task:
        is_group = broadcast.chat_type == "group"
        ids = tuple(one.id for one in part.targets)
        return Task(
            kind="broadcast",
            id=broadcast.msgid,
            words=broadcast.content.words,
            attachments=tuple(broadcast.content.attachments),
            customers=() if is_group else self._persons(ids),
            chats=ids if is_group else (),
            made_at=broadcast.made_at,
            reminded=len(broadcast.reminded),
            may_choose=broadcast.allow_select,
            state=_state(part.state, broadcast.is_cancelled),
        )

    def _moment_task(self, userid: str, moment: Moment, post: Post | None) -> Task:
        audience = self._desk.moments.audience(moment, userid)
        return Task(
            kind="moment",
            id=moment.moment_id,
            words=moment.content.words,
            attachments=tuple(moment.content.attachments),
            customers=tuple(self._relations.person(one) for one in audience),
            chats=(),
            made_at=moment.made_at,
            reminded=0,
            may_choose=True,
            state=_state("waiting" if post is None else post.state, moment.is_cancelled),
        )

    def _persons(self, ids: tuple[str, ...]) -> tuple[Person, ...]:
        return tuple(self._desk.corp.ground.people.get(one) for one in ids)


def _state(state: str, is_cancelled: bool) -> str:
    return "cancelled" if is_cancelled and state != "done" else state
