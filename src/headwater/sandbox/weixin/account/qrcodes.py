"""Codes of the account that carry a scene: whoever scans one follows with it, or just says it."""

from __future__ import annotations

import io
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
import segno
from PIL import Image

from headwater.sandbox.hosts import Ground
from headwater.sandbox.shelf import Shelf
from headwater.sandbox.weixin.calls import Answer, Call, Picture
from headwater.sandbox.weixin.errors import WeixinError
from headwater.sandbox.weixin.limits import most, refuse

SHORTEST = 60
LASTING_IDS = 100_000


class Scene(msgspec.Struct):
    scene_id: int | None = None
    scene_str: str | None = None


class ActionInfo(msgspec.Struct):
    scene: Scene


class QrRequest(msgspec.Struct):
    action_name: str
    action_info: ActionInfo
    expire_seconds: int = SHORTEST


@dataclass(frozen=True)
class Code:
    """One code: its ticket, the address inside, the scene behind it."""

    ticket: str
    url: str
    scene: int | str
    until: datetime | None


class Codes:
    """The account's codes by ticket and by the address inside."""

    def __init__(self, ground: Ground) -> None:
        # Codes are printed and hang in shops, so they outlive the process.
        self._codes = Shelf(ground.journal, "weixin_code", Code, lambda one: one.ticket)
        self._by_url = {one.url: one for one in self._codes.everything()}

    def create(self, call: Call) -> dict[str, Any]:
        """qrcode/create: for a while or for good, with a number or with a text."""
        asked = call.read(QrRequest)
        scene, lasts = _scene(asked), asked.action_name.startswith("QR_LIMIT")
        until = None
        if not lasts:
            seconds = min(max(asked.expire_seconds, SHORTEST), most("qr.lives"))
            until = call.now + timedelta(seconds=seconds)
        url = f"http://weixin.qq.com/q/{secrets.token_urlsafe(16)}"
        code = Code("gQ" + secrets.token_urlsafe(68), url, scene, until)
        self._by_url[url] = self._codes.put(code)
        answer: dict[str, Any] = {"ticket": code.ticket, "url": url}
        if until is not None:
            answer["expire_seconds"] = int((until - call.now).total_seconds())
        return answer

    def picture(self, call: Call) -> Answer:
        """mp.weixin.qq.com/cgi-bin/showqrcode: the code as a picture, without any token."""
        code = self._codes.get(call.query.get("ticket", ""))
        if code is None:
            raise WeixinError(40036, "invalid ticket")
        drawn = io.BytesIO()
        segno.make(code.url, error="m", micro=False).save(drawn, kind="png", scale=10)
        picture = io.BytesIO()
        Image.open(drawn).convert("RGB").resize((430, 430)).save(picture, "JPEG", quality=92)
        return Picture(picture.getvalue(), "image/jpg")

    def scanned(self, text: str, now: datetime) -> Code | None:
        """The code with this address or ticket inside, if it still means something."""
        code = self._by_url.get(text) or self._codes.get(text)
        if code is None or (code.until is not None and now >= code.until):
            return None
        return code


def _scene(asked: QrRequest) -> int | str:
    scene = asked.action_info.scene
    if asked.action_name in ("QR_SCENE", "QR_LIMIT_SCENE"):
        largest = LASTING_IDS if asked.action_name == "QR_LIMIT_SCENE" else 2**32 - 1
        if scene.scene_id is None or not 1 <= scene.scene_id <= largest:
            raise refuse("qr.lives")
        return scene.scene_id
    if asked.action_name in ("QR_STR_SCENE", "QR_LIMIT_STR_SCENE"):
        if not scene.scene_str or len(scene.scene_str) > most("qr.scene_str"):
            raise refuse("qr.scene_str")
        return scene.scene_str
    raise WeixinError(40053, "invalid action info")
