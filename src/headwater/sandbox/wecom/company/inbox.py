"""Messages of the company's app to its members: what a guide reads beside the chats."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from headwater.sandbox.credentials import letters
from headwater.sandbox.wecom.api import Answer, Api, Call
from headwater.sandbox.wecom.corp import Corp
from headwater.sandbox.wecom.errors import WecomError

# Source: developer.work.weixin.qq.com/document/path/90236, read 2026-11.
MOST_MEMBERS = 1_000
MOST_DEPARTMENTS = 100
MOST_TEXT_BYTES = 2_048
MOST_TOLD = ((timedelta(minutes=1), 30), (timedelta(hours=1), 1_000))
LONGEST_CHECK_SECONDS = 4 * 3_600
RECALL_WITHIN = timedelta(hours=24)
KINDS = ("text", "image", "file", "textcard", "news", "markdown", "miniprogram_notice")


@dataclass(frozen=True)
class AppMessage:
    """What the app told a member."""

    msgid: str
    kind: str
    title: str
    words: str
    url: str
    at: datetime


class Send(msgspec.Struct):
    """The body of message/send; the part of the kind's name has what is said."""

    msgtype: str = ""
    agentid: int = 0
    touser: str = ""
    toparty: str = ""
    totag: str = ""
    text: dict[str, Any] | None = None
    image: dict[str, Any] | None = None
    file: dict[str, Any] | None = None
    textcard: dict[str, Any] | None = None
    news: dict[str, Any] | None = None
    markdown: dict[str, Any] | None = None
    miniprogram_notice: dict[str, Any] | None = None
    safe: int = 0
    enable_id_trans: int = 0
    enable_duplicate_check: int = 0
    duplicate_check_interval: int = 1_800


class Recall(msgspec.Struct):
    msgid: str = ""


class Inbox:
    """What each member got from the app; like a phone, it forgets when switched off."""

    def __init__(self, corp: Corp) -> None:
        self._corp = corp
        self._agentid: int = corp.ground.credentials["wecom"]["agentid"]
        self._messages: defaultdict[str, list[AppMessage]] = defaultdict(list)
        self._same: dict[bytes, datetime] = {}
        self._sent: dict[str, datetime] = {}

    def apis(self) -> list[Api]:
        """The app speaks."""
        return [
            Api("/cgi-bin/message/send", "POST", "app", self._send),
            Api("/cgi-bin/message/recall", "POST", "app", self._recall),
        ]

    def of(self, userid: str) -> list[AppMessage]:
        """Everything the app told this member, oldest first."""
        return list(self._messages[userid])

    def _send(self, call: Call) -> Answer:
        asked = call.read(Send)
        if asked.agentid != self._agentid:
            raise WecomError(40056)
        if asked.msgtype not in KINDS:
            raise WecomError(40008)
        title, words, url = _said(asked)
        users, wrong_users, wrong_parties = self._receivers(asked)
        if not users:
            raise WecomError(81013)
        number = letters(self._corp.ground.seed, 40, "app message", len(self._sent))
        self._sent[number] = call.now
        said: Answer = {"msgid": number}
        if not self._is_repeated(asked, call):
            message = AppMessage(number, asked.msgtype, title, words, url, call.now)
            for userid in users:
                self._deliver(userid, message)
        if wrong_users:
            said["invaliduser"] = "|".join(wrong_users)
        if wrong_parties:
            said["invalidparty"] = "|".join(wrong_parties)
        return said

    def _recall(self, call: Call) -> Answer:
        msgid = call.read(Recall).msgid
        sent_at = self._sent.get(msgid)
        if sent_at is None:
            raise WecomError(40058, "msgid")
        if call.now - sent_at > RECALL_WITHIN:
            raise WecomError(42052)
        for userid, kept in self._messages.items():
            self._messages[userid] = [one for one in kept if one.msgid != msgid]
        return {}

    def _receivers(self, asked: Send) -> tuple[list[str], list[str], list[str]]:
        everybody = [one.userid for one in self._corp.staff.everybody()]
        if asked.touser == "@all":
            return everybody, [], []
        named = [one for one in asked.touser.split("|") if one]
        parties = [one for one in asked.toparty.split("|") if one]
        if len(named) > MOST_MEMBERS or len(parties) > MOST_DEPARTMENTS:
            raise WecomError(40058, "touser, toparty")
        known = [one for one in parties if one.isdecimal() and self._knows(int(one))]
        inside = [one.userid for number in known for one in self._corp.staff.within(int(number))]
        good = [one for one in named if one in everybody]
        wrong = [one for one in named if one not in everybody]
        others = [one for one in parties if one not in known]
        return list(dict.fromkeys([*good, *inside])), wrong, others

    def _knows(self, department: int) -> bool:
        return self._corp.staff.knows_department(department)

    def _is_repeated(self, asked: Send, call: Call) -> bool:
        if asked.enable_duplicate_check != 1:
            return False
        if not 1 <= asked.duplicate_check_interval <= LONGEST_CHECK_SECONDS:
            raise WecomError(40058, "duplicate_check_interval")
        key = msgspec.json.encode(asked)
        before = self._same.get(key)
        self._same[key] = call.now
        length = timedelta(seconds=asked.duplicate_check_interval)
        return before is not None and call.now - before < length

    def _deliver(self, userid: str, message: AppMessage) -> None:
        """More than thirty a minute, or a thousand an hour, are dropped without a word."""
        before = self._messages[userid]
        for length, most in MOST_TOLD:
            if sum(message.at - one.at < length for one in before[-most:]) >= most:
                return
        before.append(message)


def _said(asked: Send) -> tuple[str, str, str]:
    part: dict[str, Any] | None = getattr(asked, asked.msgtype)
    if part is None:
        raise WecomError(44004)
    if asked.msgtype == "news":
        articles = part.get("articles")
        if not isinstance(articles, list) or not 1 <= len(articles) <= 8:
            raise WecomError(40063, "news.articles")
        part = articles[0] if isinstance(articles[0], dict) else {}
    words = str(part.get("content") or part.get("description") or part.get("media_id") or "")
    title, url = str(part.get("title", "")), str(part.get("url", ""))
    if not words and not title:
        raise WecomError(44004)
    if asked.msgtype in ("text", "markdown") and len(words.encode()) > MOST_TEXT_BYTES:
        raise WecomError(45002)
    return title, words, url
