"""Reading the archive in order: records after a number, each sealed with a key of its own."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Protocol

import msgspec
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from headwater.base.errors import Forged, Trouble
from headwater.connect.wecom import bounds
from headwater.connect.wecom.api import WireId, Words

_MILLISECONDS: Final = 1_000


@dataclass(frozen=True)
class SealedRecord:
    """One record as the library hands it out: its key is sealed for us, its text with that key."""

    seq: int
    message_id: str
    key_version: int
    sealed_key: str = field(repr=False)
    sealed_text: str = field(repr=False)


@dataclass(frozen=True)
class KeptMessage:
    """One message that both sides agreed to keep; `content` is the platform's own, unchanged."""

    seq: int
    message_id: str
    from_id: str
    to_ids: tuple[str, ...]
    chat_id: str | None
    kind: str
    sent_at: datetime | None
    content: Mapping[str, Any] = field(repr=False)


class SessionArchive(Protocol):
    """What the native library does, and no more."""

    async def after(self, seq: int, limit: int) -> tuple[SealedRecord, ...]:
        """Give up to a thousand records after this number, in order; asking again is harmless.

        The platform keeps them for about five days.
        """
        ...

    async def opened(self, key: str, sealed_text: str) -> bytes:
        """Open a record's text with its key; its cipher is known to the library only."""
        ...


class _Message(msgspec.Struct):
    msgid: WireId
    action: Words = "send"
    from_: Words = msgspec.field(default="", name="from")
    tolist: list[Words] = []
    roomid: Words = ""
    msgtime: Annotated[int, msgspec.Meta(ge=0, le=253_402_300_799_000)] = 0
    msgtype: Words = ""


class ArchiveReader:
    """Reads kept messages with our private keys, by the version that WeCom names."""

    def __init__(self, archive: SessionArchive, private_keys: Mapping[int, str]) -> None:
        self._archive = archive
        self._keys = {version: _key(pem) for version, pem in private_keys.items()}

    async def after(
        self, seq: int, limit: int = bounds.ARCHIVE_PAGE
    ) -> tuple[tuple[KeptMessage, ...], int]:
        """Read what came after this number, and say from which number to go on.

        Reading again gives the same. A record that cannot be opened stops the reading before it,
        so that a missing key loses nothing.
        """
        bounds.number("limit", limit, bounds.ARCHIVE_PAGE)
        kept: list[KeptMessage] = []
        for record in await self._archive.after(seq, limit):
            if record.seq <= seq:
                raise Trouble("the session archive repeats itself")
            try:
                kept.append(await self._read(record))
            except Forged:
                if not kept:
                    raise
                break
            seq = record.seq
        return tuple(kept), seq

    async def _read(self, record: SealedRecord) -> KeptMessage:
        private = self._keys.get(record.key_version)
        if private is None:
            raise Forged(why="no key of this version", key_version=record.key_version)
        key = _opened_key(private, record.sealed_key)
        raw = await self._archive.opened(key, record.sealed_text)
        try:
            wire = msgspec.json.decode(raw, type=_Message)
            content = msgspec.json.decode(raw, type=dict[str, Any])
        except (ValueError, RecursionError) as error:
            raise Forged(why="a kept message has a shape that we do not know") from error
        return KeptMessage(
            seq=record.seq,
            message_id=wire.msgid,
            from_id=wire.from_,
            to_ids=tuple(wire.tolist),
            chat_id=wire.roomid or None,
            kind=wire.msgtype or wire.action,
            sent_at=_sent_at(wire.msgtime),
            content=content,
        )


def _key(pem: str) -> rsa.RSAPrivateKey:
    key = load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ValueError("the archive's key must be an RSA key")
    return key


def _opened_key(private: rsa.RSAPrivateKey, sealed: str) -> str:
    """Open the record's key; PKCS #1 v1.5 is the platform's choice, and nobody else asks us."""
    try:
        plain = private.decrypt(base64.b64decode(sealed, validate=True), padding.PKCS1v15())
        return plain.decode("ascii")
    except ValueError as error:
        raise Forged(why="the key of a kept message cannot be opened") from error


def _sent_at(milliseconds: int) -> datetime | None:
    if not milliseconds:
        return None
    return datetime.fromtimestamp(milliseconds / _MILLISECONDS, UTC)
