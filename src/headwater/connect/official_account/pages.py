"""Pages inside WeChat: the signature that lets them call the phone's camera, share and pay."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import msgspec

from headwater.base.errors import BadInput
from headwater.connect.tokens import IssuedToken, Tokens
from headwater.connect.weixin_api import WeixinApp


@dataclass(frozen=True)
class PageSignature:
    """What a page hands to wx.config, in the platform's spelling."""

    appid: str
    timestamp: str
    nonce: str
    signature: str

    def for_page(self) -> dict[str, str]:
        """Write it as the page's script expects it."""
        return {
            "appId": self.appid,
            "timestamp": self.timestamp,
            "nonceStr": self.nonce,
            "signature": self.signature,
        }


class _Ticket(msgspec.Struct):
    ticket: Annotated[str, msgspec.Meta(pattern=r"\A[!-~]{1,512}\Z")]
    expires_in: Annotated[int, msgspec.Meta(ge=1, le=86_400)]


class Pages:
    """The pages of one official account; the ticket they are signed with is kept like a token."""

    def __init__(self, app: WeixinApp, appid: str, store: Tokens) -> None:
        self._app = app
        self._appid = appid
        self._tickets = store.holder(f"official_account:{appid}:jsapi_ticket", self._issue)

    async def sign(self, url: str, now: datetime) -> PageSignature:
        """Sign one page's address; a repeat gives another signature that is as good."""
        nonce, timestamp = secrets.token_hex(8), int(now.timestamp())
        signature = page_signature(await self._tickets.token(), url, nonce, timestamp)
        return PageSignature(self._appid, str(timestamp), nonce, signature)

    async def _issue(self, is_forced: bool) -> IssuedToken:
        """Get a ticket; a ticket cannot be forced, and asking again gives one as good."""
        wire = await self._app.get("/cgi-bin/ticket/getticket", _Ticket, type="jsapi")
        return IssuedToken(wire.ticket, wire.expires_in)


def page_signature(ticket: str, url: str, nonce: str, timestamp: int) -> str:
    """Sign one page's address with a ticket; what follows a # never reaches a server.

    WeCom signs its pages alike, with tickets of its own.
    """
    if not url.startswith(("https://", "http://")):
        raise BadInput("url", "the whole address of the page")
    address = url.partition("#")[0]
    text = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={address}"
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
