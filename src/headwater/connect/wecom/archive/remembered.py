"""A session archive in memory: the same numbers, pages and sealed keys, with a cipher of ours."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from typing import Any

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from headwater.base.errors import Forged
from headwater.connect.wecom import bounds
from headwater.connect.wecom.archive.records import SealedRecord

_NONCE_BYTES = 12


class RememberedArchive:
    """The twin for tests and demonstrations; what the real library does inside stays unknown."""

    def __init__(self, public_key_pem: str, key_version: int = 1) -> None:
        key = load_pem_public_key(public_key_pem.encode())
        if not isinstance(key, rsa.RSAPublicKey):
            raise ValueError("the archive's key must be an RSA key")
        self._public = key
        self._key_version = key_version
        self._records: list[SealedRecord] = []

    def keep(self, message: Mapping[str, Any]) -> int:
        """Put a message into the archive and give its number; a repeat is a second message."""
        key = secrets.token_hex(16)
        nonce = secrets.token_bytes(_NONCE_BYTES)
        text = AESGCM(key.encode()).encrypt(nonce, msgspec.json.encode(message), None)
        seq = len(self._records) + 1
        record = SealedRecord(
            seq=seq,
            message_id=str(message["msgid"]),
            key_version=self._key_version,
            sealed_key=base64.b64encode(
                self._public.encrypt(key.encode(), padding.PKCS1v15())
            ).decode(),
            sealed_text=base64.b64encode(nonce + text).decode(),
        )
        self._records.append(record)
        return seq

    async def after(self, seq: int, limit: int) -> tuple[SealedRecord, ...]:
        """Give up to a thousand records after this number, in order; asking again is harmless."""
        bounds.number("limit", limit, bounds.ARCHIVE_PAGE)
        return tuple(record for record in self._records if record.seq > seq)[:limit]

    async def opened(self, key: str, sealed_text: str) -> bytes:
        """Open a record's text with its key, or raise Forged."""
        try:
            sealed = base64.b64decode(sealed_text, validate=True)
            return AESGCM(key.encode()).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None)
        except (ValueError, InvalidTag) as error:
            raise Forged(why="a kept message cannot be opened") from error
