"""Keys, ids and secrets of the sandbox: made once, handed to clients as one JSON document."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import count
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from headwater.sandbox.weixin.program.templates import TEMPLATES as PROGRAM_TEMPLATES

PrivateKey = rsa.RSAPrivateKey
PublicKey = rsa.RSAPublicKey
Credentials = dict[str, Any]

TEMPLATES = {
    "order_paid": ("订单支付成功通知", {"thing1": "商品", "amount2": "金额", "time3": "时间"}),
    "order_ready": (
        "取货提醒",
        {"thing1": "商品", "thing2": "门店", "character_string3": "取货码"},
    ),
    "refunded": ("退款成功通知", {"amount1": "退款金额", "thing2": "原因", "time3": "时间"}),
    "member_care": ("会员服务提醒", {"thing1": "事项", "thing2": "说明", "time3": "时间"}),
}

DEPARTMENTS = ((1, "活水"), (2, "人民广场店"), (3, "徐家汇店"))
FIRST_STAFF = (
    ("zhangmin", "张敏", 2),
    ("liwei", "李薇", 2),
    ("wangqiang", "王强", 3),
    ("chenjie", "陈洁", 3),
)


@dataclass(frozen=True)
class Hosts:
    """Where each of Tencent's hosts is found; each has its own root, as in the real world."""

    pay: str = "http://pay.sandbox"
    weixin: str = "http://weixin.sandbox"
    sms: str = "http://sms.sandbox"
    phone: str = "http://phone.sandbox"
    qyapi: str = "http://qyapi.sandbox"
    ads: str = "http://ads.sandbox"
    cos: str = "http://cos.sandbox"


def derive(seed: int, *parts: object) -> bytes:
    """Thirty-two bytes that look random and are the same again for the same seed and parts."""
    return hashlib.sha256("\x1f".join([str(seed), *map(str, parts)]).encode()).digest()


def letters(seed: int, length: int, *parts: object) -> str:
    """Derived letters and digits, for ids that merely have to look like the platform's."""
    text = ""
    while len(text) < length:
        drawn = base64.b64encode(derive(seed, *parts, len(text))).decode()
        text += "".join(letter for letter in drawn if letter.isalnum())
    return text[:length]


def digits(seed: int, length: int, *parts: object) -> str:
    """Derived decimal digits."""
    return str(int.from_bytes(derive(seed, *parts)) % 10**length).zfill(length)


def make_credentials(seed: int, now: datetime, hosts: Hosts | None = None) -> Credentials:
    """Draw everything a client needs; RSA keys are new each time, the rest follows the seed."""
    return at_hosts({"seed": seed, "pay": _pay(seed, now), **_drawn(seed)}, hosts or Hosts())


def completed(known: Credentials) -> Credentials:
    """Credentials of an earlier version with the parts that it did not have yet."""
    drawn = _drawn(known.get("seed", 1))
    return {**known, **{part: {**drawn[part], **known.get(part, {})} for part in drawn}}


def at_hosts(credentials: Credentials, hosts: Hosts) -> Credentials:
    """The same credentials with the addresses of these hosts."""
    authorize = {"authorize_url": "/oauth/authorize", "token_url": "/oauth/token"}
    addresses = {
        "pay": {"base_url": hosts.pay},
        "official_account": {"api_base_url": hosts.weixin, "open_base_url": hosts.weixin},
        "mini_program": {"api_base_url": hosts.weixin},
        "sms": {"base_url": hosts.sms},
        "wecom": {"base_url": hosts.qyapi, "login_url": hosts.qyapi},
        "ads": {
            "base_url": hosts.ads,
            **{name: hosts.ads + path for name, path in authorize.items()},
        },
        "cos": {"base_url": hosts.cos},
        "phone": {"base_url": hosts.phone},
        "side_doors": {"base_url": hosts.phone + "/_sandbox"},
    }
    return {
        part: {**kept, **addresses[part]} if part in addresses else kept
        for part, kept in completed(credentials).items()
    }


