"""Signatures and sealed resources of APIv3, written apart from any client's code."""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from headwater.sandbox.credentials import PrivateKey, PublicKey
from headwater.sandbox.pay.errors import PayError

SCHEME = "WECHATPAY2-SHA256-RSA2048"
PROBE = "WECHATPAY/SIGNTEST/"
CLOCK_WINDOW_SECONDS = 300
SHOWN_OF_SIGNED = 1_024

_FIELD = re.compile(r'([a-z_]+)="([^"]*)"')
_FIELDS = {"mchid", "nonce_str", "signature", "timestamp", "serial_no"}


def lines(*parts: bytes | str) -> bytes:
    """What is signed everywhere in APIv3: parts that each end in LF, the last one too."""
    return b"".join((part.encode() if isinstance(part, str) else part) + b"\n" for part in parts)


def sign(key: PrivateKey, message: bytes) -> str:
    """RSASSA-PKCS1-v1_5 over SHA-256, in base64."""
    return base64.b64encode(key.sign(message, padding.PKCS1v15(), hashes.SHA256())).decode()


def is_signed_by(key: PublicKey, message: bytes, signature: str) -> bool:
    """Whether the holder of the key signed exactly these bytes."""
    try:
        raw = base64.b64decode(signature, validate=True)
        key.verify(raw, message, padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def seal(apiv3_key: str, plaintext: bytes, associated_data: str) -> dict[str, str]:
    """Encrypt a resource for the merchant; the tag stands at the end of the ciphertext."""
    nonce = secrets.token_hex(6)
    sealed = AESGCM(apiv3_key.encode()).encrypt(nonce.encode(), plaintext, associated_data.encode())
    return {
        "algorithm": "AEAD_AES_256_GCM",
        "ciphertext": base64.b64encode(sealed).decode(),
        "associated_data": associated_data,
        "nonce": nonce,
    }


def signed_headers(serial: str, key: PrivateKey, body: bytes, now: datetime) -> dict[str, str]:
    """The headers that make an answer or a notice believable, over its raw bytes."""
    timestamp, nonce = str(int(now.timestamp())), secrets.token_hex(16).upper()
    return {
        "Wechatpay-Timestamp": timestamp,
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Signature": sign(key, lines(timestamp, nonce, body)),
        "Wechatpay-Serial": serial,
        "Wechatpay-Signature-Type": SCHEME,
    }


@dataclass(frozen=True)
class Asked:
    """A request as its signature covers it."""

    method: str
    target: str
    body: bytes
    authorization: str


class Gatekeeper:
    """Lets a merchant's request in once, if its signature, serial and clock are right."""

    def __init__(self, mchid: str, keys: dict[str, PublicKey]) -> None:
        self._mchid = mchid
        self._keys = {serial.upper(): key for serial, key in keys.items()}
        self._seen: dict[str, int] = {}

    def check(self, asked: Asked, now: datetime) -> None:
        """Refuse with 401 and say what was signed, which is the best help in debugging."""
        scheme, _, rest = asked.authorization.partition(" ")
        given = dict(_FIELD.findall(rest))
        if scheme != SCHEME or not given.keys() >= _FIELDS:
            raise _sign_error("authorization", "Authorization 不合法", asked, b"")
        if given["mchid"] != self._mchid:
            raise _sign_error("mchid", "商户号不存在", asked, b"")
        key = self._keys.get(given["serial_no"].upper())
        if key is None:
            raise _sign_error("serial_no", "商户证书序列号有误", asked, b"")
        self._check_clock(given["timestamp"], asked, now)
        message = lines(
            asked.method, asked.target, given["timestamp"], given["nonce_str"], asked.body
        )
        if not is_signed_by(key, message, given["signature"]):
            raise _sign_error("signature", "错误的签名，验签失败", asked, message)
        self._remember(given["nonce_str"], asked, int(now.timestamp()))

    def admit(self, serial: str, key: PublicKey) -> None:
        """A further certificate of the merchant is good from now on; the old one stays good."""
        self._keys[serial.upper()] = key

    def _check_clock(self, timestamp: str, asked: Asked, now: datetime) -> None:
        if not re.fullmatch(r"[0-9]{1,12}", timestamp):
            raise _sign_error("timestamp", "时间戳不合法", asked, b"")
        if abs(now.timestamp() - int(timestamp)) > CLOCK_WINDOW_SECONDS:
            raise _sign_error("timestamp", "时间戳与服务器时间相差超过 5 分钟", asked, b"")

    def _remember(self, nonce: str, asked: Asked, second: int) -> None:
        if nonce in self._seen:
            raise _sign_error("nonce_str", "随机串已使用过", asked, b"")
        self._seen[nonce] = second
        # A nonce older than both sides of the clock window can no longer pass the clock.
        while self._seen:
            oldest = next(iter(self._seen))
            if self._seen[oldest] >= second - 2 * CLOCK_WINDOW_SECONDS:
                break
            del self._seen[oldest]


def _sign_error(field: str, message: str, asked: Asked, signed: bytes) -> PayError:
    detail: dict[str, Any] = {
        "detail": {"issue": "sign not match"},
        "field": field,
        "location": "authorization",
        "sign_information": {
            "method": asked.method,
            "url": asked.target,
            "truncated_sign_message": signed[:SHOWN_OF_SIGNED].decode(errors="replace"),
            "sign_message_length": len(signed),
        },
    }
    return PayError(401, "SIGN_ERROR", message, detail)
