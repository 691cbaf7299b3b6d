"""Codes that the mini program gets on the phone, and what its server may trade them for."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from headwater.sandbox.hosts import Ground
from headwater.sandbox.people import NoSuchPerson, Person
from headwater.sandbox.weixin.apps import App
from headwater.sandbox.weixin.calls import Call
from headwater.sandbox.weixin.errors import WeixinError, done
from headwater.sandbox.weixin.limits import Meters

CODE_LIVES = timedelta(minutes=5)


class PhoneRequest(msgspec.Struct):
    code: str
    openid: str | None = None


@dataclass(frozen=True)
class Code:
    """Something a phone was given for five minutes and one use."""

    person_id: str
    until: datetime


class Logins:
    """Login codes, phone codes and session keys of the mini program."""

    def __init__(self, ground: Ground, app: App, meters: Meters) -> None:
        self._app = app
        self._people = ground.people
        self._faults = ground.faults
        self._meters = meters
        self._logins: dict[str, Code] = {}
        self._used: set[str] = set()
        self._phones: dict[str, Code] = {}
        self._session_keys: dict[str, str] = {}
        self._visited_at: dict[str, datetime] = {}

    def login_code(self, person: Person, now: datetime) -> str:
        """What wx.login gives."""
        code = "0" + secrets.token_hex(15) + "w1"
        self._logins[code] = Code(person.id, now + CODE_LIVES)
        self._visited_at[person.id] = now
        return code

    def phone_code(self, person: Person, now: datetime) -> str:
        """What the getPhoneNumber button gives."""
        code = secrets.token_hex(32)
        self._phones[code] = Code(person.id, now + CODE_LIVES)
        return code

    def sealed_phone(self, person: Person, now: datetime) -> tuple[str, str]:
        """The same number as older clients get it: sealed with the session key, and its iv."""
        key = self._session_keys.get(person.id)
        if key is None:
            raise NoSuchPerson("nobody with a session")
        iv = secrets.token_bytes(16)
        plain = msgspec.json.encode(_phone_info(person, self._app.appid, now))
        return sealed(key, iv, plain), base64.b64encode(iv).decode()

    def visited_at(self, person: Person) -> datetime | None:
        """When the person last opened the program."""
        return self._visited_at.get(person.id)

    def session_key(self, person: Person) -> str | None:
        """The key of the person's latest session."""
        return self._session_keys.get(person.id)

    def session(self, call: Call) -> dict[str, Any]:
        """sns/jscode2session: who came, once and within five minutes."""
        query = call.query
        self._check_app(query.get("appid", ""), query.get("secret", ""))
        if query.get("grant_type") != "authorization_code":
            raise WeixinError(40002, "invalid grant_type")
        code = query.get("js_code", "")
        if not code:
            raise WeixinError(41008, "missing code")
        if code in self._used:
            raise WeixinError(40163, "code been used")
        found = self._logins.get(code)
        if found is None or call.now >= found.until:
            raise WeixinError(40029, "invalid code")
        person = self._people.get(found.person_id)
        openid = self._people.openid(person, self._app.appid)
        self._meters.spend("login.minute", openid, call.now)
        self._used.add(code)
        key = base64.b64encode(secrets.token_bytes(16)).decode()
        self._session_keys[person.id] = key
        answer = {"session_key": key, "openid": openid}
        if self._faults.drawn("hide_unionid") > 0:
            return answer
        return answer | {"unionid": person.unionid}

    def check_session(self, call: Call) -> dict[str, Any]:
        """wxa/checksession: whether the server still holds the right key."""
        person = self._person(call.query.get("openid", ""))
        if call.query.get("sig_method") != "hmac_sha256":
            raise WeixinError(87008, "invalid sig_method")
        key = self._session_keys.get(person.id, "")
        expected = hmac.new(key.encode(), b"", hashlib.sha256).hexdigest()
        given = call.query.get("signature", "")
        if not key or not hmac.compare_digest(expected.encode(), given.encode()):
            raise WeixinError(87009, "invalid signature")
        return done()

    def phone_number(self, call: Call) -> dict[str, Any]:
        """wxa/business/getuserphonenumber: the number behind a button, once."""
        self._meters.spend("phone_number.minute", self._app.appid, call.now)
        asked = call.read(PhoneRequest)
        found = self._phones.get(asked.code)
        if found is None or call.now >= found.until:
            raise WeixinError(40029, "invalid code")
        person = self._people.get(found.person_id)
        openid = self._people.openid(person, self._app.appid)
        if asked.openid is not None and asked.openid != openid:
            raise WeixinError(40013, "code does not belong to this openid")
        del self._phones[asked.code]
        return done(phone_info=_phone_info(person, self._app.appid, call.now))

    def _check_app(self, appid: str, secret: str) -> None:
        if not appid:
            raise WeixinError(41002, "appid missing")
        if appid != self._app.appid:
            raise WeixinError(40013, "invalid appid")
        if not secret:
            raise WeixinError(41004, "appsecret missing")
        if not secrets.compare_digest(secret.encode(), self._app.secret.encode()):
            raise WeixinError(40125, "invalid appsecret")

    def _person(self, openid: str) -> Person:
        try:
            return self._people.behind(openid, self._app.appid)
        except NoSuchPerson:
            raise WeixinError(40003, "invalid openid") from None


def sealed(session_key: str, iv: bytes, plain: bytes) -> str:
    """Data for the program's server, as wx.getUserProfile and its like once handed it out."""
    padder = padding.PKCS7(128).padder()
    key = base64.b64decode(session_key)
    encryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    padded = padder.update(plain) + padder.finalize()
    return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()


def _phone_info(person: Person, appid: str, now: datetime) -> dict[str, Any]:
    return {
        "phoneNumber": person.phone_number,
        "purePhoneNumber": person.phone_number,
        "countryCode": "86",
        "watermark": {"timestamp": int(now.timestamp()), "appid": appid},
    }
