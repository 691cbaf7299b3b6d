"""The queue of pushes: five seconds for an answer, three tries, the same MsgId every time."""

from __future__ import annotations

import heapq
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import urlencode

import msgspec

from headwater.sandbox.credentials import digits
from headwater.sandbox.hosts import Ground, Telling
from headwater.sandbox.shelf import Shelf
from headwater.sandbox.weixin.apps import App, Kind
from headwater.sandbox.weixin.pushes.crypto import Sealer, signature
from headwater.sandbox.weixin.pushes.replies import BadReply, Reply, understood
from headwater.sandbox.weixin.pushes.wire import json, xml

TRIES = 3
WAIT_SECONDS = 5.0
COPY_SECONDS = 1.0

Mode = Literal["plain", "compatible", "sealed"]
Format = Literal["xml", "json"]
State = Literal["waiting", "heard", "given up", "lost"]


class Settings(msgspec.Struct, forbid_unknown_fields=True):
    """What the console of an app says about its pushes."""

    mode: Mode = "sealed"
    format: Format = "xml"


@dataclass(frozen=True)
class Push:
    """Something the merchant's server must hear, and how far the telling is."""

    id: str
    kind: Kind
    openid: str
    fields: dict[str, Any]
    due_at: datetime
    tries: int = 0
    state: State = "waiting"
    why: str = ""

    @property
    def is_waiting(self) -> bool:
        """Whether it is still to be told."""
        return self.state == "waiting"


Heard = Callable[[Push, Reply | None, datetime], None]


