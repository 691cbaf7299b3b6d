"""Customer-service messages: free words, within a window that the person opened.

Nothing is sent without one: `windows.allowance` tells beforehand, WindowClosed and WindowSpent
afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from headwater.base.errors import BadInput
from headwater.connect.weixin_api import WeixinApp

# Found by trying: developers.weixin.qq.com/community/develop/doc/00084e2936c340b9015a753405b800
TEXT_BYTES: Final = 2048


@dataclass(frozen=True)
class Link:
    """One article that leads outside."""

    title: str
    description: str
    url: str
    picture_url: str = ""


@dataclass(frozen=True)
class ProgramCard:
    """A card of a mini program that is bound to the account."""

    title: str
    appid: str
    page: str
    picture_media_id: str


@dataclass(frozen=True)
class Chat:
    """What one official account says to a person who spoke or tapped.

    Every verb sends once: a repeat is a second message and uses up the window, so silence
    (Trouble) is not repeated blindly.
    """

    app: WeixinApp

    async def say(self, openid: str, text: str) -> None:
        """Say some words; a repeat says them twice."""
        if not 1 <= len(text.encode("utf-8", "replace")) <= TEXT_BYTES:
            raise BadInput("text", f"from 1 to {TEXT_BYTES} bytes")
        await self._send(openid, "text", {"content": text})

    async def show(self, openid: str, media_id: str) -> None:
        """Show an uploaded picture; a repeat shows it twice."""
        await self._send(openid, "image", {"media_id": media_id})

    async def link(self, openid: str, link: Link) -> None:
        """Send one link with a picture; a repeat sends it twice."""
        article = {
            "title": link.title,
            "description": link.description,
            "url": link.url,
            "picurl": link.picture_url,
        }
        await self._send(openid, "news", {"articles": [article]})

    async def article(self, openid: str, article_id: str) -> None:
        """Send one published article; a repeat sends it twice."""
        await self._send(openid, "mpnewsarticle", {"article_id": article_id})

    async def card(self, openid: str, card: ProgramCard) -> None:
        """Send a mini program's card; a repeat sends it twice."""
        content = {
            "title": card.title,
            "appid": card.appid,
            "pagepath": card.page,
            "thumb_media_id": card.picture_media_id,
        }
        await self._send(openid, "miniprogrampage", content)

    async def ask(self, openid: str, question: str, choices: Mapping[str, str]) -> None:
        """Ask with tappable answers, by their ids; a tap comes back as words with that choice."""
        listed = [{"id": name, "content": text} for name, text in choices.items()]
        menu = {"head_content": question, "list": listed, "tail_content": ""}
        await self._send(openid, "msgmenu", menu)

    async def typing(self, openid: str, is_typing: bool = True) -> None:
        """Show or hide that somebody is typing; a repeat shows it on."""
        command = "Typing" if is_typing else "CancelTyping"
        await self.app.do("/cgi-bin/message/custom/typing", {"touser": openid, "command": command})

    async def _send(self, openid: str, form: str, content: Mapping[str, Any]) -> None:
        body = {"touser": openid, "msgtype": form, form: content}
        await self.app.do("/cgi-bin/message/custom/send", body)
