"""Mini program codes: pictures without number, whose scene is a short name for a row of ours."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final, Literal

from headwater.base.errors import BadInput
from headwater.connect.weixin_api import WeixinApp

SCENE_CHARACTERS: Final = 32
NARROWEST: Final = 280
WIDEST: Final = 1280

Version = Literal["release", "trial", "develop"]

# The percent sign is not among them: what had to be escaped cannot be in a scene.
_SCENE: Final = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@\-._~]+")


@dataclass(frozen=True)
class Codes:
    """The codes of one mini program."""

    app: WeixinApp

    async def make(
        self, scene: str, page: str, width: int = 430, version: Version = "release"
    ) -> bytes:
        """Draw a code as PNG or JPEG; a repeat draws one that leads to the same place.

        PageUnknown means that the released version has no such page.
        """
        body: dict[str, Any] = {
            "scene": checked_scene(scene),
            "page": _checked_page(page),
            "check_path": version == "release",
            "env_version": version,
            "width": width,
        }
        if not NARROWEST <= width <= WIDEST:
            raise BadInput("width", f"from {NARROWEST} to {WIDEST}")
        return await self.app.fetch("/wxa/getwxacodeunlimit", body)


def checked_scene(scene: str) -> str:
    """Let through only what a code can carry; data belongs into a row that the scene names."""
    if len(scene) > SCENE_CHARACTERS or not _SCENE.fullmatch(scene):
        raise BadInput("scene", f"from 1 to {SCENE_CHARACTERS} of 0-9A-Za-z!#$&'()*+,/:;=?@-._~")
    return scene


def _checked_page(page: str) -> str:
    if not page or page.startswith("/") or "?" in page:
        raise BadInput("page", "a page without a leading slash and without a query")
    return page
