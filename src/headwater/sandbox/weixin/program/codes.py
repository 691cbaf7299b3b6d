"""Mini program codes: a scene of 32 characters without limit, or a whole path."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

import msgspec

from headwater.sandbox.weixin.apps import App
from headwater.sandbox.weixin.calls import Answer, Call, Picture
from headwater.sandbox.weixin.errors import WeixinError
from headwater.sandbox.weixin.limits import Meters, most, refuse
from headwater.sandbox.weixin.program.drawing import PREFIX, drawn
from headwater.sandbox.weixin.program.pages import ProgramPages

SCENE = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@\-._~]+\Z")
ENVIRONMENTS = ("release", "trial", "develop")
NARROWEST, WIDEST, USUAL = 280, 1_280, 430
LONGEST_PATH = 1_024


class Colour(msgspec.Struct):
    r: int | str = 0
    g: int | str = 0
    b: int | str = 0


class UnlimitedRequest(msgspec.Struct):
    """The body of getwxacodeunlimit."""

    scene: str = ""
    page: str = ""
    check_path: bool = True
    env_version: str = "release"
    width: int = USUAL
    auto_color: bool = False
    line_color: Colour | None = None
    is_hyaline: bool = False


class PathRequest(msgspec.Struct):
    """The body of getwxacode and createwxaqrcode."""

    path: str = ""
    env_version: str = "release"
    width: int = USUAL
    auto_color: bool = False
    line_color: Colour | None = None
    is_hyaline: bool = False


@dataclass(frozen=True)
class Target:
    """Where a code leads: a page of the program with what it was given."""

    path: str
    query: str


class ProgramCodes:
    """The program's codes; each carries its target in the picture itself."""

    def __init__(self, app: App, pages: ProgramPages, meters: Meters) -> None:
        self._app = app
        self._pages = pages
        self._meters = meters

    def unlimited(self, call: Call) -> Answer:
        """wxa/getwxacodeunlimit: a picture, or JSON that says why not."""
        asked = call.read(UnlimitedRequest)
        if len(asked.scene) > most("code.scene") or not SCENE.match(asked.scene):
            raise refuse("code.scene")
        if asked.page and asked.check_path and not self._pages.has(asked.page):
            raise WeixinError(41030, "invalid page")
        if "?" in asked.page or asked.page.startswith("/"):
            raise WeixinError(41030, "invalid page")
        page = asked.page or "pages/index/index"
        self._meters.spend("code.minute", self._app.appid, call.now)
        return self._picture(asked, f"{page}?scene={quote(asked.scene, safe='')}")

    def with_path(self, call: Call) -> Answer:
        """wxa/getwxacode: a whole path with its query inside."""
        asked = call.read(PathRequest)
        if not asked.path or len(asked.path) > LONGEST_PATH:
            raise WeixinError(45029, "qrcode count out of limit")
        if not self._pages.has(asked.path.removeprefix("/")):
            raise WeixinError(40159, "invalid path")
        return self._picture(asked, asked.path.removeprefix("/"))

    def scanned(self, text: str) -> Target | None:
        """Where this text leads, if it is out of one of our codes."""
        start = f"{PREFIX}{self._app.appid}/"
        if not text.startswith(start):
            return None
        path, _, query = text.removeprefix(start).partition("?")
        return Target(path, query)

    def _picture(self, asked: UnlimitedRequest | PathRequest, target: str) -> Picture:
        if asked.env_version not in ENVIRONMENTS:
            raise WeixinError(40097, "invalid args")
        if not NARROWEST <= asked.width <= WIDEST:
            raise WeixinError(40097, "invalid args")
        text = f"{PREFIX}{self._app.appid}/{target}"
        content, kind = drawn(text, asked.width, _colour(asked.line_color), asked.is_hyaline)
        return Picture(content, kind)


def _colour(asked: Colour | None) -> tuple[int, int, int]:
    if asked is None:
        return (0, 0, 0)
    values = [str(one) for one in (asked.r, asked.g, asked.b)]
    if not all(one.isdecimal() and len(one) <= 3 and int(one) <= 255 for one in values):
        raise WeixinError(40097, "invalid args")
    red, green, blue = (int(one) for one in values)
    return (red, green, blue)
