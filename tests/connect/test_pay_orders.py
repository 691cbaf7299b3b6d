"""Every kind of payment: what an order says, and what opens its pay sheet."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256
from tests.connect.provider import NOON, Provider, key_named

from headwater.base.errors import BadInput, Forged, Trouble
from headwater.connect.errors import UnknownToProvider
from headwater.connect.wechat_pay import (
    Browser,
    BrowserKind,
    Extras,
    Goods,
    StoreScene,
    TradeState,
    WechatPay,
    h5_link_back_to,
)

NUMBER = "R20261122-0001"
UNTIL = NOON + timedelta(minutes=15)
H5 = "https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx1&package=2"


def merchant_signed(message: str, signature: str) -> None:
    key_named("merchant").public_key().verify(
        base64.b64decode(signature), message.encode(), padding.PKCS1v15(), SHA256()
    )


async def test_a_mini_program_order_names_the_program_and_its_own_open_id() -> None:
    provider = Provider()
    provider.will(200, {"prepay_id": "wx1"})
    assert await provider.client().prepay_mini_program(NUMBER, 100, "o-mp", "围巾", UNTIL) == "wx1"
    assert provider.asked[0].url.path == "/v3/pay/transactions/jsapi"
    assert provider.body()["appid"] == "wx-of-the-program"
    assert provider.body()["payer"] == {"openid": "o-mp"}


async def test_an_app_order_names_the_app_and_no_payer() -> None:
    provider = Provider()
    provider.will(200, {"prepay_id": "wx1"})
    assert await provider.client().prepay_app(NUMBER, 100, "围巾", UNTIL) == "wx1"
    assert provider.asked[0].url.path == "/v3/pay/transactions/app"
    assert provider.body()["appid"] == "wx-of-the-app"
    assert "payer" not in provider.body()


async def test_a_browser_order_says_where_the_browser_is() -> None:
    provider = Provider()
    provider.will(200, {"h5_url": H5})
    browser = Browser("2001:db8::1", BrowserKind.IOS)
    link = await provider.client().prepay_h5(NUMBER, 100, "围巾", UNTIL, browser)
    assert link == H5
    assert provider.asked[0].url.path == "/v3/pay/transactions/h5"
    assert provider.body()["scene_info"] == {
        "payer_client_ip": "2001:db8::1",
        "h5_info": {"type": "iOS"},
    }


def test_a_browser_comes_back_to_the_page_that_it_left() -> None:
    back = h5_link_back_to(H5, "https://brand.example/orders/1?from=pay&x=1")
    assert (
        back == H5 + "&redirect_url=https%3A%2F%2Fbrand.example%2Forders%2F1%3Ffrom%3Dpay%26x%3D1"
    )


async def test_an_order_says_its_store_its_goods_and_that_its_money_is_shared() -> None:
    provider = Provider()
    provider.will(200, {"code_url": "weixin://wxpay/bizpayurl?pr=1"})
    extras = Extras(
        attach="门店😀",
        goods_tag="WINTER",
        goods=(Goods("SKU1", "围巾", 2, 9_900),),
        store=StoreScene("S01", "人民广场店"),
        payer_ip="203.0.113.7",
        offers_invoice=True,
        is_shared=True,
    )
    await provider.client().prepay_native(NUMBER, 19_800, "围巾", UNTIL, extras)
    said = provider.body()
    assert (said["attach"], said["goods_tag"], said["support_fapiao"]) == ("门店😀", "WINTER", True)
    assert said["settle_info"] == {"profit_sharing": True}
    assert said["detail"]["goods_detail"] == [
        {"merchant_goods_id": "SKU1", "goods_name": "围巾", "quantity": 2, "unit_price": 9_900}
    ]
    assert said["scene_info"] == {
        "payer_client_ip": "203.0.113.7",
        "store_info": {"id": "S01", "name": "人民广场店"},
    }


@pytest.mark.parametrize(
    "extras,field",
    [
        (Extras(attach="x" * 129), "attach"),
        (Extras(goods_tag="x" * 33), "goods_tag"),
        (Extras(payer_ip="not an address"), "payer_ip"),
        (Extras(store=StoreScene("S01")), "payer_ip"),
    ],
)
async def test_extras_that_would_be_refused_are_not_sent(extras: Extras, field: str) -> None:
    provider = Provider()
    with pytest.raises(BadInput) as refused:
        await provider.client().prepay_native(NUMBER, 100, "围巾", UNTIL, extras)
    assert refused.value.field == field
    assert provider.asked == []


async def test_extras_may_be_as_long_as_their_limits() -> None:
    provider = Provider()
    provider.will(200, {"code_url": "weixin://1"})
    extras = Extras(attach="长" * 128, goods_tag="x" * 32)
    await provider.client().prepay_native(NUMBER, 100, "围巾", UNTIL, extras)
    assert provider.body()["attach"] == "长" * 128


def test_the_sheet_of_a_mini_program_has_no_app_id_but_signs_the_programs() -> None:
    sheet = Provider().client().mini_program_sheet("wx2211", NOON)
    fields = sheet.for_mini_program()
    assert set(fields) == {"timeStamp", "nonceStr", "package", "signType", "paySign"}
    message = (
        f"wx-of-the-program\n{fields['timeStamp']}\n{fields['nonceStr']}\n{fields['package']}\n"
    )
    merchant_signed(message, fields["paySign"])


def test_the_sheet_of_an_app_signs_the_bare_prepay_id() -> None:
    fields = Provider().client().app_sheet("wx2211", NOON).for_app()
    assert fields["partnerid"] == "1900000001"
    assert (fields["package"], fields["prepayid"]) == ("Sign=WXPay", "wx2211")
    message = f"wx-of-the-app\n{fields['timestamp']}\n{fields['noncestr']}\nwx2211\n"
    merchant_signed(message, fields["sign"])


@pytest.mark.parametrize(
    "ask",
    [
        lambda pay: pay.prepay_mini_program(NUMBER, 100, "o", "围巾", UNTIL),
        lambda pay: pay.prepay_app(NUMBER, 100, "围巾", UNTIL),
    ],
)
async def test_an_app_that_we_do_not_have_is_named(
    ask: Callable[[WechatPay], Awaitable[str]],
) -> None:
    provider = Provider()
    client = provider.client(mini_program_appid=None, app_appid=None)
    with pytest.raises(BadInput) as refused:
        await ask(client)
    assert refused.value.field.endswith("_appid")
    assert provider.asked == []


def paid(**changes: Any) -> dict[str, Any]:
    return {
        "mchid": "1900000001",
        "appid": "wx1234567890abcdef",
        "out_trade_no": NUMBER,
        "transaction_id": "4200001",
        "trade_state": "SUCCESS",
        "amount": {"total": 100, "currency": "CNY"},
        "success_time": "2026-11-22T12:00:00+08:00",
    } | changes


async def test_a_payment_is_found_by_wechats_own_number() -> None:
    provider = Provider()
    provider.will(200, paid())
    state = await provider.client().query_transaction("4200001")
    assert (state.out_trade_no, state.state) == (NUMBER, TradeState.PAID)
    assert provider.asked[0].url.raw_path == b"/v3/pay/transactions/id/4200001?mchid=1900000001"


async def test_a_genuine_answer_about_another_transaction_is_refused() -> None:
    provider = Provider()
    provider.will(200, paid(transaction_id="4200002"))
    with pytest.raises(Forged):
        await provider.client().query_transaction("4200001")


async def test_a_transaction_that_nobody_knows_is_unknown() -> None:
    provider = Provider()
    provider.will(404, {"code": "ORDER_NOT_EXIST", "message": "x"})
    with pytest.raises(UnknownToProvider):
        await provider.client().query_transaction("4200001")


@pytest.mark.parametrize("body", [{"h5_url": ""}, {"h5_url": "x" * 513}, {"h5_url": "a b"}, {}])
async def test_a_link_that_cannot_be_one_is_trouble(body: dict[str, str]) -> None:
    provider = Provider()
    provider.will(200, body)
    with pytest.raises(Trouble):
        await provider.client().prepay_h5(NUMBER, 100, "围巾", UNTIL, Browser("203.0.113.7"))
