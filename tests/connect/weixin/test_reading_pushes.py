"""What people and the platform did, read from XML and JSON as the documents print them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.base.errors import Forged
from headwater.connect.weixin_pushes import Push, kinds, read_push

AT = 1_610_969_440
BILLION_LAUGHS = b"""<!DOCTYPE xml [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<xml><ToUserName>&b;</ToUserName></xml>"""


def envelope(kind: str, **more: Any) -> dict[str, Any]:
    return {"ToUserName": "gh_1", "FromUserName": "o-1", "CreateTime": AT, "MsgType": kind} | more


def event(name: str, **more: Any) -> dict[str, Any]:
    return envelope("event", Event=name, **more)


def as_xml(fields: dict[str, Any]) -> bytes:
    return f"<xml>{_inside(fields)}</xml>".encode()


def _inside(fields: dict[str, Any]) -> str:
    return "".join(
        _one(name, each)
        for name, value in fields.items()
        for each in (value if isinstance(value, list) else [value])
    )


def _one(name: str, value: Any) -> str:
    if isinstance(value, dict):
        return f"<{name}>{_inside(value)}</{name}>"
    if isinstance(value, int):
        return f"<{name}>{value}</{name}>\n"
    return f"<{name}><![CDATA[{value}]]></{name}>\n"


def as_json(fields: dict[str, Any]) -> bytes:
    return json.dumps(fields, ensure_ascii=False).encode()


FORMS = pytest.mark.parametrize("written", [as_xml, as_json], ids=["xml", "json"])


@FORMS
def test_words_come_with_who_said_them_when_and_under_which_number(written: Any) -> None:
    push = read_push(written(envelope("text", Content="围巾还有吗 😀", MsgId=23_001)))
    assert (push.account, push.openid) == ("gh_1", "o-1")
    assert push.sent_at == datetime.fromtimestamp(AT, UTC)
    assert push.happened == kinds.Said("23001", "围巾还有吗 😀", None)
    copy = read_push(written(envelope("text", Content="another reading", MsgId=23_001)))
    other = read_push(written(envelope("text", Content="围巾还有吗 😀", MsgId=23_002)))
    assert push.once_key == copy.once_key != other.once_key


@FORMS
@pytest.mark.parametrize(
    "fields,happened",
    [
        (event("subscribe", EventKey=""), kinds.Followed(None)),
        (event("subscribe", EventKey="qrscene_s12", Ticket="t"), kinds.Followed("s12")),
        (event("unsubscribe", EventKey=""), kinds.Unfollowed()),
        (event("SCAN", EventKey="s12", Ticket="t"), kinds.Scanned("s12")),
        (event("CLICK", EventKey="new"), kinds.MenuPressed("new", None)),
        (
            event(
                "scancode_waitmsg",
                EventKey="scan",
                ScanCodeInfo={"ScanType": "qrcode", "ScanResult": "690123"},
            ),
            kinds.MenuPressed("scan", "690123"),
        ),
        (event("VIEW", EventKey="https://b.example"), kinds.MenuOpened("https://b.example")),
        (event("view_miniprogram", EventKey="pages/a"), kinds.MenuOpened("pages/a")),
        (event("user_enter_tempsession", SessionFrom="card"), kinds.ChatEntered("card")),
        (envelope("text", Content="a", MsgId=7, bizmsgmenuid=3), kinds.Said("7", "a", "3")),
    ],
)
def test_what_a_person_does_has_a_word(written: Any, fields: Any, happened: Any) -> None:
    assert read_push(written(fields)).happened == happened


@FORMS
@pytest.mark.parametrize(
    "status,delivery",
    [
        ("success", kinds.Delivery.ARRIVED),
        ("failed:user block", kinds.Delivery.BLOCKED),
        ("failed: system failed", kinds.Delivery.FAILED),
        ("a word of tomorrow", kinds.Delivery.FAILED),
    ],
)
def test_a_template_arrives_is_blocked_or_fails(written: Any, status: str, delivery: Any) -> None:
    push = read_push(written(event("TEMPLATESENDJOBFINISH", MsgID=200_163_836, Status=status)))
    assert push.happened == kinds.TemplateFinished("200163836", delivery, status)


@FORMS
@pytest.mark.parametrize(
    "status,is_sent", [("send success", True), ("sendsuccess", True), ("err(10001)", False)]
)
def test_a_mass_send_tells_how_many_it_reached(written: Any, status: str, is_sent: bool) -> None:
    counts = {"TotalCount": 100, "FilterCount": 80, "SentCount": 75, "ErrorCount": 5}
    push = read_push(written(event("MASSSENDJOBFINISH", MsgID=198, Status=status, **counts)))
    assert push.happened == kinds.MassFinished("198", is_sent, status, 100, 75, 5)


CHOICES = [
    {"TemplateId": "t-1", "SubscribeStatusString": "accept", "PopupScene": "2"},
    {"TemplateId": "t-2", "SubscribeStatusString": "reject", "PopupScene": "2"},
    {"TemplateId": "t-3", "SubscribeStatusString": "perhaps", "PopupScene": "2"},
]
READ_CHOICES = (kinds.Choice("t-1", True), kinds.Choice("t-2", False), kinds.Choice("t-3", False))


def test_each_yes_to_a_subscription_is_counted_and_nothing_else() -> None:
    in_xml = as_xml(event("subscribe_msg_popup_event", SubscribeMsgPopupEvent={"List": CHOICES}))
    in_json = as_json(event("subscribe_msg_popup_event", List=CHOICES))
    assert read_push(in_xml).happened == kinds.AuthorisationsGiven(READ_CHOICES)
    assert read_push(in_json).happened == kinds.AuthorisationsGiven(READ_CHOICES)


def test_one_choice_stands_alone_in_both_forms() -> None:
    wrapped = {"SubscribeMsgChangeEvent": {"List": CHOICES[1]}}
    expected = kinds.AuthorisationsTakenBack((kinds.Choice("t-2", False),))
    assert read_push(as_xml(event("subscribe_msg_change_event", **wrapped))).happened == expected
    alone = as_json(event("subscribe_msg_change_event", List=CHOICES[1]))
    assert read_push(alone).happened == expected


def test_what_became_of_a_subscription_message_is_told() -> None:
    item = {"TemplateId": "t-1", "MsgID": 18_646, "ErrorCode": 0, "ErrorStatus": "success"}
    expected = kinds.SubscriptionsSent((kinds.SubscriptionSent("t-1", "18646", 0, "success"),))
    wrapped = {"SubscribeMsgSentEvent": {"List": item}}
    assert read_push(as_xml(event("subscribe_msg_sent_event", **wrapped))).happened == expected
    bare = as_json(event("subscribe_msg_sent_event", List=[item]))
    assert read_push(bare).happened == expected


@FORMS
def test_frozen_money_is_asked_for_and_told_when_it_settles(written: Any) -> None:
    wanted = event(
        "trade_manage_remind_shipping",
        transaction_id="42",
        merchant_id="19",
        merchant_trade_no="R-1",
        pay_time=AT,
        msg="请发货",
    )
    at = datetime.fromtimestamp(AT, UTC)
    assert read_push(written(wanted)).happened == kinds.ShippingWanted("42", "R-1", at)
    settling = event(
        "trade_manage_order_settlement",
        transaction_id="42",
        merchant_trade_no="R-1",
        estimated_settlement_time=AT,
        confirm_receive_method=2,
        confirm_receive_time=AT,
        settlement_time="",
    )
    expected = kinds.OrderSettling("42", "R-1", at, at, True, None)
    assert read_push(written(settling)).happened == expected
    access = event("trade_manage_remind_access_api", msg="请接入")
    assert read_push(written(access)).happened == kinds.ShippingServiceWanted("请接入")


@FORMS
def test_a_checked_picture_tells_its_verdict_or_its_failure(written: Any) -> None:
    good = event("wxa_media_check", trace_id="tr-1", result={"suggest": "risky", "label": 20002})
    assert read_push(written(good)).happened == kinds.MediaChecked("tr-1", "risky", 20002, 0)
    failed = event("wxa_media_check", trace_id="tr-1", errcode=-1008, errmsg="download")
    assert read_push(written(failed)).happened == kinds.MediaChecked("tr-1", "", 0, -1008)


@FORMS
def test_a_published_article_has_addresses(written: Any) -> None:
    info = {
        "publish_id": "p-1",
        "publish_status": 0,
        "article_id": "a-1",
        "article_detail": {"count": 1, "item": {"idx": 1, "article_url": "https://mp.example"}},
    }
    push = read_push(written(event("PUBLISHJOBFINISH", PublishEventInfo=info)))
    assert push.happened == kinds.PublishFinished("p-1", 0, "a-1", ("https://mp.example",))


@FORMS
def test_a_kind_that_is_new_is_kept_with_all_it_says(written: Any) -> None:
    push = read_push(written(event("a_thing_of_tomorrow", Colour="blue")))
    assert isinstance(push.happened, kinds.Unknown)
    assert push.happened.kind == "a_thing_of_tomorrow"
    assert push.happened.fields["Colour"] == "blue"


@FORMS
def test_a_known_kind_that_lacks_its_fields_is_kept_as_unknown(written: Any) -> None:
    push = read_push(written(event("MASSSENDJOBFINISH", Colour="blue")))
    assert isinstance(push.happened, kinds.Unknown)


def test_copies_share_their_key_and_two_events_of_one_second_do_not() -> None:
    first, other = (event("SCAN", EventKey=key) for key in ("a", "b"))
    keys = {read_push(as_xml(each)).once_key for each in (first, first, other)}
    assert len(keys) == 2


def test_a_document_type_is_refused_before_anything_expands() -> None:
    with pytest.raises(Forged):
        read_push(BILLION_LAUGHS)
    outside = b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]><xml><a>&f;</a></xml>'
    with pytest.raises(Forged):
        read_push(outside)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32"])
def test_no_other_encoding_hides_a_document_type(encoding: str) -> None:
    with pytest.raises(Forged):
        read_push(BILLION_LAUGHS.decode().encode(encoding))


@pytest.mark.parametrize(
    "junk",
    [
        b"",
        b"<xml>",
        b"<xml/>",
        b"{}",
        b"[]",
        b"{" * 100_000,
        b'{"a":' * 50_000,
        b"<a>" * 50_000,
        b"\xff\xfe",
        b'{"ToUserName":"a","FromUserName":"b","CreateTime":true,"MsgType":"text"}',
        b'{"ToUserName":"a","FromUserName":"","CreateTime":1610969440,"MsgType":"text"}',
        b'{"ToUserName":"a","FromUserName":"b","CreateTime":1610969440}',
        b'{"ToUserName":"a","FromUserName":"b","CreateTime":99999999999,"MsgType":"text"}',
        b"<xml><ToUserName>a</ToUserName><FromUserName>b</FromUserName></xml>",
    ],
)
def test_junk_is_forged(junk: bytes) -> None:
    with pytest.raises(Forged):
        read_push(junk)


@given(st.binary(max_size=300))
def test_no_bytes_crash_the_reader(junk: bytes) -> None:
    for raw in (junk, b"{" + junk, b"<xml>" + junk + b"</xml>"):
        _reads_or_refuses(raw)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(
    [
        "EventKey",
        "MsgID",
        "MsgId",
        "Status",
        "List",
        "Content",
        "ScanCodeInfo",
        "result",
        "transaction_id",
        "pay_time",
        "trace_id",
        "PublishEventInfo",
        "SubscribeMsgPopupEvent",
    ]
)
EVENT_NAMES = st.sampled_from(
    [
        "subscribe",
        "SCAN",
        "CLICK",
        "VIEW",
        "TEMPLATESENDJOBFINISH",
        "MASSSENDJOBFINISH",
        "subscribe_msg_popup_event",
        "subscribe_msg_sent_event",
        "trade_manage_order_settlement",
        "trade_manage_remind_shipping",
        "wxa_media_check",
        "PUBLISHJOBFINISH",
        "scancode_push",
    ]
)


@given(EVENT_NAMES, st.dictionaries(NAMES, ANYTHING, max_size=4))
def test_no_fields_crash_a_known_event(name: str, fields: dict[str, Any]) -> None:
    push = _reads_or_refuses(json.dumps(event(name) | fields).encode())
    assert push is None or push.once_key


@given(st.dictionaries(st.text(), ANYTHING, max_size=4), st.text())
def test_no_message_crashes_the_reader(fields: dict[str, Any], kind: str) -> None:
    _reads_or_refuses(json.dumps(envelope(kind) | fields).encode())


def _reads_or_refuses(raw: bytes) -> Push | None:
    try:
        return read_push(raw)
    except Forged:
        return None
