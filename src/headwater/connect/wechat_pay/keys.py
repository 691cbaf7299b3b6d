"""The keys of WeChat Pay: which of them signed, how new ones come, when old ones go."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from headwater.base.errors import BadInput, Forged, Trouble
from headwater.connect.sending import Identifier, understood
from headwater.connect.wechat_pay.signing import (
    SIGNATURE_TYPE,
    answer_message,
    decrypt_with_any,
    from_base64,
    sealed_for,
)
from headwater.connect.wechat_pay.states import WHOM

ALLOWED_SKEW_SECONDS: Final = 300

_PROBE: Final = "WECHATPAY/SIGNTEST/"
_PUBLIC_KEY_PREFIX: Final = "PUB_KEY_ID_"
_TIMESTAMP: Final = re.compile(r"[0-9]{1,12}")
# A line feed in the nonce would let a stranger move the border between nonce and body.
_NONCE: Final = re.compile(r"[!-~]{1,128}")
_CERTIFICATE: Final = "certificate"
# What fits into one RSA-2048 block under OAEP with SHA-1.
_SEALED_BYTES_MOST: Final = 214


@dataclass(frozen=True)
class PlatformKey:
    """One key of WeChat Pay under its serial; a bare public key has no end."""

    serial: str
    key: RSAPublicKey
    ends_at: datetime | None = None

    def has_ended(self, now: datetime) -> bool:
        """Say whether a certificate's time is over."""
        return self.ends_at is not None and self.ends_at <= now


@dataclass(frozen=True)
class Sealed:
    """Fields that only WeChat can read, and the serial that tells it with which key."""

    serial: str
    fields: dict[str, str]


class PlatformKeys:
    """The keys of WeChat Pay by serial; the serial in the header picks one, as text.

    Certificates and public keys stand side by side, for in the week of a switch both sign. The
    map is replaced as a whole and never emptied first: whoever verifies meanwhile sees the old
    map or the new one.
    """

    def __init__(self, pems: Mapping[str, str]) -> None:
        self._keys: Mapping[str, PlatformKey] = _by_serial(
            platform_key(serial, pem) for serial, pem in pems.items()
        )

    def knows(self, headers: Mapping[str, str]) -> bool:
        """Say whether the serial in these headers is one of ours; an absent one is not unknown."""
        serial = _lowered(headers).get("wechatpay-serial", "")
        return not serial or serial.upper() in self._keys

    def serials(self) -> frozenset[str]:
        """Name every key that we hold."""
        return frozenset(self._keys)

    def verify(
        self,
        headers: Mapping[str, str],
        body: bytes,
        now: datetime,
        besides: Sequence[PlatformKey] = (),
    ) -> None:
        """Believe these raw bytes or raise Forged; the clock is checked before the signature.

        A copy of a genuine message verifies again within the window: who acts on a message
        remembers its id.
        """
        found = _lowered(headers)
        timestamp = _header(found, "wechatpay-timestamp")
        nonce = _header(found, "wechatpay-nonce")
        serial = _header(found, "wechatpay-serial")
        signature = _header(found, "wechatpay-signature")
        if found.get("wechatpay-signature-type", SIGNATURE_TYPE) != SIGNATURE_TYPE:
            raise Forged(why="unknown signature type")
        if signature.startswith(_PROBE):
            raise Forged(why="signature probe")
        if not (_TIMESTAMP.fullmatch(timestamp) and _NONCE.fullmatch(nonce)):
            raise Forged(why="malformed timestamp or nonce")
        if abs(now.timestamp() - int(timestamp)) > ALLOWED_SKEW_SECONDS:
            raise Forged(why="the clock is off by more than five minutes, or the message is stale")
        key = {**self._keys, **_by_serial(besides)}.get(serial.upper())
        if key is None:
            raise Forged(why="unknown serial")
        if key.has_ended(now):
            raise Forged(why="the certificate of this serial has ended")
        _verify_one(key.key, signature, answer_message(timestamp, nonce, body))

    def adopt(self, found: Sequence[PlatformKey], now: datetime) -> None:
        """Add new keys and let go of those that have ended, in one step.

        An empty list is the answer to a merchant who has only a public key: it changes nothing.
        """
        kept = [key for key in self._keys.values() if not key.has_ended(now)]
        if found:
            self._keys = _by_serial([*kept, *found])

    def seal(self, fields: Mapping[str, str], wanted: str | None, now: datetime) -> Sealed:
        """Seal what nobody else may read, with the wanted key or else with the one that lasts."""
        key = self._keys.get((wanted or "").upper())
        if key is None or key.has_ended(now):
            lasting = [each for each in self._keys.values() if not each.has_ended(now)]
            if not lasting:
                raise Trouble(f"no key of {WHOM} is valid any more")
            key = max(lasting, key=lambda each: each.ends_at or datetime.max.replace(tzinfo=UTC))
        for name, text in fields.items():
            if not 1 <= len(text.encode()) <= _SEALED_BYTES_MOST:
                raise BadInput(name, f"from 1 to {_SEALED_BYTES_MOST} bytes")
        texts = {name: sealed_for(key.key, text) for name, text in fields.items()}
        return Sealed(key.serial, texts)


