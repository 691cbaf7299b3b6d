"""Pushes of the official account, the mini program and WeCom: believed, opened, sealed.

The rules are those of developer.work.weixin.qq.com/document/path/90968 and of the official
account's page on message encryption, which describe the same scheme.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from headwater.base.errors import Forged

ALLOWED_SKEW_SECONDS: Final = 300

# Tencent pads to 32 bytes although the cipher's own block has 16.
_PAD_BYTES: Final = 32
_BLOCK_BYTES: Final = 16
_SALT_BYTES: Final = 16
_LENGTH_BYTES: Final = 4
_AES_KEY: Final = re.compile(r"[A-Za-z0-9]{43}")
_TIMESTAMP: Final = re.compile(r"[0-9]{1,12}")
_NONCE: Final = re.compile(r"[!-~]{1,128}")


@dataclass(frozen=True)
class CallbackKeys:
    """What one push address shares with Tencent; the secrets stay out of the repr.

    `aes_key` is the EncodingAESKey of 43 letters and digits, and empty where pushes come in plain.
    `receiver_id` is the appid or corpid; Tencent itself leaves it empty for some agencies' apps.
    Where there is a key nothing is believed in plain, whose signature does not cover the body,
    unless `takes_plain` says so.
    """

    token: str = field(repr=False)
    aes_key: str = field(repr=False)
    receiver_id: str
    takes_plain: bool = False

    def __post_init__(self) -> None:
        if not self.token:
            raise ValueError("the token of a push address must not be empty")
        if self.aes_key and not _AES_KEY.fullmatch(self.aes_key):
            raise ValueError("an EncodingAESKey has exactly 43 letters and digits")

    @property
    def secret(self) -> bytes:
        """The 32 bytes that the EncodingAESKey spells; the last letter carries two unused bits."""
        if not self.aes_key:
            raise Forged(why="this address has no key for sealed pushes")
        return base64.b64decode(self.aes_key + "=")


@dataclass(frozen=True)
class Sealed:
    """A sealed message and the signature that goes beside it."""

    encrypt: str
    msg_signature: str


def signature_of(*parts: str) -> str:
    """Sign as Tencent does: the parts sorted as text, run together, and hashed."""
    # SHA-1 is the platform's choice; the secrecy of the token carries the proof.
    joined = "".join(sorted(parts)).encode("utf-8", "replace")
    return hashlib.sha1(joined, usedforsecurity=False).hexdigest()


def plain_signature_matches(token: str, timestamp: str, nonce: str, signature: str) -> bool:
    """Tell whether somebody who knows the token has signed; the body is not covered by it."""
    return _is_same(signature_of(token, timestamp, nonce), signature)


def verify_plain(
    keys: CallbackKeys, signature: str, timestamp: str, nonce: str, now: datetime
) -> None:
    """Believe who knows the token or raise Forged; a copy within the window verifies again."""
    _must_be_fresh(timestamp, nonce, now)
    if not plain_signature_matches(keys.token, timestamp, nonce, signature):
        raise Forged(why="the signature does not match")


def open_sealed(
    keys: CallbackKeys, signature: str, timestamp: str, nonce: str, sealed: str, now: datetime
) -> bytes:
    """Open a sealed push only after clock and signature agree; anything else is Forged.

    The same push opens every time: whoever acts on it remembers which messages came before.
    """
    _must_be_fresh(timestamp, nonce, now)
    if not _is_same(signature_of(keys.token, timestamp, nonce, sealed), signature):
        raise Forged(why="the signature does not match")
    plain, receiver_id = _decrypted(keys.secret, sealed)
    if not hmac.compare_digest(receiver_id, keys.receiver_id.encode()):
        raise Forged(why="the message is for another receiver")
    return plain


def seal(
    keys: CallbackKeys, plain: bytes, timestamp: str, nonce: str, salt: bytes | None = None
) -> Sealed:
    """Seal a passive reply; without a given salt every repeat looks different and opens alike."""
    salt = secrets.token_bytes(_SALT_BYTES) if salt is None else salt
    encrypt = encrypted(keys, plain, salt)
    return Sealed(encrypt, signature_of(keys.token, timestamp, nonce, encrypt))


def encrypted(keys: CallbackKeys, plain: bytes, salt: bytes) -> str:
    """Encrypt salt, length, message and receiver; the same four give the same text."""
    if len(salt) != _SALT_BYTES:
        raise ValueError(f"the salt has exactly {_SALT_BYTES} bytes")
    length = len(plain).to_bytes(_LENGTH_BYTES, "big")
    content = salt + length + plain + keys.receiver_id.encode()
    missing = _PAD_BYTES - len(content) % _PAD_BYTES
    encryptor = _cipher(keys.secret).encryptor()
    body = encryptor.update(content + bytes([missing]) * missing) + encryptor.finalize()
    return base64.b64encode(body).decode("ascii")


def _must_be_fresh(timestamp: str, nonce: str, now: datetime) -> None:
    if not (_TIMESTAMP.fullmatch(timestamp) and _NONCE.fullmatch(nonce)):
        raise Forged(why="malformed timestamp or nonce")
    if abs(now.timestamp() - int(timestamp)) > ALLOWED_SKEW_SECONDS:
        raise Forged(why="the clock is off by more than five minutes, or the message is stale")


def _is_same(expected: str, given: str) -> bool:
    # Compared as bytes, since texts outside ASCII cannot be compared in constant time.
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace"))


def _decrypted(secret: bytes, sealed: str) -> tuple[bytes, bytes]:
    body = _from_base64(sealed)
    if not body or len(body) % _BLOCK_BYTES:
        raise Forged(why="the sealed message has an odd length")
    decryptor = _cipher(secret).decryptor()
    content = _without_padding(decryptor.update(body) + decryptor.finalize())
    start = _SALT_BYTES + _LENGTH_BYTES
    length = int.from_bytes(content[_SALT_BYTES:start], "big")
    if len(content) < start + length:
        raise Forged(why="the sealed message is shorter than it says")
    return content[start : start + length], content[start + length :]


def _without_padding(padded: bytes) -> bytes:
    count = padded[-1]
    if not 1 <= count <= _PAD_BYTES or padded[-count:] != bytes([count]) * count:
        raise Forged(why="the padding of the sealed message is wrong")
    return padded[:-count]


def _cipher(secret: bytes) -> Cipher[CBC]:
    # The first half of the key is the initialisation vector: the platform's choice as well.
    return Cipher(AES(secret), CBC(secret[:_BLOCK_BYTES]))


def _from_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:
        raise Forged(why="malformed base64") from error
