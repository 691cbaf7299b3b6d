"""What wx.config does on the phone: checks the signature that a page brought along."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from headwater.sandbox.weixin.tokens import Tokens

FRESH_SECONDS = 7_200


class Config(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """The call of wx.config, and the address of the page that makes it."""

    app_id: str
    timestamp: int
    nonce_str: Annotated[str, Meta(min_length=1, max_length=128)]
    signature: str
    url: Annotated[str, Meta(min_length=1, max_length=2_048)]


def signature(ticket: str, nonce: str, timestamp: int, url: str) -> str:
    """The digest over the page's address up to its fragment."""
    bare = url.partition("#")[0]
    text = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={bare}"
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def answer(config: Config, tokens: Tokens, now: datetime) -> str:
    """`config:ok`, or what the console of the browser would show."""
    if config.app_id != tokens.app.appid:
        return "config:invalid appid"
    if abs(now.timestamp() - config.timestamp) > FRESH_SECONDS:
        return "config:invalid signature"
    ticket = tokens.ticket("jsapi", now)["ticket"]
    right = signature(ticket, config.nonce_str, config.timestamp, config.url)
    return "config:ok" if config.signature == right else "config:invalid signature"
