"""Codes that lead to the account: a scan comes back as a push with the code's scene."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

import msgspec

from headwater.base.errors import BadInput
from headwater.connect.weixin_api import WeixinApp

SCENE_CHARACTERS: Final = 64
LONGEST: Final = timedelta(days=30)

_PICTURE: Final = "https://mp.weixin.qq.com/cgi-bin/showqrcode"


@dataclass(frozen=True)
class QrCode:
    """A code: its content to draw ourselves, and an address where the platform draws it."""

    content: str
    picture_url: str


class _Made(msgspec.Struct):
    ticket: str
    url: str


@dataclass(frozen=True)
class QrCodes:
    """The codes of one official account."""

    app: WeixinApp

    async def lend(self, scene: str, lasts: timedelta) -> QrCode:
        """Make a code for up to thirty days; a repeat makes another with the same scene."""
        seconds = int(lasts.total_seconds())
        if not 1 <= seconds <= LONGEST.total_seconds():
            raise BadInput("lasts", f"up to {LONGEST.days} days")
        return await self._make({"expire_seconds": seconds, "action_name": "QR_STR_SCENE"}, scene)

    async def keep(self, scene: str) -> QrCode:
        """Make a code for good, 100,000 at most; a repeat makes the same code again."""
        return await self._make({"action_name": "QR_LIMIT_STR_SCENE"}, scene)

    async def _make(self, asked: dict[str, Any], scene: str) -> QrCode:
        if not 1 <= len(scene) <= SCENE_CHARACTERS:
            raise BadInput("scene", f"from 1 to {SCENE_CHARACTERS} characters")
        body = asked | {"action_info": {"scene": {"scene_str": scene}}}
        made = await self.app.post("/cgi-bin/qrcode/create", body, _Made)
        return QrCode(made.url, f"{_PICTURE}?{urlencode({'ticket': made.ticket})}")
