"""Whom the shopper knows: guides and groups, their chats, and how one gets rid of them."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from headwater.sandbox.people import Person
from headwater.sandbox.phone.talks import conversation, drawn
from headwater.sandbox.phone.world import World, cannot, go, text_of
from headwater.sandbox.wecom.acts import Friend
from headwater.sandbox.wecom.contacts.relations import chat_of
from headwater.sandbox.wecom.corp import CannotDo

FRIEND_AT = "/phone/contacts/{userid}"
CHAT_AT = "/phone/chats/guide/{userid}"
GROUP_AT = "/phone/chats/group/{chat_id}"


class Friends:
    """Pages of the shopper's contacts."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._acts = world.company

    def routes(self) -> list[Route]:
        """Contacts, their pages, their chats."""
        held = self._world.held
        return [
            Route("/phone/contacts", held(self._contacts), methods=["GET"]),
            Route(FRIEND_AT, held(self._friend), methods=["GET"]),
            Route(FRIEND_AT + "/block", held(self._block), methods=["POST"]),
            Route(FRIEND_AT + "/deletion", held(self._delete), methods=["POST"]),
            Route("/phone/transfers/{id}/refusal", held(self._refuse), methods=["POST"]),
            Route(CHAT_AT, held(self._chat), methods=["GET"]),
            Route(CHAT_AT, held(self._write), methods=["POST"]),
            Route(GROUP_AT, held(self._group), methods=["GET"]),
            Route(GROUP_AT, held(self._write_in_group), methods=["POST"]),
            Route(GROUP_AT + "/leaving", held(self._leave), methods=["POST"]),
        ]

    async def _contacts(self, request: Request, person: Person) -> Response:
        name = self._world.staff_name
        return self._world.show(
            request,
            "contacts.html",
            person=person,
            account_name=self._world.account_name,
            guides=[(one, name(one.userid)) for one in self._acts.guides(person)],
            groups=self._acts.group_chats(person),
            transfers=[
                (one, name(one.handover), name(one.takeover))
                for one in self._acts.transfers(person)
            ],
            tab="contacts",
        )

    async def _friend(self, request: Request, person: Person) -> Response:
        friend = self._known(request, person)
        if friend is None:
            return cannot(self._world, request, "shopper")
        name = self._world.staff_name(friend.userid)
        return self._world.show(request, "friend.html", friend=friend, name=name)

    async def _block(self, request: Request, person: Person) -> Response:
        userid, wish = request.path_params["userid"], text_of(await request.form(), "blocked")
        now = self._world.now()
        return self._did(
            request,
            lambda: self._acts.block(person, userid, wish == "yes", now),
            f"/phone/contacts/{userid}",
        )

    async def _delete(self, request: Request, person: Person) -> Response:
        userid, now = request.path_params["userid"], self._world.now()
        return self._did(
            request, lambda: self._acts.delete_guide(person, userid, now), "/phone/contacts"
        )

    async def _refuse(self, request: Request, person: Person) -> Response:
        number, now = request.path_params["id"], self._world.now()
        return self._did(
            request, lambda: self._acts.refuse_transfer(person, number, now), "/phone/contacts"
        )

    async def _chat(self, request: Request, person: Person) -> Response:
        world, userid = self._world, request.path_params["userid"]
        words, friend = world.pages.words(request), self._known(request, person)
        rows = world.people.messages(person, chat_of(userid))
        if friend is None and not rows:
            return cannot(world, request, "shopper")
        world.read(person, chat_of(userid))
        name = world.staff_name(userid)
        at = f"/phone/chats/guide/{userid}"
        standing = friend.standing if friend is not None else "ended"
        barred = {"ended": "no_friend", "asked": "not_accepted"}.get(standing)
        return world.show(
            request,
            "chat.html",
            name=name,
            back="/phone",
            said=conversation(world, person, chat_of(userid), (name, userid, None)),
            tools=((f"/phone/contacts/{userid}", words["profile"], "more"),) if friend else (),
            menu=(),
            action=at,
            barred=words[barred] if barred else None,
        )

    async def _write(self, request: Request, person: Person) -> Response:
        userid, words = request.path_params["userid"], text_of(await request.form(), "text")
        now = self._world.now()
        return self._did(
            request,
            lambda: self._acts.write(person, userid, words, now) if words else None,
            f"/phone/chats/guide/{userid}",
        )

    async def _group(self, request: Request, person: Person) -> Response:
        world, words = self._world, self._world.pages.words(request)
        chat_id = request.path_params["chat_id"]
        chat = next((one for one in self._acts.group_chats(person) if one.chat_id == chat_id), None)
        if chat is None:
            return cannot(world, request, "shopper")
        own = world.people.external_userid(person)
        said = []
        for who, message in self._acts.group_lines(chat_id):
            name = world.name_of(who)
            faces = ((person.nickname, person.id, None), (name, who, None))
            said += drawn(world, [message], faces, mine=[who == own])
        return world.show(
            request,
            "chat.html",
            name=f"{chat.name}（{len(chat.inside)}）",
            back="/phone",
            said=said,
            tools=(),
            menu=(),
            action=f"/phone/chats/group/{chat_id}",
            barred=None,
            leaving=(f"/phone/chats/group/{chat_id}/leaving", words["leave_group"]),
        )

    async def _write_in_group(self, request: Request, person: Person) -> Response:
        chat_id, words = request.path_params["chat_id"], text_of(await request.form(), "text")
        now = self._world.now()
        return self._did(
            request,
            lambda: self._acts.write_in_group(person, chat_id, words, now) if words else None,
            f"/phone/chats/group/{chat_id}",
        )

    async def _leave(self, request: Request, person: Person) -> Response:
        chat_id, now = request.path_params["chat_id"], self._world.now()
        return self._did(request, lambda: self._acts.leave(person, chat_id, now), "/phone/contacts")

    def _known(self, request: Request, person: Person) -> Friend | None:
        userid = request.path_params["userid"]
        return next((one for one in self._acts.guides(person) if one.userid == userid), None)

    def _did(self, request: Request, act: Any, then: str) -> Response:
        try:
            act()
        except CannotDo:
            return cannot(self._world, request, "shopper")
        return go(then)
