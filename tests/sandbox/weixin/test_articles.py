"""Files, drafts and what is published out of them."""

from __future__ import annotations

from typing import Any

import pytest
from tests.sandbox.weixin.brand import JPEG, PNG, Brand


@pytest.mark.parametrize(
    "kind, content, code",
    [
        ("image", PNG.ljust(10 << 20, b"\0"), None),
        ("image", PNG.ljust((10 << 20) + 1, b"\0"), 45001),
        ("image", b"no picture at all", 40005),
        ("voice", b"\0" * (2 << 20), None),
        ("voice", b"\0" * ((2 << 20) + 1), 45001),
        ("thumb", JPEG.ljust(64 << 10, b"\0"), None),
        ("thumb", JPEG.ljust((64 << 10) + 1, b"\0"), 45001),
        ("thumb", PNG, 40005),
        ("dance", PNG, 40004),
        ("image", b"", 41005),
    ],
    ids=lambda value: str(len(value)) if isinstance(value, bytes) else str(value),
)
async def test_a_file_has_its_kind_and_size(
    brand: Brand, kind: str, content: bytes, code: int | None
) -> None:
    said = await brand.upload("/cgi-bin/media/upload", content, type=kind)
    assert said.get("errcode") == code


async def test_a_picture_for_an_article_has_only_an_address(brand: Brand) -> None:
    said = await brand.upload("/cgi-bin/media/uploadimg", JPEG)
    assert (await brand.town.http.get(said["url"])).content == JPEG
    large = await brand.upload("/cgi-bin/media/uploadimg", JPEG.ljust((1 << 20) + 1, b"\0"))
    assert large["errcode"] == 40009


async def test_material_stays_until_it_is_deleted(brand: Brand) -> None:
    media_id = (await brand.upload("/cgi-bin/material/add_material", type="image"))["media_id"]
    brand.town.clock.move(days=30)
    body = {"media_id": media_id}
    got = await brand.raw("official_account", "/cgi-bin/material/get_material", body)
    assert got.content == PNG
    assert (await brand.account("material/get_materialcount"))["image_count"] == 1
    listed = await brand.account("material/batchget_material", {"type": "image", "count": 20})
    assert listed["item"][0]["media_id"] == media_id
    over = await brand.account("material/batchget_material", {"type": "image", "count": 21})
    assert over["errcode"] == 40097
    assert (await brand.account("material/del_material", body))["errcode"] == 0
    assert (await brand.account("material/del_material", body))["errcode"] == 40007


async def article(brand: Brand, **changes: Any) -> dict[str, Any]:
    cover = await brand.upload("/cgi-bin/material/add_material", type="image")
    plain = {"title": "秋茶", "content": "<p>好</p>", "thumb_media_id": cover["media_id"]}
    return plain | changes


@pytest.mark.parametrize(
    "changes, code",
    [
        ({"title": "茶" * 32}, None),
        ({"title": "茶" * 33}, 45003),
        ({"title": ""}, 45003),
        ({"author": "茶" * 16}, None),
        ({"author": "茶" * 17}, 45110),
        ({"digest": "茶" * 128}, None),
        ({"digest": "茶" * 129}, 45004),
        ({"content": "茶" * 20_000}, None),
        ({"content": "茶" * 20_001}, 45002),
        ({"content": ""}, 44003),
        ({"thumb_media_id": "x"}, 40007),
    ],
)
async def test_an_article_has_its_sizes(
    brand: Brand, changes: dict[str, Any], code: int | None
) -> None:
    said = await brand.account("draft/add", {"articles": [await article(brand, **changes)]})
    assert said.get("errcode") == code


async def test_eight_articles_in_a_draft_and_no_more(brand: Brand) -> None:
    one = await article(brand)
    assert "media_id" in await brand.account("draft/add", {"articles": [one] * 8})
    assert (await brand.account("draft/add", {"articles": [one] * 9}))["errcode"] == 45008
    assert (await brand.account("draft/add", {"articles": []}))["errcode"] == 45008


async def test_a_cover_that_will_vanish_is_no_cover(brand: Brand) -> None:
    fleeting = await brand.upload("/cgi-bin/media/upload", type="image")
    body = {"articles": [await article(brand, thumb_media_id=fleeting["media_id"])]}
    assert (await brand.account("draft/add", body))["errcode"] == 40007


async def test_a_draft_is_changed_counted_and_deleted(brand: Brand) -> None:
    media_id = await brand.draft("一", "二")
    changed = {"media_id": media_id, "index": 1, "articles": await article(brand, title="三")}
    assert (await brand.account("draft/update", changed))["errcode"] == 0
    got = await brand.account("draft/get", {"media_id": media_id})
    assert [one["title"] for one in got["news_item"]] == ["一", "三"]
    assert (await brand.account("draft/update", changed | {"index": 2}))["errcode"] == 40114
    assert (await brand.account("draft/count"))["total_count"] == 1
    page = await brand.account("draft/batchget", {"offset": 0, "count": 1, "no_content": 1})
    assert "content" not in page["item"][0]["content"]["news_item"][0]
    assert (await brand.account("draft/delete", {"media_id": media_id}))["errcode"] == 0
    assert (await brand.account("draft/get", {"media_id": media_id}))["errcode"] == 40007


async def test_a_draft_is_published_a_little_later_and_told(brand: Brand) -> None:
    media_id = await brand.draft("秋日新茶")
    job = await brand.account("freepublish/submit", {"media_id": media_id})
    assert (await brand.account("draft/count"))["total_count"] == 0
    body = {"publish_id": job["publish_id"]}
    assert (await brand.account("freepublish/get", body))["publish_status"] == 1
    (heard,) = await brand.told(seconds=2)
    assert heard.path == "/hooks/official-account"
    done = await brand.account("freepublish/get", body)
    assert done["publish_status"] == 0
    (published,) = brand.acts.articles()
    assert published.url == done["article_detail"]["item"][0]["article_url"]
    opened = brand.acts.open_article(brand.person(), done["article_id"])
    assert (opened.article.title, opened.reads) == ("秋日新茶", 1)
    gone = {"article_id": done["article_id"], "index": 0}
    assert (await brand.account("freepublish/delete", gone))["errcode"] == 0
    assert (await brand.account("freepublish/get", body))["publish_status"] == 5
    assert brand.acts.articles() == []
    listed = await brand.account("freepublish/batchget", {"offset": 0, "count": 20})
    assert listed["item"][0]["content"]["news_item"][0]["is_deleted"] is True
