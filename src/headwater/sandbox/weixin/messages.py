"""Messages of the service account: templates to followers, free words within the window."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from headwater.sandbox.credentials import TEMPLATES
from headwater.sandbox.people import Message, NoSuchPerson, People, Person
from headwater.sandbox.weixin.errors import WeixinError

SAME_MESSAGE = timedelta(minutes=10)
AFTER_WORDS = (timedelta(hours=48), 5)
AFTER_FOLLOWING = (timedelta(minutes=1), 3)


class Value(msgspec.Struct):
    value: str


class TemplateRequest(msgspec.Struct):
    """The body of template/send."""

    touser: str
    template_id: str
    data: dict[str, Value]
    url: str | None = None
    client_msg_id: str | None = None


class Text(msgspec.Struct):
    content: str


class Article(msgspec.Struct):
    title: str
    description: str = ""
    url: str | None = None


class News(msgspec.Struct):
    articles: list[Article]


class CustomRequest(msgspec.Struct):
    """The body of custom/send for the kinds of message known here."""

    touser: str
    msgtype: str
    text: Text | None = None
    news: News | None = None


@dataclass
class Window:
    """A stretch of time in which the account may speak freely, so often and no more."""

    until: datetime
    left: int


class Messages:
    """What the service account may send to whom, by the platform's rules."""

    def __init__(self, appid: str, template_ids: dict[str, str], people: People) -> None:
        self._appid = appid
        self._people = people
        self._names = {template_id: name for name, template_id in template_ids.items()}
        self._windows: dict[str, list[Window]] = {}
        self._sent: dict[tuple[str, str], tuple[datetime, int]] = {}
        self._count = 0

    def send_template(self, asked: TemplateRequest, now: datetime) -> dict[str, Any]:
        """A template message; the same client_msg_id within ten minutes arrives once."""
        person = self._follower(asked.touser)
        name = self._names.get(asked.template_id)
        if name is None:
            raise WeixinError(40037, "invalid template_id")
        key = (person.id, asked.client_msg_id or "")
        before = self._sent.get(key)
        if asked.client_msg_id and before is not None and now - before[0] < SAME_MESSAGE:
            return _done(before[1])
        title, labels = TEMPLATES[name]
        lines = tuple((labels.get(one, one), field.value) for one, field in asked.data.items())
        ids = {"template_id": asked.template_id, "client_id": asked.client_msg_id}
        self._people.deliver(person, Message("template", title, lines, asked.url, now, **ids))
        self._count += 1
        self._sent[key] = (now, self._count)
        return _done(self._count)

    def send_custom(self, asked: CustomRequest, now: datetime) -> dict[str, Any]:
        """A free message, only within a window that the person opened."""
        person = self._follower(asked.touser)
        message = _free(asked, now)
        windows = [one for one in self._windows.get(person.id, []) if one.until > now]
        if not windows:
            raise WeixinError(45015, "response out of time limit or subscription is canceled")
        usable = next((one for one in windows if one.left > 0), None)
        if usable is None:
            raise WeixinError(45047, "out of response count limit")
        usable.left -= 1
        self._people.deliver(person, message)
        return {"errcode": 0, "errmsg": "ok"}

    def hear(self, person: Person, words: str, now: datetime) -> None:
        """The person writes to the account, which opens two days for five answers."""
        self._people.deliver(person, Message("own", words, (), None, now))
        self._open(person, AFTER_WORDS, now)

    def follow(self, person: Person, follows: bool, now: datetime) -> Person:
        """Following opens a minute for three messages; leaving shuts every window."""
        if not follows:
            self._windows.pop(person.id, None)
        elif not person.follows:
            self._open(person, AFTER_FOLLOWING, now)
        return self._people.follow(person, follows)

    def _open(self, person: Person, rule: tuple[timedelta, int], now: datetime) -> None:
        length, left = rule
        kept = [one for one in self._windows.get(person.id, []) if one.until > now]
        self._windows[person.id] = [*kept, Window(now + length, left)]

    def _follower(self, openid: str) -> Person:
        try:
            person = self._people.behind(openid, self._appid)
        except NoSuchPerson:
            raise WeixinError(40003, "invalid openid") from None
        if not person.follows:
            raise WeixinError(43004, "require subscribe")
        return person


def _free(asked: CustomRequest, now: datetime) -> Message:
    if asked.msgtype == "text" and asked.text is not None:
        return Message("text", asked.text.content, (), None, now)
    if asked.msgtype == "news" and asked.news is not None and len(asked.news.articles) == 1:
        article = asked.news.articles[0]
        return Message("news", article.title, (("", article.description),), article.url, now)
    raise WeixinError(40008, "invalid message type")


def _done(number: int) -> dict[str, Any]:
    return {"errcode": 0, "errmsg": "ok", "msgid": number}
