"""The company's own people: who they are, who logs in, and what our app tells them.

developer.work.weixin.qq.com/document/path/90200 and 90208 (directory), 91023 (login), 90236
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

import msgspec

from headwater.base.errors import BadInput
from headwater.connect.errors import LoginCodeSpent, ProviderRefused
from headwater.connect.wecom import bounds
from headwater.connect.wecom.api import Nothing, WecomApi, WireId, Words

_STATE_BYTES: Final = 128
_BAD_CODE: Final = "40029"


@dataclass(frozen=True)
class Department:
    """A part of the company, which hangs below another one."""

    department_id: int
    name: str
    parent_id: int


@dataclass(frozen=True)
class Colleague:
    """A member of staff as the directory lists them."""

    user_id: str
    name: str
    department_ids: tuple[int, ...]


@dataclass(frozen=True)
class StaffLogin:
    """Who opened the workbench: a member of staff, or a stranger, known by open id at best."""

    user_id: str | None
    openid: str | None
    external_id: str | None


@dataclass(frozen=True)
class Note:
    """What our app tells staff: words alone, or a card with a title that opens a page."""

    words: str
    title: str | None = None
    url: str | None = None
    button: str = "详情"

    def wire(self) -> dict[str, Any]:
        """Say it in WeCom's words, or raise BadInput; the same note gives the same words."""
        if not self.words:
            raise BadInput("words", "must not be empty")
        if self.title is None:
            content = bounds.in_bytes("words", self.words, bounds.MESSAGE_BYTES)
            return {"msgtype": "text", "text": {"content": content}}
        if not self.url:
            raise BadInput("url", "a card opens a page")
        card = {
            "title": bounds.characters("title", self.title, bounds.CARD_TITLE_CHARACTERS),
            "description": bounds.characters("words", self.words, bounds.CARD_TEXT_CHARACTERS),
            "url": bounds.in_bytes("url", self.url, bounds.URL_BYTES),
            "btntxt": bounds.characters("button", self.button, bounds.CARD_BUTTON_CHARACTERS),
        }
        return {"msgtype": "textcard", "textcard": card}


@dataclass(frozen=True)
class Told:
    """A note that went out, and whom it did not reach."""

    message_id: str
    unreached_ids: tuple[str, ...]


class _Department(msgspec.Struct):
    id: int
    name: Words = ""
    parentid: int = 0


class _Departments(msgspec.Struct):
    department: list[_Department] = []


class _User(msgspec.Struct):
    userid: WireId
    name: Words = ""
    department: list[int] = []


class _Users(msgspec.Struct):
    userlist: list[_User] = []


class _Found(msgspec.Struct):
    userid: WireId


class _Login(msgspec.Struct):
    userid: Words = ""
    openid: Words = ""
    external_userid: Words = ""


class _Told(msgspec.Struct):
    msgid: Words = ""
    invaliduser: Words = ""
    unlicenseduser: Words = ""


class Directory:
    """Reads who works here, as far as the app may see."""

    def __init__(self, api: WecomApi) -> None:
        self._api = api

    async def departments(self) -> tuple[Department, ...]:
        """List the departments; reading again is harmless."""
        wire = await self._api.get("/cgi-bin/department/list", {}, _Departments)
        return tuple(Department(each.id, each.name, each.parentid) for each in wire.department)

    async def colleagues(self, department_id: int) -> tuple[Colleague, ...]:
        """List those of one department, not of those below it; reading again is harmless."""
        query = {"department_id": str(department_id)}
        wire = await self._api.get("/cgi-bin/user/simplelist", query, _Users)
        return tuple(_colleague(each) for each in wire.userlist)

    async def get(self, user_id: str) -> Colleague:
        """Read one member of staff; reading again is harmless."""
        (checked,) = bounds.user_ids("user_id", (user_id,), 1)
        return _colleague(await self._api.get("/cgi-bin/user/get", {"userid": checked}, _User))

    async def by_mobile(self, mobile: str) -> str:
        """Find a member of staff by phone number; too many wrong numbers lock this for a day."""
        path = "/cgi-bin/user/getuserid"
        return (await self._api.post(path, {"mobile": mobile}, _Found)).userid


class StaffLogins:
    """Lets staff into the workbench with the account they already have."""

    def __init__(self, api: WecomApi, corpid: str, agentid: int, login_url: str) -> None:
        self._api = api
        self._corpid = corpid
        self._agentid = agentid
        self._login_url = login_url.rstrip("/")

    def url(self, redirect_uri: str, state: str) -> str:
        """Say where to send staff inside WeCom; the same words give the same address.

        Whoever made `state` checks it on return.
        """
        if not 1 <= len(state.encode()) <= _STATE_BYTES:
            raise BadInput("state", f"from 1 to {_STATE_BYTES} bytes")
        query = urlencode(
            {
                "appid": self._corpid,
                "redirect_uri": redirect_uri,
                "response_type": "code",
                "scope": "snsapi_base",
                "state": state,
                "agentid": self._agentid,
            }
        )
        return f"{self._login_url}/connect/oauth2/authorize?{query}#wechat_redirect"

    async def exchange(self, code: str) -> StaffLogin:
        """Learn who came back with this code.

        A code works once, for five minutes: a repeat is LoginCodeSpent, also after silence.
        """
        try:
            wire = await self._api.get_once("/cgi-bin/auth/getuserinfo", {"code": code}, _Login)
        except ProviderRefused as refusal:
            if refusal.provider_code != _BAD_CODE:
                raise
            raise LoginCodeSpent(refusal.provider_code, refusal.provider_message) from refusal
        return StaffLogin(wire.userid or None, wire.openid or None, wire.external_userid or None)


class Notes:
    """Speaks to staff as our app."""

    def __init__(self, api: WecomApi, agentid: int) -> None:
        self._api = api
        self._agentid = agentid

    async def send(self, user_ids: tuple[str, ...], note: Note, once_seconds: int = 0) -> Told:
        """Tell up to a thousand staff.

        A repeat tells them again, unless the same note goes to the same people within
        `once_seconds` (four hours at most).
        """
        names = bounds.user_ids("user_ids", user_ids, bounds.MESSAGE_USERS)
        if any("|" in name for name in names):
            raise BadInput("user_ids", "no id holds a bar")
        body = {"touser": "|".join(names), "agentid": self._agentid, **note.wire()}
        if once_seconds:
            most = bounds.REPEAT_CHECK_SECONDS
            body["enable_duplicate_check"] = 1
            body["duplicate_check_interval"] = bounds.number("once_seconds", once_seconds, most)
        wire = await self._api.post("/cgi-bin/message/send", body, _Told)
        unreached = _names(wire.invaliduser) + _names(wire.unlicenseduser)
        return Told(wire.msgid, unreached)

    async def recall(self, message_id: str) -> None:
        """Take a note back within a day; a repeat is refused and changes nothing."""
        body: Mapping[str, Any] = {"msgid": message_id}
        await self._api.post("/cgi-bin/message/recall", body, Nothing)


def _colleague(wire: _User) -> Colleague:
    return Colleague(wire.userid, wire.name, tuple(wire.department))


def _names(joined: str) -> tuple[str, ...]:
    return tuple(name for name in joined.split("|") if name)
