"""Who opened the mini program, and the phone number they hand over by a button."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

import msgspec

from headwater.base.errors import Trouble
from headwater.connect.sending import Identifier
from headwater.connect.weixin_api import WHOM, WeixinApp

_SessionKey = Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z0-9+/]{22}==\Z")]
_Digits = Annotated[str, msgspec.Meta(pattern=r"\A[0-9]{1,20}\Z")]


@dataclass(frozen=True)
class Session:
    """Who it was; `unionid` is there only for apps bound to an open platform.

    The session key opens and checks what the phone sends later. It never leaves the server and
    stays out of the repr.
    """

    openid: str
    unionid: str | None
    session_key: str = field(repr=False)


@dataclass(frozen=True)
class PhoneNumber:
    """A number that WeChat has verified."""

    national: str
    country_code: str

    @property
    def international(self) -> str:
        """Write the number as SMS and members know it."""
        return f"+{self.country_code}{self.national}"


class _Session(msgspec.Struct):
    openid: Identifier
    session_key: _SessionKey
    unionid: str = ""


class _Watermark(msgspec.Struct):
    appid: str


class _PhoneInfo(msgspec.Struct, rename="camel"):
    pure_phone_number: _Digits
    country_code: _Digits
    watermark: _Watermark


class _Phone(msgspec.Struct):
    phone_info: _PhoneInfo


@dataclass(frozen=True)
class Login:
    """The login of one mini program."""

    app: WeixinApp
    appid: str
    secret: str = field(repr=False)

    async def session(self, code: str) -> Session:
        """Learn who opened the mini program from the code of `wx.login`.

        A code works once and for five minutes. So nothing is repeated here: a repeat, also after
        silence (Trouble), is LoginCodeSpent, and the mini program fetches a new code.
        """
        query = {
            "appid": self.appid,
            "secret": self.secret,
            "js_code": code,
            "grant_type": "authorization_code",
        }
        wire = await self.app.api.get("/sns/jscode2session", query, _Session)
        return Session(wire.openid, wire.unionid or None, wire.session_key)

    async def phone(self, code: str) -> PhoneNumber:
        """Learn the phone number from the code of its button, which is another than the login's.

        A code works once and for five minutes: a repeat is LoginCodeSpent, and the shopper presses
        the button again. Beyond a free share each call costs the company money.
        """
        path = "/wxa/business/getuserphonenumber"
        wire = (await self.app.post(path, {"code": code}, _Phone)).phone_info
        if wire.watermark.appid != self.appid:
            raise Trouble(f"{WHOM} gave a number that belongs to another app")
        return PhoneNumber(wire.pure_phone_number, wire.country_code)
