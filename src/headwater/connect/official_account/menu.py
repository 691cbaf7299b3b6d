"""The menu under the conversation: three buttons, each with up to five behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from headwater.base.errors import BadInput
from headwater.connect.errors import ProviderRefused
from headwater.connect.weixin_api import WeixinApp

BUTTONS_MOST: Final = 3
BEHIND_MOST: Final = 5
NAME_BYTES: Final = 16
NAME_BEHIND_BYTES: Final = 60
KEY_BYTES: Final = 128
URL_BYTES: Final = 1024

_NO_MENU: Final = "46003"


@dataclass(frozen=True)
class Button:
    """One button; `action` is the platform's word, and `target` what belongs to it.

    click and the scan buttons push a key to us, view opens an address, miniprogram opens a page of
    an app. A button without an action opens the ones behind it.
    """

    name: str
    action: str | None = None
    target: str = ""
    appid: str = ""
    page: str = ""
    behind: tuple[Button, ...] = ()


@dataclass(frozen=True)
class PersonalMenu:
    """A menu that only the people with one tag see."""

    menu_id: str
    tag_id: str | None
    buttons: tuple[Button, ...]


@dataclass(frozen=True)
class Menus:
    """What everybody sees, and who sees something else."""

    buttons: tuple[Button, ...]
    personal: tuple[PersonalMenu, ...]


class _Button(msgspec.Struct):
    name: str
    type: str | None = None
    key: str = ""
    url: str = ""
    appid: str = ""
    pagepath: str = ""
    media_id: str = ""
    article_id: str = ""
    sub_button: list[_Button] = []


class _Rule(msgspec.Struct):
    tag_id: str | int | None = None
    group_id: str | int | None = None


class _Menu(msgspec.Struct):
    button: list[_Button]
    menuid: str | int = ""
    matchrule: _Rule | None = None


class _Menus(msgspec.Struct):
    menu: _Menu
    conditionalmenu: list[_Menu] = []


class _Made(msgspec.Struct):
    menuid: str | int


@dataclass(frozen=True)
class Menu:
    """The menu of one official account; phones show a change within a day."""

    app: WeixinApp

    async def create(self, buttons: Sequence[Button]) -> None:
        """Put this menu in place of the one before; a repeat puts the same in place."""
        await self.app.do("/cgi-bin/menu/create", {"button": _checked(buttons)})

    async def create_for_tag(self, buttons: Sequence[Button], tag_id: int) -> str:
        """Add a menu for the people with a tag and give its id; a repeat adds a second one.

        The general menu must exist, and of several that match the one made last is shown.
        """
        body = {"button": _checked(buttons), "matchrule": {"tag_id": str(tag_id)}}
        return str((await self.app.post("/cgi-bin/menu/addconditional", body, _Made)).menuid)

    async def get(self) -> Menus | None:
        """Look at the menus, or None where there is none; looking again changes nothing."""
        try:
            wire = await self.app.get("/cgi-bin/menu/get", _Menus)
        except ProviderRefused as refusal:
            if refusal.provider_code == _NO_MENU:
                return None
            raise
        return Menus(
            tuple(_button(each) for each in wire.menu.button),
            tuple(_personal(each) for each in wire.conditionalmenu),
        )

    async def delete(self) -> None:
        """Take away all menus, the personal ones as well; a repeat changes nothing."""
        await self.app.get("/cgi-bin/menu/delete", _Nothing)

    async def delete_for_tag(self, menu_id: str) -> None:
        """Take away one personal menu; a repeat may be refused, because it is gone."""
        await self.app.do("/cgi-bin/menu/delconditional", {"menuid": menu_id})


class _Nothing(msgspec.Struct):
    pass


def _checked(buttons: Sequence[Button]) -> list[dict[str, Any]]:
    if not 1 <= len(buttons) <= BUTTONS_MOST:
        raise BadInput("buttons", f"from 1 to {BUTTONS_MOST}")
    return [_outer(each) for each in buttons]


def _outer(button: Button) -> dict[str, Any]:
    if not button.behind:
        return _inner(button, NAME_BYTES)
    if len(button.behind) > BEHIND_MOST:
        raise BadInput("buttons", f"at most {BEHIND_MOST} behind one")
    behind = [_inner(each, NAME_BEHIND_BYTES) for each in button.behind]
    return {"name": _within("name", button.name, NAME_BYTES), "sub_button": behind}


def _inner(button: Button, name_bytes: int) -> dict[str, Any]:
    if button.action is None or button.behind:
        raise BadInput("buttons", "every button does one thing, and only two rows exist")
    wire = {"type": button.action, "name": _within("name", button.name, name_bytes)}
    match button.action:
        case "view":
            wire["url"] = _within("target", button.target, URL_BYTES)
        case "miniprogram":
            # The address is for phones whose WeChat is too old for mini programs.
            wire["url"] = _within("target", button.target, URL_BYTES)
            wire |= {"appid": button.appid, "pagepath": button.page}
        case "media_id" | "article_id" | "article_view_limited":
            name = "media_id" if button.action == "media_id" else "article_id"
            wire[name] = _within("target", button.target, KEY_BYTES)
        case _:
            wire["key"] = _within("target", button.target, KEY_BYTES)
    return wire


def _within(field: str, text: str, most: int) -> str:
    if not 1 <= len(text.encode("utf-8", "replace")) <= most:
        raise BadInput(field, f"from 1 to {most} bytes")
    return text


def _button(wire: _Button) -> Button:
    target = wire.url or wire.key or wire.media_id or wire.article_id
    behind = tuple(_button(each) for each in wire.sub_button)
    return Button(wire.name, wire.type, target, wire.appid, wire.pagepath, behind)


def _personal(wire: _Menu) -> PersonalMenu:
    rule = wire.matchrule or _Rule()
    tag_id = rule.group_id if rule.tag_id is None else rule.tag_id
    return PersonalMenu(
        str(wire.menuid),
        None if tag_id is None else str(tag_id),
        tuple(_button(each) for each in wire.button),
    )
