"""Pushes of WeCom: each kind in our words, new kinds kept, and junk refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.base.errors import Forged
from headwater.connect.pushes import read_fields
from headwater.connect.wecom.pushes import (
    ArchiveAgreed,
    CustomerCame,
    CustomerGone,
    CustomerNoted,
    GroupChanged,
    HandoverFailed,
    TagChanged,
    Unknown,
    WorkbenchOpened,
    happened,
)

AT = datetime.fromtimestamp(1_795_000_000, UTC)


def push(event: str, **fields: str) -> dict[str, Any]:
    """Write a push as WeCom does, and read it as our hook does."""
    known = {
        "ToUserName": "ww12",
        "FromUserName": "sys",
        "CreateTime": "1795000000",
        "MsgType": "event",
        "Event": event,
    }
    said = "".join(
        f"<{name}><![CDATA[{value}]]></{name}>" for name, value in (known | fields).items()
    )
    return read_fields(f"<xml>{said}</xml>".encode())


def customer(change: str, **fields: str) -> dict[str, Any]:
    known = {"ChangeType": change, "UserID": "zhangsan", "ExternalUserID": "wm-1"}
    return push("change_external_contact", **(known | fields))


def test_a_new_customer_brings_state_and_twenty_seconds() -> None:
    came = happened(customer("add_external_contact", State="share-7", WelcomeCode="CODE"))
    assert isinstance(came, CustomerCame)
    assert (came.user_id, came.external_id, came.state) == ("zhangsan", "wm-1", "share-7")
    assert came.is_confirmed
    assert came.welcome is not None
    assert came.welcome.code == "CODE"
    assert came.welcome.until == AT + timedelta(seconds=20)
    assert "CODE" not in repr(came)


def test_a_new_customer_may_come_without_state_and_code() -> None:
    came = happened(customer("add_external_contact"))
    assert came == CustomerCame("zhangsan", "wm-1", None, None, True, AT)
    half = happened(customer("add_half_external_contact"))
    assert isinstance(half, CustomerCame)
    assert not half.is_confirmed


@pytest.mark.parametrize(
    "fields,said",
    [
        (customer("edit_external_contact"), CustomerNoted("zhangsan", "wm-1", AT)),
        (
            customer("del_external_contact", Source="DELETE_BY_TRANSFER"),
            CustomerGone("zhangsan", "wm-1", "staff", True, AT),
        ),
        (
            customer("del_external_contact"),
            CustomerGone("zhangsan", "wm-1", "staff", False, AT),
        ),
        (customer("del_follow_user"), CustomerGone("zhangsan", "wm-1", "customer", False, AT)),
        (
            customer("transfer_fail", FailReason="customer_refused"),
            HandoverFailed("zhangsan", "wm-1", "customer_refused", AT),
        ),
        (customer("msg_audit_approved"), ArchiveAgreed("zhangsan", "wm-1", AT)),
        (
            push(
                "change_external_chat",
                ChatId="wr-1",
                ChangeType="update",
                UpdateDetail="add_member",
                MemChangeCnt="2",
            ),
            GroupChanged("wr-1", "update", "add_member", 2, AT),
        ),
        (
            push("change_external_chat", ChatId="wr-1", ChangeType="dismiss"),
            GroupChanged("wr-1", "dismiss", None, 0, AT),
        ),
        (
            push("change_external_tag", Id="et-1", TagType="tag_group", ChangeType="create"),
            TagChanged("et-1", True, "create", AT),
        ),
        (push("enter_agent", FromUserName="zhangsan"), WorkbenchOpened("zhangsan", AT)),
    ],
)
def test_each_kind_of_push_reads_in_our_words(fields: dict[str, Any], said: object) -> None:
    assert happened(fields) == said


def test_a_moment_at_the_end_of_time_is_forged_and_leaves_room_to_count_on() -> None:
    latest = customer("add_external_contact", WelcomeCode="CODE", CreateTime="9999999999")
    assert isinstance(happened(latest), CustomerCame)
    for later in ("10000000000", "253402300799"):
        with pytest.raises(Forged):
            happened(customer("add_external_contact", WelcomeCode="CODE", CreateTime=later))


def test_a_group_push_with_its_list_of_members_is_read() -> None:
    raw = (
        b"<xml><CreateTime>1795000000</CreateTime><MsgType>event</MsgType>"
        b"<Event>change_external_chat</Event><ChatId>wr-1</ChatId><ChangeType>update</ChangeType>"
        b"<UpdateDetail>del_member</UpdateDetail><QuitScene>1</QuitScene>"
        b"<MemChangeCnt>2</MemChangeCnt>"
        b"<MemChangeList><Item>wm-1</Item><Item>wm-2</Item></MemChangeList></xml>"
    )
    assert happened(read_fields(raw)) == GroupChanged("wr-1", "update", "del_member", 2, AT)


@pytest.mark.parametrize(
    "fields,kind,change",
    [
        (customer("customer_sang_a_song"), "change_external_contact", "customer_sang_a_song"),
        (push("change_contact", ChangeType="delete_user"), "change_contact", "delete_user"),
        (push("", MsgType="text", Content="你好"), "text", ""),
    ],
)
def test_a_push_of_tomorrow_is_kept(fields: dict[str, Any], kind: str, change: str) -> None:
    unknown = happened(fields)
    assert isinstance(unknown, Unknown)
    assert (unknown.kind, unknown.change, unknown.at) == (kind, change, AT)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"CreateTime": "soon"},
        {"CreateTime": "-1"},
        {"CreateTime": "9" * 30},
        customer("add_external_contact", UserID=""),
        customer("add_external_contact", ExternalUserID="w m"),
        customer("add_external_contact") | {"State": {"a": "b"}},
        push("change_external_chat", ChangeType="update"),
        push("change_external_chat", ChatId="wr-1", MemChangeCnt="many"),
        push("enter_agent", FromUserName=""),
    ],
)
def test_a_push_in_another_shape_is_forged(fields: dict[str, Any]) -> None:
    with pytest.raises(Forged):
        happened(fields)


NAMES = st.sampled_from(
    ["CreateTime", "MsgType", "Event", "ChangeType", "UserID", "ExternalUserID", "ChatId", "State"]
)
VALUES = st.recursive(
    st.sampled_from(["1795000000", "change_external_contact", "add_external_contact", "event", ""])
    | st.text(max_size=20),
    lambda inside: st.lists(inside, max_size=2) | st.dictionaries(NAMES, inside, max_size=2),
    max_leaves=4,
)


@settings(deadline=None)
@given(fields=st.dictionaries(NAMES, VALUES, max_size=8))
def test_no_fields_whatever_crash_the_reader(fields: dict[str, Any]) -> None:
    try:
        happened(fields)
    except Forged:
        return
