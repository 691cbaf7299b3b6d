"""Which simulated people an advertiser's ids stand for."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

from headwater.sandbox.hosts import Ground
from headwater.sandbox.people import NoSuchPerson, Person

_HASH_32 = re.compile(r"[0-9a-fA-F]{32}")
_HASH_64 = re.compile(r"[0-9a-fA-F]{64}")
_OPENID = re.compile(r"[A-Za-z0-9_-]{16,64}")
FORMS: dict[str, re.Pattern[str]] = {
    "HASH_MOBILE_PHONE": _HASH_32,
    "SHA256_MOBILE_PHONE": _HASH_64,
    "WECHAT_OPENID": _OPENID,
    "WX_OPENID": _OPENID,
    "WX_UNIONID": _OPENID,
    "HASH_IMEI": _HASH_32,
    "HASH_IDFA": _HASH_32,
    "HASH_OAID": _HASH_32,
    "MD5_SHA256_OAID": _HASH_64,
}


class Crowd:
    """Everybody, by the ids that advertisers hand over; devices are nobody's here."""

    def __init__(self, ground: Ground) -> None:
        self._people = ground.people
        self._by_hash: dict[str, Person] = {}
        self._hashed = 0

    def found(self, kind: str, text: str, appid: str = "") -> Person | None:
        """The person behind an id of this kind."""
        ways: dict[str, Callable[[], Person | None]] = {
            "HASH_MOBILE_PHONE": lambda: self._by_phone(text),
            "SHA256_MOBILE_PHONE": lambda: self._by_phone(text),
            "WECHAT_OPENID": lambda: self._people.behind(text, appid),
            "WX_OPENID": lambda: self._people.behind(text, appid),
            "WX_UNIONID": lambda: self._people.behind_unionid(text),
        }
        try:
            return ways[kind]() if kind in ways else None
        except NoSuchPerson:
            return None

    def _by_phone(self, text: str) -> Person | None:
        everybody = self._people.everybody()
        for person in everybody[self._hashed :]:
            number = person.phone_number.encode()
            self._by_hash[hashlib.sha256(number).hexdigest()] = person
            self._by_hash[hashlib.md5(number, usedforsecurity=False).hexdigest()] = person
        self._hashed = len(everybody)
        return self._by_hash.get(text.lower())
