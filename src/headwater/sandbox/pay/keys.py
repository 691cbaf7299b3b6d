"""The platform's keys by serial: a public key, certificates that rotate, the merchant's own."""

from __future__ import annotations

import base64
import binascii
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import Encoding

from headwater.sandbox.credentials import (
    PrivateKey,
    PublicKey,
    new_certificate,
    new_key,
    private_pem,
    read_private,
)
from headwater.sandbox.hosts import Ground
from headwater.sandbox.pay.errors import bad_parameter
from headwater.sandbox.pay.signing import seal
from headwater.sandbox.pay.wire import wire_time

OAEP = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)  # noqa: S303
OLD_AND_NEW_DAYS = 10


@dataclass(frozen=True)
class MerchantKey:
    """A further certificate of the merchant, good beside the first one."""

    serial: str
    private_key_pem: str


@dataclass(frozen=True)
class Certificate:
    """A platform certificate, and from when on it signs."""

    serial: str
    pem: str
    private_key_pem: str
    signs_from: datetime


class Keys:
    """Which serial signs at a moment, and everything that still verifies."""

    def __init__(self, ground: Ground) -> None:
        pay = ground.credentials["pay"]
        held = pay["only_the_sandbox_holds"]
        self.apiv3_key: str = pay["apiv3_key"]
        self.public_key_id: str = pay["platform_public_key_id"]
        self.merchant_key: PublicKey = read_private(pay["merchant_private_key_pem"]).public_key()
        self._public_mode = read_private(held["platform_private_key_pem"])
        self._faults = ground.faults
        self._journal = ground.journal
        pem = pay["platform_certificate_pem"]
        first = Certificate(
            pay["platform_certificate_serial"],
            pem,
            held["platform_certificate_private_key_pem"],
            x509.load_pem_x509_certificate(pem.encode()).not_valid_before_utc,
        )
        self._certificates = [first, *ground.journal.rows("certificate", Certificate)]
        merchant = MerchantKey(pay["merchant_serial"], pay["merchant_private_key_pem"])
        self._merchants = [merchant, *ground.journal.rows("merchant key", MerchantKey)]

    def serial(self, now: datetime) -> str:
        """Who signs when nobody asks for a key: the latest certificate whose time has come."""
        if self._faults.drawn("no_certificates") > 0:
            return self.public_key_id
        ready = [one for one in self._certificates if one.signs_from <= now]
        return (ready or self._certificates)[-1].serial

    def known(self, serial: str) -> str | None:
        """A serial in our own spelling; certificates are compared without regard to case."""
        every = (self.public_key_id, *(one.serial for one in self._certificates))
        return next((one for one in every if one.upper() == serial.upper()), None)

    def private(self, serial: str) -> PrivateKey:
        """The key that signs under a serial."""
        if serial == self.public_key_id:
            return self._public_mode
        pem = next(one.private_key_pem for one in self._certificates if one.serial == serial)
        return read_private(pem)

    def rotate(self, signs_from: datetime, now: datetime) -> Certificate:
        """A new certificate appears beside the old one, and signs from a later moment on."""
        key = new_key()
        made = new_certificate(key, now)
        serial = f"{made.serial_number:040X}"
        new = Certificate(serial, _pem(made), private_pem(key), signs_from)
        self._certificates.append(new)
        self._journal.write("certificate", new)
        return new

    def merchants(self) -> dict[str, PublicKey]:
        """The merchant's certificates by serial, all of them good."""
        return {
            one.serial: read_private(one.private_key_pem).public_key() for one in self._merchants
        }

    def new_merchant_key(self) -> MerchantKey:
        """A further certificate of the merchant, as its console would hand one out."""
        new = MerchantKey(secrets.token_hex(20).upper(), private_pem(new_key()))
        self._merchants.append(new)
        self._journal.write("merchant key", new)
        return new

    def listed(self, now: datetime) -> list[dict[str, Any]]:
        """The answer of /v3/certificates: all that are valid, sealed for the merchant."""
        if self._faults.drawn("no_certificates") > 0:
            return []
        return [self._listed(one) for one in self._certificates if not self._is_over(one, now)]

    def opened(self, field: str, sealed: str, serial: str) -> str:
        """A name or number that the merchant encrypted with the key it named."""
        ours = self.known(serial)
        if ours is None:
            raise bad_parameter("Wechatpay-Serial", "names no key of the platform", "header")
        try:
            raw = base64.b64decode(sealed, validate=True)
            return self.private(ours).decrypt(raw, OAEP).decode()
        except (ValueError, binascii.Error, UnicodeDecodeError):
            raise bad_parameter(field, "is not encrypted with the key it names") from None

    def sealed_for_merchant(self, plain: str) -> str:
        """A name or number that only the merchant's key opens."""
        return base64.b64encode(self.merchant_key.encrypt(plain.encode(), OAEP)).decode()

    def _listed(self, one: Certificate) -> dict[str, Any]:
        certificate = x509.load_pem_x509_certificate(one.pem.encode())
        return {
            "serial_no": one.serial,
            "effective_time": wire_time(certificate.not_valid_before_utc),
            "expire_time": wire_time(certificate.not_valid_after_utc),
            "encrypt_certificate": seal(self.apiv3_key, one.pem.encode(), "certificate"),
        }

    def _is_over(self, one: Certificate, now: datetime) -> bool:
        after = [each for each in self._certificates if each.signs_from > one.signs_from]
        end = timedelta(days=OLD_AND_NEW_DAYS)
        return any(each.signs_from + end <= now for each in after)


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()
