"""The fields of each kind of push, read leniently: a list of one may stand alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Final, TypeVar

import msgspec

from headwater.connect.pushes import understood_fields
from headwater.connect.sending import Identifier
from headwater.connect.weixin_pushes import kinds
from headwater.connect.weixin_pushes.kinds import Happened

T = TypeVar("T")
Fields = Mapping[str, Any]

_SCENE_OF_A_NEW_FOLLOWER: Final = "qrscene_"
_RECEIVED_BY_HAND: Final = 2
_Count = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
_Number = Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)]
_Seconds = Annotated[int, msgspec.Meta(ge=0, le=9_999_999_999)]


class _Key(msgspec.Struct, rename="pascal"):
    event_key: str = ""


class _Code(msgspec.Struct, rename="pascal"):
    scan_result: str = ""


class _Menu(msgspec.Struct, rename="pascal"):
    event_key: str
    scan_code_info: _Code | None = None


class _Text(msgspec.Struct, rename="pascal"):
    msg_id: Identifier
    content: str = ""
    choice: str | None = msgspec.field(default=None, name="bizmsgmenuid")


class _Media(msgspec.Struct, rename="pascal"):
    msg_id: Identifier
    msg_type: str
    media_id: str | None = None


class _Session(msgspec.Struct, rename="pascal"):
    session_from: str = ""


class _Template(msgspec.Struct, rename="pascal"):
    status: str
    msg_id: Identifier = msgspec.field(name="MsgID")


class _Mass(msgspec.Struct, rename="pascal"):
    status: str
    msg_id: Identifier = msgspec.field(name="MsgID")
    total_count: _Count = 0
    sent_count: _Count = 0
    error_count: _Count = 0


class _Article(msgspec.Struct):
    article_url: str = ""


class _Articles(msgspec.Struct):
    item: list[_Article] | _Article = []


class _Publication(msgspec.Struct):
    publish_id: Identifier
    publish_status: _Number
    article_id: str | None = None
    article_detail: _Articles | None = None


class _Published(msgspec.Struct, rename="pascal"):
    publish_event_info: _Publication


class _Wrapper(msgspec.Struct):
    listed: list[dict[str, Any]] | dict[str, Any] = msgspec.field(name="List")


class _Choice(msgspec.Struct, rename="pascal"):
    template_id: Identifier
    subscribe_status_string: str


class _SentItem(msgspec.Struct, rename="pascal"):
    template_id: Identifier
    msg_id: str = msgspec.field(name="MsgID")
    error_code: _Number = 0
    error_status: str = ""


class _Shipping(msgspec.Struct):
    transaction_id: Identifier
    merchant_trade_no: str = ""
    pay_time: _Seconds = 0


class _Settling(msgspec.Struct):
    transaction_id: Identifier
    merchant_trade_no: str = ""
    estimated_settlement_time: _Seconds = 0
    confirm_receive_method: _Number = 0
    confirm_receive_time: _Seconds = 0
    settlement_time: _Seconds = 0


class _Access(msgspec.Struct):
    msg: str = ""


class _Verdict(msgspec.Struct):
    suggest: str = ""
    label: _Number = 0


class _Checked(msgspec.Struct):
    trace_id: Identifier
    result: _Verdict | None = None
    errcode: _Number = 0


def _as(kind: type[T], fields: Fields) -> T:
    """Read what is there; an element that stands empty counts as not there."""
    given = {name: each for name, each in fields.items() if each != ""}
    return understood_fields(kind, given)


def _followed(fields: Fields) -> Happened:
    key = _as(_Key, fields).event_key
    return kinds.Followed(key.removeprefix(_SCENE_OF_A_NEW_FOLLOWER) or None)


def _scanned(fields: Fields) -> Happened:
    return kinds.Scanned(_as(_Key, fields).event_key)


def _menu_pressed(fields: Fields) -> Happened:
    wire = _as(_Menu, fields)
    code = wire.scan_code_info
    return kinds.MenuPressed(wire.event_key, code.scan_result if code else None)


def _menu_opened(fields: Fields) -> Happened:
    return kinds.MenuOpened(_as(_Key, fields).event_key)


def _said(fields: Fields) -> Happened:
    wire = _as(_Text, fields)
    return kinds.Said(wire.msg_id, wire.content, wire.choice)


def _sent(fields: Fields) -> Happened:
    wire = _as(_Media, fields)
    return kinds.Sent(wire.msg_id, wire.msg_type, wire.media_id, dict(fields))


def _entered(fields: Fields) -> Happened:
    return kinds.ChatEntered(_as(_Session, fields).session_from)


def _template_finished(fields: Fields) -> Happened:
    wire = _as(_Template, fields)
    word = wire.status.replace(" ", "").lower()
    delivery = {
        "success": kinds.Delivery.ARRIVED,
        "failed:userblock": kinds.Delivery.BLOCKED,
    }.get(word, kinds.Delivery.FAILED)
    return kinds.TemplateFinished(wire.msg_id, delivery, wire.status)


def _mass_finished(fields: Fields) -> Happened:
    wire = _as(_Mass, fields)
    return kinds.MassFinished(
        mass_id=wire.msg_id,
        is_sent=wire.status.replace(" ", "").lower() == "sendsuccess",
        status_word=wire.status,
        chosen=wire.total_count,
        sent=wire.sent_count,
        failed=wire.error_count,
    )


def _published(fields: Fields) -> Happened:
    wire = _as(_Published, fields).publish_event_info
    found = wire.article_detail.item if wire.article_detail else []
    items = found if isinstance(found, list) else [found]
    addresses = tuple(each.article_url for each in items)
    return kinds.PublishFinished(wire.publish_id, wire.publish_status, wire.article_id, addresses)


def _given(fields: Fields) -> Happened:
    return kinds.AuthorisationsGiven(_choices(fields, "SubscribeMsgPopupEvent"))


def _taken_back(fields: Fields) -> Happened:
    return kinds.AuthorisationsTakenBack(_choices(fields, "SubscribeMsgChangeEvent"))


def _choices(fields: Fields, wrapped_in: str) -> tuple[kinds.Choice, ...]:
    """Read the templates and the answers; whatever is not a plain yes counts as a no."""
    return tuple(
        kinds.Choice(each.template_id, each.subscribe_status_string == "accept")
        for each in _listed(_Choice, fields, wrapped_in)
    )


def _subscriptions_sent(fields: Fields) -> Happened:
    return kinds.SubscriptionsSent(
        tuple(
            kinds.SubscriptionSent(
                each.template_id, each.msg_id, each.error_code, each.error_status
            )
            for each in _listed(_SentItem, fields, "SubscribeMsgSentEvent")
        )
    )


def _listed(kind: type[T], fields: Fields, wrapped_in: str) -> list[T]:
    """Read the list: XML wraps it in an element, JSON does not, and one entry may stand alone."""
    wrapper = understood_fields(_Wrapper, fields.get(wrapped_in) or fields)
    listed = wrapper.listed if isinstance(wrapper.listed, list) else [wrapper.listed]
    return [_as(kind, each) for each in listed]


def _shipping_wanted(fields: Fields) -> Happened:
    wire = _as(_Shipping, fields)
    return kinds.ShippingWanted(wire.transaction_id, wire.merchant_trade_no, _at(wire.pay_time))


def _service_wanted(fields: Fields) -> Happened:
    return kinds.ShippingServiceWanted(_as(_Access, fields).msg)


def _settling(fields: Fields) -> Happened:
    wire = _as(_Settling, fields)
    return kinds.OrderSettling(
        transaction_id=wire.transaction_id,
        out_trade_no=wire.merchant_trade_no,
        expected_at=_at(wire.estimated_settlement_time),
        received_at=_at(wire.confirm_receive_time),
        is_received_by_hand=wire.confirm_receive_method == _RECEIVED_BY_HAND,
        settled_at=_at(wire.settlement_time),
    )


def _checked(fields: Fields) -> Happened:
    wire = _as(_Checked, fields)
    verdict = wire.result or _Verdict()
    return kinds.MediaChecked(wire.trace_id, verdict.suggest, verdict.label, wire.errcode)


def _at(seconds: int) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


Reader = Callable[[Fields], Happened]

MESSAGES: Final[Mapping[str, Reader]] = {
    "text": _said,
    **dict.fromkeys(
        ("image", "voice", "video", "shortvideo", "location", "link", "miniprogrampage"), _sent
    ),
}

# Written in small letters: the platform writes SCAN, subscribe and subscribe_msg_popup_event.
EVENTS: Final[Mapping[str, Reader]] = {
    "subscribe": _followed,
    "unsubscribe": lambda fields: kinds.Unfollowed(),
    "scan": _scanned,
    "click": _menu_pressed,
    "scancode_push": _menu_pressed,
    "scancode_waitmsg": _menu_pressed,
    "view": _menu_opened,
    "view_miniprogram": _menu_opened,
    "user_enter_tempsession": _entered,
    "templatesendjobfinish": _template_finished,
    "masssendjobfinish": _mass_finished,
    "publishjobfinish": _published,
    "subscribe_msg_popup_event": _given,
    "subscribe_msg_change_event": _taken_back,
    "subscribe_msg_sent_event": _subscriptions_sent,
    "trade_manage_remind_shipping": _shipping_wanted,
    "trade_manage_remind_access_api": _service_wanted,
    "trade_manage_order_settlement": _settling,
    "wxa_media_check": _checked,
}
