"""No request crashes the host: whatever comes is answered with 200 and a number."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from starlette.routing import Route
from tests.sandbox.merchant import town
from tests.sandbox.weixin.brand import Brand, in_brand

from headwater.sandbox.weixin.apps import App
from headwater.sandbox.weixin.pushes.replies import BadReply, understood
from headwater.sandbox.weixin.pushes.wire import xml

DEEP = b'{"x":' + b"[" * 5_000
JUNK = (b"", b"{", b"null", b"[]", b"{}", b"\xff\xfe", b'"\\ud800"', DEEP, b"1e999", b"\0" * 9)
# Names that bodies use, so that junk gets past the outermost look.
NAMES = some.sampled_from(
    [
        *("touser", "template_id", "data", "msgtype", "text", "content", "filter", "tag_id", "tag"),
        *("name", "id", "openid_list", "tagid", "button", "type", "key", "url", "matchrule"),
        *("action_name", "action_info", "scene", "scene_id", "scene_str", "expire_seconds"),
        *("articles", "title", "thumb_media_id", "media_id", "index", "offset", "count", "openid"),
        *("order_key", "order_number_type", "out_trade_no", "mchid", "transaction_id", "payer"),
        *("logistics_type", "delivery_mode", "shipping_list", "upload_time", "sub_orders", "path"),
        *("page", "width", "line_color", "r", "query", "expire_type", "expire_time", "version"),
        *("expire_interval", "jump_wxa", "code", "appid", "clientmsgid", "msg_id", "user_list"),
        *("received_time", "merchant_trade_no", "pay_time_range", "begin_time", "page_size"),
    ]
)
WORDS = some.one_of(
    some.text(max_size=12),
    some.sampled_from(["²", "٣", "9" * 5_000, "2026-11-22T00:00:00+99:99", "QR_SCENE", "mpnews"]),
)
LEAVES = some.one_of(some.none(), some.booleans(), some.integers(), some.floats(), WORDS)
VALUES = some.recursive(
    LEAVES,
    lambda inner: some.one_of(
        some.lists(inner, max_size=3), some.dictionaries(NAMES, inner, max_size=5)
    ),
    max_leaves=12,
)
BODIES = some.dictionaries(NAMES, VALUES, min_size=1, max_size=8)


def api(brand: Brand) -> list[str]:
    """Every address that a client may call."""
    routes = [one for one in brand.host.app().routes if isinstance(one, Route)]
    return [one.path for one in routes if one.path.startswith(("/cgi-bin", "/wxa", "/sns"))]


async def answer(brand: Brand, path: str, body: bytes, token: str, **query: str) -> Any:
    url = brand.town.account["api_base_url"] + path
    query = {"access_token": token, **query}
    said = await brand.town.http.request("POST", url, params=query, content=body)
    is_words = said.headers.get("content-type", "").startswith(("application/json", "text/"))
    if is_words and said.status_code == 200 and json.loads(said.content).get("errcode") == 43001:
        said = await brand.town.http.request("GET", url, params=query)
    assert said.status_code == 200, (path, body, said.text)
    return said


async def test_every_address_answers_junk_with_a_number(brand: Brand) -> None:
    tokens = [(await brand.token(kind))["access_token"] for kind in brand.host.apps]
    listed = api(brand)
    assert len(listed) > 70
    for path in listed:
        for token in tokens:
            for body in JUNK:
                await answer(brand, path, body, token, openid="²", type="²", next_openid="²")


async def test_a_file_in_no_form_is_answered_with_a_number(brand: Brand) -> None:
    token = (await brand.token("official_account"))["access_token"]
    url = brand.town.account["api_base_url"] + "/cgi-bin/media/upload"
    for kind in ("multipart/form-data", "multipart/form-data; boundary=x"):
        said = await brand.town.http.post(
            url,
            params={"access_token": token, "type": "image"},
            content=b"junk",
            headers={"Content-Type": kind},
        )
        assert (said.status_code, said.json()["errcode"]) == (200, 41005)


APP = App("official_account", "wx1", "s", "n", "gh_1", "token", "a" * 43)
PARTS = some.sampled_from(
    [
        *("ToUserName", "FromUserName", "CreateTime", "MsgType", "Content", "Image", "MediaId"),
        *("ArticleCount", "Articles", "item", "Title", "Encrypt", "MsgSignature", "TimeStamp"),
    ]
)
SAID = some.sampled_from(["o1", "gh_1", "1", "text", "image", "news", "²", "", "茶"])
REPLIES = some.recursive(
    SAID, lambda inner: some.dictionaries(PARTS, inner, max_size=6), max_leaves=12
)


@given(some.one_of(some.binary(max_size=80), REPLIES))
def test_any_reply_is_understood_or_refused(told: Any) -> None:
    addressed = {"ToUserName": "o1", "FromUserName": "gh_1", "CreateTime": "1"}
    body = xml(addressed | told) if isinstance(told, dict) else told
    for reply in (body if isinstance(body, bytes) else str(body).encode(), b"<xml>" + b"<a>" * 999):
        try:
            found = understood(APP, "o1", reply, is_sealed=False)
        except BadReply:
            continue
        assert found is None or found.kind


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(body=BODIES)
async def test_every_address_bears_any_body(body: dict[str, Any]) -> None:
    async with town() as built:
        brand = in_brand(built)
        tokens = [(await brand.token(kind))["access_token"] for kind in brand.host.apps]
        said = json.dumps(body).encode()
        for path in api(brand):
            for token in tokens:
                await answer(brand, path, said, token)
        await brand.told(seconds=60)
