"""COS's own wire: the q-sign signature, HMAC-SHA1 over what the client lists."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote

from headwater.sandbox.cos.asked import Asked, Keys
from headwater.sandbox.cos.errors import CosError, denied, mismatch

FIELDS = (
    "q-sign-algorithm",
    "q-ak",
    "q-sign-time",
    "q-key-time",
    "q-header-list",
    "q-url-param-list",
    "q-signature",
)
_TIMES = re.compile(r"([0-9]{1,11});([0-9]{1,11})")


def is_meant(asked: Asked) -> bool:
    """Whether the request is signed in this way at all."""
    header = asked.headers.get("authorization", "")
    return header.startswith("q-sign-algorithm=") or asked.has("q-signature")


def check(asked: Asked, keys: Keys) -> None:
    """Refuse a request that the holder of the key did not sign for this moment."""
    header = asked.headers.get("authorization", "")
    pairs = parse_qsl(header, keep_blank_values=True) if header else asked.query
    said = {name: value for name, value in pairs if name in FIELDS}
    check_who_and_when(said, keys, asked.now.timestamp())
    headers = _listed(said.get("q-header-list", ""), asked.headers)
    given = {name.lower(): value for name, value in asked.query}
    params = _listed(said.get("q-url-param-list", ""), given)
    claimed = said.get("q-signature", "")
    # Tencent's own Python client leaves the port out of the host that it signs.
    plain = re.sub(r":[0-9]+\Z", "", headers.get("host", ""))
    for one in (headers, {**headers, "host": plain} if "host" in headers else headers):
        text = http_string(asked.method, asked.path, params, one)
        wanted = signature(keys.secret_key, said["q-key-time"], said["q-sign-time"], text)
        if hmac.compare_digest(wanted.encode(), claimed.encode()):
            return
    raise mismatch()


def check_who_and_when(said: Mapping[str, str], keys: Keys, now: float) -> None:
    """The key is ours and the signature's time is now."""
    if said.get("q-sign-algorithm") != "sha1":
        raise denied("Only sha1 signs here.")
    if said.get("q-ak") != keys.secret_id:
        raise CosError(403, "InvalidAccessKeyId", "The access key Id you provided does not exist.")
    for name in ("q-key-time", "q-sign-time"):
        times = _TIMES.fullmatch(said.get(name, ""))
        if times is None:
            raise denied(f"{name} is not two times.")
        if not int(times[1]) <= now <= int(times[2]):
            raise denied("Request has expired")


def sign_key(secret_key: str, key_time: str) -> str:
    """The key for a stretch of time."""
    return hmac.digest(secret_key.encode(), key_time.encode(), "sha1").hex()


def signature(secret_key: str, key_time: str, sign_time: str, text: str) -> str:
    """What the holder of the key writes under this text."""
    hashed = hashlib.sha1(text.encode()).hexdigest()  # noqa: S324 - the protocol's own choice.
    signed = f"sha1\n{sign_time}\n{hashed}\n"
    return hmac.digest(sign_key(secret_key, key_time).encode(), signed.encode(), "sha1").hex()


def http_string(
    method: str, path: str, params: Mapping[str, str], headers: Mapping[str, str]
) -> str:
    """The request as it is signed: method, decoded path, listed parameters, listed headers."""
    return f"{method.lower()}\n{path}\n{_joined(params)}\n{_joined(headers)}\n"


def _joined(given: Mapping[str, str]) -> str:
    coded = sorted((_coded(name).lower(), _coded(value)) for name, value in given.items())
    return "&".join(f"{name}={value}" for name, value in coded)


def _coded(text: str) -> str:
    return quote(text, safe="-_.~")


def _listed(names: str, given: Mapping[str, str]) -> dict[str, str]:
    """The listed ones, as they came; one that did not come is empty, so the signature fails."""
    return {name: given.get(name, "") for name in names.split(";") if name}
