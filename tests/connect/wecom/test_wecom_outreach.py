"""Welcomes, broadcasts and moments: said within the platform's lengths, and followed to the end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.connect.wecom.company import NOON, Company

from headwater.base.errors import BadInput, NotReached, Trouble
from headwater.connect.wecom.api import Upload
from headwater.connect.wecom.errors import WelcomeSpent
from headwater.connect.wecom.outreach.broadcasts import (
    NewBroadcast,
    SendState,
    TaskState,
    ToCustomers,
    ToGroups,
    ToTags,
)
from headwater.connect.wecom.outreach.content import (
    Attachment,
    Content,
    File,
    Image,
    Link,
    MiniProgram,
    Video,
)
from headwater.connect.wecom.outreach.moments import JobState, NewMoment
from headwater.connect.wecom.outreach.welcomes import WelcomeTicket

HELLO = Content("你好")
TICKET = WelcomeTicket.of("CODE", NOON)


async def test_a_welcome_says_words_and_nine_things() -> None:
    company = Company()
    company.will()
    things = (
        Image(media_id="m-1"),
        Image(url="https://p.example/1"),
        Link("题" * 42, "https://b.example", "述" * 170, "https://p.example/2"),
        MiniProgram("题" * 21, "m-2", "wx12", "pages/index.html"),
        Video("m-3"),
        File("m-4"),
        File("m-5"),
        File("m-6"),
        File("m-7"),
    )
    await company.wecom.welcomes.send(TICKET, Content("好" * 1_333, things))
    body = company.body()
    assert body["welcome_code"] == "CODE"
    assert [each["msgtype"] for each in body["attachments"]] == [
        "image",
        "image",
        "link",
        "miniprogram",
        "video",
        "file",
        "file",
        "file",
        "file",
    ]
    assert body["attachments"][1] == {
        "msgtype": "image",
        "image": {"pic_url": "https://p.example/1"},
    }
    assert set(body["attachments"][2]["link"]) == {"title", "url", "desc", "picurl"}


@pytest.mark.parametrize(
    "content",
    [
        Content(),
        Content("x" * 4_001),
        Content("好" * 1_334),
        Content("好", tuple(File(f"m-{number}") for number in range(10))),
        Content(attachments=(Image(),)),
        Content(attachments=(Image("m", "https://p.example"),)),
        Content(attachments=(Link("", "https://b.example"),)),
        Content(attachments=(Link("x" * 129, "https://b.example"),)),
        Content(attachments=(Link("x", "https://b.example", "x" * 513),)),
        Content(attachments=(Link("x", "https://b.example/" + "x" * 2_048),)),
        Content(attachments=(MiniProgram("x" * 65, "m", "wx12", "p"),)),
    ],
)
async def test_content_beyond_its_limits_is_not_sent(content: Content) -> None:
    company = Company()
    with pytest.raises(BadInput):
        await company.wecom.welcomes.send(TICKET, content)
    assert company.asked == []


@pytest.mark.parametrize(
    "thing",
    [Link("x" * 128, "https://b.example", "x" * 512), MiniProgram("x" * 64, "m", "wx12", "p")],
)
async def test_content_at_its_limits_is_sent(thing: Attachment) -> None:
    company = Company()
    company.will()
    await company.wecom.welcomes.send(TICKET, Content("x" * 4_000, (thing,)))
    assert company.paths()[-1] == "externalcontact/send_welcome_msg"


async def test_a_welcome_is_sent_until_the_twentieth_second_and_not_after() -> None:
    company = Company()
    company.will()
    company.now = NOON + timedelta(seconds=19.999)
    await company.wecom.welcomes.send(TICKET, HELLO)
    asked = len(company.asked)
    company.now = NOON + timedelta(seconds=20)
    with pytest.raises(WelcomeSpent):
        await company.wecom.welcomes.send(TICKET, HELLO)
    assert len(company.asked) == asked


async def test_a_busy_welcome_may_be_repeated_at_once_and_a_spent_one_not() -> None:
    company = Company()
    company.will_refuse(41096, "welcome is being distributed")
    with pytest.raises(NotReached):
        await company.wecom.welcomes.send(TICKET, HELLO)
    company.will()
    await company.wecom.welcomes.send(TICKET, HELLO)
    company.will_refuse(41051, "externaluser has started chatting")
    with pytest.raises(WelcomeSpent):
        await company.wecom.welcomes.send(TICKET, HELLO)


def test_a_ticket_does_not_show_its_code() -> None:
    assert "CODE" not in repr(TICKET)


async def test_a_broadcast_to_customers_names_those_it_cannot_reach() -> None:
    company = Company()
    company.will(msgid="msg-1", fail_list=["wm-9"])
    many = tuple(f"wm-{number}" for number in range(10_000))
    new = NewBroadcast(HELLO, ToCustomers(many, "zhangsan"), may_choose=True)
    made = await company.wecom.broadcasts.create(new)
    assert (made.broadcast_id, made.unreachable_ids) == ("msg-1", ("wm-9",))
    body = company.body()
    assert (body["chat_type"], body["sender"], body["allow_select"]) == ("single", "zhangsan", True)
    assert len(body["external_userid"]) == 10_000


async def test_a_broadcast_goes_to_tags_or_to_groups() -> None:
    company = Company()
    company.will(msgid="msg-1")
    tags = ToTags("zhangsan", (("et-1", "et-2"), ("et-3",)))
    await company.wecom.broadcasts.create(NewBroadcast(HELLO, tags))
    assert company.body()["tag_filter"] == {
        "group_list": [{"tag_list": ["et-1", "et-2"]}, {"tag_list": ["et-3"]}]
    }
    company.will(msgid="msg-2")
    groups = ToGroups("zhangsan", tuple(f"wr-{number}" for number in range(2_000)))
    await company.wecom.broadcasts.create(NewBroadcast(HELLO, groups))
    assert company.body()["chat_type"] == "group"
    assert len(company.body()["chat_id_list"]) == 2_000
    company.will(msgid="msg-3")
    await company.wecom.broadcasts.create(NewBroadcast(HELLO, ToTags("zhangsan")))
    assert "tag_filter" not in company.body()


@pytest.mark.parametrize(
    "to",
    [
        ToCustomers(()),
        ToCustomers(tuple(f"wm-{number}" for number in range(10_001))),
        ToGroups("zhangsan", tuple(f"wr-{number}" for number in range(2_001))),
        ToGroups(""),
        ToTags(""),
        ToTags("zhangsan", ((),)),
    ],
)
async def test_a_broadcast_beyond_its_limits_is_not_created(to: Any) -> None:
    company = Company()
    with pytest.raises(BadInput):
        await company.wecom.broadcasts.create(NewBroadcast(HELLO, to))
    assert company.asked == []


async def test_tasks_and_results_are_read_page_by_page() -> None:
    company = Company()
    company.will(
        task_list=[
            {"userid": "zhangsan", "status": 2, "send_time": 1_795_000_000},
            {"userid": "lisi", "status": 0},
            {"userid": "wangwu", "status": 7},
        ],
        next_cursor="n",
    )
    tasks = await company.wecom.broadcasts.tasks("msg-1")
    assert [task.state for task in tasks.items] == [
        TaskState.CONFIRMED,
        TaskState.WAITING,
        TaskState.UNKNOWN,
    ]
    assert tasks.items[1].confirmed_at is None
    sent = [
        {"userid": "zhangsan", "external_userid": f"wm-{status}", "status": status}
        for status in range(5)
    ]
    company.will(send_list=[*sent, {"userid": "zhangsan", "chat_id": "wr-1", "status": 1}])
    results = await company.wecom.broadcasts.results("msg-1", "zhangsan", "n")
    assert [result.state for result in results.items] == [
        SendState.WAITING,
        SendState.SENT,
        SendState.NOT_A_FRIEND,
        SendState.OVER_THE_CAP,
        SendState.UNKNOWN,
        SendState.SENT,
    ]
    assert (results.items[5].external_id, results.items[5].chat_id) == (None, "wr-1")
    assert company.body()["cursor"] == "n"
    company.will()
    await company.wecom.broadcasts.remind("msg-1")
    company.will()
    await company.wecom.broadcasts.cancel("msg-1")
    assert company.paths()[-2:] == [
        "externalcontact/remind_groupmsg_send",
        "externalcontact/cancel_groupmsg_send",
    ]


async def test_broadcasts_of_a_month_are_listed() -> None:
    company = Company()
    listed = {"msgid": "msg-1", "create_time": 1_795_000_000, "create_type": 1, "creator": "lisi"}
    company.will(group_msg_list=[listed | {"text": {"content": "你好"}}], next_cursor="")
    begin_at = NOON - timedelta(days=31)
    (record,) = (await company.wecom.broadcasts.records("single", begin_at, NOON, limit=100)).items
    assert (record.words, record.is_by_company, record.creator_id) == ("你好", False, "lisi")
    for wrong in (NOON - timedelta(days=31, seconds=1), NOON):
        with pytest.raises(BadInput):
            await company.wecom.broadcasts.records("single", wrong, NOON)
    with pytest.raises(BadInput):
        await company.wecom.broadcasts.records("single", begin_at, NOON, limit=101)


async def test_a_moment_is_a_job_first_and_a_post_later() -> None:
    company = Company()
    company.will(jobid="job-1")
    images = tuple(Image(f"m-{number}") for number in range(9))
    new = NewMoment("好" * 1_333, images, sender_ids=("zhangsan",), tag_ids=("et-1",))
    assert await company.wecom.moments.create(new) == "job-1"
    assert company.body()["visible_range"] == {
        "sender_list": {"user_list": ["zhangsan"]},
        "external_contact_list": {"tag_list": ["et-1"]},
    }
    company.will(status=2, type="add_moment_task")
    assert (await company.wecom.moments.job("job-1")).state is JobState.RUNNING
    result = {
        "errcode": 0,
        "moment_id": "mom-1",
        "invalid_sender_list": {"user_list": ["gone"], "department_list": [2]},
        "invalid_external_contact_list": {"tag_list": ["et-9"]},
    }
    company.will(status=3, type="add_moment_task", result=result)
    job = await company.wecom.moments.job("job-1")
    assert (job.state, job.moment_id) == (JobState.DONE, "mom-1")
    assert (job.wrong_sender_ids, job.wrong_tag_ids) == (("gone",), ("et-9",))
    company.will(status=4)
    assert (await company.wecom.moments.job("job-1")).state is JobState.UNKNOWN


async def test_a_moment_may_be_a_film_or_a_link() -> None:
    company = Company()
    company.will(jobid="job-1")
    await company.wecom.moments.create(NewMoment(video=Video("m-1")))
    assert company.body()["attachments"] == [{"msgtype": "video", "video": {"media_id": "m-1"}}]
    company.will(jobid="job-2")
    await company.wecom.moments.create(NewMoment(link=(Link("新品", "https://b.example"), "m-2")))
    (link,) = company.body()["attachments"]
    assert link["link"] == {"title": "新品", "url": "https://b.example", "media_id": "m-2"}


@pytest.mark.parametrize(
    "new",
    [
        NewMoment(),
        NewMoment("x" * 2_001),
        NewMoment("好" * 1_334),
        NewMoment(images=tuple(Image(f"m-{number}") for number in range(10))),
        NewMoment(images=(Image(url="https://p.example"),)),
        NewMoment(images=(Image("m-1"),), video=Video("m-2")),
        NewMoment("x", sender_ids=tuple(f"u{number}" for number in range(100_001))),
    ],
)
async def test_a_moment_beyond_its_limits_is_not_created(new: NewMoment) -> None:
    company = Company()
    with pytest.raises(BadInput):
        await company.wecom.moments.create(new)
    assert company.asked == []


async def test_who_posted_who_saw_and_who_liked() -> None:
    company = Company()
    company.will(task_list=[{"userid": "zhangsan", "publish_status": 1}], next_cursor="n")
    (poster,) = (await company.wecom.moments.results.posters("mom-1")).items
    assert poster.has_posted
    company.will(customer_list=[{"external_userid": "wm-1", "userid": "zhangsan"}])
    assert (await company.wecom.moments.results.meant_for("mom-1", "zhangsan")).items == ("wm-1",)
    company.will(customer_list=[{"external_userid": "wm-1"}])
    assert (await company.wecom.moments.results.seen_by("mom-1", "zhangsan")).items == ("wm-1",)
    assert company.body()["limit"] == 5_000
    company.will(
        comment_list=[{"external_userid": "wm-1", "create_time": 5}],
        like_list=[{"userid": "lisi", "create_time": 6}],
    )
    reactions = await company.wecom.moments.results.reactions("mom-1", "zhangsan")
    assert (reactions.comments[0].external_id, reactions.likes[0].user_id) == ("wm-1", "lisi")
    company.will(
        moment_list=[
            {"moment_id": "mom-1", "create_time": 5, "create_type": 0, "text": {"content": "新"}}
        ]
    )
    begin_at = NOON - timedelta(days=31)
    (posted,) = (await company.wecom.moments.list(begin_at, NOON)).items
    assert (posted.is_by_company, posted.words) == (True, "新")
    with pytest.raises(BadInput):
        await company.wecom.moments.list(begin_at, NOON, limit=21)
    company.will()
    await company.wecom.moments.cancel("mom-1")


@pytest.mark.parametrize("created_at", ["1795000000", 1_795_000_000])
async def test_an_upload_lasts_three_days(created_at: Any) -> None:
    company = Company()
    company.will(type="image", media_id="m-1", created_at=created_at)
    media = await company.wecom.uploads.upload("image", Upload("a.png", b"123456", "image/png"))
    assert (media.until - timedelta(days=3)).timestamp() == 1_795_000_000
    assert company.asked[-1].url.params["type"] == "image"
    assert b'name="media"; filename="a.png"' in company.asked[-1].content
    company.will(type="image", media_id="m-2", created_at=created_at)
    file = Upload("a.png", b"123456", "image/png")
    assert (await company.wecom.uploads.upload_for_moments("image", file)).media_id == "m-2"
    assert company.paths()[-1] == "media/upload_attachment"


@pytest.mark.parametrize(
    "kind,size",
    [("image", 10 * 1_048_576), ("voice", 2 * 1_048_576), ("file", 20 * 1_048_576)],
)
async def test_an_upload_at_its_limit_goes_and_one_byte_more_does_not(kind: Any, size: int) -> None:
    company = Company()
    company.will(media_id="m-1", created_at="1")
    await company.wecom.uploads.upload(kind, Upload("a", b"x" * size, "application/octet-stream"))
    for wrong in (size + 1, 5):
        with pytest.raises(BadInput):
            await company.wecom.uploads.upload(kind, Upload("a", b"x" * wrong, "a/b"))


async def test_an_upload_that_says_no_time_is_trouble() -> None:
    company = Company()
    company.will(media_id="m-1", created_at="soon")
    with pytest.raises(Trouble):
        await company.wecom.uploads.upload("image", Upload("a.png", b"123456", "image/png"))
