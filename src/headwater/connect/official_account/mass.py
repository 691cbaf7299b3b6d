"""Mass sends: to everybody, to a tag or to chosen people, four a month for each of them.

developers.weixin.qq.com/doc/offiaccount/Message_Management/Batch_Sends_and_Originality_Checks.html,
read in November 2026. Whoever has had four in a calendar month gets no fifth, and nobody says so:
`left_this_month` is how we know beforehand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Final

import msgspec

from headwater.base.errors import BadInput
from headwater.base.times import business_day
from headwater.connect.limits import LIMITS
from headwater.connect.weixin_api import WeixinApp

MONTHLY_MOST: Final = LIMITS["official_account.mass_to_a_person"].most
PEOPLE_LEAST: Final = 2
PEOPLE_MOST: Final = 10_000
ONCE_KEY_BYTES: Final = 64

# The same key came before, and the answer names the send that it began.
_SENT_BEFORE: Final = frozenset({45065})


class Stage(Enum):
    """How far a mass send is; a word that WeChat adds tomorrow reads as UNKNOWN."""

    SENDING = "SENDING"
    SENT = "SEND_SUCCESS"
    FAILED = "SEND_FAIL"
    DELETED = "DELETE"
    UNKNOWN = ""

    @classmethod
    def _missing_(cls, value: object) -> Stage:
        return cls.UNKNOWN


@dataclass(frozen=True)
class MassSend:
    """A mass send that the platform took; with an admin's approval it may begin much later."""

    mass_id: str
    data_id: str | None
    was_sent_before: bool


@dataclass(frozen=True)
class Message:
    """What is sent: words, a draft of articles, or pictures."""

    form: str
    content: Mapping[str, Any]

    @staticmethod
    def words(text: str) -> Message:
        """Say some words."""
        if not text:
            raise BadInput("text", "says nothing")
        return Message("text", {"content": text})

    @staticmethod
    def articles(draft_id: str) -> Message:
        """Send the articles of a draft."""
        return Message("mpnews", {"media_id": draft_id})

    @staticmethod
    def pictures(media_ids: Sequence[str]) -> Message:
        """Send pictures that are kept for good."""
        return Message("image", {"media_ids": list(media_ids)})


class _Taken(msgspec.Struct):
    errcode: int = 0
    msg_id: str | int | None = None
    msgid: str | int | None = None
    msg_data_id: str | int | None = None


class _State(msgspec.Struct):
    msg_status: str


@dataclass(frozen=True)
class Mass:
    """The mass sends of one official account, sixty calls a minute at most."""

    app: WeixinApp

    async def send_to_all(self, message: Message, once_key: str) -> MassSend:
        """Send to every follower; a repeat with the same key sends nothing and says so."""
        return await self._send("sendall", {"filter": {"is_to_all": True}}, message, once_key)

    async def send_to_tag(self, message: Message, tag_id: int, once_key: str) -> MassSend:
        """Send to the people with a tag; a repeat with the same key sends nothing and says so."""
        chosen = {"filter": {"is_to_all": False, "tag_id": tag_id}}
        return await self._send("sendall", chosen, message, once_key)

    async def send_to_people(
        self, message: Message, openids: Sequence[str], once_key: str
    ) -> MassSend:
        """Send to chosen people; a repeat with the same key sends nothing and says so."""
        if not PEOPLE_LEAST <= len(openids) <= PEOPLE_MOST:
            raise BadInput("openids", f"from {PEOPLE_LEAST} to {PEOPLE_MOST}")
        return await self._send("send", {"touser": list(openids)}, message, once_key)

    async def preview(self, message: Message, openid: str) -> None:
        """Show one person what it would look like; a repeat shows it again, 100 a day."""
        body = {"touser": openid, **_wire(message)}
        await self.app.do("/cgi-bin/message/mass/preview", body)

    async def stage(self, mass_id: str) -> Stage:
        """Ask how far a mass send is; asking again changes nothing."""
        wire = await self.app.post("/cgi-bin/message/mass/get", {"msg_id": mass_id}, _State)
        return Stage(wire.msg_status)

    async def delete(self, mass_id: str, place: int = 0) -> None:
        """Take away the pages behind a mass send, or one of them by its place from 1.

        The cards stay in the conversations and lead nowhere. A repeat may be refused.
        """
        body = {"msg_id": mass_id, "article_idx": place}
        await self.app.do("/cgi-bin/message/mass/delete", body)

    async def _send(
        self, path: str, chosen: Mapping[str, Any], message: Message, once_key: str
    ) -> MassSend:
        if not 1 <= len(once_key.encode("utf-8", "replace")) <= ONCE_KEY_BYTES:
            raise BadInput("once_key", f"from 1 to {ONCE_KEY_BYTES} bytes")
        body = {**chosen, **_wire(message), "send_ignore_reprint": 0, "clientmsgid": once_key}
        wire = await self.app.post(
            f"/cgi-bin/message/mass/{path}", body, _Taken, harmless=_SENT_BEFORE
        )
        mass_id = wire.msgid if wire.msg_id is None else wire.msg_id
        return MassSend(
            mass_id="" if mass_id is None else str(mass_id),
            data_id=None if wire.msg_data_id is None else str(wire.msg_data_id),
            was_sent_before=wire.errcode in _SENT_BEFORE,
        )


def left_this_month(received_at: Iterable[datetime], now: datetime) -> int:
    """Tell how many mass messages a person may still get in this calendar month, in China."""
    this = business_day(now)
    days = (business_day(each) for each in received_at)
    received = sum((day.year, day.month) == (this.year, this.month) for day in days)
    return max(MONTHLY_MOST - received, 0)


def _wire(message: Message) -> dict[str, Any]:
    name = "images" if message.form == "image" else message.form
    return {"msgtype": message.form, name: dict(message.content)}
