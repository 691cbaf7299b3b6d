"""Mass messages: the month's four, the client's id, and what is told at the end."""

from __future__ import annotations

from typing import Any

from tests.sandbox.weixin.brand import Brand


async def to_all(brand: Brand, text: str = "新茶到店", **more: Any) -> dict[str, Any]:
    body = {"filter": {"is_to_all": True}, "msgtype": "text", "text": {"content": text}} | more
    return await brand.account("message/mass/sendall", body)


async def events(brand: Brand) -> list[dict[str, Any]]:
    return [
        one.fields
        for one in brand.host.pushes.everything()
        if one.fields.get("Event") == "MASSSENDJOBFINISH"
    ]


async def test_a_follower_gets_four_a_month_and_no_more(brand: Brand) -> None:
    for number in range(5):
        await to_all(brand, f"第{number}条")
        await brand.told(seconds=60)
    assert len(brand.messages()) == 4
    last = (await events(brand))[-1]
    assert (last["TotalCount"], last["FilterCount"], last["SentCount"]) == (6, 0, 0)
    # The count is of Shanghai's calendar, whose December comes eight hours before Greenwich's.
    brand.town.clock.move(days=8, hours=12)
    await to_all(brand, "下个月")
    await brand.told(seconds=2)
    assert brand.messages()[-1].title == "下个月"


async def test_a_message_is_out_a_little_later_and_then_told(brand: Brand) -> None:
    msg_id = (await to_all(brand))["msg_id"]
    assert brand.messages() == []
    status = await brand.account("message/mass/get", {"msg_id": msg_id})
    assert status["msg_status"] == "SENDING"
    await brand.told(seconds=2)
    status = await brand.account("message/mass/get", {"msg_id": str(msg_id)})
    assert status["msg_status"] == "SEND_SUCCESS"
    (event,) = await events(brand)
    assert (event["FromUserName"], event["MsgID"], event["SentCount"]) == ("mphelper", msg_id, 6)
    assert (await brand.account("message/mass/get", {"msg_id": 1}))["errcode"] == 40059


async def test_a_tag_names_who_gets_it(brand: Brand) -> None:
    number = (await brand.account("tags/create", {"tag": {"name": "会员"}}))["tag"]["id"]
    body = {"openid_list": [brand.openid("p3")], "tagid": number}
    await brand.account("tags/members/batchtagging", body)
    await to_all(brand, filter={"is_to_all": False, "tag_id": number})
    await brand.told(seconds=2)
    assert [len(brand.messages("p2")), len(brand.messages("p3"))] == [0, 1]
    wrong = await to_all(brand, filter={"is_to_all": False, "tag_id": 999})
    assert wrong["errcode"] == 45159


async def test_the_same_client_id_sends_once_in_a_day(brand: Brand) -> None:
    first = await to_all(brand, clientmsgid="c1")
    assert (await to_all(brand, clientmsgid="c1"))["errcode"] == 45066
    brand.town.clock.move(minutes=1)
    again = await to_all(brand, clientmsgid="c1")
    assert (again["errcode"], again["msg_id"]) == (45065, first["msg_id"])
    brand.town.clock.move(hours=24)
    assert (await to_all(brand, clientmsgid="c1"))["msg_id"] != first["msg_id"]
    assert (await to_all(brand, clientmsgid="c" * 64))["errcode"] == 0
    assert (await to_all(brand, clientmsgid="c" * 65))["errcode"] == 45067


async def test_a_list_has_two_to_ten_thousand_names(brand: Brand) -> None:
    async def sent(*openids: str) -> int:
        body = {"touser": list(openids), "msgtype": "text", "text": {"content": "新茶"}}
        return int((await brand.account("message/mass/send", body))["errcode"])

    assert await sent(brand.openid()) == 40032
    assert await sent(brand.openid(), brand.openid("p3")) == 0
    assert await sent(*[brand.openid()] * 10_000) == 0
    assert await sent(*[brand.openid()] * 10_001) == 40032
    assert await sent(brand.openid(), "o-nobody") == 40003


async def test_sixty_a_minute_and_no_more(brand: Brand) -> None:
    said = [(await to_all(brand))["errcode"] for _ in range(61)]
    assert said == [0] * 60 + [45011]


async def test_a_hundred_a_day_and_no_more(brand: Brand) -> None:
    said = []
    for _ in range(101):
        brand.town.clock.move(seconds=2)
        said.append((await to_all(brand))["errcode"])
    assert said == [0] * 100 + [45009]


async def test_a_preview_reaches_one_and_counts_for_nothing(brand: Brand) -> None:
    body: dict[str, Any] = {
        "touser": brand.openid(),
        "msgtype": "text",
        "text": {"content": "试发"},
    }
    for _ in range(100):
        assert (await brand.account("message/mass/preview", body))["errcode"] == 0
    assert (await brand.account("message/mass/preview", body))["errcode"] == 45009
    await to_all(brand)
    await brand.told(seconds=2)
    assert brand.messages()[-1].title == "新茶到店"


async def test_articles_that_were_sent_can_be_read_until_they_are_withdrawn(brand: Brand) -> None:
    media_id = await brand.draft("秋日新茶", "门店活动")
    sent = await to_all(brand, msgtype="mpnews", mpnews={"media_id": media_id})
    assert "msg_data_id" in sent
    await brand.told(seconds=2)
    message = brand.messages()[-1]
    assert (message.kind, message.title) == ("mpnews", "秋日新茶")
    page = await brand.town.http.get(message.url)
    assert (page.status_code, "<p>秋日新茶</p>" in page.text) == (200, True)
    assert "script" not in page.headers["content-security-policy"]
    (event,) = await events(brand)
    assert event["ArticleUrlResult"]["Count"] == 2
    body = {"msg_id": sent["msg_id"], "article_idx": 1}
    assert (await brand.account("message/mass/delete", body))["errcode"] == 0
    assert (await brand.town.http.get(message.url)).status_code == 404
    other = event["ArticleUrlResult"]["ResultList"]["item"][1]["ArticleUrl"]
    assert (await brand.town.http.get(other)).status_code == 200
    unknown = await to_all(brand, msgtype="mpnews", mpnews={"media_id": "x"})
    assert unknown["errcode"] == 40007


async def test_a_message_may_wait_for_an_administrator(brand: Brand) -> None:
    await brand.town.side("POST", "/weixin/approvals", {"is_needed": True})
    allowed, refused, forgotten = [(await to_all(brand))["msg_id"] for _ in range(3)]
    assert await brand.told(seconds=60) == []
    await brand.town.side("POST", "/weixin/approvals", {"msg_id": allowed})
    await brand.town.side("POST", "/weixin/approvals", {"msg_id": refused, "is_allowed": False})
    again = await brand.town.side("POST", "/weixin/approvals", {"msg_id": refused})
    assert again.status_code == 404
    await brand.told(seconds=30 * 60)
    said = {one["MsgID"]: one["Status"] for one in await events(brand)}
    assert said == {allowed: "send success", refused: "err(40001)", forgotten: "err(40002)"}
    assert len(brand.messages()) == 1
