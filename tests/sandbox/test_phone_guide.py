"""The guide's WeCom in the browser, and the shopper's side of knowing a guide."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import httpx2
import pytest
from tests.sandbox.merchant import Town
from tests.sandbox.test_phone import phone, post

from headwater.sandbox.people import Message, Person
from headwater.sandbox.wecom.acts import Acts
from headwater.sandbox.wecom.content import Content, Text
from headwater.sandbox.wecom.host import WecomHost
from headwater.sandbox.weixin.host import WeixinHost

GUIDE = "zhangmin"


def acts(town: Town) -> Acts:
    return town.sandbox.others.the(WecomHost).acts


def person(town: Town, person_id: str = "p1") -> Person:
    return town.sandbox.people.get(person_id)


async def meet(town: Town, person_id: str = "p1") -> str:
    """Scan a guide's card, be accepted, and give the guide's address of the customer."""
    await phone(town, "/phone", **{"as": person_id})
    await phone(town, "/phone/guide", **{"as": GUIDE})
    code = acts(town).member(GUIDE).code
    led = await post(town, "/phone/camera", {"code": code})
    assert led.headers["location"] == f"/phone/chats/guide/{GUIDE}"
    number = town.sandbox.people.external_userid(person(town, person_id))
    await post(town, f"/phone/guide/customers/{number}/acceptance", {})
    return f"/phone/guide/customers/{number}"


async def says(town: Town, at: str, words: str) -> httpx2.Response:
    return await post(town, at, {"text": words})


async def test_a_scanned_card_waits_until_the_guide_accepts(town: Town) -> None:
    await phone(town, "/phone", **{"as": "p1"})
    await phone(town, "/phone/guide", **{"as": GUIDE})
    await post(town, "/phone/camera", {"code": acts(town).member(GUIDE).code})
    chat = await phone(town, f"/phone/chats/guide/{GUIDE}")
    assert "等待对方通过" in chat.text
    assert 'name="text"' not in chat.text
    assert "林晓" in (await phone(town, "/phone/guide/customers")).text
    number = town.sandbox.people.external_userid(person(town))
    led = await post(town, f"/phone/guide/customers/{number}/acceptance", {})
    assert led.headers["location"].endswith("/chat")
    assert 'name="text"' in (await phone(town, f"/phone/chats/guide/{GUIDE}")).text


async def test_both_phones_show_one_conversation_from_their_sides(town: Town) -> None:
    at = await meet(town)
    await says(town, f"/phone/chats/guide/{GUIDE}", "<i>有 M 码吗</i>")
    assert 'class="badge">1<' in (await phone(town, "/phone/guide")).text
    seen = await phone(town, f"{at}/chat")
    assert "&lt;i&gt;有 M 码吗" in seen.text
    assert 'class="badge">1<' not in (await phone(town, "/phone/guide")).text
    await says(town, f"{at}/chat", "有的，给您留一件")
    home = await phone(town, "/phone")
    assert "有的，给您留一件" in home.text
    assert 'class="badge">1<' in home.text
    sides = re.findall(r'class="said (mine|)"', (await phone(town, f"{at}/chat")).text)
    assert sides == ["", "mine"]


async def test_a_guide_tags_and_notes_and_finds_by_it(town: Town) -> None:
    at = await meet(town)
    acts(town).add_tags("等级", ["金卡", "银卡"], town.clock())
    tags = {name: number for _group, rows in acts(town).tag_groups() for number, name in rows}
    await post(town, f"{at}/tags", {"tag": tags["金卡"]})
    await post(town, at, {"remark": "林姐", "description": "常买 M 码"})
    known = acts(town).customers(GUIDE)[0]
    assert (known.tags, known.remark, known.description) == (("金卡",), "林姐", "常买 M 码")
    assert "林姐" in (await phone(town, "/phone/guide/customers", find="金卡")).text
    assert "没有符合的客户" in (await phone(town, "/phone/guide/customers", find="银卡")).text
    await post(town, f"{at}/tags", {})
    assert acts(town).customers(GUIDE)[0].tags == ()


async def test_deleting_on_one_phone_shows_on_the_other(town: Town) -> None:
    at = await meet(town)
    await post(town, f"/phone/contacts/{GUIDE}/deletion", {})
    assert "还没有导购好友" in (await phone(town, "/phone/contacts")).text
    assert "对方已把你删除" in (await phone(town, f"{at}/chat")).text
    refused = await says(town, f"{at}/chat", "在吗")
    assert (refused.status_code, "现在做不到" in refused.text) == (409, True)
    await post(town, f"{at}/deletion", {})
    assert "还没有客户" in (await phone(town, "/phone/guide/customers")).text


async def test_a_blocked_guide_is_not_heard(town: Town) -> None:
    at = await meet(town)
    await post(town, f"/phone/contacts/{GUIDE}/block", {"blocked": "yes"})
    await says(town, f"{at}/chat", "上新了")
    assert "上新了" not in (await phone(town, f"/phone/chats/guide/{GUIDE}")).text
    assert "移出黑名单" in (await phone(town, f"/phone/contacts/{GUIDE}")).text
    await post(town, f"/phone/contacts/{GUIDE}/block", {"blocked": "no"})
    await says(town, f"{at}/chat", "又上新了")
    assert "又上新了" in (await phone(town, f"/phone/chats/guide/{GUIDE}")).text


async def test_nobody_looks_at_another_guides_customers(town: Town) -> None:
    at = await meet(town)
    await phone(town, "/phone/guide", **{"as": "liwei"})
    for path in (at, f"{at}/chat", f"{at}/sidebar"):
        answer = await phone(town, path)
        assert (answer.status_code, "林晓" in answer.text) == (409, False)
    assert (await says(town, f"{at}/chat", "您好")).status_code == 409
    assert town.sandbox.people.messages(person(town), "guide:liwei") == []


async def test_a_post_is_liked_and_commented_from_the_shoppers_phone(town: Town) -> None:
    await meet(town)
    await post(town, "/phone/guide/moments", {"words": "周末上新"})
    feed = await phone(town, "/phone/moments")
    assert "周末上新" in feed.text
    at = html.unescape(re.findall(r'action="(/phone/moments/[^"]+)/like"', feed.text)[0])
    await post(town, f"{at}/like", {})
    await post(town, f"{at}/comment", {"text": "有 L 码吗"})
    own = (await phone(town, "/phone/guide/moments")).text
    assert "有 L 码吗" in own
    moment_id = at.split("/")[3]
    await post(town, f"/phone/guide/moments/{moment_id}/answers", {"text": "有，给您留着"})
    assert "有，给您留着" in (await phone(town, "/phone/moments")).text
    await phone(town, "/phone", **{"as": "p2"})
    assert "周末上新" not in (await phone(town, "/phone/moments")).text
    assert (await post(town, f"{at}/like", {})).status_code == 409


async def test_a_task_goes_out_only_to_those_the_guide_left_ticked(town: Town) -> None:
    for person_id in ("p1", "p2"):
        await meet(town, person_id)
    made = acts(town).broadcast(GUIDE, [person(town)], "我自己的群发", town.clock())
    assert made.state == "done"
    desk = town.sandbox.others.the(WecomHost).house.desk
    content = Content(Text("圣诞礼盒开售"))
    moment = desk.moments.order(content, town.clock(), senders=(GUIDE,))
    town.clock.move(seconds=3)
    tasks = await phone(town, "/phone/guide/tasks")
    assert "圣诞礼盒开售" in tasks.text
    at = f"/phone/guide/tasks/moment/{moment.moment_id}"
    assert "确认发表" in (await phone(town, at)).text
    await post(town, f"{at}/confirmation", {"customer": "p2"})
    assert "已发送" in (await phone(town, at)).text
    seen = {one: len(acts(town).moments(person(town, one), town.clock())) for one in ("p1", "p2")}
    assert seen == {"p1": 0, "p2": 1}


async def test_a_task_may_be_ignored(town: Town) -> None:
    await meet(town)
    desk = town.sandbox.others.the(WecomHost).house.desk
    moment = desk.moments.order(Content(Text("礼盒")), town.clock(), senders=(GUIDE,))
    town.clock.move(seconds=3)
    at = f"/phone/guide/tasks/moment/{moment.moment_id}"
    await post(town, f"{at}/refusal", {})
    assert "已忽略" in (await phone(town, at)).text
    assert acts(town).moments(person(town), town.clock()) == []


async def test_a_group_is_opened_joined_talked_in_and_left(town: Town) -> None:
    at = await meet(town)
    number = at.rpartition("/")[2]
    led = await post(town, "/phone/guide/groups", {"name": "会员群", "customer": number})
    chat_id = led.headers["location"].rpartition("/")[2]
    await says(town, f"/phone/guide/groups/{chat_id}", "周六手冲")
    assert "周六手冲" in (await phone(town, f"/phone/chats/group/{chat_id}")).text
    await phone(town, "/phone", **{"as": "p2"})
    assert (await phone(town, f"/phone/chats/group/{chat_id}")).status_code == 409
    code = f"https://work.weixin.qq.com/gm/{chat_id}"
    assert html.escape(code) in (await phone(town, "/phone/camera")).text
    await post(town, "/phone/camera", {"code": code})
    await says(town, f"/phone/chats/group/{chat_id}", "我来")
    assert "我来" in (await phone(town, f"/phone/guide/groups/{chat_id}")).text
    await post(town, f"/phone/chats/group/{chat_id}/leaving", {})
    assert (await phone(town, f"/phone/chats/group/{chat_id}")).status_code == 409


async def test_our_workbench_stands_inside_once_its_address_is_known(town: Town) -> None:
    at = await meet(town)
    assert "还不知道工作台在哪里" in (await phone(town, "/phone/guide/workbench")).text
    town.sandbox.ground.callbacks.set({"wecom": "http://shop.test/hooks/wecom"})
    inside = await phone(town, "/phone/guide/workbench")
    assert '<iframe src="http://shop.test/guide"' in inside.text
    assert "http://shop.test" in inside.headers["content-security-policy"].split("frame-src")[1]
    assert "external_userid=wm" in (await phone(town, f"{at}/sidebar")).text


@pytest.mark.parametrize("typed", ["http://пример.рф/x", "http://[::1/x", "http://a;b/x"])
async def test_an_address_that_is_none_leads_nowhere_and_breaks_no_phone(
    town: Town, typed: str
) -> None:
    await meet(town)
    assert (await town.side("POST", "/callbacks", {"wecom": typed})).status_code == 200
    assert "还不知道工作台在哪里" in (await phone(town, "/phone/guide/workbench")).text
    town.sandbox.people.deliver(
        town.sandbox.people.get("p1"), Message("image", "", (), typed, town.clock())
    )
    chat = await phone(town, "/phone/chats/account", **{"as": "p1"})
    assert chat.status_code == 200
    assert "<img" not in chat.text.partition("<main")[2]


@pytest.mark.parametrize(
    "path",
    ["", "/customers", "/tasks", "/workbench", "/moments", "/broadcasts", "/told", "/groups/wr1"],
)
async def test_nobodys_guide_phone_asks_who_logs_in(town: Town, path: str) -> None:
    answer = await phone(town, f"/phone/guide{path}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/phone/guide/login")
    assert "张敏" in (await phone(town, "/phone/guide/login")).text


async def test_a_subscription_is_asked_for_accepted_once_and_refused(town: Town) -> None:
    await phone(town, "/phone", **{"as": "p1"})
    weixin = town.sandbox.others.the(WeixinHost).acts
    first, second, *_more = weixin.program.templates()
    sheet = await phone(town, "/phone/subscriptions", ask=first)
    assert "申请给你发送" in sheet.text
    form = {"asked": first, "accept": first, "answer": "allow"}
    await post(town, "/phone/subscriptions", form)
    await post(town, "/phone/subscriptions", {**form, "asked": second, "answer": "refuse"})
    left = weixin.accepted(person(town))
    assert (left[first], left[second]) == (1, 0)
    await post(town, "/phone/subscriptions/end", {"template": first})
    assert weixin.accepted(person(town))[first] == 0


async def test_a_picture_of_a_foreign_place_is_not_loaded(town: Town) -> None:
    await meet(town)
    picture = Message("image", "", (), "https://evil.test/x.png", town.clock() - timedelta(hours=1))
    town.sandbox.people.deliver(person(town), picture, f"guide:{GUIDE}")
    page = await phone(town, f"/phone/chats/guide/{GUIDE}")
    assert "evil.test" not in page.text
    assert "evil.test" not in page.headers["content-security-policy"]


async def test_the_desk_begins_with_pages_of_the_phones_and_no_others(town: Town) -> None:
    desk = await phone(town, "/phone/both", left="/phone/moments", right="https://evil.test/phone")
    assert '<iframe src="/phone/moments"' in desk.text
    assert '<iframe src="/phone/guide"' in desk.text
    for other in ("//evil.test/phone", "/phonebook", "javascript:1", "/_sandbox/people"):
        page = await phone(town, "/phone/both", left=other)
        assert '<iframe src="/phone"' in page.text


async def test_a_guide_who_left_keeps_a_name_and_the_customer_may_refuse_the_next(
    town: Town,
) -> None:
    await meet(town)
    acts(town).resign(GUIDE, town.clock())
    for path in ("/phone/contacts", f"/phone/contacts/{GUIDE}", f"/phone/chats/guide/{GUIDE}"):
        page = await phone(town, path)
        assert (page.status_code, "张敏" in page.text) == (200, True)
    wecom = town.sandbox.credentials["wecom"]
    base, number = wecom["base_url"], town.sandbox.people.external_userid(person(town))
    asked = {"corpid": wecom["corpid"], "corpsecret": wecom["contact_secret"]}
    token = (await town.http.get(f"{base}/cgi-bin/gettoken", params=asked)).json()["access_token"]
    call = f"{base}/cgi-bin/externalcontact/resigned/transfer_customer?access_token={token}"
    body = {"handover_userid": GUIDE, "takeover_userid": "liwei", "external_userid": [number]}
    assert (await town.http.post(call, json=body)).json()["errcode"] == 0
    contacts = (await phone(town, "/phone/contacts")).text
    assert "张敏 → 李薇" in contacts
    refusal = re.findall(r'action="(/phone/transfers/[^"]+)"', contacts)[0]
    await post(town, refusal, {})
    assert "张敏 → 李薇" not in (await phone(town, "/phone/contacts")).text
    assert (await post(town, refusal, {})).status_code == 409
