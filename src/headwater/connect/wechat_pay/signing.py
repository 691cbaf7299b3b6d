"""The cryptography of WeChat Pay APIv3: what we sign, what we believe, what we decrypt.

The rules are those of pay.weixin.qq.com/doc/v3/merchant/4013053420.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from headwater.base.errors import Forged

SIGNATURE_TYPE: Final = "WECHATPAY2-SHA256-RSA2048"

_OAEP: Final = OAEP(mgf=MGF1(SHA1()), algorithm=SHA1(), label=None)  # noqa: S303


@dataclass(frozen=True)
class WechatPayCredentials:
    """Everything a merchant got from WeChat Pay; what is secret stays out of the repr.

    `platform_keys` holds certificates by serial and public keys by PUB_KEY_ID side by side, as PEM:
    during the week of a switch both kinds sign. `answer_serial` names the key that we ask to have
    answers signed with; a public-key merchant names the PUB_KEY_ID. `appid` is the official
    account's; a mini program and an app of ours have their own, all bound to the same merchant.
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
    mini_program_appid: str | None = None
    app_appid: str | None = None
    # While the APIv3 key changes, what was sealed with the one before still opens.
    previous_apiv3_keys: tuple[str, ...] = field(default=(), repr=False)

    @property
    def apiv3_keys(self) -> tuple[bytes, ...]:
        """The key of now, and then those before it."""
        return tuple(key.encode() for key in (self.apiv3_key, *self.previous_apiv3_keys))

    @property
    def appids(self) -> frozenset[str]:
        """Every app through which our money may come."""
        known = (self.appid, self.mini_program_appid, self.app_appid)
        return frozenset(appid for appid in known if appid)

    def __post_init__(self) -> None:
        if any(len(key) != 32 for key in self.apiv3_keys):
            raise ValueError("apiv3_key must be exactly 32 bytes")
        if not self.platform_keys:
            raise ValueError("platform_keys must hold at least one key of WeChat Pay")
        for url in (self.notify_url, self.refund_notify_url):
            if "?" in url or len(url) > 255:
                raise ValueError("a notify address has no query and at most 255 characters")


@lru_cache(maxsize=2)
def _read(pem: str) -> RSAPrivateKey:
    """Read a key, which proves it at length; no more are kept than live beside each other."""
    key = load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("merchant_private_key must be an RSA key")
    return key


class MerchantKey:
    """Our own private key: it signs requests and pay sheets."""

    def __init__(self, pem: str) -> None:
        self._key = _read(pem)

    def sign(self, message: bytes) -> str:
        """Sign the same message to the same text every time, since this padding has no salt."""
        return base64.b64encode(self._key.sign(message, PKCS1v15(), SHA256())).decode("ascii")

    def unseal(self, sealed: str) -> str:
        """Open a name or number that WeChat sealed for us; what does not open is Forged."""
        try:
            return self._key.decrypt(from_base64(sealed), _OAEP).decode()
        except ValueError as error:
            raise Forged(why="a sealed field does not open") from error


def request_message(method: str, target: str, timestamp: int, nonce: str, body: bytes) -> bytes:
    """Spell out what a request's signature covers; the last line ends with a line feed too."""
    return f"{method}\n{target}\n{timestamp}\n{nonce}\n".encode() + body + b"\n"


def answer_message(timestamp: str, nonce: str, body: bytes) -> bytes:
    """Spell out what the signature of an answer or a notice covers, over the raw body."""
    return f"{timestamp}\n{nonce}\n".encode() + body + b"\n"


def pay_sheet_message(appid: str, timestamp: str, nonce: str, package: str) -> bytes:
    """Spell out what the client's pay signature covers; the sign type is not part of it."""
    return f"{appid}\n{timestamp}\n{nonce}\n{package}\n".encode()


def app_sheet_message(appid: str, timestamp: str, nonce: str, prepay_id: str) -> bytes:
    """Spell out what an app's pay signature covers: here the prepay id stands without its name."""
    return f"{appid}\n{timestamp}\n{nonce}\n{prepay_id}\n".encode()


def sealed_for(key: RSAPublicKey, text: str) -> str:
    """Seal a name or number so that only WeChat reads it; each sealing looks different."""
    return base64.b64encode(key.encrypt(text.encode(), _OAEP)).decode("ascii")


def authorization(mchid: str, serial: str, timestamp: int, nonce: str, signature: str) -> str:
    """Write the header that carries a request's signature."""
    return (
        f'{SIGNATURE_TYPE} mchid="{mchid}",nonce_str="{nonce}",signature="{signature}",'
        f'timestamp="{timestamp}",serial_no="{serial.upper()}"'
    )


def decrypt_with_any(
    keys: Sequence[bytes], nonce: str, ciphertext: str, associated_data: str
) -> bytes:
    """Open a resource with the first key that fits; where none does it is Forged."""
    for key in keys[:-1]:
        try:
            return decrypt_resource(key, nonce, ciphertext, associated_data)
        except Forged:
            continue
    return decrypt_resource(keys[-1], nonce, ciphertext, associated_data)


def decrypt_resource(key: bytes, nonce: str, ciphertext: str, associated_data: str) -> bytes:
    """Open what only the holder of the APIv3 key can have sealed; a broken seal is Forged."""
    sealed = from_base64(ciphertext)
    try:
        return AESGCM(key).decrypt(nonce.encode(), sealed, associated_data.encode())
    except (InvalidTag, ValueError) as error:
        raise Forged(why="the resource does not open") from error


def from_base64(text: str) -> bytes:
    """Decode the one canonical spelling, so that no second text passes for the same bytes."""
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise Forged(why="malformed base64") from error
    if base64.b64encode(raw).decode("ascii") != text:
        raise Forged(why="malformed base64")
    return raw
