"""The guide's customers: who waits, tags and remarks, the chat, the sidebar with our pages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from headwater.sandbox.phone.guide.desk import chat, show
from headwater.sandbox.phone.talks import drawn
from headwater.sandbox.phone.world import OWN, World, cannot, go, text_of
from headwater.sandbox.wecom.acts import Friend
from headwater.sandbox.wecom.company.staff import Member
from headwater.sandbox.wecom.contacts.relations import chat_of
from headwater.sandbox.wecom.corp import CannotDo

LIST_AT = "/phone/guide/customers"
ONE_AT = LIST_AT + "/{external_userid}"
LONGEST_REMARK = 20
LONGEST_DESCRIPTION = 150
LONGEST_TALK = 200

Mine = Callable[[Request, Member, Friend], Awaitable[Response]]


class Customers:
    """Pages of customers."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._acts = world.company

    def routes(self) -> list[Route]:
        """The list, and everything about one of them."""
        served, mine = self._world.served, self._mine
        return [
            Route(LIST_AT, served(self._list), methods=["GET"]),
            Route(ONE_AT, mine(self._one), methods=["GET"]),
            Route(ONE_AT, mine(self._note), methods=["POST"]),
            Route(ONE_AT + "/tags", mine(self._tag), methods=["POST"]),
            Route(ONE_AT + "/deletion", mine(self._delete), methods=["POST"]),
            Route(ONE_AT + "/acceptance", served(self._accept), methods=["POST"]),
            Route(ONE_AT + "/chat", mine(self._chat), methods=["GET"]),
            Route(ONE_AT + "/chat", mine(self._write), methods=["POST"]),
            Route(ONE_AT + "/sidebar", mine(self._sidebar), methods=["GET"]),
        ]

    async def _list(self, request: Request, guide: Member) -> Response:
        find = request.query_params.get("find", "").strip()
        everybody = self._acts.customers(guide.userid)
        found = [
            one
            for one in everybody
            if find in one.person.nickname or find in one.remark or find in one.tags
        ]
        people = self._world.people
        asking = [(one, people.external_userid(one)) for one in self._acts.requests(guide.userid)]
        return show(
            self._world,
            request,
            "customers.html",
            guide,
            customers=found,
            everybody=len(everybody),
            asking=asking,
            find=find,
            tab="customers",
        )

    async def _one(self, request: Request, guide: Member, friend: Friend) -> Response:
        groups = self._acts.tag_groups()
        return show(self._world, request, "customer.html", guide, friend=friend, groups=groups)

    async def _note(self, request: Request, guide: Member, friend: Friend) -> Response:
        form = await request.form()
        remark = text_of(form, "remark", LONGEST_REMARK)
        description = text_of(form, "description", LONGEST_DESCRIPTION)
        self._acts.note(guide.userid, friend.person, self._world.now(), remark, description)
        return go(_at(friend))

    async def _tag(self, request: Request, guide: Member, friend: Friend) -> Response:
        form = await request.form()
        chosen = {one for one in form.getlist("tag") if isinstance(one, str)}
        known = [tag for _group, tags in self._acts.tag_groups() for tag in tags]
        add = [number for number, name in known if number in chosen and name not in friend.tags]
        drop = [number for number, name in known if number not in chosen and name in friend.tags]
        if add or drop:
            self._acts.tag(guide.userid, friend.person, add, drop, self._world.now())
        return go(_at(friend))

    async def _delete(self, request: Request, guide: Member, friend: Friend) -> Response:
        self._acts.delete_customer(guide.userid, friend.person, self._world.now())
        return go(LIST_AT)

    async def _accept(self, request: Request, guide: Member) -> Response:
        people, wanted = self._world.people, request.path_params["external_userid"]
        for person in self._acts.requests(guide.userid):
            if people.external_userid(person) == wanted:
                self._acts.accept(guide.userid, person, self._world.now())
                return go(f"{LIST_AT}/{wanted}/chat")
        return cannot(self._world, request, "guide")

    async def _chat(self, request: Request, guide: Member, friend: Friend) -> Response:
        world, key, words = self._world, chat_of(guide.userid), self._world.pages.words(request)
        world.read(friend.person, key, guide.userid)
        rows = world.people.messages(friend.person, key)[-LONGEST_TALK:]
        name = friend.remark or friend.person.nickname
        faces = ((guide.name, guide.userid, None), (name, friend.person.id, None))
        said = drawn(world, rows, faces, mine=[row.kind not in OWN for row in rows])
        at = _at(friend)
        tools = (
            (f"{at}/sidebar", words["sidebar"], "workbench"),
            (at, words["profile"], "more"),
        )
        barred = words["was_left"] if friend.standing == "left" else None
        return chat(world, request, name, said, f"{at}/chat", tools=tools, barred=barred)

    async def _write(self, request: Request, guide: Member, friend: Friend) -> Response:
        words = text_of(await request.form(), "text")
        if words:
            self._acts.say(guide.userid, friend.person, words, self._world.now())
        return go(f"{_at(friend)}/chat")

    async def _sidebar(self, request: Request, guide: Member, friend: Friend) -> Response:
        """Our workbench as WeCom opens it beside a chat, with the customer in its address."""
        shop = self._world.shop
        query = urlencode({"external_userid": friend.external_userid})
        return show(
            self._world,
            request,
            "sidebar.html",
            guide,
            friend=friend,
            address=f"{shop}/guide?{query}" if shop else None,
            frames=self._world.frames(),
        )

    def _mine(self, handler: Mine) -> Callable[[Request], Awaitable[Response]]:
        """A page about one of the guide's own customers; others do not exist."""

        async def answer(request: Request, guide: Member) -> Response:
            wanted = request.path_params["external_userid"]
            for friend in self._acts.customers(guide.userid):
                if friend.external_userid == wanted:
                    try:
                        return await handler(request, guide, friend)
                    except CannotDo:
                        break
            return cannot(self._world, request, "guide")

        return self._world.served(answer)


def _at(friend: Friend) -> str:
    return f"{LIST_AT}/{friend.external_userid}"
