"""What a customer does in WeChat: adds a guide, writes, leaves, looks at Moments, refuses."""

from __future__ import annotations

from datetime import datetime

from headwater.sandbox.people import Message, Person
from headwater.sandbox.wecom.acts.shown import ActsBase, Added, Friend, Seen, Way
from headwater.sandbox.wecom.company.staff import Member
from headwater.sandbox.wecom.contacts.groups import GroupChat
from headwater.sandbox.wecom.contacts.moments import Post
from headwater.sandbox.wecom.contacts.relations import Relation, Standing
from headwater.sandbox.wecom.contacts.transfers import Transfer
from headwater.sandbox.wecom.corp import CannotDo


class CustomerActs(ActsBase):
    """Acts of people outside the company."""

    def ways(self) -> list[Way]:
        """The contact ways that are around."""
        ways = self._desk.ways
        return [
            Way(ways.code(one), one.remark, one.state, tuple(ways.members(one)))
            for one in ways.everything()
        ]

    def add(self, person: Person, code: str, now: datetime) -> Added:
        """Add whoever is behind a code: a contact way's, or a member's own.

        Without verification the two may chat at once. A contact way that asks for none makes them
        friends, a member's own setting leaves the member to confirm: hence the half event.
        """
        way = self._desk.ways.behind(code)
        if way is None:
            member = self._desk.corp.staff.behind(code)
            if member is None:
                raise CannotDo("this code leads to nobody")
            return self._meet(person, member, "", "half" if member.skips_verify else "asked", now)
        userid = self._desk.ways.choose(way, person)
        if userid is None or not self._desk.ways.open_to(way, person, now):
            raise CannotDo("this code is no longer good")
        member = self._desk.corp.staff.get(userid)
        added = self._meet(person, member, way.state, "friend" if way.skip_verify else "asked", now)
        self._desk.ways.spend(way)
        return added

    def guides(self, person: Person) -> list[Friend]:
        """Whom this person knows, as far as the person has not deleted them."""
        known = self._relations.of_person(person)
        return [self._friend(one) for one in known if one.standing in ("asked", "half", "friend")]

    def delete_guide(self, person: Person, userid: str, now: datetime) -> None:
        """The person takes a member out of the contacts; the member still has the person."""
        relation = self._needed(userid, person)
        was_listed = relation.standing == "friend"
        self._relations.save(relation, standing="left" if was_listed else "ended")
        if was_listed:
            self._relations.announce(relation, "del_follow_user", now)

    def write(self, person: Person, userid: str, words: str, now: datetime) -> None:
        """The person says something."""
        relation = self._needed(userid, person)
        self._relations.hear(relation, Message("own", words, (), None, now), now)

    def show(self, person: Person, userid: str, media_id: str, now: datetime) -> None:
        """The person sends a picture that the sandbox already has."""
        relation = self._needed(userid, person)
        picture = Message("own", "", (), None, now, media_id=media_id)
        self._relations.hear(relation, picture, now)

    def block(self, person: Person, userid: str, is_blocked: bool, now: datetime) -> None:
        """The person wants to hear nothing more from a member, who is not told."""
        self._relations.save(self._needed(userid, person), is_blocked=is_blocked)

    def transfers(self, person: Person) -> list[Transfer]:
        """Who would take this person over, while that can be refused."""
        return self._desk.transfers.waiting_for(person)

    def refuse_transfer(self, person: Person, transfer_id: str, now: datetime) -> None:
        """The person does not want to be taken over."""
        self._desk.transfers.refuse(person, transfer_id, now)

    def moments(self, person: Person, now: datetime) -> list[Seen]:
        """What this person finds in Moments, the latest first."""
        found = [
            Seen(
                moment_id=moment.moment_id,
                userid=post.userid,
                words=moment.content.words,
                attachments=tuple(moment.content.attachments),
                at=post.posted_at or moment.made_at,
                likes=post.likes,
                comments=post.comments,
            )
            for moment, post in self._desk.moments.seen_by(person)
        ]
        return [one for one in found if one.at <= now]

    def like(self, person: Person, moment_id: str, userid: str, now: datetime) -> None:
        """The person likes a post, or no longer."""
        self._desk.moments.like(self._visible(person, moment_id, userid), person.id, False, now)

    def comment(
        self, person: Person, moment_id: str, userid: str, words: str, now: datetime
    ) -> None:
        """The person writes under a post."""
        post = self._visible(person, moment_id, userid)
        self._desk.moments.comment(post, person.id, False, words, now)

    def group_chats(self, person: Person) -> list[GroupChat]:
        """The groups this person is in."""
        return self._desk.groups.of_person(person)

    def join(self, person: Person, chat_id: str, now: datetime) -> None:
        """The person comes into a group by its code."""
        self._desk.groups.join(self._desk.groups.needed(chat_id), person, now)

    def leave(self, person: Person, chat_id: str, now: datetime) -> None:
        """The person leaves a group."""
        self._desk.groups.leave(self._desk.groups.needed(chat_id), person, now)

    def write_in_group(self, person: Person, chat_id: str, words: str, now: datetime) -> None:
        """The person says something to a group."""
        number = self._desk.corp.ground.people.external_userid(person)
        chat = self._desk.groups.needed(chat_id)
        self._desk.groups.say(chat, number, [Message("text", words, (), None, now)])

    def _visible(self, person: Person, moment_id: str, userid: str) -> Post:
        post = self._desk.moments.post_of(moment_id, userid)
        if post is None or person.id not in post.visible:
            raise CannotDo("there is no such post")
        return post

    def _meet(
        self, person: Person, member: Member, state: str, standing: Standing, now: datetime
    ) -> Added:
        known = self._relations.find(member.userid, person)
        if known is not None and known.standing in ("friend", "half"):
            return Added(member.userid, is_friend=known.standing == "friend")
        if len(self._relations.listed(member.userid)) >= member.most_customers:
            raise CannotDo("the member cannot take more customers")
        # Whoever is still in the member's list comes back without being asked.
        comes_back = known is not None and known.standing == "left"
        fresh = Relation(
            member.userid,
            person.id,
            now,
            "friend" if comes_back else standing,
            state=state,
            oper_userid=self._desk.corp.ground.people.external_userid(person),
        )
        if comes_back and known is not None:
            fresh = self._relations.save(
                known, since=now, standing="friend", state=state, spoke_at=None
            )
        relation = self._relations.save(fresh)
        if standing != "asked" and not comes_back:
            self._welcomed(relation, "add_half_external_contact", now)
        if relation.standing == "friend":
            self._welcomed(relation, "add_external_contact", now)
        return Added(member.userid, is_friend=relation.standing == "friend")
