"""Whatever bytes WeChat Pay answers, signed or refused, become a value, a refusal or trouble."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import cache
from itertools import count
from typing import Any

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from tests.connect.pay_bills import DAY
from tests.connect.provider import NOON, Provider, credentials

from headwater.base.errors import Forged, Refusal, Trouble
from headwater.connect.errors import ProviderRefused
from headwater.connect.sending import lead_through
from headwater.connect.traffic import Traffic
from headwater.connect.wechat_pay import Browser, PaymentState, RefundState, WechatPay

NUMBER = "R20261122-0001"
UNTIL = NOON + timedelta(minutes=15)
ANSWER: dict[str, Any] = {
    "mchid": "1900000001",
    "appid": "wx1234567890abcdef",
    "out_trade_no": NUMBER,
    "transaction_id": "4200001",
    "trade_state": "SUCCESS",
    "amount": {"total": 19_900, "refund": 40, "currency": "CNY"},
    "success_time": "2026-11-22T12:00:00+08:00",
    "payer": {"openid": "o-1"},
    "attach": "",
    "out_refund_no": "RF-1",
    "refund_id": "503001",
    "status": "SUCCESS",
    "prepay_id": "wx1",
    "code_url": "weixin://1",
    "h5_url": "https://1",
    "hash_type": "SHA1",
    "hash_value": "0" * 40,
    "download_url": "https://elsewhere.example/",
    "code": "ORDER_NOT_EXIST",
    "message": "没有",
}
ASKS: tuple[Callable[[WechatPay], Awaitable[object]], ...] = (
    lambda pay: pay.query(NUMBER),
    lambda pay: pay.query_transaction("4200001"),
    lambda pay: pay.refund("RF-1", NUMBER, 40, 19_900, ""),
    lambda pay: pay.query_refund("RF-1"),
    lambda pay: pay.prepay_jsapi(NUMBER, 1, "o-1", "围巾", UNTIL),
    lambda pay: pay.prepay_native(NUMBER, 1, "围巾", UNTIL),
    lambda pay: pay.prepay_h5(NUMBER, 1, "围巾", UNTIL, Browser("203.0.113.7")),
    lambda pay: pay.close(NUMBER),
    lambda pay: pay.bills.trade(DAY),
)
strange = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(), inner, max_size=3),
    max_leaves=8,
)


@cache
def shared() -> tuple[Provider, WechatPay]:
    """Load the keys once for all examples, on a road whose limits are waited for in no time."""
    provider, seconds = Provider(), count()
    http = httpx2.AsyncClient(transport=httpx2.MockTransport(provider.handle))

    async def rest(length: float) -> None:
        del length

    lead_through(http, Traffic(lambda: float(next(seconds)), rest))
    return provider, WechatPay(credentials(), http, lambda: NOON)


async def answered(ask: Callable[[WechatPay], Awaitable[object]], status: int, body: Any) -> object:
    """Give one answer, and what became of it; anything but our own errors fails the test."""
    provider, client = shared()
    provider.answers.clear()
    provider.asked.clear()
    provider.will(status, body)
    try:
        return await ask(client)
    except (Refusal, Trouble) as error:
        return error


@settings(max_examples=40, deadline=None)
@given(name=some.sampled_from(sorted(ANSWER)), value=strange)
@pytest.mark.parametrize("ask", ASKS)
async def test_a_strange_value_in_any_field_is_a_value_a_refusal_or_trouble(
    ask: Callable[[WechatPay], Awaitable[object]], name: str, value: Any
) -> None:
    found = await answered(ask, 200, ANSWER | {name: value})
    if isinstance(found, PaymentState | RefundState):
        assert found.amount_fen is None or 0 <= found.amount_fen <= 10**10
        assert found.out_trade_no == NUMBER


@settings(max_examples=40, deadline=None)
@given(body=some.binary(max_size=200))
@pytest.mark.parametrize("ask", ASKS)
async def test_signed_junk_is_trouble_for_every_question(
    ask: Callable[[WechatPay], Awaitable[object]], body: bytes
) -> None:
    found = await answered(ask, 200, body)
    assert found is None or isinstance(found, Trouble | Forged)


@settings(max_examples=40, deadline=None)
@given(
    status=some.integers(400, 499).filter(lambda status: status != 429),
    body=some.binary(max_size=200) | strange.map(lambda value: json.dumps(value).encode()),
)
@pytest.mark.parametrize("ask", ASKS)
async def test_every_refusal_has_a_code_and_words_whatever_it_says(
    ask: Callable[[WechatPay], Awaitable[object]], status: int, body: bytes
) -> None:
    found = await answered(ask, status, body)
    assert isinstance(found, ProviderRefused)
    assert found.provider_code
    assert isinstance(found.provider_message, str)
