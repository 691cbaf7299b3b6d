"""The sealing of WeCom's callbacks, written apart from any client's code.

AES-256-CBC under the key that the 43 letters stand for; its first half is the IV. The plain text
is 16 random bytes, the length in four bytes, the message, the receiver's id; padding is to 32.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import struct
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32
RANDOM = 16


class BadSeal(Exception):
    """The envelope is not what the holder of the keys sends."""


@dataclass(frozen=True)
class Seal:
    """What the merchant typed into the console: token, key, and whom messages are for."""

    token: str
    aes_key: str
    receiver_id: str

    @property
    def key(self) -> bytes:
        """The 32 bytes behind the 43 letters."""
        return base64.b64decode(self.aes_key + "=")


def signature(seal: Seal, timestamp: str, nonce: str, sealed: str) -> str:
    """SHA-1 over the sorted parts."""
    parts = sorted((seal.token, timestamp, nonce, sealed))
    return hashlib.sha1("".join(parts).encode(), usedforsecurity=False).hexdigest()


def close(seal: Seal, plain: bytes, random: bytes | None = None) -> str:
    """Seal a message; the random bytes are given only to repeat a published example."""
    start = random if random is not None else secrets.token_hex(RANDOM // 2).encode()
    whole = start + struct.pack(">I", len(plain)) + plain + seal.receiver_id.encode()
    missing = BLOCK - len(whole) % BLOCK
    encryptor = _cipher(seal.key).encryptor()
    done = encryptor.update(whole + bytes([missing]) * missing) + encryptor.finalize()
    return base64.b64encode(done).decode()


def open_signed(seal: Seal, given: str, timestamp: str, nonce: str, sealed: str) -> bytes:
    """The message, after the signature was found right and the receiver is the one meant."""
    expected = signature(seal, timestamp, nonce, sealed)
    if not hmac.compare_digest(expected.encode(), given.encode()):
        raise BadSeal("the signature is wrong")
    return _open(seal, sealed)


def _open(seal: Seal, sealed: str) -> bytes:
    try:
        raw = base64.b64decode(sealed, validate=True)
    except (binascii.Error, ValueError):
        raise BadSeal("the envelope is not base64") from None
    if not raw or len(raw) % BLOCK:
        raise BadSeal("the envelope is not whole blocks")
    decryptor = _cipher(seal.key).decryptor()
    whole = decryptor.update(raw) + decryptor.finalize()
    padding = whole[-1]
    if not 1 <= padding <= BLOCK or whole[-padding:] != bytes([padding]) * padding:
        raise BadSeal("the padding is wrong")
    body = whole[RANDOM:-padding]
    (length,) = struct.unpack(">I", body[:4].rjust(4, b"\0"))
    plain, receiver = body[4 : 4 + length], body[4 + length :]
    if len(plain) != length or receiver != seal.receiver_id.encode():
        raise BadSeal("the message is for somebody else")
    return plain


def _cipher(key: bytes) -> Cipher[modes.CBC]:
    return Cipher(algorithms.AES(key), modes.CBC(key[:16]))
