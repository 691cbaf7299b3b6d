"""Whatever WeChat answers, a verb gives a value, a refusal or trouble, and never crashes."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from tests.connect.weixin.stub import NOON, PNG, Weixin

from headwater.base.errors import Refusal, Trouble
from headwater.connect.mini_program.content import Form, Place
from headwater.connect.mini_program.links import Target
from headwater.connect.mini_program.shipping import Parcel, PaymentKey, Shipment, Way
from headwater.connect.mini_program.shipping_orders import Wanted
from headwater.connect.official_account.articles import Draft
from headwater.connect.official_account.mass import Message
from headwater.connect.official_account.web_login import WebLogin
from headwater.connect.weixin_api import File

Verb = Callable[[Weixin], Awaitable[Any]]

LATER = NOON + timedelta(days=1)
KEY = PaymentKey(transaction_id="4200001")
SHIPMENT = Shipment(KEY, Way.PICKED_UP, (Parcel("x"),))
LOGIN = WebLogin("o-1", None, is_snapshot=False, scope="s", token="w-1")
PICTURE = File("a.png", PNG, "image/png")
VERBS: dict[str, Verb] = {
    "exchange": lambda weixin: weixin.account.web_login.exchange("c"),
    "refresh": lambda weixin: weixin.account.web_login.refresh("r"),
    "profile": lambda weixin: weixin.account.web_login.profile(LOGIN),
    "follower": lambda weixin: weixin.account.followers.get("o"),
    "followers": lambda weixin: weixin.account.followers.get_many(["o"]),
    "page of followers": lambda weixin: weixin.account.followers.page(),
    "make tag": lambda weixin: weixin.account.tags.create("x"),
    "tags": lambda weixin: weixin.account.tags.list(),
    "tagged": lambda weixin: weixin.account.tags.people(1),
    "menu": lambda weixin: weixin.account.menu.get(),
    "code": lambda weixin: weixin.account.qr_codes.keep("s"),
    "say": lambda weixin: weixin.account.chat.say("o", "x"),
    "template": lambda weixin: weixin.account.templates.send("o", "t", {}, None),
    "templates": lambda weixin: weixin.account.templates.known(),
    "mass": lambda weixin: weixin.account.mass.send_to_all(Message.words("x"), "c"),
    "stage of mass": lambda weixin: weixin.account.mass.stage("1"),
    "lend": lambda weixin: weixin.account.materials.lend("image", PICTURE),
    "keep": lambda weixin: weixin.account.materials.keep("image", PICTURE),
    "draft": lambda weixin: weixin.account.articles.draft([Draft("t", "c", "m")]),
    "read draft": lambda weixin: weixin.account.articles.read("d"),
    "publication": lambda weixin: weixin.account.articles.publication("p"),
    "sign": lambda weixin: weixin.account.pages.sign("https://b.example", NOON),
    "session": lambda weixin: weixin.program.login.session("c"),
    "phone": lambda weixin: weixin.program.login.phone("c"),
    "draw": lambda weixin: weixin.program.codes.make("s", "p"),
    "link": lambda weixin: weixin.program.links.url_link(Target("p"), LATER, NOON),
    "scheme": lambda weixin: weixin.program.links.scheme(Target("p"), LATER, NOON),
    "subscription": lambda weixin: weixin.program.subscriptions.send("o", "t", {}),
    "upload": lambda weixin: weixin.program.shipping.upload(SHIPMENT, "o", NOON),
    "order": lambda weixin: weixin.program.shipping_orders.get(KEY),
    "orders": lambda weixin: weixin.program.shipping_orders.page(Wanted()),
    "managed": lambda weixin: weixin.program.shipping_orders.is_managed(),
    "words": lambda weixin: weixin.program.content.check_text("o", "x", Place.COMMENT),
    "media": lambda weixin: weixin.program.content.check_media(
        "o", "https://b.example", Form.PICTURE, Place.COMMENT
    ),
}
NAMES = some.sampled_from(
    [
        *("errcode", "errmsg", "openid", "unionid", "session_key", "access_token", "scope"),
        *("user_info_list", "tagid_list", "total", "count", "data", "next_openid", "tag", "tags"),
        *("id", "name", "menu", "button", "conditionalmenu", "ticket", "expires_in", "url"),
        *("msgid", "template_list", "msg_id", "msg_status", "media_id", "created_at"),
        *("news_item", "publish_id", "publish_status", "article_detail", "item", "phone_info"),
        *("purePhoneNumber", "countryCode", "watermark", "appid", "url_link", "openlink"),
        *("order", "order_list", "order_state", "pay_time", "transaction_id", "shipping"),
        *("is_trade_managed", "result", "suggest", "label", "trace_id", "subscribe_time"),
    ]
)
VALUES = some.recursive(
    some.none()
    | some.booleans()
    | some.integers(-(2**70), 2**70)
    | some.floats()
    | some.text(max_size=20)
    | some.sampled_from(["wx34", "o-1", "SEND_SUCCESS", "pass", "86", "tiihtNczf5v6AKRyjwEUhQ=="]),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
ANSWERS = some.dictionaries(NAMES, VALUES, max_size=8)


async def _answered(verb: Verb, content: bytes) -> None:
    weixin = Weixin()
    weixin.will(content, content)
    try:
        await verb(weixin)
    except (Refusal, Trouble):
        return


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS.keys())
@settings(max_examples=25, deadline=None)
@given(answer=ANSWERS)
async def test_no_answer_crashes_a_verb(verb: Verb, answer: dict[str, Any]) -> None:
    await _answered(verb, json.dumps({"errcode": 0} | answer).encode())


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS.keys())
@settings(max_examples=10, deadline=None)
@given(junk=some.binary(max_size=200))
async def test_no_junk_crashes_a_verb(verb: Verb, junk: bytes) -> None:
    await _answered(verb, junk)
    await _answered(verb, b"{" + junk)
