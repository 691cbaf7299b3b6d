"""The shopper's list of conversations: the service account, notices, guides, groups, SMS."""

from __future__ import annotations

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from headwater.sandbox.people import ACCOUNT, PROGRAM, SERVICE, Person
from headwater.sandbox.phone.pages import PERSON_COOKIE, SHOWN, remember
from headwater.sandbox.phone.shopper.account import ACCOUNT_AT, PROGRAM_AT, SERVICE_AT
from headwater.sandbox.phone.talks import Talk, conversation, drawn, preview
from headwater.sandbox.phone.world import World, cannot, go
from headwater.sandbox.wecom.contacts.relations import chat_of

FRIEND = "friend:"


class Chats:
    """Pages of conversations on the shopper's phone."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[Route]:
        """The list of conversations, and the SMS of a number."""
        return [
            Route("/phone", self._home, methods=["GET"]),
            Route("/phone/chats/friend/{id}", self._world.held(self._friend), methods=["GET"]),
            Route("/phone/texts", self._texts, methods=["GET"]),
        ]

    def talks(self, request: Request, person: Person) -> list[Talk]:
        """Everything that was said to the person, the latest first; the account is always there."""
        words, world = self._world.pages.words(request), self._world
        found = [self._talk(person, ACCOUNT, world.account_name, "account", ACCOUNT_AT)]
        if world.people.messages(person, PROGRAM):
            found.append(self._talk(person, PROGRAM, words["notices"], "bell", PROGRAM_AT))
        texts = world.people.texts(person.phone_number)
        if texts:
            last, moment = preview(texts, "")
            at = f"/phone/texts?number={person.phone_number}"
            found.append(Talk(words["texts"], "sms", "sms", last, moment, 0, at))
        found += self._guides(person) + self._groups(person) + self._others(person)
        return sorted(found, key=lambda talk: talk.at.timestamp() if talk.at else 0, reverse=True)

    def _guides(self, person: Person) -> list[Talk]:
        """Chats with guides, of the past too."""
        world, found = self._world, []
        known = [chat_of(one.userid) for one in world.company.guides(person)]
        for chat in dict.fromkeys([*world.people.chats(person), *known]):
            if chat.startswith(chat_of("")):
                userid = chat.removeprefix(chat_of(""))
                at = f"/phone/chats/guide/{userid}"
                talk = self._talk(person, chat, world.staff_name(userid), None, at)
                found.append(replace(talk, id=userid))
        return found

    def _others(self, person: Person) -> list[Talk]:
        """The mini program's customer service, and friends who sent something."""
        world, found = self._world, []
        for chat in world.people.chats(person):
            if chat == SERVICE:
                name = world.program_name
                found.append(self._talk(person, chat, name, "program", SERVICE_AT))
            elif chat.startswith(FRIEND):
                friend = world.people.get(chat.removeprefix(FRIEND))
                at = f"/phone/chats/friend/{friend.id}"
                talk = self._talk(person, chat, friend.nickname, None, at)
                found.append(replace(talk, id=friend.id))
        return found

    def _groups(self, person: Person) -> list[Talk]:
        found = []
        for chat in self._world.company.group_chats(person):
            rows = [message for _who, message in self._world.company.group_lines(chat.chat_id)]
            last, moment = preview(rows, "")
            at = f"/phone/chats/group/{chat.chat_id}"
            found.append(Talk(chat.name, chat.chat_id, "group", last, moment, 0, at))
        return found

    async def _home(self, request: Request) -> Response:
        world, person = self._world, self._world.holder(request)
        words = world.pages.words(request)
        if person is None:
            return await choose(world, request)
        if "as" in request.query_params:
            return remember(go("/phone"), PERSON_COOKIE, person.id)
        talks = self.talks(request, person)
        return world.show(
            request,
            "chats.html",
            heading=person.nickname,
            talks=talks,
            tools=(
                ("/phone/people", words["switch"], "swap"),
                ("/phone/camera", words["scan"], "scan"),
            ),
            tab="chats",
            counts={"chats": sum(talk.count for talk in talks)},
        )

    async def _friend(self, request: Request, person: Person) -> Response:
        """What another person sent, such as a card of the mini program."""
        chat = FRIEND + request.path_params["id"]
        if chat not in self._world.people.chats(person):
            return cannot(self._world, request, "shopper")
        self._world.read(person, chat)
        friend = self._world.people.get(request.path_params["id"])
        face = (friend.nickname, friend.id, None)
        return self._world.show(
            request,
            "chat.html",
            name=friend.nickname,
            back="/phone",
            said=conversation(self._world, person, chat, face),
            tools=(),
            menu=(),
            action=None,
            barred=None,
        )

    async def _texts(self, request: Request) -> Response:
        number = request.query_params.get("number", "")
        person, words = self._world.holder(request), self._world.pages.words(request)
        is_own = person is not None and person.phone_number == number
        rows = self._world.people.texts(number)[-SHOWN:]
        face = (words["texts"], "sms", "sms")
        said = drawn(self._world, rows, (face, face))
        back = "/phone" if is_own else "/phone/people"
        return self._world.show(request, "texts.html", number=number, texts=said, back=back)

    def _talk(self, person: Person, chat: str, name: str, icon: str | None, at: str) -> Talk:
        last, moment = preview(self._world.people.messages(person, chat), "")
        return Talk(name, chat, icon, last, moment, self._world.unread(person, chat), at)


async def choose(world: World, request: Request) -> Response:
    """Ask who holds the phone."""
    find = request.query_params.get("find", "").strip()
    return world.show(
        request,
        "people.html",
        people=world.people.matching(find, SHOWN),
        find=find,
        action="/phone/people",
        fields={},
        link="/phone?as=",
        numbers=world.people.strange_numbers()[: -SHOWN - 1 : -1],
    )
