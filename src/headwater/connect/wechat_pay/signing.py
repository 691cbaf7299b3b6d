"""The cryptography of WeChat Pay APIv3: what we sign, what we believe, what we decrypt.

The rules are those of pay.weixin.qq.com/doc/v3/merchant/4013053420.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from headwater.base.errors import Forged

SIGNATURE_TYPE: Final = "WECHATPAY2-SHA256-RSA2048"
ALLOWED_SKEW_SECONDS: Final = 300

_PROBE: Final = "WECHATPAY/SIGNTEST/"
_PUBLIC_KEY_PREFIX: Final = "PUB_KEY_ID_"
_TIMESTAMP: Final = re.compile(r"[0-9]{1,12}")
# A line feed in the nonce would let a stranger move the border between nonce and body.
_NONCE: Final = re.compile(r"[!-~]{1,128}")


@dataclass(frozen=True)
class WechatPayCredentials:
    """Everything a merchant got from WeChat Pay; what is secret stays out of the repr.

    `platform_keys` holds certificates by serial and public keys by PUB_KEY_ID side by side, as PEM:
    during the week of a switch both kinds sign. `answer_serial` names the key that we ask to have
    answers signed with; a public-key merchant names the PUB_KEY_ID.
    """

    mchid: str
    appid: str
    merchant_serial: str
    merchant_private_key: str = field(repr=False)
    apiv3_key: str = field(repr=False)
    platform_keys: Mapping[str, str]
    notify_url: str
    refund_notify_url: str
    answer_serial: str | None = None
    base_url: str = "https://api.mch.weixin.qq.com"

    def __post_init__(self) -> None:
        if len(self.apiv3_key.encode()) != 32:
            raise ValueError("apiv3_key must be exactly 32 bytes")
        if not self.platform_keys:
            raise ValueError("platform_keys must hold at least one key of WeChat Pay")
        for url in (self.notify_url, self.refund_notify_url):
            if "?" in url or len(url) > 255:
                raise ValueError("a notify address has no query and at most 255 characters")


class MerchantKey:
    """Our own private key: it signs requests and pay sheets."""

    def __init__(self, pem: str) -> None:
        key = load_pem_private_key(pem.encode(), password=None)
        if not isinstance(key, RSAPrivateKey):
            raise ValueError("merchant_private_key must be an RSA key")
        self._key = key

    def sign(self, message: bytes) -> str:
        """Sign the same message to the same text every time, since this padding has no salt."""
        return base64.b64encode(self._key.sign(message, PKCS1v15(), SHA256())).decode("ascii")


class PlatformKeys:
    """The keys of WeChat Pay by serial; the serial in the header picks one, as text.

    An unknown serial is refused. Fetching new certificates in the background is a later step;
    until then a rotation needs the new key in the credentials, beside the old one.
    """

    def __init__(self, pems: Mapping[str, str]) -> None:
        self._keys = {serial.upper(): _platform_key(serial, pem) for serial, pem in pems.items()}

    def verify(self, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
        """Believe these raw bytes or raise Forged; the clock is checked before the signature.

        A copy of a genuine message verifies again within the window: who acts on a message
        remembers its id.
        """
        found = {name.lower(): value for name, value in headers.items()}
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
        key = self._keys.get(serial.upper())
        if key is None:
            raise Forged(why="unknown serial")
        _verify_one(key, signature, answer_message(timestamp, nonce, body))


def request_message(method: str, target: str, timestamp: int, nonce: str, body: bytes) -> bytes:
    """Spell out what a request's signature covers; the last line ends with a line feed too."""
    return f"{method}\n{target}\n{timestamp}\n{nonce}\n".encode() + body + b"\n"


def answer_message(timestamp: str, nonce: str, body: bytes) -> bytes:
    """Spell out what the signature of an answer or a notice covers, over the raw body."""
    return f"{timestamp}\n{nonce}\n".encode() + body + b"\n"


def pay_sheet_message(appid: str, timestamp: str, nonce: str, package: str) -> bytes:
    """Spell out what the client's pay signature covers; the sign type is not part of it."""
    return f"{appid}\n{timestamp}\n{nonce}\n{package}\n".encode()


def authorization(mchid: str, serial: str, timestamp: int, nonce: str, signature: str) -> str:
    """Write the header that carries a request's signature."""
    return (
        f'{SIGNATURE_TYPE} mchid="{mchid}",nonce_str="{nonce}",signature="{signature}",'
        f'timestamp="{timestamp}",serial_no="{serial.upper()}"'
    )


def decrypt_resource(key: bytes, nonce: str, ciphertext: str, associated_data: str) -> bytes:
    """Open what only the holder of the APIv3 key can have sealed; a broken seal is Forged."""
    sealed = _from_base64(ciphertext)
    try:
        return AESGCM(key).decrypt(nonce.encode(), sealed, associated_data.encode())
    except (InvalidTag, ValueError) as error:
        raise Forged(why="the resource does not open") from error


def _platform_key(serial: str, pem: str) -> RSAPublicKey:
    """Load a certificate's or a bare public key, and refuse a certificate under a wrong serial."""
    if "BEGIN CERTIFICATE" in pem:
        certificate = x509.load_pem_x509_certificate(pem.encode())
        if serial.upper().startswith(_PUBLIC_KEY_PREFIX):
            raise ValueError(f"{serial} names a public key but holds a certificate")
        if certificate.serial_number != int(serial, 16):
            raise ValueError(f"the certificate under {serial} has another serial (in hex)")
        key: object = certificate.public_key()
    else:
        key = load_pem_public_key(pem.encode())
    if not isinstance(key, RSAPublicKey):
        raise ValueError(f"the key under {serial} is not an RSA key")
    return key


def _header(found: Mapping[str, str], name: str) -> str:
    value = found.get(name, "")
    if not value:
        raise Forged(why=f"header {name} is missing")
    return value


def _verify_one(key: RSAPublicKey, signature: str, message: bytes) -> None:
    try:
        key.verify(_from_base64(signature), message, PKCS1v15(), SHA256())
    except InvalidSignature as error:
        raise Forged(why="the signature does not match") from error


def _from_base64(text: str) -> bytes:
    """Decode the one canonical spelling, so that no second text passes for the same bytes."""
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise Forged(why="malformed base64") from error
    if base64.b64encode(raw).decode("ascii") != text:
        raise Forged(why="malformed base64")
    return raw
