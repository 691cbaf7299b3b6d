"""Sealed fields, blind indexes and signed tokens, under keys that can be changed."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from itsdangerous import BadSignature, URLSafeTimedSerializer

from headwater.base.errors import BadInput, Forged


@dataclass(frozen=True)
class Keys:
    """The keys of one installation: the newest writes, older ones still read.

    `sealing` encrypts what identifies a person; `blind` makes it searchable without opening it;
    `signing` makes tokens. Each list begins with the key in use.
    """

    sealing: tuple[bytes, ...] = field(repr=False)
    blind: tuple[bytes, ...] = field(repr=False)
    signing: tuple[str, ...] = field(repr=False)

    @classmethod
    def drawn(cls) -> Keys:
        """Draw new keys."""
        return cls(
            (secrets.token_bytes(32),), (secrets.token_bytes(32),), (secrets.token_urlsafe(32),)
        )

    def rotated(self) -> Keys:
        """Put fresh sealing and signing keys in front; blind keys stay until re-indexed."""
        fresh = Keys.drawn()
        return Keys(fresh.sealing + self.sealing, self.blind, fresh.signing + self.signing)

    def announced(self) -> Keys:
        """Put fresh keys last: whoever reads this opens what they will seal, and does not yet."""
        fresh = Keys.drawn()
        return Keys(self.sealing + fresh.sealing, self.blind, self.signing + fresh.signing)

    def promoted(self) -> Keys:
        """Let the keys that were announced last write from now on."""
        sealing, signing = self.sealing, self.signing
        return Keys(sealing[-1:] + sealing[:-1], self.blind, signing[-1:] + signing[:-1])

    def must_open_what(self, before: Keys) -> None:
        """Refuse keys that would leave what lies in the database shut or unfound."""
        if self.blind != before.blind:
            raise BadInput("blind", "changes with a new index only, never in a house that stands")
        if not set(before.sealing) <= set(self.sealing):
            raise BadInput("sealing", "lacks a key that may have sealed something")

    def save(self, file: Path) -> None:
        """Write the keys to a file that only its owner can read."""
        text = json.dumps(
            {
                "sealing": [key.hex() for key in self.sealing],
                "blind": [key.hex() for key in self.blind],
                "signing": list(self.signing),
            },
            indent=1,
        )
        file.parent.mkdir(parents=True, exist_ok=True)
        # Beside, then over: a power cut in between must not cost the only copy.
        fresh = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(file)

    @classmethod
    def load(cls, file: Path) -> Keys:
        """Read the keys, or draw and keep them at the first start.

        Server and worker may both be the first; whoever is later uses what the other one drew.
        """
        if not file.exists():
            fresh = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
            cls.drawn().save(fresh)
            with suppress(FileExistsError):
                os.link(fresh, file)
            fresh.unlink()
        return cls.understood(file.read_bytes(), str(file))

    @classmethod
    def understood(cls, raw: bytes, file: str) -> Keys:
        """Read keys, and refuse what is none, or too few to write with."""
        try:
            read = json.loads(raw)
            found = cls(
                tuple(bytes.fromhex(key) for key in read["sealing"]),
                tuple(bytes.fromhex(key) for key in read["blind"]),
                tuple(str(key) for key in read["signing"]),
            )
            if not (found.sealing and found.blind and found.signing):
                raise ValueError("an empty list")
            AESGCM(found.sealing[0])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadInput(file, "these are not our keys; restore them") from error
        return found


def seal(keys: Keys, plain: str, purpose: str) -> bytes:
    """Encrypt a field with AES-256-GCM; `purpose` ties it to its column.

    The first four bytes name the key by its hash, so that older fields open after a rotation.
    """
    key, nonce = keys.sealing[0], secrets.token_bytes(12)
    return _key_name(key) + nonce + AESGCM(key).encrypt(nonce, plain.encode(), purpose.encode())


def unseal(keys: Keys, sealed: bytes, purpose: str) -> str:
    """Decrypt a field; one that was altered or moved to another column is refused."""
    name, nonce, body = sealed[:4], sealed[4:16], sealed[16:]
    for key in keys.sealing:
        if hmac.compare_digest(_key_name(key), name):
            try:
                return AESGCM(key).decrypt(nonce, body, purpose.encode()).decode()
            except InvalidTag as error:
                raise Forged(what=purpose) from error
    raise Forged(what=purpose)


def blind_index(keys: Keys, value: str, purpose: str) -> bytes:
    """Make the keyed hash by which a sealed value is found again."""
    return hmac.digest(keys.blind[0], f"{purpose}\n{value}".encode(), "sha256")


def sign(keys: Keys, purpose: str, payload: Any) -> str:
    """Make a signed token that only this installation can have made."""
    return _serializer(keys.signing, purpose).dumps(payload)


def read_signed(keys: Keys, purpose: str, token: str, max_age_seconds: int) -> Any:
    """Read a signed token; a forged or an old one is refused."""
    try:
        return _serializer(keys.signing, purpose).loads(token, max_age=max_age_seconds)
    except BadSignature as error:
        raise Forged(what=purpose) from error


def _serializer(signing: Sequence[str], purpose: str) -> URLSafeTimedSerializer:
    # itsdangerous signs with the last key of a list and reads with any.
    return URLSafeTimedSerializer(
        list(reversed(signing)), salt=purpose, signer_kwargs={"digest_method": hashlib.sha256}
    )


def _key_name(key: bytes) -> bytes:
    return hashlib.sha256(b"name:" + key).digest()[:4]