def _drawn(seed: int) -> dict[str, dict[str, Any]]:
    """All parts that follow from the seed."""
    return {
        "official_account": _official_account(seed),
        "mini_program": {
            "appid": "wx" + derive(seed, "mini program").hex()[:16],
            "secret": derive(seed, "mini program secret").hex()[:32],
            "name": "活水商城",
            "original_id": _original_id(seed, "mini_program"),
            "template_ids": {
                name: letters(seed, 43, "program template", name) for name in PROGRAM_TEMPLATES
            },
            **_push(seed, "mini program"),
        },
        "sms": {
            "secret_id": "AKID" + letters(seed, 32, "sms id"),
            "secret_key": letters(seed, 32, "sms key"),
            "sdk_app_id": "1400" + digits(seed, 6, "sms app"),
            "sign_name": "活水",
            "template_ids": {"login_code": digits(seed, 7, "sms template")},
        },
        "wecom": {
            "corpid": "ww" + derive(seed, "corp").hex()[:16],
            "agentid": 1_000_002,
            "secret": letters(seed, 43, "agent secret"),
            "contact_secret": letters(seed, 43, "contact secret"),
            "departments": [{"id": number, "name": name} for number, name in DEPARTMENTS],
            "staff": [
                {"userid": userid, "name": name, "department": department}
                for userid, name, department in FIRST_STAFF
            ],
            **_push(seed, "wecom"),
        },
        "ads": {
            "client_id": "111" + digits(seed, 7, "ads client"),
            "client_secret": letters(seed, 16, "ads secret"),
            "account_id": int("2" + digits(seed, 7, "ads account")),
        },
        "cos": {
            "secret_id": "AKID" + letters(seed, 32, "cos id"),
            "secret_key": letters(seed, 32, "cos key"),
            "bucket": "headwater-125" + digits(seed, 7, "cos app"),
            "region": "ap-shanghai",
            # A shop that reads this file keeps its pictures in a folder, as this bucket forgets.
            "is_used": False,
        },
        "phone": {},
        "side_doors": {},
    }


def _original_id(seed: int, whose: str) -> str:
    """How pushes and passive replies name an application."""
    return "gh_" + derive(seed, "original id", whose).hex()[:12]


def _push(seed: int, whose: str) -> dict[str, Any]:
    """What pushes are signed and sealed with, and where they go until somebody says otherwise."""
    return {
        "token": letters(seed, 32, whose, "push token"),
        "encoding_aes_key": _aes_key(seed, whose),
        "callback": None,
    }


def _aes_key(seed: int, whose: str) -> str:
    """Forty-three letters and digits that stand for exactly 32 bytes, strict decoders included."""
    for number in count():
        drawn = base64.b64encode(derive(seed, whose, "push key", number)).decode().rstrip("=")
        if drawn.isalnum():
            return drawn
    raise AssertionError("a counter does not end")


def _pay(seed: int, now: datetime) -> dict[str, Any]:
    merchant, public_mode, certified = (new_key() for _ in range(3))
    certificate = new_certificate(certified, now)
    return {
        "mchid": "19" + digits(seed, 8, "mchid"),
        "merchant_name": "活水演示商户",
        "merchant_serial": derive(seed, "merchant serial").hex()[:40].upper(),
        "merchant_private_key_pem": private_pem(merchant),
        "apiv3_key": letters(seed, 32, "apiv3 key"),
        "platform_public_key_id": "PUB_KEY_ID_01" + digits(seed, 32, "public key id"),
        "platform_public_key_pem": public_pem(public_mode.public_key()),
        "platform_certificate_serial": f"{certificate.serial_number:040X}",
        "platform_certificate_pem": certificate.public_bytes(serialization.Encoding.PEM).decode(),
        "only_the_sandbox_holds": {
            "platform_private_key_pem": private_pem(public_mode),
            "platform_certificate_private_key_pem": private_pem(certified),
        },
    }


def _official_account(seed: int) -> dict[str, Any]:
    return {
        "appid": "wx" + derive(seed, "appid").hex()[:16],
        "secret": derive(seed, "app secret").hex()[:32],
        "name": "活水会员服务",
        "original_id": _original_id(seed, "official_account"),
        "template_ids": {name: letters(seed, 43, "template", name) for name in TEMPLATES},
        **_push(seed, "official account"),
    }


def new_key() -> PrivateKey:
    """An RSA key as the platform and its merchants use them."""
    return rsa.generate_private_key(public_exponent=65_537, key_size=2048)


def new_certificate(key: PrivateKey, now: datetime) -> x509.Certificate:
    """A platform certificate for a key; its life is five years."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Headwater sandbox platform")])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=5 * 365))
        .sign(key, hashes.SHA256())
    )


def private_pem(key: PrivateKey) -> str:
    """The key as clients read it from a file."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def public_pem(key: PublicKey) -> str:
    """The public half as the merchant console hands it out."""
    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()


@cache
def read_private(pem: str) -> PrivateKey:
    """An RSA private key out of its text; checking a key takes long, so each is read once."""
    key = serialization.load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("WeChat Pay signs with RSA keys only")
    return key
