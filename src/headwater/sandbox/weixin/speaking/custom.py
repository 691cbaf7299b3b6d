"""Free messages of both apps to one person, within the windows that the person opened."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from headwater.sandbox.people import ACCOUNT, SERVICE, Message, NoSuchPerson, People, Person
from headwater.sandbox.weixin.apps import OFFICIAL_ACCOUNT, App
from headwater.sandbox.weixin.calls import Call
from headwater.sandbox.weixin.errors import WeixinError, done
from headwater.sandbox.weixin.limits import within
from headwater.sandbox.weixin.media import Media
from headwater.sandbox.weixin.speaking.windows import Windows

OF_THE_ACCOUNT = ("text", "image", "voice", "video", "music", "news", "msgmenu", "miniprogrampage")
OF_THE_PROGRAM = ("text", "image", "link", "miniprogrampage")


class Text(msgspec.Struct):
    content: str


class Stored(msgspec.Struct):
    media_id: str
    title: str = ""
    description: str = ""


class Music(msgspec.Struct):
    musicurl: str
    hqmusicurl: str
    thumb_media_id: str
    title: str = ""
    description: str = ""


class Article(msgspec.Struct):
    title: str
    description: str = ""
    url: str | None = None
    picurl: str | None = None


class News(msgspec.Struct):
    articles: list[Article]


class Link(msgspec.Struct):
    title: str
    description: str
    url: str
    thumb_url: str


class Card(msgspec.Struct):
    """A mini program's card; the account names the app, the program is its own."""

    title: str
    pagepath: str
    thumb_media_id: str
    appid: str | None = None


class Choice(msgspec.Struct):
    id: str | int
    content: str


class Choices(msgspec.Struct):
    head_content: str
    tail_content: str
    choices: list[Choice] = msgspec.field(name="list")


class CustomRequest(msgspec.Struct):
    """The body of custom/send for the kinds of message known here."""

    touser: str
    msgtype: str
    text: Text | None = None
    image: Stored | None = None
    voice: Stored | None = None
    video: Stored | None = None
    music: Music | None = None
    news: News | None = None
    link: Link | None = None
    miniprogrampage: Card | None = None
    msgmenu: Choices | None = None


class Typing(msgspec.Struct):
    touser: str
    command: str


class Custom:
    """Customer-service messages."""

    def __init__(self, people: People, windows: Windows, media: Media) -> None:
        self._people = people
        self._windows = windows
        self._media = media

    def send(self, call: Call) -> dict[str, Any]:
        """message/custom/send: a free message, only within a window that the person opened."""
        asked = call.read(CustomRequest)
        person = self._reached(call.app, asked.touser)
        message = self._message(call.app, asked, call.now)
        self._windows.spend(call.app, person, call.now)
        chat = ACCOUNT if call.app.kind == OFFICIAL_ACCOUNT else SERVICE
        self._people.deliver(person, message, chat)
        return done()

    def typing(self, call: Call) -> dict[str, Any]:
        """message/custom/typing: nothing arrives, but the person must be there."""
        asked = call.read(Typing)
        if asked.command not in ("Typing", "CancelTyping"):
            raise WeixinError(45072, "command value error")
        self._reached(call.app, asked.touser)
        return done()

    def _reached(self, app: App, openid: str) -> Person:
        try:
            person = self._people.behind(openid, app.appid)
        except NoSuchPerson:
            raise WeixinError(40003, "invalid openid") from None
        if app.kind == OFFICIAL_ACCOUNT and not person.follows:
            # The text of the number names both: too late, or no longer subscribed.
            raise WeixinError(45015, "response out of time limit or subscription is canceled")
        return person

    def _message(self, app: App, asked: CustomRequest, now: datetime) -> Message:
        kinds = OF_THE_ACCOUNT if app.kind == OFFICIAL_ACCOUNT else OF_THE_PROGRAM
        content = getattr(asked, asked.msgtype) if asked.msgtype in kinds else None
        if content is None:
            raise WeixinError(40008, "invalid message type")
        if isinstance(content, Stored):
            file = self._media.find(content.media_id, app.appid, now)
            if file.kind != asked.msgtype:
                raise WeixinError(40007, "invalid media_id")
            title, about = content.title, (("", content.description),)
            return Message(asked.msgtype, title, about, None, now, media_id=file.media_id)
        return self._card(app, asked.msgtype, content, now)

    def _card(self, app: App, kind: str, content: Any, now: datetime) -> Message:
        if isinstance(content, Text):
            if not content.content:
                raise WeixinError(44004, "empty content")
            within("custom.text", len(content.content.encode()))
            return Message(kind, content.content, (), None, now)
        if isinstance(content, News):
            if len(content.articles) != 1:
                raise WeixinError(45008, "article size out of limit")
            content = content.articles[0]
        if isinstance(content, Choices):
            lines = tuple((str(one.id), one.content) for one in content.choices)
            lines = (*lines, ("", content.tail_content))
            return Message(kind, content.head_content, lines, None, now)
        thumb = getattr(content, "thumb_media_id", None)
        if thumb is not None:
            self._media.find(thumb, app.appid, now)
        if isinstance(content, Card):
            return Message(
                kind,
                content.title,
                (),
                None,
                now,
                media_id=thumb,
                appid=content.appid or app.appid,
                pagepath=content.pagepath,
            )
        url = content.musicurl if isinstance(content, Music) else content.url
        return Message(kind, content.title, (("", content.description),), url, now, media_id=thumb)
