"""Mini program codes that a camera reads, and links that belong to one person."""

from __future__ import annotations

import io
from typing import Any

import httpx2
import pytest
import zxingcpp
from PIL import Image
from tests.sandbox.weixin.brand import Brand

SCENE = "s=7Ab!#$&'()*+,/:;?@-._~0123456x"


async def code(brand: Brand, **changes: Any) -> httpx2.Response:
    plain = {"scene": "s=7", "page": "pages/shop/shop"}
    return await brand.raw("mini_program", "/wxa/getwxacodeunlimit", plain | changes)


@pytest.mark.parametrize("width", [280, 430, 1_280])
async def test_a_camera_reads_what_the_code_carries(brand: Brand, width: int) -> None:
    assert len(SCENE) == 32
    answer = await code(brand, scene=SCENE, width=width)
    assert answer.headers["content-type"] == "image/jpeg"
    picture = Image.open(io.BytesIO(answer.content))
    assert picture.size == (width, width)
    (read,) = zxingcpp.read_barcodes(picture)
    led = brand.acts.scan(brand.person(), read.text, brand.town.clock())
    assert (led.kind, led.path) == ("program", "pages/shop/shop")
    assert httpx2.QueryParams(led.query)["scene"] == SCENE


async def test_a_code_may_be_transparent_and_coloured(brand: Brand) -> None:
    answer = await code(brand, is_hyaline=True, line_color={"r": 200, "g": "16", "b": 0})
    assert answer.headers["content-type"] == "image/png"
    picture = Image.open(io.BytesIO(answer.content))
    assert picture.getpixel((0, 0)) == (0, 0, 0, 0)
    colours = picture.getcolors()
    assert colours is not None
    assert (200, 16, 0, 255) in [colour for _, colour in colours]


@pytest.mark.parametrize(
    "changes, expected",
    [
        ({"scene": ""}, 40169),
        ({"scene": "x" * 33}, 40169),
        ({"scene": "100%"}, 40169),
        ({"scene": "新茶"}, 40169),
        ({"page": "/pages/shop/shop"}, 41030),
        ({"page": "/pages/shop/shop", "check_path": False}, 41030),
        ({"page": "pages/shop/shop?x=1"}, 41030),
        ({"width": 279}, 40097),
        ({"width": 1_281}, 40097),
        ({"env_version": "nightly"}, 40097),
        ({"line_color": {"r": 256, "g": 0, "b": 0}}, 40097),
        ({"scene": 7}, 47003),
    ],
)
async def test_a_code_is_refused_in_json(
    brand: Brand, changes: dict[str, Any], expected: int
) -> None:
    answer = await code(brand, **changes)
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.json()["errcode"] == expected


async def test_only_published_pages_have_codes_unless_nobody_checks(brand: Brand) -> None:
    await brand.town.side("PUT", "/weixin/pages", {"pages": ["pages/shop/shop"]})
    assert (await code(brand)).headers["content-type"] == "image/jpeg"
    other = await code(brand, page="pages/new/new")
    assert other.json()["errcode"] == 41030
    unchecked = await code(brand, page="pages/new/new", check_path=False)
    assert unchecked.headers["content-type"] == "image/jpeg"


async def test_a_whole_path_fits_into_a_code_too(brand: Brand) -> None:
    body = {"path": "pages/shop/shop?store=7&from=poster"}
    answer = await brand.raw("mini_program", "/wxa/getwxacode", body)
    (read,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(answer.content)))
    led = brand.acts.scan(brand.person(), read.text, brand.town.clock())
    assert (led.path, led.query) == ("pages/shop/shop", "store=7&from=poster")


async def link(brand: Brand, **changes: Any) -> dict[str, Any]:
    plain = {"path": "/pages/shop/shop", "query": "a=1"}
    return await brand.program("/wxa/generate_urllink", plain | changes)


async def test_a_link_belongs_to_who_opens_it_first(brand: Brand) -> None:
    url = (await link(brand))["url_link"]
    now = brand.town.clock()
    for _ in range(2):
        led = brand.acts.open_link(brand.person("p2"), url, now)
        assert (led.kind, led.path, led.query) == ("program", "pages/shop/shop", "a=1")
    other = brand.acts.open_link(brand.person("p3"), url, now)
    assert (other.kind, other.words) == ("nothing", "该链接已被其他用户打开")
    later = brand.town.clock.move(days=30)
    assert brand.acts.open_link(brand.person("p2"), url, later).kind == "nothing"


async def test_a_link_lives_a_minute_to_thirty_days(brand: Brand) -> None:
    now = int(brand.town.clock().timestamp())
    month = 30 * 86_400
    for changes, expected in (
        ({"expire_type": 0, "expire_time": now + 60}, 0),
        ({"expire_type": 0, "expire_time": now + 59}, 85401),
        ({"expire_type": 0, "expire_time": now + month}, 0),
        ({"expire_type": 0, "expire_time": now + month + 1}, 85400),
        ({"expire_type": 1, "expire_interval": 30}, 0),
        ({"expire_type": 1, "expire_interval": 31}, 85400),
        ({"query": "x" * 1_024}, 0),
        ({"query": "x" * 1_025}, 40212),
        ({"path": "pages/shop/shop?x=1"}, 40165),
    ):
        assert (await link(brand, **changes))["errcode"] == expected


async def test_a_scheme_opens_as_a_link_does(brand: Brand) -> None:
    body = {"jump_wxa": {"path": "/pages/shop/shop", "query": "a=1"}, "expire_interval": 1}
    made = await brand.program("/wxa/generatescheme", body | {"expire_type": 1})
    assert made["openlink"].startswith("weixin://dl/business/?t=")
    led = brand.acts.scan(brand.person(), made["openlink"], brand.town.clock())
    assert (led.kind, led.path) == ("program", "pages/shop/shop")


async def test_a_program_that_is_not_released_has_no_links(brand: Brand) -> None:
    await brand.town.side("PUT", "/weixin/pages", {"is_released": False})
    assert (await link(brand))["errcode"] == 85079


async def test_a_card_arrives_in_the_friends_chat(brand: Brand) -> None:
    body = {"title": "看看这款茶", "path": "pages/tea/tea?share=x", "to": "p3"}
    shared = await brand.town.side("POST", "/people/p2/shares", body)
    assert shared.json()["appid"] == brand.app("mini_program").appid
    (card,) = brand.messages("p3", chat="friend:p2")
    assert (card.kind, card.pagepath) == ("miniprogrampage", "pages/tea/tea?share=x")
