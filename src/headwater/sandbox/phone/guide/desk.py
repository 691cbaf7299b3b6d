"""The guide's phone itself: who logs in, all conversations, what apps told, the workbench."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from headwater.sandbox.people import Message
from headwater.sandbox.phone.pages import GUIDE_COOKIE, remember
from headwater.sandbox.phone.talks import Said, Talk, drawn, preview
from headwater.sandbox.phone.world import World, cannot, go, text_of
from headwater.sandbox.wecom.company.staff import Member
from headwater.sandbox.wecom.contacts.relations import chat_of
from headwater.sandbox.wecom.corp import CannotDo

GROUP_AT = "/phone/guide/groups/{chat_id}"


class Desk:
    """Pages of whoever is logged in to the guide's phone."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._acts = world.company

    def routes(self) -> list[Route]:
        """Login, conversations, groups, the app's messages, the workbench."""
        served = self._world.served
        return [
            Route("/phone/guide/login", self._log_in, methods=["GET"]),
            Route("/phone/guide", served(self._chats), methods=["GET"]),
            Route("/phone/guide/told", served(self._told), methods=["GET"]),
            Route("/phone/guide/workbench", served(self._workbench), methods=["GET"]),
            Route("/phone/guide/groups", served(self._open_group), methods=["POST"]),
            Route(GROUP_AT, served(self._group), methods=["GET"]),
            Route(GROUP_AT, served(self._write), methods=["POST"]),
        ]

    async def _log_in(self, request: Request) -> Response:
        guide = self._world.guide(request)
        if guide is not None and "as" in request.query_params:
            return remember(go("/phone/guide"), GUIDE_COOKIE, guide.userid)
        find = request.query_params.get("find", "").strip()
        found = [one for one in self._acts.staff() if find in one.name or find in one.userid]
        return show(self._world, request, "guide_login.html", staff=found, find=find)

    async def _chats(self, request: Request, guide: Member) -> Response:
        if "as" in request.query_params:
            return remember(go("/phone/guide"), GUIDE_COOKIE, guide.userid)
        words = self._world.pages.words(request)
        found = [*self._customers(guide), *self._groups(guide), *self._app(guide, words)]
        talks = sorted(found, key=lambda one: one.at.timestamp() if one.at else 0, reverse=True)
        return show(
            self._world,
            request,
            "chats.html",
            guide,
            heading=guide.name,
            talks=talks,
            tools=(("/phone/guide/login", words["switch_guide"], "swap"),),
            empty_href="/phone/guide/customers",
            empty_label=words["tab_customers"],
            tab="chats",
        )

    async def _told(self, request: Request, guide: Member) -> Response:
        words = self._world.pages.words(request)
        name = words["app_messages"]
        rows = [
            Message(
                "news" if one.url else "text",
                one.title or one.words,
                (("", one.words),),
                one.url,
                one.at,
            )
            for one in self._acts.inbox(guide.userid)
        ]
        face = (name, "app", "bell")
        said = drawn(self._world, rows, (face, face), mine=[False] * len(rows))
        return chat(self._world, request, name, said, None)

    async def _workbench(self, request: Request, guide: Member) -> Response:
        shop, frames = self._world.shop, self._world.frames()
        address = f"{shop}/guide" if shop else None
        return show(
            self._world,
            request,
            "workbench.html",
            guide,
            address=address,
            frames=frames,
        )

    async def _open_group(self, request: Request, guide: Member) -> Response:
        form, now = await request.form(), self._world.now()
        chosen = {one for one in form.getlist("customer") if isinstance(one, str)}
        persons = [
            one.person
            for one in self._acts.customers(guide.userid)
            if one.external_userid in chosen
        ]
        try:
            chat_made = self._acts.open_group(
                guide.userid, text_of(form, "name", 32) or guide.name, persons, now
            )
        except CannotDo:
            return cannot(self._world, request, "guide")
        return go(f"/phone/guide/groups/{chat_made.chat_id}")

    async def _group(self, request: Request, guide: Member) -> Response:
        chat_id, owned = request.path_params["chat_id"], self._acts.owned_groups(guide.userid)
        group = next((one for one in owned if one.chat_id == chat_id), None)
        if group is None:
            return cannot(self._world, request, "guide")
        said: list[Said] = []
        for who, message in self._acts.group_lines(chat_id):
            name = self._world.name_of(who)
            faces = ((guide.name, guide.userid, None), (name, who, None))
            said += drawn(self._world, [message], faces, mine=[who == guide.userid])
        name, action = f"{group.name}（{len(group.inside)}）", f"/phone/guide/groups/{chat_id}"
        return chat(self._world, request, name, said, action)

    async def _write(self, request: Request, guide: Member) -> Response:
        chat_id, words = request.path_params["chat_id"], text_of(await request.form(), "text")
        try:
            if words:
                self._acts.say_in_group(guide.userid, chat_id, words, self._world.now())
        except CannotDo:
            return cannot(self._world, request, "guide")
        return go(f"/phone/guide/groups/{chat_id}")

    def _customers(self, guide: Member) -> list[Talk]:
        found, key = [], chat_of(guide.userid)
        for friend in self._acts.customers(guide.userid):
            rows = self._world.people.messages(friend.person, key)
            last, moment = preview(rows, "")
            count = self._world.unread(friend.person, key, guide.userid)
            at = f"/phone/guide/customers/{friend.external_userid}/chat"
            name = friend.remark or friend.person.nickname
            talk = Talk(name, friend.person.id, None, last, moment or friend.since, count, at)
            found.append(talk)
        return found

    def _groups(self, guide: Member) -> list[Talk]:
        found = []
        for group in self._acts.owned_groups(guide.userid):
            rows = [message for _who, message in self._acts.group_lines(group.chat_id)]
            last, moment = preview(rows, "")
            at = f"/phone/guide/groups/{group.chat_id}"
            talk = Talk(group.name, group.chat_id, "group", last, moment or group.made_at, 0, at)
            found.append(talk)
        return found

    def _app(self, guide: Member, words: dict[str, str]) -> list[Talk]:
        told = self._acts.inbox(guide.userid)
        if not told:
            return []
        last = told[-1]
        talk = Talk(words["app_messages"], "app", "bell", "", last.at, 0, "/phone/guide/told")
        return [replace(talk, preview=last.title or last.words)]


def show(
    world: World, request: Request, template: str, guide: Member | None = None, /, **values: Any
) -> Response:
    """A page of the guide's phone; the tabs count what waits."""
    counts: dict[str, int] = {}
    if guide is not None:
        key, friends = chat_of(guide.userid), world.company.customers(guide.userid)
        tasks = world.company.tasks(guide.userid)
        counts = {
            "chats": sum(world.unread(one.person, key, guide.userid) for one in friends),
            "customers": len(world.company.requests(guide.userid)),
            "tasks": sum(one.state == "waiting" for one in tasks),
        }
    plain = {"side": "guide", "guide": guide, "counts": counts}
    return world.show(request, template, **plain | values)


def chat(
    world: World, request: Request, name: str, said: list[Said], action: str | None, /, **more: Any
) -> Response:
    """A conversation on the guide's phone; without an action nothing can be written."""
    plain = {"back": "/phone/guide", "tools": (), "menu": (), "side": "guide", "barred": None}
    given = {"name": name, "said": said, "action": action}
    return world.show(request, "chat.html", **plain | given | more)
