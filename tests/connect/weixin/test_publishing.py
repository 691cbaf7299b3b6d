"""Files, articles and pages of the official account, as they go over the wire."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.connect.weixin.stub import NOON, OK, PNG, Weixin, refusal

from headwater.base.errors import BadInput, Trouble
from headwater.connect.official_account.articles import Draft, Stage
from headwater.connect.official_account.materials import MOST_BYTES, Kind
from headwater.connect.official_account.pages import page_signature
from headwater.connect.weixin_api import File

PICTURE = File("封面.png", PNG, "image/png")
DRAFT = Draft("冬季新品 😀", "<p>羊绒围巾</p>", "cover-1", "小满", "新到", "https://b.example")


async def test_a_file_is_lent_for_three_days() -> None:
    weixin = Weixin()
    weixin.will({"type": "image", "media_id": "m-1", "created_at": 1_434_093_047})
    lent = await weixin.account.materials.lend("image", PICTURE)
    until = datetime.fromtimestamp(1_434_093_047, UTC) + timedelta(days=3)
    assert (lent.media_id, lent.until) == ("m-1", until)
    assert weixin.query["type"] == "image"
    assert weixin.asked[-1].headers["Content-Type"].startswith("multipart/form-data")
    assert b'name="media"' in weixin.raw
    assert PNG in weixin.raw


async def test_a_lent_thumbnail_is_named_otherwise() -> None:
    weixin = Weixin()
    weixin.will({"type": "thumb", "thumb_media_id": "m-2", "created_at": 1_434_093_047})
    assert (await weixin.account.materials.lend("thumb", PICTURE)).media_id == "m-2"


async def test_a_file_is_kept_and_deleted() -> None:
    weixin = Weixin()
    weixin.will({"media_id": "m-3", "url": "https://mmbiz.example/p"}, {"media_id": "m-4"}, OK)
    kept = await weixin.account.materials.keep("image", PICTURE)
    assert (kept.media_id, kept.url) == ("m-3", "https://mmbiz.example/p")
    assert (await weixin.account.materials.keep("voice", PICTURE)).url is None
    await weixin.account.materials.delete("m-3")
    assert weixin.body == {"media_id": "m-3"}


async def test_a_picture_for_an_article_gets_an_address() -> None:
    weixin = Weixin()
    weixin.will({"url": "https://mmbiz.example/i"})
    assert await weixin.account.materials.for_article(PICTURE) == "https://mmbiz.example/i"
    with pytest.raises(BadInput):
        await weixin.account.materials.for_article(File("a", bytes(1024 * 1024 + 1), "image/png"))


@pytest.mark.parametrize("kind,most", [("thumb", 64 * 1024), ("voice", 2 * 1024 * 1024)])
async def test_a_file_may_be_as_large_as_its_kind_allows(kind: Kind, most: int) -> None:
    weixin = Weixin()
    assert MOST_BYTES[kind] == most
    weixin.will({"media_id": "m-1"})
    await weixin.account.materials.keep(kind, File("a", bytes(most), "x/y"))
    for size in (0, most + 1):
        with pytest.raises(BadInput):
            await weixin.account.materials.keep(kind, File("a", bytes(size), "x/y"))


async def test_an_upload_with_a_dead_token_goes_out_again_whole() -> None:
    weixin = Weixin()
    weixin.will(refusal(42001), {"media_id": "m-1"})
    await weixin.account.materials.keep("image", PICTURE)
    assert [PNG in request.content for request in weixin.asked] == [True, True]
    assert weixin.query["access_token"] == "token-2"


async def test_a_draft_is_written_read_changed_and_thrown_away() -> None:
    weixin = Weixin()
    articles = weixin.account.articles
    weixin.will({"media_id": "d-1"})
    assert await articles.draft([DRAFT]) == "d-1"
    sent = weixin.body["articles"][0]
    assert (sent["title"], sent["thumb_media_id"]) == ("冬季新品 😀", "cover-1")
    assert "冬季新品 😀".encode() in weixin.raw
    weixin.will({"news_item": [{**sent, "thumb_url": "x", "a_field_of_tomorrow": 1}]})
    assert await articles.read("d-1") == [DRAFT]
    weixin.will(OK, OK, {"total_count": 3})
    await articles.rewrite("d-1", 0, DRAFT)
    assert weixin.body["index"] == 0
    await articles.throw_away("d-1")
    assert await articles.count_drafts() == 3


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "围" * 33},
        {"title": ""},
        {"content": ""},
        {"cover_media_id": ""},
        {"author": "x" * 17},
        {"digest": "x" * 129},
        {"content": "x" * 20_000},
    ],
)
async def test_an_article_beyond_its_limits_is_not_sent(changes: dict[str, Any]) -> None:
    weixin = Weixin()
    with pytest.raises(BadInput):
        await weixin.account.articles.draft([changed(**changes)])
    assert weixin.asked == []


async def test_an_article_at_its_limits_is_sent() -> None:
    weixin = Weixin()
    weixin.will({"media_id": "d-1"})
    most = changed(title="围" * 32, author="x" * 16, digest="x" * 128, content="围" * 19_999)
    await weixin.account.articles.draft([most] * 8)
    for count in (0, 9):
        with pytest.raises(BadInput):
            await weixin.account.articles.draft([most] * count)


def changed(**changes: Any) -> Draft:
    values = {"title": "新品", "content": "x", "cover_media_id": "c"} | changes
    return Draft(**values)


async def test_a_draft_is_published_and_asked_about() -> None:
    weixin = Weixin()
    articles = weixin.account.articles
    weixin.will({**OK, "publish_id": 100_000_001, "msg_data_id": 1})
    assert await articles.publish("d-1") == "100000001"
    weixin.will(
        {
            "publish_id": "100000001",
            "publish_status": 0,
            "article_id": "a-1",
            "article_detail": {
                "count": 1,
                "item": [{"idx": 1, "article_url": "https://mp.example"}],
            },
            "fail_idx": [],
        },
        {"publish_id": 100_000_001, "publish_status": 9},
        OK,
    )
    done = await articles.publication("100000001")
    assert (done.stage, done.article_id) == (Stage.PUBLISHED, "a-1")
    assert done.addresses == ("https://mp.example",)
    assert (await articles.publication("100000001")).stage is Stage.UNKNOWN
    await articles.withdraw("a-1")
    assert weixin.body == {"article_id": "a-1", "index": 0}


async def test_a_page_is_signed_with_a_ticket_that_is_asked_for_once() -> None:
    weixin = Weixin()
    weixin.will({"errcode": 0, "errmsg": "ok", "ticket": "t1cket", "expires_in": 7200})
    first = await weixin.account.pages.sign("https://b.example/a?x=1#/cart", NOON)
    await weixin.account.pages.sign("https://b.example/b", NOON)
    assert [request.url.path for request in weixin.asked] == ["/cgi-bin/ticket/getticket"]
    said = first.for_page()
    assert said["appId"] == "wx12"
    again = page_signature(
        "t1cket", "https://b.example/a?x=1", said["nonceStr"], int(said["timestamp"])
    )
    assert said["signature"] == again


@pytest.mark.parametrize("answer", [{}, {"ticket": "", "expires_in": 7200}, {"ticket": "t"}])
async def test_a_ticket_that_is_none_is_trouble(answer: Any) -> None:
    weixin = Weixin()
    weixin.will(answer)
    with pytest.raises(Trouble):
        await weixin.account.pages.sign("https://b.example", NOON)


def test_only_a_whole_address_is_signed() -> None:
    with pytest.raises(BadInput):
        page_signature("t", "/cart", "n", 1)
