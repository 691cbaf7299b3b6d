"""Events to the merchant: XML sealed in an envelope, three tries, five seconds each."""

from __future__ import annotations

import heapq
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from headwater.sandbox.hosts import Ground, Telling
from headwater.sandbox.shelf import Shelf
from headwater.sandbox.wecom.sealing import Seal, close, signature

TRIES = 3
AGAIN_AFTER_SECONDS = 5

Fields = dict[str, Any]


class CannotListen(Exception):
    """The merchant's address does not answer the check as the platform wants."""


@dataclass(frozen=True)
class Event:
    """Something the merchant must hear, and how far the telling is."""

    id: str
    fields: Fields
    made_at: datetime
    due_at: datetime
    tries: int = 0
    state: str = "waiting"


class Callbacks:
    """The queue of events; what an API call changed is never in it."""

    def __init__(self, ground: Ground, corpid: str, agentid: int) -> None:
        wecom = ground.credentials["wecom"]
        self._ground = ground
        self._corpid = corpid
        self._agentid = agentid
        self._seal = Seal(wecom["token"], wecom["encoding_aes_key"], corpid)
        self._events = Shelf(ground.journal, "wecom_event", Event, lambda event: event.id)
        self._due = [
            (event.due_at, event.id)
            for event in self._events.everything()
            if event.state == "waiting"
        ]
        heapq.heapify(self._due)

    def announce(self, fields: Mapping[str, Any], now: datetime) -> None:
        """Queue an event with its copies, unless nobody listens or it is to be lost."""
        faults = self._ground.faults
        if self._ground.callbacks.url("wecom") is None or faults.spends("push_drop_next"):
            return
        told = {
            "ToUserName": self._corpid,
            "FromUserName": "sys",
            "CreateTime": int(now.timestamp()),
            "MsgType": "event",
            **fields,
        }
        # Events that are due together leave in the order in which they happened.
        number = f"{len(self._events):08d}"
        for copy in range(1 + int(faults.drawn("push_duplicates"))):
            late = faults.drawn("push_delay_seconds") + copy / self._ground.speed
            due_at = now + timedelta(seconds=late)
            self._save(Event(f"{number}+{copy}", told, now, due_at))

    def take_due(self, now: datetime) -> list[Telling]:
        """The events whose time has come."""
        taken: list[Telling] = []
        while self._due and self._due[0][0] <= now:
            taken.append(self._deliver(self._events.rows[heapq.heappop(self._due)[1]], now))
        return taken

    def everything(self) -> list[Event]:
        """All events, told or not."""
        return self._events.everything()

    async def configure(self, url: str, now: datetime) -> None:
        """Send pushes to this address, if it opens what only the keys' owner can open."""
        plain = str(secrets.randbelow(10**19)).zfill(19)
        sealed = close(self._seal, plain.encode())
        answer = await self._ground.outgoing.get(self._signed(url, sealed, now, echostr=sealed))
        if answer is None or answer.status_code != 200:
            raise CannotListen("the address did not answer the check with 200")
        if answer.content != plain.encode():
            raise CannotListen("the answer is not exactly the opened text, without quotes or ends")
        self._ground.callbacks.set({"wecom": url})

    async def _deliver(self, event: Event, now: datetime) -> bool:
        """One try; after three without 200 the event is given up."""
        url = self._ground.callbacks.url("wecom")
        is_heard = url is not None and await self._post(url, event, now)
        tries = event.tries + 1
        if is_heard:
            self._save(replace(event, tries=tries, state="heard"))
        elif tries >= TRIES:
            self._save(replace(event, tries=tries, state="given up"))
        else:
            wait = timedelta(seconds=AGAIN_AFTER_SECONDS / self._ground.speed)
            self._save(replace(event, tries=tries, due_at=now + wait))
        return is_heard

    async def _post(self, url: str, event: Event, now: datetime) -> bool:
        sealed = close(self._seal, xml(event.fields).encode())
        envelope = {"ToUserName": self._corpid, "AgentID": str(self._agentid), "Encrypt": sealed}
        headers = {"Content-Type": "text/xml; charset=utf-8"}
        address = self._signed(url, sealed, now)
        answer = await self._ground.outgoing.post(address, xml(envelope).encode(), headers)
        return answer is not None and answer.status_code == 200

    def _signed(self, url: str, sealed: str, now: datetime, **more: str) -> str:
        timestamp, nonce = str(int(now.timestamp())), str(secrets.randbelow(10**10))
        query = {
            "msg_signature": signature(self._seal, timestamp, nonce, sealed),
            "timestamp": timestamp,
            "nonce": nonce,
            **more,
        }
        parts = urlsplit(url)
        text = "&".join(part for part in (parts.query, urlencode(query)) if part)
        return urlunsplit(parts._replace(query=text))

    def _save(self, event: Event) -> None:
        self._events.put(event)
        if event.state == "waiting":
            heapq.heappush(self._due, (event.due_at, event.id))


def xml(fields: Mapping[str, Any]) -> str:
    """Fields as the platform writes them: text in CDATA, numbers plain, lists as items."""
    return "<xml>" + "".join(_element(name, value) for name, value in fields.items()) + "</xml>"


def _element(name: str, value: Any) -> str:
    if isinstance(value, int):
        inner = str(value)
    elif isinstance(value, str):
        inner = "<![CDATA[" + value.replace("]]>", "]]]]><![CDATA[>") + "]]>"
    else:
        inner = "".join(_element("Item", item) for item in value)
    return f"<{name}>{inner}</{name}>"
