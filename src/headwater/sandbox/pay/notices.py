"""Notices to the merchant: sealed, signed, repeated on the platform's schedule until answered."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import msgspec

from headwater.sandbox.credentials import derive
from headwater.sandbox.hosts import Ground
from headwater.sandbox.pay.keys import Keys
from headwater.sandbox.pay.signing import PROBE, seal, signed_headers
from headwater.sandbox.pay.wire import wire_time

MINUTE, HOUR = 60, 3_600
# The waits between tries as the platform documents them: 24 h 4 min in all.
WAITS_SECONDS = (
    *(15, 15, 30, 3 * MINUTE, 10 * MINUTE, 20 * MINUTE, 30 * MINUTE, 30 * MINUTE, 30 * MINUTE),
    *(HOUR, 3 * HOUR, 3 * HOUR, 3 * HOUR, 6 * HOUR, 6 * HOUR),
)
SUMMARIES = {
    "TRANSACTION.SUCCESS": "支付成功",
    "REFUND.SUCCESS": "退款成功",
    "REFUND.ABNORMAL": "退款异常",
    "REFUND.CLOSED": "退款关闭",
}

Kind = Literal["transaction", "refund"]


@dataclass(frozen=True)
class Notice:
    """Something the merchant must hear, and how far the telling is."""

    id: str
    kind: str
    url: str
    resource: dict[str, Any]
    made_at: datetime
    due_at: datetime
    tries: int = 0
    probes: int = 0
    state: str = "waiting"


class Notices:
    """The queue of what is to be told; the clock is an argument, so a test drives it."""

    def __init__(self, ground: Ground, keys: Keys) -> None:
        self._keys = keys
        self._outgoing = ground.outgoing
        self._faults = ground.faults
        self._speed = ground.speed
        self._seed = ground.seed
        self._journal = journal = ground.journal
        self._notices: dict[str, Notice] = {}
        self._due: list[tuple[datetime, str]] = []
        for notice in journal.rows("notice", Notice):
            self._notices[notice.id] = notice
        for notice in self._notices.values():
            if notice.state == "waiting":
                heapq.heappush(self._due, (notice.due_at, notice.id))

    def announce(self, kind: Kind, url: str, resource: dict[str, Any], now: datetime) -> None:
        """Queue a notice with its copies, unless it is to be lost."""
        if self._faults.spends("drop_next"):
            return
        number = str(UUID(bytes=derive(self._seed, "notice", len(self._notices))[:16]))
        probes = 1 if self._faults.spends("probe_next") else 0
        for copy in range(1 + int(self._faults.drawn("duplicates"))):
            late = timedelta(seconds=(self._faults.drawn("delay_seconds") + copy) / self._speed)
            # Copies carry the id of the first: only then can a receiver know them as copies.
            key = number if copy == 0 else f"{number}+{copy}"
            self._save(Notice(key, kind, url, resource, now, now + late, probes=probes))
            probes = 0

    def take_due(self, now: datetime) -> list[Notice]:
        """The notices whose time has come; each must then be delivered."""
        taken = []
        while self._due and self._due[0][0] <= now:
            taken.append(self._notices[heapq.heappop(self._due)[1]])
        return taken

    async def deliver(self, notice: Notice, now: datetime) -> bool:
        """One try; without a good answer in five seconds the next wait begins."""
        body = self._body(notice)
        serial = self._serial(notice, now)
        headers = signed_headers(serial, self._keys.private(serial), body, now)
        headers["Content-Type"] = "application/json"
        if notice.probes > 0:
            wrong = PROBE + headers["Wechatpay-Signature"][len(PROBE) :]
            await self._post(notice.url, body, {**headers, "Wechatpay-Signature": wrong})
        is_heard = await self._post(notice.url, body, headers)
        tries = notice.tries + 1
        if is_heard:
            self._save(replace(notice, tries=tries, probes=0, state="heard"))
        elif tries > len(WAITS_SECONDS):
            self._save(replace(notice, tries=tries, probes=0, state="given up"))
        else:
            wait = timedelta(seconds=WAITS_SECONDS[tries - 1] / self._speed)
            self._save(replace(notice, tries=tries, probes=0, due_at=now + wait))
        return is_heard

    def next_due_at(self) -> datetime | None:
        """When the next notice wants to leave."""
        return self._due[0][0] if self._due else None

    def everything(self) -> list[Notice]:
        """All notices, told or not."""
        return list(self._notices.values())

    async def _post(self, url: str, body: bytes, headers: dict[str, str]) -> bool:
        answer = await self._outgoing.post(url, body, headers)
        return answer is not None and answer.status_code in (200, 204)

    def _body(self, notice: Notice) -> bytes:
        sealed = seal(self._keys.apiv3_key, msgspec.json.encode(notice.resource), notice.kind)
        outcome = notice.resource.get("refund_status", "SUCCESS")
        event_type = f"{notice.kind.upper()}.{outcome}"
        return msgspec.json.encode(
            {
                "id": notice.id.partition("+")[0],
                "create_time": wire_time(notice.made_at),
                "resource_type": "encrypt-resource",
                "event_type": event_type,
                "summary": SUMMARIES[event_type],
                "resource": {"original_type": notice.kind, **sealed},
            }
        )

    def _serial(self, notice: Notice, now: datetime) -> str:
        mode = self._faults.notices_signed_with
        is_odd = derive(self._seed, "serial", notice.id, notice.tries)[0] % 2 == 1
        if mode == "certificate" or (mode == "both" and is_odd):
            return self._keys.serial(now)
        return self._keys.public_key_id

    def _save(self, notice: Notice) -> None:
        self._notices[notice.id] = notice
        if notice.state == "waiting":
            heapq.heappush(self._due, (notice.due_at, notice.id))
        self._journal.write("notice", notice)
