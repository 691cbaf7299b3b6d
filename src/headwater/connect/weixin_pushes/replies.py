"""Replies that go straight back as the answer to a push, within its five seconds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from headwater.base.errors import BadInput
from headwater.connect.callbacks import CallbackKeys, seal
from headwater.connect.weixin_pushes.kinds import Push, Said, Sent

# The answer that says no more than that the push was heard.
HEARD: Final = b"success"
# Found by trying: developers.weixin.qq.com/community/develop/doc/00084e2936c340b9015a753405b800
TEXT_BYTES: Final = 2048
# After words or pictures one article may be replied, after events up to eight.
ARTICLES_MOST: Final = 8
ARTICLES_AFTER_A_MESSAGE: Final = 1

_NOT_XML: Final = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Article:
    """One picture with a title and an address behind it."""

    title: str
    description: str
    picture_url: str
    url: str


def words(push: Push, text: str, now: datetime) -> bytes:
    """Reply with words; copies of one push may be replied alike, WeChat shows one reply."""
    if not 1 <= len(text.encode("utf-8", "replace")) <= TEXT_BYTES:
        raise BadInput("text", f"from 1 to {TEXT_BYTES} bytes")
    return _reply(push, "text", _element("Content", text), now)


def news(push: Push, articles: Sequence[Article], now: datetime) -> bytes:
    """Reply with articles; copies of one push may be replied alike, WeChat shows one reply."""
    is_message = isinstance(push.happened, Said | Sent)
    most = ARTICLES_AFTER_A_MESSAGE if is_message else ARTICLES_MOST
    if not 1 <= len(articles) <= most:
        raise BadInput("articles", f"from 1 to {most} in a reply to this")
    items = "".join(
        "<item>"
        + _element("Title", each.title)
        + _element("Description", each.description)
        + _element("PicUrl", each.picture_url)
        + _element("Url", each.url)
        + "</item>"
        for each in articles
    )
    inside = f"<ArticleCount>{len(articles)}</ArticleCount><Articles>{items}</Articles>"
    return _reply(push, "news", inside, now)


def to_service(push: Push, now: datetime, account: str | None = None) -> bytes:
    """Hand the conversation to the people at WeChat's service desk; a repeat hands it over once."""
    chosen = f"<TransInfo>{_element('KfAccount', account)}</TransInfo>" if account else ""
    return _reply(push, "transfer_customer_service", chosen, now)


def sealed(keys: CallbackKeys, reply: bytes, nonce: str, now: datetime) -> bytes:
    """Seal a reply to a sealed push; each sealing looks different and opens alike."""
    timestamp = str(int(now.timestamp()))
    made = seal(keys, reply, timestamp, nonce)
    return (
        "<xml>"
        + _element("Encrypt", made.encrypt)
        + _element("MsgSignature", made.msg_signature)
        + f"<TimeStamp>{timestamp}</TimeStamp>"
        + _element("Nonce", nonce)
        + "</xml>"
    ).encode()


def _reply(push: Push, form: str, inside: str, now: datetime) -> bytes:
    return (
        "<xml>"
        + _element("ToUserName", push.openid)
        + _element("FromUserName", push.account)
        + f"<CreateTime>{int(now.timestamp())}</CreateTime>"
        + _element("MsgType", form)
        + inside
        + "</xml>"
    ).encode()


def _element(name: str, text: str) -> str:
    """Wrap any text safely: what XML cannot carry is left out, an early end is split in two."""
    kept = _NOT_XML.sub("", text).replace("]]>", "]]]]><![CDATA[>")
    return f"<{name}><![CDATA[{kept}]]></{name}>"
