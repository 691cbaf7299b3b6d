"""Moments: made by a job, posted by guides, liked and commented by customers."""

from __future__ import annotations

from typing import Any

import pytest
from tests.sandbox.wecom.company import Company

from headwater.sandbox.wecom import CannotDo

PICTURE = b"\x89PNG\r\n\x1a\n" + b"picture"


async def attach(company: Company, scene: str = "1") -> str:
    said = await company.upload(
        "media/upload_attachment", PICTURE, media_type="image", attachment_type=scene
    )
    return str(said["media_id"])


async def order(company: Company, **changes: Any) -> str:
    body = {
        "text": {"content": "秋冬新品"},
        "visible_range": {"sender_list": {"user_list": ["zhangmin", "liwei"]}},
        **changes,
    }
    return str((await company.contact("add_moment_task", body))["jobid"])


async def made(company: Company, **changes: Any) -> str:
    job = await order(company, **changes)
    company.clock.move(seconds=2)
    said = await company.contact("get_moment_task_result", jobid=job)
    return str(said["result"]["moment_id"])


async def test_a_job_takes_its_time(company: Company) -> None:
    job = await order(company)
    statuses = []
    for _ in range(3):
        said = await company.contact("get_moment_task_result", jobid=job)
        statuses.append(said["status"])
        company.clock.move(seconds=1)
    assert statuses == [1, 2, 3]
    assert said["result"]["errcode"] == 0
    assert said["type"] == "add_moment_task"
    assert await company.refused("get_moment_task_result", jobid="no") == 40088


async def test_no_guide_sees_the_task_before_the_job_is_done(company: Company) -> None:
    await order(company)
    assert company.acts.tasks("zhangmin") == []
    company.clock.move(seconds=2)
    (task,) = company.acts.tasks("zhangmin")
    assert (task.kind, task.words, task.state) == ("moment", "秋冬新品", "waiting")


async def test_a_guide_posts_and_customers_react(company: Company) -> None:
    person, other = company.friend(1), company.friend(2, "liwei")
    moment = await made(company)
    whom = {"moment_id": moment, "userid": "zhangmin"}
    assert await company.refused("get_moment_send_result", whom) == 41062
    company.acts.confirm("zhangmin", "moment", moment, company.clock())
    tasks = (await company.contact("get_moment_task", {"moment_id": moment}))["task_list"]
    assert tasks == [
        {"userid": "zhangmin", "publish_status": 1},
        {"userid": "liwei", "publish_status": 0},
    ]
    seen = (await company.contact("get_moment_send_result", whom))["customer_list"]
    assert seen == [{"external_userid": company.external()}]
    (post,) = company.acts.moments(person, company.clock())
    assert (post.words, post.userid) == ("秋冬新品", "zhangmin")
    assert company.acts.moments(other, company.clock()) == []
    company.acts.like(person, moment, "zhangmin", company.clock())
    company.acts.comment(person, moment, "zhangmin", "好看", company.clock())
    company.acts.answer_comment("zhangmin", moment, "到店试试", company.clock())
    said = await company.contact("get_moment_comments", whom)
    now = int(company.clock().timestamp())
    assert said["like_list"] == [{"external_userid": company.external(), "create_time": now}]
    assert said["comment_list"] == [
        {"external_userid": company.external(), "create_time": now},
        {"userid": "zhangmin", "create_time": now},
    ]
    company.acts.like(person, moment, "zhangmin", company.clock())
    assert (await company.contact("get_moment_comments", whom))["like_list"] == []
    with pytest.raises(CannotDo):
        company.acts.like(other, moment, "zhangmin", company.clock())


async def test_only_tagged_customers_see_it(company: Company) -> None:
    company.acts.add_tags("等级", ["金"], company.clock())
    tag_id = company.acts.tag_groups()[0][1][0][0]
    tagged, plain = company.friend(1), company.friend(2)
    company.acts.tag("zhangmin", tagged, [tag_id], [], company.clock())
    moment = await made(
        company,
        visible_range={
            "sender_list": {"department_list": [2]},
            "external_contact_list": {"tag_list": [tag_id]},
        },
    )
    company.acts.confirm("zhangmin", "moment", moment, company.clock())
    assert len(company.acts.moments(tagged, company.clock())) == 1
    assert company.acts.moments(plain, company.clock()) == []
    chosen = {"moment_id": moment, "userid": "zhangmin"}
    said = await company.contact("get_moment_customer_list", chosen)
    assert said["customer_list"] == [{"userid": "zhangmin", "external_userid": company.external(1)}]


