"""Links into the mini program: thirty days at most, and each for the one who opens it first."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from headwater.sandbox.hosts import Ground
from headwater.sandbox.people import Person
from headwater.sandbox.shelf import Shelf
from headwater.sandbox.weixin.apps import App
from headwater.sandbox.weixin.calls import Call
from headwater.sandbox.weixin.errors import WeixinError, done
from headwater.sandbox.weixin.limits import Meters, within
from headwater.sandbox.weixin.program.codes import ENVIRONMENTS, Target
from headwater.sandbox.weixin.program.pages import ProgramPages

SCHEME, URL = "weixin://dl/business/?t=", "https://wxaurl.cn/"
SHORTEST, LONGEST_DAYS = timedelta(minutes=1), 30


class Jump(msgspec.Struct):
    path: str = ""
    query: str = ""
    env_version: str = "release"


class SchemeRequest(msgspec.Struct):
    jump_wxa: Jump | None = None
    is_expire: bool = True
    expire_type: int = 0
    expire_time: int | None = None
    expire_interval: int | None = None


class UrlRequest(msgspec.Struct):
    path: str = ""
    query: str = ""
    env_version: str = "release"
    is_expire: bool = True
    expire_type: int = 0
    expire_time: int | None = None
    expire_interval: int | None = None


@dataclass(frozen=True)
class Link:
    """One link, and whose it became."""

    address: str
    target: Target
    until: datetime
    opened_by: str | None = None


class LinkOver(Exception):
    """The link opens nothing for this person; the message is for them."""


class Links:
    """All links by their address."""

    def __init__(self, ground: Ground, app: App, pages: ProgramPages, meters: Meters) -> None:
        self._app = app
        self._pages = pages
        self._meters = meters
        self._links = Shelf(ground.journal, "weixin_link", Link, lambda one: one.address)

    def scheme(self, call: Call) -> dict[str, Any]:
        """wxa/generatescheme: opens from other apps and from text messages."""
        asked = call.read(SchemeRequest)
        link = self._made(SCHEME, asked.jump_wxa or Jump(), asked, call.now)
        return done(openlink=link.address)

    def url(self, call: Call) -> dict[str, Any]:
        """wxa/generate_urllink: opens from any browser."""
        asked = call.read(UrlRequest)
        jump = Jump(asked.path, asked.query, asked.env_version)
        return done(url_link=self._made(URL, jump, asked, call.now).address)

    def open(self, person: Person, address: str, now: datetime) -> Target:
        """The person taps the link; from then on it is theirs alone."""
        link = self._links.get(address)
        if link is None or now >= link.until:
            raise LinkOver("链接已失效")
        if link.opened_by not in (None, person.id):
            raise LinkOver("该链接已被其他用户打开")
        if link.opened_by is None:
            self._links.put(replace(link, opened_by=person.id))
        return link.target

    def knows(self, address: str) -> bool:
        """Whether this is a link of ours."""
        return self._links.get(address) is not None

    def _made(
        self, start: str, jump: Jump, asked: SchemeRequest | UrlRequest, now: datetime
    ) -> Link:
        if jump.env_version not in ENVIRONMENTS:
            raise WeixinError(40097, "invalid args")
        if not self._pages.is_released:
            raise WeixinError(85079, "miniprogram has no online release")
        path = jump.path.removeprefix("/")
        if path and ("?" in path or not self._pages.has(path)):
            raise WeixinError(40165, "invalid weapp pagepath")
        within("link.query", len(jump.query))
        until = _until(asked, now)
        self._meters.spend("link.day", self._app.appid, now)
        address = start + secrets.token_urlsafe(9).replace("-", "x").replace("_", "y")
        target = Target(path or "pages/index/index", jump.query)
        return self._links.put(Link(address, target, until))


def _until(asked: SchemeRequest | UrlRequest, now: datetime) -> datetime:
    longest = now + timedelta(days=LONGEST_DAYS)
    if asked.expire_type == 1 and asked.expire_interval is not None:
        if asked.expire_interval < 1:
            raise WeixinError(85402, "invalid expire_interval")
        if asked.expire_interval > LONGEST_DAYS:
            raise WeixinError(85400, "reach max long time quota limit")
        return now + timedelta(days=asked.expire_interval)
    if asked.expire_type not in (0, 1):
        raise WeixinError(40097, "invalid args")
    if asked.expire_type == 0 and asked.expire_time is not None:
        ahead = asked.expire_time - now.timestamp()
        if ahead < SHORTEST.total_seconds():
            raise WeixinError(85401, "time limit between 1min and 1year")
        if ahead > LONGEST_DAYS * 86_400:
            raise WeixinError(85400, "reach max long time quota limit")
        return datetime.fromtimestamp(asked.expire_time, UTC)
    return longest
