"""A restarted weixin host knows what was set up, who agreed, and what is still to be told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from starlette.responses import Response
from tests.sandbox.merchant import town
from tests.sandbox.weixin.brand import Brand, in_brand
from tests.sandbox.weixin.test_shipping import pay, state, upload


async def set_up(brand: Brand) -> dict[str, Any]:
    """Leave something of everything behind."""
    tag = (await brand.account("tags/create", {"tag": {"name": "金卡"}}))["tag"]["id"]
    gone = (await brand.account("tags/create", {"tag": {"name": "旧"}}))["tag"]["id"]
    await brand.account("tags/delete", {"tag": {"id": gone}})
    worn = {"openid_list": [brand.openid()], "tagid": tag}
    await brand.account("tags/members/batchtagging", worn)
    button = {"type": "click", "name": "查积分", "key": "points"}
    await brand.account("menu/create", {"button": [button]})
    rule = {"button": [button | {"name": "金卡"}], "matchrule": {"tag_id": str(tag)}}
    await brand.account("menu/addconditional", rule)
    scene = {"scene": {"scene_str": "store-7"}}
    body = {"action_name": "QR_LIMIT_STR_SCENE", "action_info": scene}
    code = await brand.account("qrcode/create", body)
    link = await brand.program("/wxa/generate_urllink", {"path": "pages/shop/shop"})
    brand.acts.open_link(brand.person(), link["url_link"], brand.town.clock())
    template_id = next(iter(brand.acts.program.templates()))
    brand.acts.subscribe(brand.person(), {template_id: True}, brand.town.clock())
    text = {"filter": {"is_to_all": True}, "msgtype": "text", "text": {"content": "新茶"}}
    for number in range(4):
        await brand.account("message/mass/sendall", text | {"clientmsgid": f"c{number}"})
    draft = await brand.draft("没发的")
    await brand.account("freepublish/submit", {"media_id": await brand.draft("发了的")})
    await brand.told(seconds=2)
    return {"tag": tag, "code": code, "link": link, "template": template_id, "draft": draft}


async def test_a_restarted_host_goes_on_where_it_was(tmp_path: Path) -> None:
    state = tmp_path / "state.jsonl"
    async with town(state) as first:
        brand = in_brand(first)
        left = await set_up(brand)
        brand.server.answer = lambda heard: Response(status_code=500)
        brand.acts.say(brand.person(), "还在吗", first.clock())
        await brand.told()
    async with town(state) as second:
        again = in_brand(second)
        now = second.clock()
        shown = await again.account("user/info", openid=again.openid())
        assert shown["tagid_list"] == [left["tag"]]
        assert [one["name"] for one in (await again.account("tags/get"))["tags"]] == [
            *("星标组", "金卡")
        ]
        fresh = (await again.account("tags/create", {"tag": {"name": "新"}}))["tag"]["id"]
        assert fresh == left["tag"] + 2
        assert again.acts.menu(again.person())[0].name == "金卡"
        assert again.acts.scan(again.person(), left["code"]["url"], now).kind == "account"
        other = again.acts.open_link(again.person("p3"), left["link"]["url_link"], now)
        assert other.kind == "nothing"
        assert again.acts.accepted(again.person())[left["template"]] == 1
        assert [one.article.title for one in again.acts.articles()] == ["发了的"]
        kept = await again.account("draft/get", {"media_id": left["draft"]})
        assert kept["news_item"][0]["title"] == "没发的"
        assert (await again.account("draft/count"))["total_count"] == 1


async def test_a_restarted_host_counts_on_and_tells_what_is_left(tmp_path: Path) -> None:
    state = tmp_path / "state.jsonl"
    async with town(state) as first:
        brand = in_brand(first)
        await set_up(brand)
        brand.server.answer = lambda heard: Response(status_code=500)
        brand.acts.say(brand.person(), "还在吗", first.clock())
        await brand.told()
        waiting = [one.id for one in brand.host.pushes.everything() if one.is_waiting]
        assert len(waiting) == 1
    async with town(state) as second:
        again = in_brand(second)
        assert [one.id for one in again.host.pushes.everything() if one.is_waiting] == waiting
        assert len(await again.told(seconds=30)) == 1
        text = {"filter": {"is_to_all": True}, "msgtype": "text", "text": {"content": "第五条"}}
        known = await again.account("message/mass/sendall", text | {"clientmsgid": "c1"})
        assert known["errcode"] == 45065
        await again.account("message/mass/sendall", text)
        await again.told(seconds=2)
        counts = again.host.account.mass.everything()[-1].counts
        assert (counts["TotalCount"], counts["SentCount"]) == (6, 0)


async def test_a_restarted_host_knows_what_was_shipped(tmp_path: Path) -> None:
    kept = tmp_path / "state.jsonl"
    async with town(kept) as first:
        brand = in_brand(first)
        await pay(brand)
        first.clock.move(seconds=10)
        assert await upload(brand) == 0
        assert len(await brand.told(seconds=1)) == 1
    async with town(kept) as second:
        again = in_brand(second)
        second.clock.move(minutes=1)
        assert await state(again) == 2
        assert await again.told(seconds=1) == []
        assert await upload(again) == 10060023
