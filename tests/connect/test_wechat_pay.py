"""WeChat Pay's client: what it sends, what it believes, what it calls a failure."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256
from tests.connect.provider import (
    APIV3_KEY,
    KEY_ID,
    NOON,
    OLD_SERIAL,
    Provider,
    credentials,
    key_named,
    public_pem,
    signed_headers,
)

from headwater.base.errors import BadInput, Forged, Trouble
from headwater.connect.errors import NumberSpent, ProviderRefused, UnknownToProvider
from headwater.connect.wechat_pay import RefundStatus, TradeState

NUMBER = "R20261122-0001"


def transaction(**changes: Any) -> dict[str, Any]:
    return {
        "mchid": "1900000001",
        "appid": "wx1234567890abcdef",
        "out_trade_no": NUMBER,
        "transaction_id": "4200001",
        "trade_state": "SUCCESS",
        "amount": {"total": 19_900, "payer_total": 19_900, "currency": "CNY"},
        "success_time": "2026-11-22T12:00:00+08:00",
        "payer": {"openid": "o-1"},
    } | changes


def refund(**changes: Any) -> dict[str, Any]:
    return {
        "out_refund_no": "RF-1",
        "out_trade_no": NUMBER,
        "refund_id": "503001",
        "status": "PROCESSING",
        "amount": {"refund": 40, "total": 100, "currency": "CNY"},
    } | changes


async def prepay(provider: Provider, **changes: Any) -> str:
    asked: dict[str, Any] = {
        "out_trade_no": NUMBER,
        "amount_fen": 19_900,
        "openid": "o-1",
        "description": "羊绒围巾 😀",
        "expires_at": NOON + timedelta(minutes=15),
    }
    return await provider.client().prepay_jsapi(**(asked | changes))


async def test_a_prepay_tells_the_provider_everything_in_fen_and_local_time() -> None:
    provider = Provider()
    provider.will(200, {"prepay_id": "wx2211"})
    assert await prepay(provider) == "wx2211"
    assert provider.asked[0].url.path == "/v3/pay/transactions/jsapi"
    assert provider.asked[0].headers["Wechatpay-Serial"] == KEY_ID
    assert provider.body() == {
        "appid": "wx1234567890abcdef",
        "mchid": "1900000001",
        "description": "羊绒围巾 😀",
        "out_trade_no": NUMBER,
        "time_expire": "2026-11-22T12:15:00+08:00",
        "notify_url": "https://brand.example/hooks/wechat-pay",
        "amount": {"total": 19_900, "currency": "CNY"},
        "payer": {"openid": "o-1"},
    }
    assert "羊绒围巾 😀".encode() in provider.asked[0].content


async def test_a_native_prepay_gives_what_the_code_holds() -> None:
    provider = Provider()
    provider.will(200, {"code_url": "weixin://wxpay/bizpayurl?pr=abc"})
    code = await provider.client().prepay_native(NUMBER, 100, "围巾", NOON + timedelta(minutes=15))
    assert code == "weixin://wxpay/bizpayurl?pr=abc"
    assert "payer" not in provider.body()


@pytest.mark.parametrize(
    "field,value",
    [
        ("out_trade_no", "short"),
        ("out_trade_no", "x" * 33),
        ("out_trade_no", "../../secret"),
        ("out_trade_no", NUMBER + "\n"),
        ("amount_fen", 0),
        ("description", ""),
        ("description", "长" * 128),
    ],
)
async def test_a_prepay_that_cannot_succeed_is_not_sent(field: str, value: object) -> None:
    provider = Provider()
    with pytest.raises(BadInput) as refused:
        await prepay(provider, **{field: value})
    assert refused.value.field == field
    assert provider.asked == []


async def test_limits_are_allowed_at_the_limit() -> None:
    provider = Provider()
    provider.will(200, {"prepay_id": "wx1"})
    number = "a|*_-" + "x" * 27
    await prepay(provider, out_trade_no=number, description="长" * 127, amount_fen=1)
    assert provider.body()["out_trade_no"] == number


def test_a_pay_sheet_is_signed_over_its_four_lines() -> None:
    sheet = Provider().client().pay_sheet("wx2211", NOON)
    fields = sheet.for_bridge()
    assert fields["signType"] == "RSA"
    assert fields["package"] == "prepay_id=wx2211"
    assert fields["timeStamp"] == str(int(NOON.timestamp()))
    message = "".join(f"{fields[name]}\n" for name in ("appId", "timeStamp", "nonceStr", "package"))
    key_named("merchant").public_key().verify(
        base64.b64decode(fields["paySign"]), message.encode(), padding.PKCS1v15(), SHA256()
    )


def test_two_pay_sheets_never_share_a_nonce() -> None:
    client = Provider().client()
    assert client.pay_sheet("wx1", NOON).nonce != client.pay_sheet("wx1", NOON).nonce


async def test_a_query_says_what_was_paid_by_whom_and_when() -> None:
    provider = Provider()
    provider.will(200, transaction())
    state = await provider.client().query(NUMBER)
    assert state.state is TradeState.PAID
    assert (state.amount_fen, state.openid, state.transaction_id) == (19_900, "o-1", "4200001")
    assert state.paid_at == datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
    assert provider.asked[0].url.query == b"mchid=1900000001"


async def test_a_number_with_odd_but_legal_signs_is_signed_as_it_is_sent() -> None:
    provider = Provider()
    provider.will(200, transaction(out_trade_no="ab|cd*ef"))
    assert (await provider.client().query("ab|cd*ef")).out_trade_no == "ab|cd*ef"
    assert b"ab%7Ccd*ef" in provider.asked[0].url.raw_path


async def test_an_unpaid_order_may_lack_what_only_payment_gives() -> None:
    provider = Provider()
    bare = {key: transaction()[key] for key in ("mchid", "appid", "out_trade_no")}
    provider.will(200, bare | {"trade_state": "NOTPAY", "success_time": "", "payer": {}})
    state = await provider.client().query(NUMBER)
    assert state.state is TradeState.NOT_PAID
    assert (state.amount_fen, state.paid_at, state.openid) == (None, None, None)


async def test_a_trade_state_added_tomorrow_is_unknown_and_keeps_its_word() -> None:
    provider = Provider()
    provider.will(200, transaction(trade_state="TELEPORTED"))
    state = await provider.client().query(NUMBER)
    assert (state.state, state.state_word) == (TradeState.UNKNOWN, "TELEPORTED")


@pytest.mark.parametrize("missing", ["amount", "transaction_id", "success_time"])
async def test_paid_without_its_evidence_is_trouble(missing: str) -> None:
    provider = Provider()
    provider.will(200, {key: value for key, value in transaction().items() if key != missing})
    with pytest.raises(Trouble):
        await provider.client().query(NUMBER)


@pytest.mark.parametrize("other", [{"out_trade_no": "SOMEBODY-ELSE"}, {"mchid": "1900000002"}])
async def test_a_genuine_answer_about_another_order_is_refused(other: dict[str, str]) -> None:
    provider = Provider()
    provider.will(200, transaction(**other))
    with pytest.raises(Forged):
        await provider.client().query(NUMBER)


@pytest.mark.parametrize("other", [{"out_refund_no": "RF-2"}, {"out_trade_no": "SOMEBODY-ELSE"}])
async def test_a_genuine_answer_about_another_refund_is_refused(other: dict[str, str]) -> None:
    provider = Provider()
    provider.will(200, refund(**other))
    with pytest.raises(Forged):
        await provider.client().refund("RF-1", NUMBER, 40, 100, "")


async def test_a_refund_query_believes_only_an_answer_about_its_refund() -> None:
    provider = Provider()
    provider.will(200, refund(out_refund_no="RF-2"))
    with pytest.raises(Forged):
        await provider.client().query_refund("RF-1")


async def test_closing_needs_no_body_but_a_signature() -> None:
    provider = Provider()
    provider.will(204)
    await provider.client().close(NUMBER)
    assert provider.body() == {"mchid": "1900000001"}
    provider.will_send(204, b"", {})
    with pytest.raises(Forged):
        await provider.client().close(NUMBER)


async def test_closing_twice_is_closing_once() -> None:
    provider = Provider()
    provider.will(400, {"code": "ORDER_CLOSED", "message": "订单已关闭"})
    await provider.client().close(NUMBER)


async def test_closing_while_the_shopper_types_the_password_is_not_done() -> None:
    provider = Provider()
    provider.will(202, {"code": "USER_PAYING", "message": "用户支付中"})
    with pytest.raises(Trouble):
        await provider.client().close(NUMBER)


async def test_closing_what_was_paid_is_refused() -> None:
    provider = Provider()
    provider.will(403, {"code": "OUT_TRADE_NO_USED", "message": "已支付"})
    with pytest.raises(NumberSpent):
        await provider.client().close(NUMBER)


async def test_a_refund_is_accepted_then_done() -> None:
    provider = Provider()
    provider.will(200, refund())
    asked = await provider.client().refund("RF-1", NUMBER, 40, 100, "退" * 100)
    assert (asked.status, asked.amount_fen) == (RefundStatus.PROCESSING, 40)
    assert provider.body()["amount"] == {"refund": 40, "total": 100, "currency": "CNY"}
    assert provider.body()["reason"] == "退" * 80
    provider.will(200, refund(status="SUCCESS", success_time="2026-11-22T12:05:00+08:00"))
    done = await provider.client().query_refund("RF-1")
    assert done.status is RefundStatus.DONE
    assert done.refunded_at == datetime(2026, 11, 22, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize("amount_fen", [0, -1, 101])
async def test_a_refund_of_nothing_or_too_much_is_not_sent(amount_fen: int) -> None:
    with pytest.raises(BadInput):
        await Provider().client().refund("RF-1", NUMBER, amount_fen, 100, "")


@pytest.mark.parametrize(
    "status,body,kind,code",
    [
        (404, {"code": "ORDER_NOT_EXIST", "message": "x"}, UnknownToProvider, "ORDER_NOT_EXIST"),
        (400, {"code": "INVALID_REQUEST", "message": "201"}, ProviderRefused, "INVALID_REQUEST"),
        (401, {"code": "SIGN_ERROR", "detail": {}}, ProviderRefused, "SIGN_ERROR"),
        (403, b"<html>", ProviderRefused, "HTTP_403"),
        (400, b'{"extra": ' + b"[" * 100_000, ProviderRefused, "HTTP_400"),
        (400, b'{"code": 7}', ProviderRefused, "HTTP_400"),
    ],
)
async def test_a_refusal_has_a_type_and_the_providers_code(
    status: int, body: object, kind: type[ProviderRefused], code: str
) -> None:
    provider = Provider()
    provider.will(status, body)
    with pytest.raises(kind) as refused:
        await provider.client().query(NUMBER)
    assert refused.value.provider_code == code


@pytest.mark.parametrize("status", [301, 302, 429, 500, 502, 503])
async def test_a_provider_in_trouble_is_trouble_whatever_it_signs(status: int) -> None:
    provider = Provider()
    provider.will(status, transaction(), Location="https://elsewhere.example/")
    with pytest.raises(Trouble):
        await provider.client().query(NUMBER)
    assert len(provider.asked) == 1


@pytest.mark.parametrize(
    "error", [httpx2.ReadTimeout("slow"), httpx2.ConnectError("no"), httpx2.DecodingError("gzip")]
)
async def test_silence_is_trouble(error: Exception) -> None:
    provider = Provider()
    provider.will_raise(error)
    with pytest.raises(Trouble):
        await provider.client().query(NUMBER)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"null",
        b"\xff\xfe",
        b'{"extra": ' + b"[" * 100_000,
        b'{"prepay_id": 7}',
        b'{"prepay_id": ""}',
        b'{"prepay_id": "a\\u0000b"}',
    ],
)
async def test_signed_junk_is_trouble(body: bytes) -> None:
    provider = Provider()
    provider.will(200, body)
    with pytest.raises(Trouble):
        await prepay(provider)


@pytest.mark.parametrize(
    "wire",
    [
        {"amount": {"total": -1}},
        {"amount": {"total": 1.5}},
        {"amount": {"total": "100"}},
        {"amount": {"total": 10**30}},
        {"amount": {"total": 100, "currency": "USD"}},
        {"success_time": "yesterday"},
        {"success_time": "2026-11-22T12:00:00"},
        {"success_time": "0001-01-01T00:00:00+08:00"},
    ],
)
async def test_signed_nonsense_about_money_or_time_is_trouble(wire: dict[str, Any]) -> None:
    provider = Provider()
    provider.will(200, transaction(**wire))
    with pytest.raises(Trouble):
        await provider.client().query(NUMBER)


async def test_a_success_without_a_signature_is_forged() -> None:
    provider = Provider()
    provider.will_send(200, b'{"prepay_id": "wx1"}', {})
    with pytest.raises(Forged):
        await prepay(provider)


async def test_both_keys_are_believed_in_the_week_of_a_switch() -> None:
    provider, body = Provider(), b'{"prepay_id": "wx1"}'
    provider.will_send(200, body, signed_headers(body, "old", OLD_SERIAL.lower()))
    assert await prepay(provider) == "wx1"
    provider.will_send(200, body, signed_headers(body, "new", KEY_ID))
    assert await prepay(provider) == "wx1"
    provider.will_send(200, body, signed_headers(body, "old", KEY_ID))
    with pytest.raises(Forged):
        await prepay(provider)


async def test_a_serial_in_the_settings_may_come_in_either_case() -> None:
    provider, body = Provider(), b'{"code_url": "weixin://1"}'
    provider.will_send(200, body, signed_headers(body, "old", "5F1A2B3C4D"))
    client = provider.client(platform_keys={"5f1a2b3c4d": public_pem("old")})
    assert await client.prepay_native(NUMBER, 1, "围巾", NOON + timedelta(minutes=15))


def test_credentials_do_not_show_their_secrets() -> None:
    shown = repr(credentials())
    assert APIV3_KEY not in shown
    assert "PRIVATE KEY" not in shown


@pytest.mark.parametrize(
    "wrong",
    [
        {"apiv3_key": "short"},
        {"platform_keys": {}},
        {"notify_url": "https://brand.example/hooks?x=1"},
        {"notify_url": "https://brand.example/" + "x" * 240},
    ],
)
def test_credentials_that_cannot_work_are_refused_at_once(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"key|address"):
        credentials(**wrong)
