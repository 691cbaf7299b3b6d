"""What a menu may look like: how many buttons, how long their names, what each kind needs."""

from __future__ import annotations

from urllib.parse import urlsplit

import msgspec

from headwater.sandbox.weixin.errors import WeixinError
from headwater.sandbox.weixin.limits import most, refuse, within

KEYED = (
    "click",
    "scancode_push",
    "scancode_waitmsg",
    "pic_sysphoto",
    "pic_photo_or_album",
    "pic_weixin",
    "location_select",
)
KINDS = (*KEYED, "view", "miniprogram", "media_id", "article_id", "article_view_limited")


class Button(msgspec.Struct):
    """One button; with others below it, it does nothing but open."""

    name: str = ""
    type: str | None = None
    key: str | None = None
    url: str | None = None
    appid: str | None = None
    pagepath: str | None = None
    media_id: str | None = None
    article_id: str | None = None
    sub_button: list[Button] | None = None


def check(buttons: list[Button]) -> list[Button]:
    """The buttons, if the platform would take them."""
    if not 1 <= len(buttons) <= most("menu.buttons"):
        raise refuse("menu.buttons")
    for button in buttons:
        _name(button, "menu.name")
        if button.sub_button:
            within("menu.sub_buttons", len(button.sub_button))
            for below in button.sub_button:
                _below(below)
        else:
            _act(button)
    return buttons


def _below(button: Button) -> None:
    if button.sub_button:
        raise WeixinError(40022, "invalid sub button level")
    _name(button, "menu.sub_name")
    _act(button)


def _name(button: Button, limit: str) -> None:
    if not button.name:
        raise refuse(limit)
    within(limit, len(button.name.encode()))


def _act(button: Button) -> None:
    if button.type not in KINDS:
        raise WeixinError(40017, "invalid button type")
    if button.type in KEYED:
        if not button.key:
            raise refuse("menu.key")
        within("menu.key", len(button.key.encode()))
    if button.type in ("view", "miniprogram"):
        _url(button.url or "")
    if button.type == "miniprogram" and not (button.appid and button.pagepath):
        raise WeixinError(40017, "invalid button type")
    if button.type == "media_id" and not button.media_id:
        raise WeixinError(40007, "invalid media_id")
    if button.type in ("article_id", "article_view_limited") and not button.article_id:
        raise WeixinError(53600, "Article ID 无效")


def _url(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise WeixinError(40055, "invalid button url domain")
    within("menu.url", len(url.encode()))
