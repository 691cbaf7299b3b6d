"""How pushes are signed and sealed; written apart from every client of ours."""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32
SALT = 16


class NotSealed(Exception):
    """What came is not sealed as the platform seals, or not for this application."""


def signature(*parts: str) -> str:
    """The digest of the parts in order, as both the plain and the sealed mode use it."""
    # SHA-1 is what the platform signs with.
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


class Sealer:
    """AES of one application: the key from its console, its appid at the end of each message."""

    def __init__(self, encoding_aes_key: str, appid: str) -> None:
        self._key = base64.b64decode(encoding_aes_key + "=")
        self._appid = appid.encode()

    def seal(self, plain: bytes, salt: bytes | None = None) -> str:
        """Random bytes, length, message and appid, padded to 32 and encrypted."""
        salt = secrets.token_bytes(SALT) if salt is None else salt
        whole = salt + struct.pack(">I", len(plain)) + plain + self._appid
        pad = BLOCK - len(whole) % BLOCK
        encryptor = self._cipher().encryptor()
        sealed = encryptor.update(whole + bytes([pad]) * pad) + encryptor.finalize()
        return base64.b64encode(sealed).decode()

    def open(self, sealed: str) -> bytes:
        """The message inside, if it was sealed for this application."""
        try:
            bytes_in = base64.b64decode(sealed, validate=True)
        except (binascii.Error, ValueError):
            raise NotSealed("no base64") from None
        if not bytes_in or len(bytes_in) % 16:
            raise NotSealed("no whole blocks")
        decryptor = self._cipher().decryptor()
        return self._unwrapped(decryptor.update(bytes_in) + decryptor.finalize())

    def _unwrapped(self, whole: bytes) -> bytes:
        pad = whole[-1]
        if not 1 <= pad <= BLOCK or whole[-pad:] != bytes([pad]) * pad:
            raise NotSealed("wrong padding")
        body = whole[:-pad]
        if len(body) < SALT + 4:
            raise NotSealed("too short")
        (length,) = struct.unpack(">I", body[SALT : SALT + 4])
        plain, appid = body[SALT + 4 : SALT + 4 + length], body[SALT + 4 + length :]
        if len(plain) != length or appid != self._appid:
            raise NotSealed("sealed for another application")
        return plain

    def _cipher(self) -> Cipher[modes.CBC]:
        return Cipher(algorithms.AES(self._key), modes.CBC(self._key[:16]))
