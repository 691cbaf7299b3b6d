"""Notices: only what is signed, fresh, sealed and ours becomes a fact."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from tests.connect.provider import NOON, OLD_SERIAL, Provider, sealed_notice, signed_headers

from headwater.base.errors import Forged, Trouble
from headwater.connect.wechat_pay import (
    PaymentNotice,
    RefundNotice,
    RefundStatus,
    TradeState,
    WechatPay,
)

PAID: dict[str, Any] = {
    "mchid": "1900000001",
    "appid": "wx1234567890abcdef",
    "out_trade_no": "R20261122-0001",
    "transaction_id": "4200001",
    "trade_state": "SUCCESS",
    "amount": {"total": 19_900, "currency": "CNY"},
    "success_time": "2026-11-22T12:00:00+08:00",
    "payer": {"openid": "o-1"},
}
REFUNDED: dict[str, Any] = {
    "mchid": "1900000001",
    "out_trade_no": "R20261122-0001",
    "out_refund_no": "RF-1",
    "refund_id": "503001",
    "refund_status": "SUCCESS",
    "success_time": "2026-11-22T12:05:00+08:00",
    "amount": {"total": 19_900, "refund": 40, "payer_total": 19_900, "payer_refund": 40},
}


@pytest.fixture(scope="module")
def client() -> WechatPay:
    return Provider().client()


def test_a_payment_notice_reads_the_same_each_time(client: WechatPay) -> None:
    body = sealed_notice("TRANSACTION.SUCCESS", PAID)
    read = [client.read_notice(signed_headers(body), body, NOON) for _ in range(2)]
    assert (
        read[0]
        == read[1]
        == PaymentNotice(
            notice_id="EV-1",
            out_trade_no="R20261122-0001",
            transaction_id="4200001",
            amount_fen=19_900,
            payer_openid="o-1",
            paid_at=datetime(2026, 11, 22, 4, 0, tzinfo=UTC),
            trade_state=TradeState.PAID,
            state_word="SUCCESS",
        )
    )


@pytest.mark.parametrize(
    "event,word,status",
    [
        ("REFUND.SUCCESS", "SUCCESS", RefundStatus.DONE),
        ("REFUND.ABNORMAL", "ABNORMAL", RefundStatus.ABNORMAL),
        ("REFUND.CLOSED", "CLOSED", RefundStatus.CLOSED),
        ("REFUND.LATER", "SOMETHING_NEW", RefundStatus.UNKNOWN),
    ],
)
def test_a_refund_notice_says_how_the_refund_ended(
    client: WechatPay, event: str, word: str, status: RefundStatus
) -> None:
    body = sealed_notice(event, REFUNDED | {"refund_status": word})
    notice = client.read_notice(signed_headers(body), body, NOON)
    assert isinstance(notice, RefundNotice)
    assert (notice.refund_status, notice.status_word, notice.amount_fen) == (status, word, 40)


def test_header_names_may_come_in_any_case(client: WechatPay) -> None:
    body = sealed_notice("TRANSACTION.SUCCESS", PAID)
    shouted = {name.upper(): value for name, value in signed_headers(body).items()}
    assert client.read_notice(shouted, body, NOON)


@pytest.mark.parametrize("seconds", [-300, 300])
def test_the_clock_may_be_off_by_five_minutes(client: WechatPay, seconds: int) -> None:
    body = sealed_notice("TRANSACTION.SUCCESS", PAID)
    assert client.read_notice(signed_headers(body), body, NOON + timedelta(seconds=seconds))


@pytest.mark.parametrize("seconds", [-301, 301, 86_400])
def test_a_second_more_is_stale(client: WechatPay, seconds: int) -> None:
    body = sealed_notice("TRANSACTION.SUCCESS", PAID)
    with pytest.raises(Forged) as refused:
        client.read_notice(signed_headers(body), body, NOON + timedelta(seconds=seconds))
    assert "clock" in refused.value.details["why"]


def test_the_clock_is_checked_before_the_signature(client: WechatPay) -> None:
    body = sealed_notice("TRANSACTION.SUCCESS", PAID)
    headers = signed_headers(body) | {"Wechatpay-Signature": "!"}
    with pytest.raises(Forged) as refused:
        client.read_notice(headers, body, NOON + timedelta(hours=1))
    assert "clock" in refused.value.details["why"]


@pytest.mark.parametrize(
    "name",
    ["Wechatpay-Timestamp", "Wechatpay-Nonce", "Wechatpay-Serial", "Wechatpay-Signature"],
)
def test_a_missing_header_is_forged(client: WechatPay, name: str) -> None:
    body = sealed_notice("TRANSACTION.SUCCESS", PAID)
    headers = {key: value for key, value in signed_headers(body).items() if key != name}
    with pytest.raises(Forged) as refused:
        client.read_notice(headers, body, NOON)
    assert name.lower() in refused.value.details["why"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"Wechatpay-Signature": "WECHATPAY/SIGNTEST/abcd"},
        {"Wechatpay-Signature-Type": "WECHATPAY2-SM2-WITH-SM3"},
        {"Wechatpay-Serial": "PUB_KEY_ID_UNKNOWN"},
        {"Wechatpay-Serial": OLD_SERIAL},
        {"Wechatpay-Timestamp": "１７９５３２００００"},
        {"Wechatpay-Timestamp": "-1"},
        {"Wechatpay-Timestamp": "1e9"},
        {"Wechatpay-Timestamp": "9" * 400},
        {"Wechatpay-Nonce": "other"},
    ],
)
def test_a_wrong_header_is_forged(client: WechatPay, wrong: dict[str, str]) -> None:
    body = sealed_notice("TRANSACTION.SUCCESS", PAID)
    with pytest.raises(Forged):
        client.read_notice(signed_headers(body) | wrong, body, NOON)


def test_the_border_between_nonce_and_body_cannot_be_moved(client: WechatPay) -> None:
    body = sealed_notice("TRANSACTION.SUCCESS", PAID)
    headers = signed_headers(b"first line\n" + body, nonce="n0nce")
    with pytest.raises(Forged):
        client.read_notice(headers | {"Wechatpay-Nonce": "n0nce\nfirst line"}, body, NOON)


def test_every_flipped_bit_of_the_signature_is_refused(client: WechatPay) -> None:
    body = sealed_notice("TRANSACTION.SUCCESS", PAID)
    headers = signed_headers(body)
    signature = headers["Wechatpay-Signature"]
    for place in range(len(signature)):
        for bit in range(7):
            letter = chr(ord(signature[place]) ^ (1 << bit))
            flipped = signature[:place] + letter + signature[place + 1 :]
            with pytest.raises(Forged):
                client.read_notice(headers | {"Wechatpay-Signature": flipped}, body, NOON)


def test_a_second_spelling_of_the_same_signature_is_refused(client: WechatPay) -> None:
    body = sealed_notice("TRANSACTION.SUCCESS", PAID)
    headers = signed_headers(body)
    signature = headers["Wechatpay-Signature"]
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    other = signature[:-3] + letters[letters.index(signature[-3]) + 1] + "=="
    assert base64.b64decode(other) == base64.b64decode(signature)
    with pytest.raises(Forged):
        client.read_notice(headers | {"Wechatpay-Signature": other}, body, NOON)


def test_a_probe_is_named_so_that_nobody_is_called_at_night(client: WechatPay) -> None:
    body = sealed_notice("TRANSACTION.SUCCESS", PAID)
    headers = signed_headers(body)
    headers["Wechatpay-Signature"] = "WECHATPAY/SIGNTEST/" + headers["Wechatpay-Signature"]
    with pytest.raises(Forged) as refused:
        client.read_notice(headers, body, NOON)
    assert refused.value.details["why"] == "signature probe"


def test_every_flipped_bit_of_the_body_is_refused(client: WechatPay) -> None:
    body = sealed_notice("TRANSACTION.SUCCESS", PAID)
    headers = signed_headers(body)
    for place in range(len(body)):
        flipped = bytearray(body)
        flipped[place] ^= 1 << (place % 8)
        with pytest.raises(Forged):
            client.read_notice(headers, bytes(flipped), NOON)


@pytest.mark.parametrize("name", ["Timestamp", "Nonce", "Serial"])
def test_every_flipped_bit_of_a_header_is_refused(client: WechatPay, name: str) -> None:
    body = sealed_notice("TRANSACTION.SUCCESS", PAID)
    headers = signed_headers(body)
    value = headers[f"Wechatpay-{name}"]
    for place in range(len(value)):
        for bit in range(7):
            if name == "Serial" and bit == 5 and value[place].isalpha():
                continue  # This bit is the case of a letter, and serials come in both cases.
            flipped = value[:place] + chr(ord(value[place]) ^ (1 << bit)) + value[place + 1 :]
            with pytest.raises(Forged):
                client.read_notice(headers | {f"Wechatpay-{name}": flipped}, body, NOON)


def test_a_resealed_body_with_one_flipped_bit_anywhere_does_not_open(client: WechatPay) -> None:
    notice = json.loads(sealed_notice("TRANSACTION.SUCCESS", PAID))
    sealed = base64.b64decode(notice["resource"]["ciphertext"])
    for place in range(len(sealed)):  # The last sixteen bytes are the tag.
        flipped = bytearray(sealed)
        flipped[place] ^= 1
        notice["resource"]["ciphertext"] = base64.b64encode(flipped).decode()
        body = json.dumps(notice).encode()
        with pytest.raises(Forged):
            client.read_notice(signed_headers(body), body, NOON)


@pytest.mark.parametrize(
    "change",
    [
        {"nonce": "another-nonc"},
        {"nonce": "short"},
        {"nonce": ""},
        {"nonce": "n" * 200},
        {"associated_data": "refund"},
        {"associated_data": None},
        {"ciphertext": ""},
        {"ciphertext": "AAAA"},
        {"ciphertext": "not base64"},
        {"ciphertext": "中文"},
    ],
)
def test_a_signed_notice_with_a_broken_seal_is_forged(
    client: WechatPay, change: dict[str, Any]
) -> None:
    notice = json.loads(sealed_notice("TRANSACTION.SUCCESS", PAID))
    notice["resource"] |= change
    body = json.dumps(notice).encode()
    with pytest.raises(Forged):
        client.read_notice(signed_headers(body), body, NOON)


@pytest.mark.parametrize(
    "event,resource",
    [
        ("TRANSACTION.SUCCESS", PAID | {"mchid": "1900000002"}),
        ("TRANSACTION.SUCCESS", PAID | {"appid": "wx-of-another"}),
        ("REFUND.SUCCESS", REFUNDED | {"mchid": "1900000002"}),
    ],
)
def test_a_genuine_notice_for_somebody_else_is_refused(
    client: WechatPay, event: str, resource: dict[str, Any]
) -> None:
    body = sealed_notice(event, resource)
    with pytest.raises(Forged):
        client.read_notice(signed_headers(body), body, NOON)


@pytest.mark.parametrize(
    "event,resource,changes",
    [
        ("PAYSCORE.USER_OPEN_SERVICE", PAID, {}),
        ("TRANSACTION.SUCCESS", b"", {}),
        ("TRANSACTION.SUCCESS", b'{"extra": ' + b"[" * 100_000, {}),
        ("TRANSACTION.SUCCESS", PAID | {"amount": None}, {}),
        ("TRANSACTION.SUCCESS", PAID | {"amount": {"total": -5}}, {}),
        ("TRANSACTION.SUCCESS", PAID | {"transaction_id": ""}, {}),
        ("TRANSACTION.SUCCESS", PAID | {"success_time": "soon"}, {}),
        ("TRANSACTION.SUCCESS", REFUNDED, {}),
        ("REFUND.SUCCESS", PAID, {}),
        ("TRANSACTION.SUCCESS", PAID, {"resource_type": "plain"}),
        ("TRANSACTION.SUCCESS", PAID, {"id": ""}),
        ("TRANSACTION.SUCCESS", PAID, {"resource": None}),
    ],
)
def test_signed_and_sealed_nonsense_is_trouble(
    client: WechatPay, event: str, resource: Any, changes: dict[str, Any]
) -> None:
    body = sealed_notice(event, resource, **changes)
    with pytest.raises(Trouble):
        client.read_notice(signed_headers(body), body, NOON)


@settings(max_examples=150, deadline=None)
@given(
    headers=some.dictionaries(
        some.sampled_from(list(signed_headers(b""))) | some.text(), some.text()
    ),
    body=some.binary(),
)
def test_no_headers_and_bytes_crash_the_reader(headers: dict[str, str], body: bytes) -> None:
    client = shared_client()
    with pytest.raises(Forged):
        client.read_notice(headers, body, NOON)


_json = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None)
@given(body=some.binary() | _json.map(lambda value: json.dumps(value).encode()))
def test_no_signed_bytes_crash_the_reader(body: bytes) -> None:
    with pytest.raises((Forged, Trouble)):
        shared_client().read_notice(signed_headers(body), body, NOON)


@settings(max_examples=150, deadline=None)
@given(
    event=some.sampled_from(["TRANSACTION.SUCCESS", "REFUND.SUCCESS"]),
    name=some.sampled_from(sorted({*PAID, *REFUNDED})),
    value=_json,
    in_resource=some.booleans(),
)
def test_no_strange_value_in_any_field_crashes_the_reader(
    event: str, name: str, value: Any, in_resource: bool
) -> None:
    resource = (PAID if event.startswith("T") else REFUNDED) | {name: value}
    body = sealed_notice(event, resource)
    if not in_resource:
        notice = json.loads(body)
        notice["resource"][name] = value
        notice["resource"]["nonce"] = str(value)
        body = json.dumps(notice).encode()
    try:
        notice_read = shared_client().read_notice(signed_headers(body), body, NOON)
    except (Forged, Trouble):
        return
    assert isinstance(notice_read, PaymentNotice | RefundNotice)
    assert notice_read.amount_fen >= 0


@cache
def shared_client() -> WechatPay:
    """Load the keys once for all examples."""
    return Provider().client()
