"""Side doors of the weixin host: what people do, tokens that die, where pushes go and how."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from headwater.sandbox.hosts import Ground
from headwater.sandbox.people import Person
from headwater.sandbox.side_doors import Answer, NotDone, Url, door, read, shown
from headwater.sandbox.weixin.apps import OFFICIAL_ACCOUNT, Kind
from headwater.sandbox.weixin.errors import WeixinError
from headwater.sandbox.weixin.led import CannotAct
from headwater.sandbox.weixin.pushes.checks import complaint
from headwater.sandbox.weixin.pushes.queue import Settings
from headwater.sandbox.weixin.web.jssdk import Config, answer

if TYPE_CHECKING:
    from headwater.sandbox.weixin.host import WeixinHost


class Words(msgspec.Struct, forbid_unknown_fields=True):
    text: Annotated[str, Meta(min_length=1, max_length=600)]


class Following(msgspec.Struct, forbid_unknown_fields=True):
    follows: bool
    scene: Annotated[str, Meta(min_length=1, max_length=64)] | None = None


class Pressed(msgspec.Struct, forbid_unknown_fields=True):
    path: tuple[int, ...]


class Scanned(msgspec.Struct, forbid_unknown_fields=True):
    code: Annotated[str, Meta(min_length=1, max_length=1_024)]


class Shared(msgspec.Struct, forbid_unknown_fields=True):
    """A page of the program, sent to a friend."""

    title: Annotated[str, Meta(min_length=1, max_length=64)]
    path: Annotated[str, Meta(min_length=1, max_length=1_024)]
    to: str | None = None


class Opened(msgspec.Struct, forbid_unknown_fields=True):
    article_id: str
    place: int = 1


class Approval(msgspec.Struct, forbid_unknown_fields=True):
    """Whether mass messages wait for an administrator, and the answer to one that does."""

    is_needed: bool | None = None
    msg_id: int | None = None
    is_allowed: bool = True


class PushSettings(msgspec.Struct, forbid_unknown_fields=True):
    official_account: Settings | None = None
    mini_program: Settings | None = None


class Verification(msgspec.Struct, forbid_unknown_fields=True):
    """An address to be checked as the console does before it takes it."""

    app: Literal["official_account", "mini_program"]
    url: Url


class WeixinSideDoors:
    """What people do with the brand's apps, without a phone in hand."""

    def __init__(self, ground: Ground, host: WeixinHost) -> None:
        self._ground = ground
        self._people = ground.people
        self._host = host

    def routes(self) -> list[Route]:
        """The doors, to be hung under /_sandbox."""
        person, now = "/people/{person_id}", self._ground.now
        return [
            Route(person + "/messages", door(self._inbox, now), methods=["GET"]),
            Route(person + "/words", door(self._say, now), methods=["POST"]),
            Route(person + "/pictures", door(self._show, now), methods=["POST"]),
            Route(person + "/following", door(self._follow, now), methods=["PUT"]),
            Route(person + "/menu", door(self._menu, now), methods=["GET"]),
            Route(person + "/presses", door(self._press, now), methods=["POST"]),
            Route(person + "/scans", door(self._scan, now), methods=["POST"]),
            Route(person + "/shares", door(self._share, now), methods=["POST"]),
            Route(person + "/readings", door(self._open_article, now), methods=["POST"]),
            Route("/weixin/articles", door(self._articles, now), methods=["GET"]),
            Route("/weixin/approvals", door(self._approve, now), methods=["POST"]),
            Route("/expired-tokens", door(self._expire, now), methods=["POST"]),
            Route("/weixin/pushes", door(self._pushes, now), methods=["GET"]),
            Route("/weixin/push-settings", door(self._configure, now), methods=["PUT"]),
            Route("/weixin/verifications", self._verify, methods=["POST"]),
            Route("/weixin/jsapi-configs", door(self._config, now), methods=["POST"]),
        ]

    def own_routes(self) -> list[Route]:
        """What the host itself shows: files by media id, for the screens of phones."""
        return [Route("/_sandbox/media/{media_id}", self._media, methods=["GET"])]

    async def _media(self, request: Request) -> Response:
        file = self._host.media.shown(request.path_params["media_id"])
        if file is None:
            return Response(status_code=404)
        kind = file.media_type if file.media_type.startswith("image/") else "text/plain"
        return Response(
            file.content, headers={"X-Content-Type-Options": "nosniff"}, media_type=kind
        )

    async def _verify(self, request: Request) -> Response:
        now = self._ground.now()
        try:
            asked = read(await request.body(), Verification)
        except NotDone as error:
            return _answer(error.status, {"error": error.why})
        app = self._host.apps[asked.app]
        why = await complaint(self._ground.outgoing, app, asked.url, now)
        if why is not None:
            return _answer(409, {"error": why})
        self._ground.callbacks.set({asked.app: asked.url})
        return _answer(200, self._ground.callbacks.everything())

    def _person(self, request: Request) -> Person:
        return self._people.get(request.path_params["person_id"])

    def _inbox(self, request: Request, body: bytes, now: datetime) -> Answer:
        person = self._person(request)
        texts = self._people.texts(person.phone_number)
        chats = {chat: self._people.messages(person, chat) for chat in self._people.chats(person)}
        return 200, {"messages": self._people.messages(person), "texts": texts, "chats": chats}

    def _say(self, request: Request, body: bytes, now: datetime) -> Answer:
        try:
            self._host.acts.say(self._person(request), read(body, Words).text, now)
        except CannotAct as error:
            raise NotDone(409, str(error)) from None
        return 201, {}

    def _show(self, request: Request, body: bytes, now: datetime) -> Answer:
        try:
            media_id = self._host.acts.show(self._person(request), body, now)
        except CannotAct as error:
            raise NotDone(409, str(error)) from None
        return 201, {"media_id": media_id}

    def _follow(self, request: Request, body: bytes, now: datetime) -> Answer:
        person, asked = self._person(request), read(body, Following)
        if asked.follows:
            person = self._host.acts.follow(person, now, asked.scene)
        else:
            person = self._host.acts.unfollow(person, now)
        return 200, shown(self._ground, person)

    def _menu(self, request: Request, body: bytes, now: datetime) -> Answer:
        return 200, {"button": self._host.acts.menu(self._person(request))}

    def _press(self, request: Request, body: bytes, now: datetime) -> Answer:
        try:
            return 200, self._host.acts.press(self._person(request), read(body, Pressed).path, now)
        except CannotAct as error:
            raise NotDone(409, str(error)) from None

    def _scan(self, request: Request, body: bytes, now: datetime) -> Answer:
        return 200, self._host.acts.scan(self._person(request), read(body, Scanned).code, now)

    def _share(self, request: Request, body: bytes, now: datetime) -> Answer:
        asked = read(body, Shared)
        to = self._people.get(asked.to) if asked.to is not None else None
        card = self._host.acts.share(self._person(request), asked.title, asked.path, now, to)
        return 201, card

    def _articles(self, request: Request, body: bytes, now: datetime) -> Answer:
        return 200, {"articles": self._host.acts.articles()}

    def _open_article(self, request: Request, body: bytes, now: datetime) -> Answer:
        person, asked = self._person(request), read(body, Opened)
        try:
            return 200, self._host.acts.open_article(person, asked.article_id, asked.place)
        except CannotAct as error:
            raise NotDone(404, str(error)) from None

    def _approve(self, request: Request, body: bytes, now: datetime) -> Answer:
        asked, mass = read(body, Approval), self._host.account.mass
        if asked.is_needed is not None:
            mass.needs_approval = asked.is_needed
        if asked.msg_id is not None:
            try:
                mass.decide(asked.msg_id, asked.is_allowed, now)
            except WeixinError as error:
                raise NotDone(404, error.errmsg) from None
        return 200, {"is_needed": mass.needs_approval}

    def _expire(self, request: Request, body: bytes, now: datetime) -> Answer:
        self._host.keyring.expire()
        return 200, {}

    def _pushes(self, request: Request, body: bytes, now: datetime) -> Answer:
        return 200, {"pushes": self._host.pushes.everything()}

    def _config(self, request: Request, body: bytes, now: datetime) -> Answer:
        tokens = self._host.keyring.of(self._host.apps[OFFICIAL_ACCOUNT])
        return 200, {"errMsg": answer(read(body, Config), tokens, now)}

    def _configure(self, request: Request, body: bytes, now: datetime) -> Answer:
        asked = read(body, PushSettings)
        wanted: dict[Kind, Settings | None] = {
            "official_account": asked.official_account,
            "mini_program": asked.mini_program,
        }
        self._host.pushes.configure({kind: one for kind, one in wanted.items() if one is not None})
        return 200, self._host.pushes.settings


def _answer(status: int, said: object) -> Response:
    return Response(msgspec.json.encode(said), status, media_type="application/json")
