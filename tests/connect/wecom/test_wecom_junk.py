"""Whatever WeCom answers, every call ends in a value, a refusal or Trouble: no crash, no hang."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.connect.wecom.company import NOON, Company

from headwater.base.errors import Trouble
from headwater.connect.errors import ProviderRefused
from headwater.connect.wecom import Wecom
from headwater.connect.wecom.api import Upload
from headwater.connect.wecom.customers.transfers import Handover
from headwater.connect.wecom.customers.ways import NewWay
from headwater.connect.wecom.outreach.broadcasts import NewBroadcast, ToCustomers
from headwater.connect.wecom.outreach.content import Content
from headwater.connect.wecom.outreach.moments import NewMoment
from headwater.connect.wecom.staff import Note

MONTH_AGO = NOON - timedelta(days=30)
WORDS = Content("你好")
HANDOVER = Handover("a", "b", ("wm-1",))
PICTURE = Upload("a.png", b"123456", "image/png")

CALLS: dict[str, Callable[[Wecom], Awaitable[Any]]] = {
    "contacts.get": lambda w: w.contacts.get("wm-1"),
    "contacts.batch": lambda w: w.contacts.batch(("zhangsan",)),
    "contacts.ids_of": lambda w: w.contacts.ids_of("zhangsan"),
    "contacts.by_unionid": lambda w: w.contacts.by_unionid("u", "o"),
    "tags.groups": lambda w: w.tags.groups(),
    "tags.add": lambda w: w.tags.add("喜好", ("围巾",)),
    "ways.create": lambda w: w.ways.create(NewWay(("zhangsan",), state="s")),
    "ways.get": lambda w: w.ways.get("cfg-1"),
    "ways.ids": lambda w: w.ways.ids(MONTH_AGO, NOON),
    "transfers.serving": lambda w: w.transfers.serving(HANDOVER),
    "transfers.results": lambda w: w.transfers.serving_results("a", "b"),
    "transfers.unassigned": lambda w: w.transfers.unassigned(),
    "groups.list": lambda w: w.groups.list(),
    "groups.get": lambda w: w.groups.get("wr-1"),
    "groups.hand_over": lambda w: w.groups.hand_over(("wr-1",), "b", has_left=True),
    "broadcasts.create": lambda w: w.broadcasts.create(NewBroadcast(WORDS, ToCustomers(("wm-1",)))),
    "broadcasts.records": lambda w: w.broadcasts.records("single", MONTH_AGO, NOON),
    "broadcasts.tasks": lambda w: w.broadcasts.tasks("msg-1"),
    "broadcasts.results": lambda w: w.broadcasts.results("msg-1", "zhangsan"),
    "moments.create": lambda w: w.moments.create(NewMoment("新品")),
    "moments.job": lambda w: w.moments.job("job-1"),
    "moments.list": lambda w: w.moments.list(MONTH_AGO, NOON),
    "moments.posters": lambda w: w.moments.results.posters("mom-1"),
    "moments.seen_by": lambda w: w.moments.results.seen_by("mom-1", "zhangsan"),
    "moments.reactions": lambda w: w.moments.results.reactions("mom-1", "zhangsan"),
    "uploads.upload": lambda w: w.uploads.upload("image", PICTURE),
    "directory.departments": lambda w: w.directory.departments(),
    "directory.colleagues": lambda w: w.directory.colleagues(1),
    "logins.exchange": lambda w: w.logins.exchange("c0de"),
    "notes.send": lambda w: w.notes.send(("zhangsan",), Note("x")),
}

WORDS_OF_THE_WIRE = """
    external_contact follow_user follow_info next_cursor external_userid userid createtime tags
    tag_id tag_group tag id name group_id group_name contact_way config_id scene user party
    customer errcode status takeover_time info group_chat group_chat_list chat_id owner
    create_time member_list type join_time invitor msgid fail_list group_msg_list task_list
    send_list send_time jobid result moment_id moment_list customer_list comment_list text
    media_id created_at department userlist parentid invaliduser
"""
NAMES = st.sampled_from(WORDS_OF_THE_WIRE.split())
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from([1_795_000_000, 10**18, -(10**18)])
    | st.text(max_size=6)
    | st.sampled_from(["wm-1", "zhangsan", "a\u0000b", "", "x" * 200])
    | st.floats(allow_nan=False, allow_infinity=False)
)
JSON = st.recursive(
    LEAVES,
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(NAMES, inside, max_size=5),
    max_leaves=12,
)


@pytest.mark.parametrize("name", list(CALLS))
@settings(max_examples=40, deadline=None)
@given(fields=st.dictionaries(NAMES, JSON, max_size=6))
async def test_no_answer_whatever_crashes_a_call(name: str, fields: dict[str, Any]) -> None:
    company = Company()
    # A cursor in the answer asks for more pages; the last ones say that nothing follows.
    company.answers = [{"errcode": 0} | fields] + [{"errcode": 0, "errmsg": "ok"}] * 3
    try:
        await CALLS[name](company.wecom)
    except (Trouble, ProviderRefused):
        return
