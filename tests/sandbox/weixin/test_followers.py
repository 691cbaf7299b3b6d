"""Followers, their tags, and the codes that bring them."""

from __future__ import annotations

import io
from typing import Any

import zxingcpp
from PIL import Image
from tests.sandbox.weixin.brand import Brand


async def tag(brand: Brand, name: str) -> int:
    return int((await brand.account("tags/create", {"tag": {"name": name}}))["tag"]["id"])


async def put_on(brand: Brand, number: int, *openids: str) -> int:
    body = {"openid_list": list(openids), "tagid": number}
    return int((await brand.account("tags/members/batchtagging", body))["errcode"])


async def test_a_follower_is_shown_without_a_nickname(brand: Brand) -> None:
    shown = await brand.account("user/info", openid=brand.openid())
    assert (shown["subscribe"], shown["unionid"]) == (1, brand.person().unionid)
    assert "nickname" not in shown
    brand.acts.unfollow(brand.person(), brand.town.clock())
    gone = await brand.account("user/info", openid=brand.openid())
    assert gone["subscribe"] == 0
    assert "unionid" not in gone
    assert (await brand.account("user/info", openid="o-nobody"))["errcode"] == 40003


async def test_an_unbound_account_learns_no_union_id(brand: Brand) -> None:
    brand.town.sandbox.faults.hide_unionid = True
    assert "unionid" not in await brand.account("user/info", openid=brand.openid())


async def test_a_hundred_followers_are_told_at_once_and_no_more(brand: Brand) -> None:
    one = {"openid": brand.openid()}
    told = await brand.account("user/info/batchget", {"user_list": [one] * 100})
    assert len(told["user_info_list"]) == 100
    more = await brand.account("user/info/batchget", {"user_list": [one] * 101})
    assert more["errcode"] == 40032


async def test_followers_are_listed_from_behind_a_name(brand: Brand) -> None:
    first = await brand.account("user/get")
    assert (first["total"], first["count"]) == (6, 6)
    after = first["data"]["openid"][3]
    rest = await brand.account("user/get", next_openid=after)
    assert rest["data"]["openid"] == first["data"]["openid"][4:]
    end = await brand.account("user/get", next_openid=rest["next_openid"])
    assert (end["count"], end["next_openid"]) == (0, "")


async def test_a_remark_is_thirty_characters_long_at_most(brand: Brand) -> None:
    for length, code in ((30, 0), (31, 40097)):
        body = {"openid": brand.openid(), "remark": "茶" * length}
        assert (await brand.account("user/info/updateremark", body))["errcode"] == code
    assert (await brand.account("user/info", openid=brand.openid()))["remark"] == "茶" * 30


async def test_a_tag_has_a_name_of_its_own_of_thirty_bytes(brand: Brand) -> None:
    number = await tag(brand, "茶" * 10)
    for name, code in (("茶" * 10, 45157), ("", 45157), ("茶" * 10 + "x", 45158)):
        assert (await brand.account("tags/create", {"tag": {"name": name}}))["errcode"] == code
    renamed = await brand.account("tags/update", {"tag": {"id": number, "name": "爱茶的人"}})
    assert renamed["errcode"] == 0
    for wrong, code in ((2, 45058), (999, 45159)):
        body = {"tag": {"id": wrong, "name": "x"}}
        assert (await brand.account("tags/update", body))["errcode"] == code


async def test_there_are_a_hundred_tags_and_no_more(brand: Brand) -> None:
    # One tag is the platform's own.
    for number in range(99):
        await tag(brand, f"标签{number}")
    over = await brand.account("tags/create", {"tag": {"name": "多了"}})
    assert over["errcode"] == 45056


async def test_a_tag_goes_on_fifty_people_a_call(brand: Brand) -> None:
    number = await tag(brand, "会员")
    assert await put_on(brand, number, *[brand.openid()] * 50) == 0
    assert await put_on(brand, number, *[brand.openid()] * 51) == 40032
    assert await put_on(brand, number, brand.openid("p3"), "o-nobody") == 40003
    worn = await brand.account("user/tag/get", {"tagid": number})
    assert worn["data"]["openid"] == [brand.openid()]
    assert (await brand.account("tags/get"))["tags"][-1]["count"] == 1
    await brand.account("tags/delete", {"tag": {"id": number}})
    assert (await brand.account("tags/getidlist", {"openid": brand.openid()}))["tagid_list"] == []


async def test_a_person_wears_twenty_tags_and_no_more(brand: Brand) -> None:
    numbers = [await tag(brand, f"标签{number}") for number in range(21)]
    said = [await put_on(brand, number, brand.openid()) for number in numbers]
    assert said == [0] * 20 + [45059]
    body = {"openid_list": [brand.openid()], "tagid": numbers[0]}
    assert (await brand.account("tags/members/batchuntagging", body))["errcode"] == 0
    assert await put_on(brand, numbers[20], brand.openid()) == 0


async def code(brand: Brand, **changes: Any) -> dict[str, Any]:
    plain = {
        "action_name": "QR_STR_SCENE",
        "expire_seconds": 600,
        "action_info": {"scene": {"scene_str": "store-7"}},
    }
    return await brand.account("qrcode/create", plain | changes)


async def test_a_code_brings_a_follower_with_its_scene(brand: Brand) -> None:
    made = await code(brand)
    url = "/cgi-bin/showqrcode"
    picture = await brand.send("GET", url, params={"ticket": made["ticket"]})
    (read,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture.content)))
    assert read.text == made["url"]
    brand.acts.unfollow(brand.person(), brand.town.clock())
    assert brand.acts.scan(brand.person(), read.text, brand.town.clock()).kind == "account"
    shown = await brand.account("user/info", openid=brand.openid())
    assert (shown["subscribe"], shown["qr_scene_str"]) == (1, "store-7")


async def test_a_code_for_a_while_means_nothing_later(brand: Brand) -> None:
    made = await code(brand)
    brand.town.clock.move(seconds=600)
    assert brand.acts.scan(brand.person(), made["url"], brand.town.clock()).kind == "page"


async def test_a_scene_has_its_size(brand: Brand) -> None:
    for scene, action, expected in (
        ({"scene_str": "x" * 64}, "QR_LIMIT_STR_SCENE", None),
        ({"scene_str": "x" * 65}, "QR_LIMIT_STR_SCENE", 40053),
        ({"scene_id": 100_000}, "QR_LIMIT_SCENE", None),
        ({"scene_id": 100_001}, "QR_LIMIT_SCENE", 40052),
        ({"scene_id": 0}, "QR_SCENE", 40052),
        ({"scene_id": 1}, "QR_OTHER", 40053),
    ):
        made = await code(brand, action_name=action, action_info={"scene": scene})
        assert made.get("errcode") == expected
