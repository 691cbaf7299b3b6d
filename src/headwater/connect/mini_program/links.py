"""Links that open the mini program from an SMS, a mail or a browser, for thirty days at most."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from headwater.base.errors import BadInput
from headwater.connect.mini_program.codes import Version
from headwater.connect.weixin_api import WeixinApp

LONGEST: Final = timedelta(days=30)
SHORTEST: Final = timedelta(minutes=1)
QUERY_CHARACTERS: Final = 1024

_QUERY: Final = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@\-._~%]*")


@dataclass(frozen=True)
class Target:
    """Where a link leads; an empty page is the first one."""

    page: str
    query: str = ""
    version: Version = "release"


class _Link(msgspec.Struct):
    url_link: str


class _Scheme(msgspec.Struct):
    openlink: str


@dataclass(frozen=True)
class Links:
    """The links of one mini program; both kinds count together, 500,000 a day."""

    app: WeixinApp

    async def url_link(self, target: Target, until: datetime, now: datetime) -> str:
        """Make an https address for SMS and mail; a repeat makes another one as good."""
        body = {**_place(target), **_end(until, now)}
        return (await self.app.post("/wxa/generate_urllink", body, _Link)).url_link

    async def scheme(self, target: Target, until: datetime, now: datetime) -> str:
        """Make a weixin:// address for pages outside; a repeat makes another one as good."""
        body = {"jump_wxa": _place(target), "is_expire": True, **_end(until, now)}
        return (await self.app.post("/wxa/generatescheme", body, _Scheme)).openlink


def _place(target: Target) -> dict[str, Any]:
    if "?" in target.page:
        raise BadInput("page", "a page without its query")
    if len(target.query) > QUERY_CHARACTERS or not _QUERY.fullmatch(target.query):
        raise BadInput("query", f"at most {QUERY_CHARACTERS} characters, escaped as in an address")
    return {"path": target.page, "query": target.query, "env_version": target.version}


def _end(until: datetime, now: datetime) -> dict[str, Any]:
    if not SHORTEST <= until - now <= LONGEST:
        raise BadInput("until", f"from a minute to {LONGEST.days} days ahead")
    return {"expire_type": 0, "expire_time": int(until.timestamp())}