class Pushes:
    """What is to be told to the merchant's servers of both apps."""

    def __init__(self, ground: Ground, apps: dict[Kind, App], heard: Heard, failed: Heard) -> None:
        self._ground = ground
        self._apps = apps
        self._heard, self._failed = heard, failed
        self._pushes = Shelf(ground.journal, "weixin_push", Push, lambda one: one.id)
        self._due = [(one.due_at, one.id) for one in self._pushes.everything() if one.is_waiting]
        heapq.heapify(self._due)
        self._answered = {
            one.id.partition("+")[0] for one in self._pushes.everything() if one.state == "heard"
        }
        self.settings: dict[Kind, Settings] = {
            "official_account": Settings(),
            "mini_program": Settings(format="json"),
        }
        for kept in ground.journal.rows("weixin_settings", dict[Kind, Settings]):
            self.settings |= kept

    def configure(self, changes: dict[Kind, Settings]) -> None:
        """The console of an app says how its pushes are to look."""
        self.settings |= changes
        self._ground.journal.write("weixin_settings", self.settings)

    def message(self, app: App, openid: str, said: dict[str, Any], now: datetime) -> str:
        """Tell what a person wrote; its MsgId stays the same however often it is sent."""
        number = digits(self._ground.seed, 17, "msgid", len(self._pushes))
        msg_id = int("2" + number)
        self._queue(app, openid, {**said, "MsgId": msg_id}, str(msg_id), now)
        return str(msg_id)

    def event(self, app: App, openid: str, said: dict[str, Any], now: datetime) -> None:
        """Tell that something happened; events carry no MsgId."""
        number = f"event-{len(self._pushes)}"
        self._queue(app, openid, {"MsgType": "event", **said}, number, now)

    def take_due(self, now: datetime) -> list[Telling]:
        """The pushes whose time has come."""
        taken = []
        while self._due and self._due[0][0] <= now:
            push = self._pushes.rows[heapq.heappop(self._due)[1]]
            taken.append(self.deliver(push, now))
        return taken

    async def deliver(self, push: Push, now: datetime) -> bool:
        """One try; without a good answer in five seconds the next one follows, three in all."""
        url = self._ground.callbacks.url(push.kind)
        if url is None:
            self._save(replace(push, state="lost", why="no address"))
            return False
        app, settings = self._apps[push.kind], self.settings[push.kind]
        query, body = envelope(app, settings, push, now)
        target = f"{url}{'&' if '?' in url else '?'}{urlencode(query)}"
        kind = "text/xml" if settings.format == "xml" else "application/json"
        answer = await self._ground.outgoing.post(target, body, {"Content-Type": kind})
        if answer is None or answer.status_code != 200:
            self._again(push, "no answer" if answer is None else f"{answer.status_code}", now)
            return False
        return self._understand(push, answer.content, settings, now)

    def everything(self) -> list[Push]:
        """All pushes, told or not."""
        return self._pushes.everything()

    def _understand(self, push: Push, body: bytes, settings: Settings, now: datetime) -> bool:
        original = push.id.partition("+")[0]
        try:
            reply = understood(self._apps[push.kind], push.openid, body, settings.mode == "sealed")
        except BadReply as error:
            self._save(replace(push, tries=push.tries + 1, state="given up", why=str(error)))
            self._failed(push, None, now)
            return False
        self._save(replace(push, tries=push.tries + 1, state="heard"))
        # Only the first good answer is shown, however many copies were sent.
        if original not in self._answered:
            self._answered.add(original)
            self._heard(push, reply, now)
        return True

    def _again(self, push: Push, why: str, now: datetime) -> None:
        tries = push.tries + 1
        if tries >= TRIES:
            self._save(replace(push, tries=tries, state="given up", why=why))
            self._failed(push, None, now)
            return
        wait = timedelta(seconds=WAIT_SECONDS / self._ground.speed)
        self._save(replace(push, tries=tries, due_at=now + wait, why=why))

    def _queue(
        self, app: App, openid: str, said: dict[str, Any], number: str, now: datetime
    ) -> None:
        faults = self._ground.faults
        fields = {
            "ToUserName": app.original_id,
            "FromUserName": openid,
            "CreateTime": int(now.timestamp()),
            **said,
        }
        if faults.spends("push_drop_next"):
            self._save(Push(number, app.kind, openid, fields, now, state="lost", why="dropped"))
            return
        late = faults.drawn("push_delay_seconds")
        for copy in range(1 + int(faults.drawn("push_duplicates"))):
            wait = timedelta(seconds=late + copy * COPY_SECONDS / self._ground.speed)
            name = number if copy == 0 else f"{number}+{copy}"
            self._save(Push(name, app.kind, openid, fields, now + wait))

    def _save(self, push: Push) -> None:
        self._pushes.put(push)
        if push.is_waiting:
            heapq.heappush(self._due, (push.due_at, push.id))


def envelope(
    app: App, settings: Settings, push: Push, now: datetime
) -> tuple[dict[str, str], bytes]:
    """The query and the body of one try, in the mode and format of the app's console."""
    timestamp, nonce = str(int(now.timestamp())), str(secrets.randbelow(10**9))
    query = {
        "signature": signature(app.token, timestamp, nonce),
        "timestamp": timestamp,
        "nonce": nonce,
        "openid": push.openid,
    }
    write = xml if settings.format == "xml" else json
    fields = _for_xml(push.fields) if settings.format == "xml" else push.fields
    plain = write(fields)
    if settings.mode == "plain":
        return query, plain
    encrypt = Sealer(app.encoding_aes_key, app.appid).seal(plain)
    query["encrypt_type"] = "aes"
    query["msg_signature"] = signature(app.token, timestamp, nonce, encrypt)
    shown = fields if settings.mode == "compatible" else {"ToUserName": app.original_id}
    return query, write({**shown, "Encrypt": encrypt})


def _for_xml(fields: dict[str, Any]) -> dict[str, Any]:
    """In XML the lists of subscription events stand inside an element named like the event."""
    if "List" not in fields:
        return fields
    name = "".join(part.capitalize() for part in fields["Event"].split("_"))
    kept = {each: value for each, value in fields.items() if each != "List"}
    return {**kept, name: {"List": fields["List"]}}
