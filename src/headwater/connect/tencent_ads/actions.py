"""What buyers did, told to the platform that showed them an ad; at most fifty things at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

import msgspec

from headwater.base.errors import BadInput
from headwater.connect.tencent_ads import bounds
from headwater.connect.tencent_ads.api import AdsApi, WireId, Words, in_bytes
from headwater.connect.tencent_ads.people import MeasuredPerson

SetKind = Literal["WEB", "OFFLINE", "WECHAT", "WECHAT_MINI_PROGRAM"]


class ActionKind(StrEnum):
    """What somebody did, in the platform's words."""

    BOUGHT = "PURCHASE"
    ORDERED = "COMPLETE_ORDER"
    PUT_INTO_CART = "ADD_TO_CART"
    BEGAN_CHECKOUT = "INITIATE_CHECKOUT"
    VISITED_STORE = "VISIT_STORE"
    USED_COUPON = "COUPON_REDEMPTION"
    BECAME_MEMBER = "REGISTER"
    ADDED_GUIDE = "ADD_WECHAT"
    FOLLOWED = "FOLLOW"
    SCANNED = "SCANCODE"
    RECEIVED = "CONFIRM_DELIVERY_ORDER"
    GAVE_BACK = "RE_FUND"
    CANCELLED = "CANCEL_ORDER"


@dataclass(frozen=True)
class Action:
    """One thing that one person did; the platform counts each `once_key` once."""

    kind: ActionKind
    person: MeasuredPerson
    at: datetime
    once_key: str
    value_fen: int | None = None
    quantity: int | None = None
    click_id: str | None = None
    url: str | None = None


@dataclass(frozen=True)
class ActionSet:
    """Where actions are put: a source of data at the platform."""

    set_id: int
    kind: str
    name: str


class _Made(msgspec.Struct):
    user_action_set_id: WireId


class _Set(msgspec.Struct):
    user_action_set_id: WireId
    type: Words = ""
    name: Words = ""


class _Sets(msgspec.Struct):
    rows: list[_Set] = msgspec.field(name="list", default_factory=list)


class _Nothing(msgspec.Struct):
    pass


class Actions:
    """Keeps sources of data and fills them."""

    def __init__(self, api: AdsApi) -> None:
        self._api = api

    async def create_set(
        self, kind: SetKind, name: str, appid: str | None = None, description: str | None = None
    ) -> int:
        """Make a source of data and give its id; a repeat of one that exists is refused."""
        if kind in ("WECHAT", "WECHAT_MINI_PROGRAM") and not appid:
            raise BadInput("appid", "a source inside WeChat belongs to an app")
        body: dict[str, Any] = {
            "type": kind,
            "name": in_bytes("name", name, bounds.SET_NAME_BYTES, least=1),
        }
        if appid:
            body["wechat_app_id"] = appid
        if description:
            most = bounds.SET_DESCRIPTION_BYTES
            body["description"] = in_bytes("description", description, most)
        return (await self._api.post("user_action_sets/add", body, _Made)).user_action_set_id

    async def sets(self) -> tuple[ActionSet, ...]:
        """List our sources of data; reading again is harmless."""
        wire = await self._api.get("user_action_sets/get", {}, _Sets)
        return tuple(ActionSet(each.user_action_set_id, each.type, each.name) for each in wire.rows)

    async def add(self, set_id: int, actions: Sequence[Action]) -> int:
        """Tell what people did, in as many calls as its size needs, and say how many there were.

        A repeat is harmless, also after Trouble half-way: each `once_key` counts once.
        """
        calls = list(batches([_wire(action) for action in actions]))
        for batch in calls:
            body = {"user_action_set_id": set_id, "actions": batch}
            await self._api.post("user_actions/add", body, _Nothing)
        return len(calls)


def batches(
    wires: Sequence[msgspec.Raw],
    most: int = bounds.ACTIONS,
    most_bytes: int = bounds.ACTIONS_BYTES,
) -> Iterator[list[msgspec.Raw]]:
    """Cut a list so that no part has too many actions or too many bytes."""
    batch: list[msgspec.Raw] = []
    # Two brackets, and a comma before each but the first.
    size = 1
    for wire in wires:
        length = len(bytes(wire)) + 1
        if 1 + length > most_bytes:
            raise BadInput("actions", f"one action has more than {most_bytes} bytes")
        if batch and (len(batch) == most or size + length > most_bytes):
            yield batch
            batch, size = [], 1
        batch.append(wire)
        size += length
    if batch:
        yield batch


def _wire(action: Action) -> msgspec.Raw:
    most = bounds.OUTER_ACTION_ID_BYTES
    said: dict[str, Any] = {
        "action_time": int(action.at.timestamp()),
        "user_id": _user_id(action.person),
        "action_type": action.kind.value,
        "outer_action_id": in_bytes("once_key", action.once_key, most, least=1),
    }
    values = {"value": action.value_fen, "quantity": action.quantity}
    if any(value is not None and value < 0 for value in values.values()):
        raise BadInput("value_fen", "value and quantity are not negative")
    if param := {name: value for name, value in values.items() if value is not None}:
        said["action_param"] = param
    if action.click_id:
        said["trace"] = {"click_id": action.click_id}
    if action.url:
        said["url"] = in_bytes("url", action.url, bounds.URL_BYTES)
    return msgspec.Raw(msgspec.json.encode(said))


def _user_id(person: MeasuredPerson) -> dict[str, str]:
    known = person.identity
    said = {
        "sha256_phone": known.phone_sha256,
        "wechat_openid": known.openid,
        "wechat_unionid": known.unionid,
        "wechat_app_id": known.appid,
    }
    return {name: value for name, value in said.items() if value}