async def test_wrong_senders_and_tags_are_named_by_the_job(company: Company) -> None:
    job = await order(
        company,
        visible_range={
            "sender_list": {"user_list": ["zhangmin", "nobody"], "department_list": [99]},
            "external_contact_list": {"tag_list": ["no"]},
        },
    )
    company.clock.move(seconds=2)
    result = (await company.contact("get_moment_task_result", jobid=job))["result"]
    assert result["invalid_sender_list"] == {"user_list": ["nobody"], "department_list": [99]}
    assert result["invalid_external_contact_list"] == {"tag_list": ["no"]}
    job = await order(company, visible_range={"sender_list": {"user_list": ["nobody"]}})
    company.clock.move(seconds=2)
    result = (await company.contact("get_moment_task_result", jobid=job))["result"]
    assert (result["errcode"], result["moment_id"]) == (40031, "")


async def test_a_stopped_moment_cannot_be_posted(company: Company) -> None:
    company.friend()
    moment = await made(company)
    await company.contact("cancel_moment_task", {"moment_id": moment})
    with pytest.raises(CannotDo):
        company.acts.confirm("zhangmin", "moment", moment, company.clock())
    assert company.acts.tasks("zhangmin")[0].state == "cancelled"


async def test_a_guides_own_moment_is_listed_apart(company: Company) -> None:
    person = company.friend()
    moment = await made(company)
    own = company.acts.post("zhangmin", "今日穿搭", [], company.clock())
    assert company.acts.moments(person, company.clock())[0].words == "今日穿搭"
    now = int(company.clock().timestamp())
    span = {"start_time": now - 100, "end_time": now}
    listed = (await company.contact("get_moment_list", span))["moment_list"]
    assert [one["moment_id"] for one in listed] == [moment, own]
    listed = (await company.contact("get_moment_list", {**span, "filter_type": 1}))["moment_list"]
    assert [(one["creator"], one["create_type"]) for one in listed] == [("zhangmin", 1)]
    assert await company.refused("get_moment_task", {"moment_id": own}) == 41067
    assert await company.refused("cancel_moment_task", {"moment_id": own}) == 41067
    stranger = {"moment_id": own, "userid": "liwei"}
    assert await company.refused("get_moment_comments", stranger) == 41061
    long = {"start_time": now - 30 * 86_400 - 1, "end_time": now}
    assert await company.refused("get_moment_list", long) == 40058


async def test_nine_pictures_and_no_more(company: Company) -> None:
    image = {"msgtype": "image", "image": {"media_id": await attach(company)}}
    await order(company, attachments=[image] * 9)
    body = {"text": {"content": "新品"}, "attachments": [image] * 10}
    assert await company.refused("add_moment_task", body) == 41064


@pytest.mark.parametrize(
    "body, errcode",
    [
        ({"text": {"content": "字" * 2_000}}, 0),
        ({"text": {"content": "字" * 2_001}}, 45002),
        ({}, 41089),
        ({"attachments": [{"msgtype": "file", "file": {"media_id": "x"}}]}, 41065),
        ({"attachments": [{"msgtype": "link", "link": {"url": "https://a.test"}}]}, 0),
        ({"attachments": [{"msgtype": "link", "link": {"url": "https://a.test"}}] * 2}, 41064),
        ({"attachments": [{"msgtype": "video", "video": {"media_id": "none"}}]}, 40007),
    ],
)
async def test_a_moment_keeps_its_bounds(
    company: Company, body: dict[str, Any], errcode: int
) -> None:
    assert (await company.post("externalcontact/add_moment_task", body))["errcode"] == errcode


async def test_pictures_must_be_uploaded_for_moments(company: Company) -> None:
    ordinary = (await company.upload("media/upload", PICTURE, type="image"))["media_id"]
    for media_id, errcode in ((ordinary, 40007), (await attach(company, "2"), 41072)):
        image = {"msgtype": "image", "image": {"media_id": media_id}}
        assert await company.refused("add_moment_task", {"attachments": [image]}) == errcode


async def test_a_hundred_thousand_senders_and_no_more(company: Company) -> None:
    many = ["nobody"] * 99_999 + ["zhangmin"]
    await order(company, visible_range={"sender_list": {"user_list": many}})
    body = {
        "text": {"content": "新品"},
        "visible_range": {"sender_list": {"user_list": ["nobody", *many]}},
    }
    assert await company.refused("add_moment_task", body) == 40058