def platform_key(serial: str, pem: str) -> PlatformKey:
    """Load a certificate's or a bare public key, and refuse a certificate under a wrong serial."""
    ends_at = None
    if "BEGIN CERTIFICATE" in pem:
        certificate = x509.load_pem_x509_certificate(pem.encode())
        if serial.upper().startswith(_PUBLIC_KEY_PREFIX):
            raise ValueError(f"{serial} names a public key but holds a certificate")
        if certificate.serial_number != int(serial, 16):
            raise ValueError(f"the certificate under {serial} has another serial (in hex)")
        key: object = certificate.public_key()
        ends_at = certificate.not_valid_after_utc
    else:
        key = load_pem_public_key(pem.encode())
    if not isinstance(key, RSAPublicKey):
        raise ValueError(f"the key under {serial} is not an RSA key")
    return PlatformKey(serial, key, ends_at)


class _Seal(msgspec.Struct):
    algorithm: str
    nonce: str
    ciphertext: str
    associated_data: str | None = None


class _Entry(msgspec.Struct):
    serial_no: Identifier
    encrypt_certificate: _Seal


class _Download(msgspec.Struct):
    data: list[_Entry]


def downloaded_keys(apiv3_keys: Sequence[bytes], raw: bytes) -> list[PlatformKey]:
    """Open downloaded certificates: only WeChat can have sealed them under our APIv3 key."""
    return [_opened(apiv3_keys, entry) for entry in understood(_Download, raw, WHOM).data]


def _opened(apiv3_keys: Sequence[bytes], entry: _Entry) -> PlatformKey:
    seal = entry.encrypt_certificate
    if seal.algorithm != "AEAD_AES_256_GCM" or seal.associated_data != _CERTIFICATE:
        raise Forged(why="a certificate is sealed as something else")
    pem = decrypt_with_any(apiv3_keys, seal.nonce, seal.ciphertext, _CERTIFICATE)
    try:
        text = pem.decode()
        if "BEGIN CERTIFICATE" not in text:
            raise ValueError("not a certificate")
        return platform_key(entry.serial_no, text)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise Trouble(f"{WHOM} sent a certificate that we cannot use") from error


def _by_serial(keys: Iterable[PlatformKey]) -> dict[str, PlatformKey]:
    return {key.serial.upper(): key for key in keys}


def _lowered(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _header(found: Mapping[str, str], name: str) -> str:
    value = found.get(name, "")
    if not value:
        raise Forged(why=f"header {name} is missing")
    return value


def _verify_one(key: RSAPublicKey, signature: str, message: bytes) -> None:
    try:
        key.verify(from_base64(signature), message, PKCS1v15(), SHA256())
    except InvalidSignature as error:
        raise Forged(why="the signature does not match") from error
