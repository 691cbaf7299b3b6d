"""What the phone hands over sealed or signed with the session key, as older flows do."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES128
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

from headwater.base.errors import Forged

_BLOCK_BYTES: Final = 16


class _Watermark(msgspec.Struct):
    appid: str


class _Marked(msgspec.Struct):
    watermark: _Watermark


def open_user_data(sealed: str, iv: str, session_key: str, appid: str) -> Mapping[str, Any]:
    """Open what the phone sealed for this app; opening again gives the same.

    The cipher alone proves nothing, so the watermark must name the app. Anything else is Forged:
    also an old session key, after which the mini program logs in again.
    """
    key, first = _sixteen(session_key), _sixteen(iv)
    decryptor = Cipher(AES128(key), CBC(first)).decryptor()
    try:
        padded = decryptor.update(_from_base64(sealed)) + decryptor.finalize()
        unpadder = PKCS7(_BLOCK_BYTES * 8).unpadder()
        plain = unpadder.update(padded) + unpadder.finalize()
        marked = msgspec.json.decode(plain, type=_Marked)
        fields = msgspec.json.decode(plain, type=dict[str, Any])
    except (ValueError, RecursionError) as error:
        raise Forged(why="this was not sealed with the session key") from error
    if not hmac.compare_digest(marked.watermark.appid.encode("utf-8", "replace"), appid.encode()):
        raise Forged(why="the message is for another app")
    return fields


def raw_signature_matches(raw: str, session_key: str, signature: str) -> bool:
    """Tell whether the phone's raw data came through WeChat unchanged."""
    signed = raw.encode("utf-8", "replace") + session_key.encode("utf-8", "replace")
    expected = hashlib.sha1(signed, usedforsecurity=False).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace"))


def _sixteen(text: str) -> bytes:
    raw = _from_base64(text)
    if len(raw) != _BLOCK_BYTES:
        raise Forged(why="a key or beginning of another length")
    return raw


def _from_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text.encode("utf-8", "replace"), validate=True)
    except ValueError as error:
        raise Forged(why="not base64") from error
