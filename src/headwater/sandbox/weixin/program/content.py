"""Checks of what users wrote or uploaded: words at once, pictures a little later by push."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec

from headwater.sandbox.hosts import Ground
from headwater.sandbox.people import NoSuchPerson
from headwater.sandbox.weixin.apps import App
from headwater.sandbox.weixin.calls import Call
from headwater.sandbox.weixin.errors import WeixinError, done
from headwater.sandbox.weixin.limits import within
from headwater.sandbox.weixin.program.logins import Logins
from headwater.sandbox.weixin.pushes.queue import Pushes

FRESH = timedelta(hours=2)
CHECK_SECONDS = 2.0
NORMAL = 100
# A few words stand for what the real judge knows: the first column is its label.
RISKY = {20006: ("赌博", "代开发票"), 20002: ("色情",), 20008: ("刷单返利",)}
DOUBTFUL = {10001: ("加微信", "代购"), 20003: ("傻瓜",)}


class TextRequest(msgspec.Struct):
    content: str
    version: int = 0
    openid: str = ""
    scene: int = 0
    nickname: str = ""
    title: str = ""
    signature: str = ""


class MediaRequest(msgspec.Struct):
    media_url: str
    media_type: int
    version: int = 0
    openid: str = ""
    scene: int = 0


@dataclass(frozen=True)
class Pending:
    """A file whose verdict is on its way."""

    trace_id: str
    openid: str
    media_url: str
    due_at: datetime


class Checks:
    """The judge of words and pictures."""

    def __init__(self, ground: Ground, app: App, logins: Logins, pushes: Pushes) -> None:
        self._app = app
        self._people = ground.people
        self._logins = logins
        self._pushes = pushes
        self._takes = timedelta(seconds=CHECK_SECONDS / ground.speed)
        self._pending: list[Pending] = []

    def text(self, call: Call) -> dict[str, Any]:
        """wxa/msg_sec_check, version 2: pass, review or risky."""
        asked = call.read(TextRequest)
        self._check(asked.version, asked.openid, asked.scene, call.now)
        if not asked.content:
            raise WeixinError(44004, "empty content")
        within("check.text", len(asked.content))
        whole = " ".join((asked.content, asked.title, asked.nickname, asked.signature))
        suggest, label = verdict(whole)
        detail = {"strategy": "content_model", "errcode": 0, "suggest": suggest, "label": label}
        return done(
            result={"suggest": suggest, "label": label},
            detail=[{**detail, "prob": 90}],
            trace_id=secrets.token_hex(16),
        )

    def media(self, call: Call) -> dict[str, Any]:
        """wxa/media_check_async: a trace id now, the verdict by push."""
        asked = call.read(MediaRequest)
        self._check(asked.version, asked.openid, asked.scene, call.now)
        if asked.media_type not in (1, 2) or not asked.media_url.startswith("http"):
            raise WeixinError(40097, "invalid args")
        trace_id = secrets.token_hex(16)
        due_at = call.now + self._takes
        self._pending.append(Pending(trace_id, asked.openid, asked.media_url, due_at))
        return done(trace_id=trace_id)

    def finish_due(self, now: datetime) -> None:
        """Tell the verdicts whose time has come; the name of a file stands for what is in it."""
        due = [one for one in self._pending if one.due_at <= now]
        self._pending = [one for one in self._pending if one.due_at > now]
        for one in due:
            suggest, label = ("risky", 20002) if "risky" in one.media_url else ("pass", NORMAL)
            detail = {"strategy": "content_model", "errcode": 0, "suggest": suggest}
            said = {
                "Event": "wxa_media_check",
                "appid": self._app.appid,
                "trace_id": one.trace_id,
                "version": 2,
                "detail": [{**detail, "label": label, "prob": 90}],
                "errcode": 0,
                "errmsg": "ok",
                "result": {"suggest": suggest, "label": label},
            }
            self._pushes.event(self._app, one.openid, said, now)

    def _check(self, version: int, openid: str, scene: int, now: datetime) -> None:
        if version != 2 or scene not in (1, 2, 3, 4):
            raise WeixinError(40097, "invalid args")
        try:
            person = self._people.behind(openid, self._app.appid)
        except NoSuchPerson:
            raise WeixinError(40003, "invalid openid") from None
        visited_at = self._logins.visited_at(person)
        if visited_at is None or now - visited_at > FRESH:
            raise WeixinError(61010, "code is expired")


def verdict(text: str) -> tuple[Literal["pass", "review", "risky"], int]:
    """What the judge says of these words."""
    for label, words in RISKY.items():
        if any(word in text for word in words):
            return "risky", label
    for label, words in DOUBTFUL.items():
        if any(word in text for word in words):
            return "review", label
    return "pass", NORMAL
