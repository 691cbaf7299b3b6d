"""The service account on the shopper's phone: its chat, its menu, following and leaving."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from headwater.sandbox.people import ACCOUNT, PROGRAM, Person
from headwater.sandbox.phone.talks import conversation, web_page
from headwater.sandbox.phone.world import World, go, text_of
from headwater.sandbox.weixin.account.menu_rules import Button
from headwater.sandbox.weixin.acts import CannotAct, Led

ACCOUNT_AT = "/phone/chats/account"
PROGRAM_AT = "/phone/chats/program"
SERVICE_AT = "/phone/chats/service"
MOST_ARTICLES = 20
LARGEST_PICTURE_BYTES = 2_000_000


@dataclass(frozen=True)
class Choice:
    """A button of the menu and its place, such as 1 or 1-0."""

    name: str
    path: str
    children: tuple[Choice, ...] = ()


class AccountPages:
    """Pages of the brand's service account."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[Route]:
        """The chat, what is written and pressed in it, and the account's own page."""
        held = self._world.held
        return [
            Route(ACCOUNT_AT, held(self._chat), methods=["GET"]),
            Route(ACCOUNT_AT, held(self._write), methods=["POST"]),
            Route(ACCOUNT_AT + "/menu", held(self._press), methods=["POST"]),
            Route("/phone/words", held(self._write), methods=["POST"]),
            Route("/phone/account", held(self._profile), methods=["GET"]),
            Route("/phone/following", held(self._follow), methods=["POST"]),
            Route(ACCOUNT_AT + "/picture", held(self._picture), methods=["POST"]),
            Route(PROGRAM_AT, held(self._notices), methods=["GET"]),
        ]

    async def _chat(self, request: Request, person: Person) -> Response:
        world, words = self._world, self._world.pages.words(request)
        world.read(person, ACCOUNT)
        return world.show(
            request,
            "chat.html",
            name=world.account_name,
            back="/phone",
            said=conversation(world, person, ACCOUNT, (world.account_name, ACCOUNT, "account")),
            tools=(("/phone/account", words["profile"], "more"),),
            menu=choices(world.weixin.menu(person)),
            action=ACCOUNT_AT,
            picture=ACCOUNT_AT + "/picture",
            barred=None if person.follows else words["not_following"],
        )

    async def _notices(self, request: Request, person: Person) -> Response:
        world, name = self._world, self._world.pages.words(request)["notices"]
        world.read(person, PROGRAM)
        return world.show(
            request,
            "chat.html",
            name=name,
            back="/phone",
            said=conversation(world, person, PROGRAM, (name, PROGRAM, "bell")),
            tools=(),
            menu=(),
            action=None,
            barred=None,
        )

    async def _write(self, request: Request, person: Person) -> Response:
        words = text_of(await request.form(), "text")
        if words and person.follows:
            self._world.weixin.say(person, words, self._world.now())
        return go(ACCOUNT_AT)

    async def _picture(self, request: Request, person: Person) -> Response:
        """A picture opens the same window as words do, and is told to the merchant like them."""
        async with request.form(max_files=1) as form:
            given, content = form.get("picture"), b""
            if isinstance(given, UploadFile):
                content = await given.read(LARGEST_PICTURE_BYTES + 1)
        try:
            if not content or len(content) > LARGEST_PICTURE_BYTES:
                raise CannotAct(self._world.pages.words(request)["no_picture"])
            self._world.weixin.show(person, content, self._world.now())
        except CannotAct as error:
            return self._world.show(request, "sorry.html", 409, why=str(error), back=None)
        return go(ACCOUNT_AT)

    async def _press(self, request: Request, person: Person) -> Response:
        place = text_of(await request.form(), "path", 8).split("-")
        path = tuple(int(one) for one in place if one.isascii() and one.isdigit())
        try:
            led = self._world.weixin.press(person, path, self._world.now())
        except CannotAct as error:
            return self._world.show(request, "sorry.html", 409, why=str(error), back=None)
        return go(led_to(led) or ACCOUNT_AT)

    async def _profile(self, request: Request, person: Person) -> Response:
        world = self._world
        articles = [(one.article.title, web_page(one.url)) for one in world.weixin.articles()]
        return world.show(
            request,
            "account.html",
            person=person,
            name=world.account_name,
            articles=articles[:MOST_ARTICLES],
        )

    async def _follow(self, request: Request, person: Person) -> Response:
        follows, now = text_of(await request.form(), "follows"), self._world.now()
        if follows == "yes":
            self._world.weixin.follow(person, now)
            return go(ACCOUNT_AT)
        if follows == "no":
            self._world.weixin.unfollow(person, now)
        return go("/phone/account")


def choices(buttons: list[Button], above: str = "") -> tuple[Choice, ...]:
    """The menu with the place of each button in it."""
    found = []
    for number, button in enumerate(buttons):
        path = f"{above}{number}"
        found.append(Choice(button.name, path, choices(button.sub_button or [], f"{path}-")))
    return tuple(found)


def led_to(led: Led) -> str | None:
    """Which page of the phone opens next; None where nothing does."""
    if led.kind == "account":
        return ACCOUNT_AT
    if led.kind == "program":
        return f"/phone/program?{urlencode({'path': led.path, 'query': led.query})}"
    return web_page(led.url)
