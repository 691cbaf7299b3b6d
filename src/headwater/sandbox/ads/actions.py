"""What people did, told by the advertiser: sets of actions, each action counted once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from headwater.sandbox.ads.api import Answer, Api, Call, in_bytes
from headwater.sandbox.ads.crowd import FORMS, Crowd
from headwater.sandbox.ads.errors import AdsError
from headwater.sandbox.ads.grants import Grants
from headwater.sandbox.credentials import digits
from headwater.sandbox.hosts import Ground
from headwater.sandbox.shelf import Shelf

# Source: developers.e.qq.com/v3.0/docs/api/user_actions/add, read 2026-11.
MOST_ACTIONS = 50
MOST_BYTES = 50 * 1024
LONGEST_OUTER_ID = 255
IN_WECHAT = ("WECHAT", "WECHAT_MINI_PROGRAM", "WECHAT_MINI_GAME")
KINDS = ("WEB", "ANDROID", "IOS", "OFFLINE", "QUICK_APP", *IN_WECHAT)
# Those of the platform's list that a shop has a use for, and the word for all others.
ACTION_TYPES = frozenset(
    (
        *("CUSTOM", "REGISTER", "VIEW_CONTENT", "CONSULT"),
        *("ADD_TO_CART", "ADD_TO_WISHLIST", "INITIATE_CHECKOUT", "PURCHASE"),
        *("COMPLETE_ORDER", "CONFIRM_DELIVERY_ORDER", "CANCEL_ORDER", "RE_FUND"),
        *("VISIT_STORE", "COUPON_REDEMPTION", "PURCHASE_MEMBER_CARD", "ADD_WECHAT"),
        *("SCANCODE", "SCANCODE_WX", "FOLLOW", "UNFOLLOW"),
        *("SHARE", "SEARCH", "PAGE_VIEW", "CLAIM_OFFER"),
        *("RESERVATION", "MESSAGE", "LIKE", "COMMENT"),
        *("GRANT_WECHAT_PHONE", "LANDING_PAGE_CLICK"),
    )
)
SALES = ("PURCHASE", "COMPLETE_ORDER")
_USER_IDS = {
    "hash_phone": "HASH_MOBILE_PHONE",
    "sha256_phone": "SHA256_MOBILE_PHONE",
    "hash_imei": "HASH_IMEI",
    "hash_idfa": "HASH_IDFA",
    "hash_oaid": "HASH_OAID",
}


@dataclass(frozen=True)
class ActionSet:
    """A source of data."""

    id: int
    type: str
    name: str
    made_at: datetime
    description: str = ""
    appid: str = ""


@dataclass(frozen=True)
class Action:
    """One thing that one person did, as far as the platform knows the person."""

    key: str
    set_id: int
    type: str
    acted_at: datetime
    told_at: datetime
    person_id: str = ""
    click_id: str = ""
    value_fen: int = 0

    @property
    def is_sale(self) -> bool:
        """Whether reports count its value."""
        return self.type in SALES


class AddSet(msgspec.Struct):
    account_id: int
    type: str
    name: str = ""
    description: str = ""
    wechat_app_id: str = ""
    mobile_app_id: int | None = None


class AskSets(msgspec.Struct):
    account_id: int
    user_action_set_id: int | None = None
    type: list[str] | str | None = None


class UserId(msgspec.Struct, omit_defaults=True):
    hash_phone: str = ""
    sha256_phone: str = ""
    hash_imei: str = ""
    hash_idfa: str = ""
    hash_oaid: str = ""
    wechat_openid: str = ""
    wechat_unionid: str = ""
    wechat_app_id: str = ""


class Trace(msgspec.Struct):
    click_id: str = ""


class OneAction(msgspec.Struct):
    action_type: str
    action_time: Annotated[int, Meta(ge=0, le=2_147_483_647)] | None = None
    user_id: UserId | None = None
    outer_action_id: str = ""
    custom_action: str = ""
    action_param: dict[str, Any] = {}
    trace: Trace | None = None
    url: str = ""
    channel: str = ""
    product_inform: dict[str, Any] | None = None


class AddActions(msgspec.Struct):
    account_id: int
    user_action_set_id: int
    actions: list[msgspec.Raw]


class Actions:
    """All sets and actions of the advertiser."""

    def __init__(self, ground: Ground, grants: Grants, crowd: Crowd) -> None:
        self._ground = ground
        self._grants = grants
        self._crowd = crowd
        self._sets = Shelf(ground.journal, "ads_set", ActionSet, lambda one: str(one.id))
        self._actions = Shelf(ground.journal, "ads_action", Action, lambda one: one.key)

    def apis(self) -> list[Api]:
        """Sets made and listed, actions told."""
        return [
            Api("user_action_sets/add", "POST", self._add_set),
            Api("user_action_sets/get", "GET", self._list_sets),
            Api("user_actions/add", "POST", self._add),
        ]

    def everything(self) -> list[Action]:
        """All actions, each once."""
        return self._actions.everything()

    def _add_set(self, call: Call) -> Answer:
        asked = call.read(AddSet)
        if asked.type not in KINDS:
            raise AdsError(18001, "type")
        in_bytes(asked.name, 32, "name", least=1)
        in_bytes(asked.description, 128, "description")
        if asked.type in IN_WECHAT and not self._is_ours(asked.wechat_app_id):
            raise AdsError(18001, "wechat_app_id")
        if any(one.name == asked.name for one in self._sets.everything()):
            raise AdsError(18001, "name")
        number = int("12" + digits(self._ground.seed, 8, "ads set", len(self._sets)))
        made = ActionSet(
            number, asked.type, asked.name, call.now, asked.description, asked.wechat_app_id
        )
        self._sets.put(made)
        return {"user_action_set_id": number}

    def _list_sets(self, call: Call) -> Answer:
        asked = call.asked(AskSets)
        kinds = [asked.type] if isinstance(asked.type, str) else asked.type
        found = [
            one
            for one in self._sets.everything()
            if asked.user_action_set_id in (None, one.id) and (not kinds or one.type in kinds)
        ]
        return {"list": [_shown(one) for one in found]}

    def _add(self, call: Call) -> Answer:
        asked = call.read(AddActions)
        kept = self._sets.get(str(asked.user_action_set_id))
        if kept is None:
            raise AdsError(18001, "user_action_set_id")
        size = 1 + sum(len(bytes(one)) + 1 for one in asked.actions)
        if not 1 <= len(asked.actions) <= MOST_ACTIONS or size > MOST_BYTES:
            raise AdsError(18001, "actions")
        # One bad action refuses all of them, so nothing is kept before all are checked.
        checked = [self._checked(kept, bytes(one)) for one in asked.actions]
        for one in checked:
            self._keep(kept, one, call.now)
        return {}

    def _checked(self, kept: ActionSet, raw: bytes) -> OneAction:
        try:
            one = msgspec.json.decode(raw, type=OneAction)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise AdsError(18001, f"actions: {error}") from None
        if one.action_type not in ACTION_TYPES:
            raise AdsError(18001, "action_type")
        if one.action_type == "CUSTOM" and not one.custom_action:
            raise AdsError(18001, "custom_action")
        in_bytes(one.outer_action_id, LONGEST_OUTER_ID, "outer_action_id")
        user = one.user_id or UserId()
        named = msgspec.to_builtins(user)
        if not named and not (one.trace and one.trace.click_id):
            raise AdsError(18001, "user_id")
        for field, kind in _USER_IDS.items():
            if field in named and not FORMS[kind].fullmatch(named[field]):
                raise AdsError(18001, field)
        if kept.type in IN_WECHAT and not self._is_known_in_wechat(kept, user):
            raise AdsError(18001, "wechat_openid, wechat_unionid, wechat_app_id")
        value = one.action_param.get("value", 0)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise AdsError(18001, "action_param.value")
        return one

    def _keep(self, kept: ActionSet, one: OneAction, now: datetime) -> None:
        outer = one.outer_action_id or f"#{len(self._actions)}"
        key = f"{kept.id}\t{one.action_type}\t{outer}"
        if self._actions.get(key) is not None:
            return
        at = now if one.action_time is None else datetime.fromtimestamp(one.action_time, UTC)
        self._actions.put(
            Action(
                key=key,
                set_id=kept.id,
                type=one.action_type,
                acted_at=at,
                told_at=now,
                person_id=self._person(one.user_id or UserId()),
                click_id=one.trace.click_id if one.trace else "",
                value_fen=one.action_param.get("value", 0),
            )
        )

    def _person(self, user: UserId) -> str:
        appid = user.wechat_app_id
        ways = (
            ("SHA256_MOBILE_PHONE", user.sha256_phone),
            ("HASH_MOBILE_PHONE", user.hash_phone),
            ("WECHAT_OPENID", user.wechat_openid),
            ("WX_UNIONID", user.wechat_unionid),
        )
        found = (self._crowd.found(kind, text, appid) for kind, text in ways if text)
        person = next((one for one in found if one is not None), None)
        return "" if person is None else person.id

    def _is_known_in_wechat(self, kept: ActionSet, user: UserId) -> bool:
        return bool(user.wechat_openid or user.wechat_unionid) and user.wechat_app_id == kept.appid

    def _is_ours(self, appid: str) -> bool:
        known = self._ground.credentials
        return appid in (known["official_account"]["appid"], known["mini_program"]["appid"])


def _shown(one: ActionSet) -> dict[str, Any]:
    return {
        "user_action_set_id": one.id,
        "type": one.type,
        "name": one.name,
        "description": one.description,
        "wechat_app_id": one.appid,
        "activate_status": True,
        "created_time": one.made_at.strftime("%Y-%m-%d %H:%M:%S"),
    }
