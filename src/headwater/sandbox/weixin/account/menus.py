"""The menu under the chat: three buttons with five below each, and variants for some followers."""

from __future__ import annotations

from typing import Any

import msgspec

from headwater.sandbox.hosts import Ground
from headwater.sandbox.people import Person
from headwater.sandbox.weixin.account.menu_rules import Button, check
from headwater.sandbox.weixin.account.tags import Tags
from headwater.sandbox.weixin.account.users import Followers
from headwater.sandbox.weixin.calls import Call
from headwater.sandbox.weixin.errors import WeixinError, done

FIRST_VARIANT = 400_000_000


class Rule(msgspec.Struct):
    """For whom a variant is; only these two are left of what there once was."""

    tag_id: str | int = ""
    client_platform_type: str | int = ""


class MenuRequest(msgspec.Struct):
    button: list[Button]
    matchrule: Rule | None = None


class Variant(msgspec.Struct):
    menuid: int
    button: list[Button]
    rule: Rule


class Which(msgspec.Struct):
    menuid: str | int


class Tried(msgspec.Struct):
    user_id: str


class Kept(msgspec.Struct):
    """All menus as they stand."""

    default: list[Button] | None = None
    variants: list[Variant] = []
    made: int = 0


class Menus:
    """The menu that everybody has, and the variants before it."""

    def __init__(self, ground: Ground, followers: Followers, tags: Tags) -> None:
        self._journal = ground.journal
        self._followers = followers
        self._tags = tags
        self._kept = Kept()
        for kept in ground.journal.rows("weixin_menu", Kept):
            self._kept = kept

    def create(self, call: Call) -> dict[str, Any]:
        """menu/create: the new menu stands in the place of the old one."""
        self._keep(default=check(call.read(MenuRequest).button))
        return done()

    def everything(self, call: Call) -> dict[str, Any]:
        """menu/get: the menu and its variants as they were given."""
        if self._kept.default is None:
            raise WeixinError(46003, "menu no exist")
        answer: dict[str, Any] = {"menu": {"button": _shown(self._kept.default)}}
        if self._kept.variants:
            answer["conditionalmenu"] = [
                {
                    "button": _shown(one.button),
                    "matchrule": _rule(one.rule),
                    "menuid": one.menuid,
                }
                for one in reversed(self._kept.variants)
            ]
        return answer

    def current(self, call: Call) -> dict[str, Any]:
        """get_current_selfmenu_info: what is shown now, whoever set it."""
        if self._kept.default is None:
            return {"is_menu_open": 0}
        buttons = []
        for one in _shown(self._kept.default):
            below = one.pop("sub_button", None)
            buttons.append(one | ({"sub_button": {"list": below}} if below else {}))
        return {"is_menu_open": 1, "selfmenu_info": {"button": buttons}}

    def delete(self, call: Call) -> dict[str, Any]:
        """menu/delete: no menu, and no variants either."""
        self._keep(default=None, variants=[])
        return done()

    def add_variant(self, call: Call) -> dict[str, Any]:
        """menu/addconditional: a menu for those whom the rule names."""
        asked = call.read(MenuRequest)
        if self._kept.default is None:
            raise WeixinError(65303, "there is no selfmenu, please create selfmenu first")
        rule = asked.matchrule
        if rule is None or not (str(rule.tag_id) or str(rule.client_platform_type)):
            raise WeixinError(65304, "match rule empty")
        if str(rule.tag_id) and not self._is_tag(str(rule.tag_id)):
            raise WeixinError(45159, "invalid tag id")
        made = self._kept.made + 1
        variant = Variant(FIRST_VARIANT + made, check(asked.button), rule)
        self._keep(variants=[*self._kept.variants, variant], made=made)
        return {"menuid": str(variant.menuid)}

    def delete_variant(self, call: Call) -> dict[str, Any]:
        """menu/delconditional: this variant is gone."""
        wanted = str(call.read(Which).menuid)
        left = [one for one in self._kept.variants if str(one.menuid) != wanted]
        if len(left) == len(self._kept.variants):
            raise WeixinError(65301, "not exist this menuid")
        self._keep(variants=left)
        return done()

    def try_match(self, call: Call) -> dict[str, Any]:
        """menu/trymatch: what this follower sees."""
        person = self._followers.follower(call.read(Tried).user_id)
        return {"button": _shown(self.seen_by(person))}

    def seen_by(self, person: Person) -> list[Button]:
        """The buttons under this person's chat: the latest variant that fits, else the menu."""
        worn = {str(tag) for tag in self._followers.of(person).tags}
        for one in reversed(self._kept.variants):
            # The sandbox's phones say no platform, so a rule on that alone fits nobody.
            if str(one.rule.tag_id) in worn and not str(one.rule.client_platform_type):
                return one.button
        return self._kept.default or []

    def _keep(self, **changes: Any) -> None:
        self._kept = msgspec.structs.replace(self._kept, **changes)
        self._journal.write("weixin_menu", self._kept)

    def _is_tag(self, number: str) -> bool:
        return number in map(str, self._tags.numbers())


def _shown(buttons: list[Button]) -> list[dict[str, Any]]:
    shown = []
    for button in buttons:
        plain: dict[str, Any] = {
            name: value
            for name, value in msgspec.to_builtins(button).items()
            if value is not None and name != "sub_button"
        }
        shown.append({**plain, "sub_button": _shown(button.sub_button or [])})
    return shown


def _rule(rule: Rule) -> dict[str, str]:
    plain = {"tag_id": str(rule.tag_id), "client_platform_type": str(rule.client_platform_type)}
    return {name: value for name, value in plain.items() if value}
