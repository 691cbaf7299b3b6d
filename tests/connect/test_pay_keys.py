"""The keys of WeChat Pay: they come, stand side by side, and go, and no request falls between."""

from __future__ import annotations

import asyncio
import base64
import json
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as some
from tests.connect.provider import (
    APIV3_KEY,
    KEY_ID,
    NOON,
    Provider,
    credentials,
    key_named,
    public_pem,
    sealed_notice,
    signed_headers,
)

from headwater.base.errors import BadInput, Forged, Trouble
from headwater.connect.wechat_pay import (
    PaymentNotice,
    PlatformKeys,
    ReplayMemory,
    WechatPay,
    keep_keys_fresh,
)
from headwater.connect.wechat_pay.keys import downloaded_keys

CERTIFICATES = "/v3/certificates"
PAID: dict[str, Any] = {
    "mchid": "1900000001",
    "appid": "wx1234567890abcdef",
    "out_trade_no": "R20261122-0001",
    "transaction_id": "4200001",
    "trade_state": "SUCCESS",
    "amount": {"total": 100, "currency": "CNY"},
    "success_time": "2026-11-22T12:00:00+08:00",
}


@cache
def certificate(name: str, until: datetime = NOON + timedelta(days=1_800)) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"platform {name}")])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key_named(name).public_key())
        .serial_number(int.from_bytes(name.encode(), "big"))
        .not_valid_before(NOON - timedelta(days=30))
        .not_valid_after(until)
        .sign(key_named(name), SHA256())
    )


def pem(name: str, **more: Any) -> str:
    return certificate(name, **more).public_bytes(Encoding.PEM).decode()


def serial(name: str) -> str:
    return name.encode().hex().upper()


def entry(name: str, plain: str | None = None, **changes: Any) -> dict[str, Any]:
    text = pem(name) if plain is None else plain
    sealed = AESGCM(APIV3_KEY.encode()).encrypt(b"twelve-bytes", text.encode(), b"certificate")
    return {
        "serial_no": serial(name),
        "effective_time": "2026-01-01T00:00:00+08:00",
        "expire_time": "2031-01-01T00:00:00+08:00",
        "encrypt_certificate": {
            "algorithm": "AEAD_AES_256_GCM",
            "nonce": "twelve-bytes",
            "associated_data": "certificate",
            "ciphertext": base64.b64encode(sealed).decode(),
        }
        | changes,
    }


def delivers(provider: Provider, *names: str, signed_by: str, at: datetime = NOON) -> None:
    body = json.dumps({"data": [entry(name) for name in names]}).encode()
    provider.will_send(200, body, signed_headers(body, signed_by, serial(signed_by), at))


async def test_a_new_certificate_may_sign_its_own_delivery() -> None:
    provider = Provider()
    client = provider.client(platform_keys={serial("first"): pem("first")}, answer_serial=None)
    delivers(provider, "first", "second", signed_by="second")
    assert await client.refresh_platform_keys() == {serial("first"), serial("second")}
    assert provider.asked[0].url.path == CERTIFICATES
    for name in ("first", "second"):
        body = sealed_notice("TRANSACTION.SUCCESS", PAID)
        assert client.read_notice(signed_headers(body, name, serial(name)), body, NOON)


async def test_old_keys_stay_until_their_end_and_public_keys_have_none() -> None:
    provider = Provider()
    ends = NOON + timedelta(days=1)
    keys = {serial("old1"): pem("old1", until=ends), KEY_ID: public_pem("new")}
    client = provider.client(platform_keys=keys)
    delivers(provider, "second", signed_by="second")
    await client.refresh_platform_keys()
    body = sealed_notice("TRANSACTION.SUCCESS", PAID)
    last = ends - timedelta(seconds=1)
    headers = signed_headers(body, "old1", serial("old1"), at=last)
    assert client.read_notice(headers, body, last)
    headers = signed_headers(body, "old1", serial("old1"), at=ends)
    with pytest.raises(Forged) as refused:
        client.read_notice(headers, body, ends)
    assert "ended" in refused.value.details["why"]
    headers = signed_headers(body, "new", KEY_ID, at=ends)
    assert client.read_notice(headers, body, ends)


def test_ended_keys_go_when_new_ones_come_and_never_before() -> None:
    ends = NOON + timedelta(days=1)
    keys = PlatformKeys({serial("old1"): pem("old1", until=ends)})
    keys.adopt([], ends)
    assert keys.serials() == {serial("old1")}
    body = json.dumps({"data": [entry("second")]}).encode()
    keys.adopt(downloaded_keys([APIV3_KEY.encode()], body), ends)
    assert keys.serials() == {serial("second")}


async def test_a_merchant_with_a_public_key_gets_an_empty_list_and_loses_nothing() -> None:
    provider = Provider()
    client = provider.client(platform_keys={KEY_ID: public_pem("new")})
    provider.will(200, {"data": []})
    assert await client.refresh_platform_keys() == {KEY_ID}
    body = sealed_notice("TRANSACTION.SUCCESS", PAID)
    assert client.read_notice(signed_headers(body), body, NOON)


@pytest.mark.parametrize("how", ["unsigned", "stale", "wrong seal", "another's", "junk", "silent"])
async def test_a_delivery_that_cannot_be_believed_changes_nothing(how: str) -> None:
    provider = Provider()
    client = provider.client(platform_keys={serial("first"): pem("first")})
    good = json.dumps({"data": [entry("second")]}).encode()
    wrong = json.dumps({"data": [entry("second", associated_data="transaction")]}).encode()
    others = json.dumps({"data": [entry("second") | {"serial_no": serial("third")}]}).encode()
    late = NOON - timedelta(seconds=301)
    told = {
        "unsigned": (200, good, {}),
        "stale": (200, good, signed_headers(good, "second", serial("second"), late)),
        "wrong seal": (200, wrong, signed_headers(wrong, "first", serial("first"))),
        "another's": (200, others, signed_headers(others, "first", serial("first"))),
        "junk": (200, b'{"data": 7}', signed_headers(b'{"data": 7}', "first", serial("first"))),
        "silent": (502, b"", {}),
    }
    provider.will_send(*told[how])
    with pytest.raises((Forged, Trouble)):
        await client.refresh_platform_keys()
    body = sealed_notice("TRANSACTION.SUCCESS", PAID)
    assert client.read_notice(signed_headers(body, "first", serial("first")), body, NOON)
    with pytest.raises(Forged):
        client.read_notice(signed_headers(body, "second", serial("second")), body, NOON)


async def test_an_unknown_serial_has_the_certificates_fetched_once_and_is_then_believed() -> None:
    provider = Provider()
    client = provider.client(platform_keys={serial("first"): pem("first")})
    delivers(provider, "second", signed_by="second")
    body = sealed_notice("TRANSACTION.SUCCESS", PAID)
    heard = await client.hear(signed_headers(body, "second", serial("second")), body, NOON)
    assert isinstance(heard, PaymentNotice)
    assert [request.url.path for request in provider.asked] == [CERTIFICATES]


async def test_a_flood_of_unknown_serials_fetches_once_a_minute() -> None:
    provider, clock = Provider(), [NOON]
    client = provider.client(clock=lambda: clock[0], platform_keys={serial("first"): pem("first")})
    body = sealed_notice("TRANSACTION.SUCCESS", PAID)
    for minute in range(3):
        clock[0] = NOON + timedelta(minutes=minute)
        delivers(provider, "first", signed_by="first", at=clock[0])
        stranger = signed_headers(body, "third", serial("third"), at=clock[0])
        told = [client.hear(stranger, body, clock[0]) for _ in range(20)]
        refused = await asyncio.gather(*told, return_exceptions=True)
        assert all(isinstance(each, Forged) for each in refused)
        assert len(provider.asked) == minute + 1


async def test_a_fetch_that_hangs_holds_up_no_notice_and_is_believed_when_it_has_come() -> None:
    provider, may_leave = Provider(), asyncio.Event()

    async def hangs(request: httpx2.Request) -> httpx2.Response:
        await may_leave.wait()
        return provider.handle(request)

    http = httpx2.AsyncClient(transport=httpx2.MockTransport(hangs))
    known = credentials(platform_keys={serial("first"): pem("first")})
    client = WechatPay(known, http, lambda: NOON)
    delivers(provider, "second", signed_by="second")
    body = sealed_notice("TRANSACTION.SUCCESS", PAID)
    headers = signed_headers(body, "second", serial("second"))
    for _copy in range(3):
        with pytest.raises(Forged):
            await client.hear(headers, body, NOON, waits_seconds=0.01)
    may_leave.set()
    assert isinstance(await client.hear(headers, body, NOON), PaymentNotice)
    assert len(provider.asked) == 1


async def test_an_answer_under_an_unknown_serial_is_believed_after_a_fetch() -> None:
    provider, body = Provider(), b'{"code_url": "weixin://1"}'
    client = provider.client(platform_keys={serial("first"): pem("first")})
    provider.will_send(200, body, signed_headers(body, "second", serial("second")))
    delivers(provider, "second", signed_by="second")
    asked = client.prepay_native("R20261122-0001", 1, "围巾", NOON + timedelta(minutes=15))
    assert await asked == "weixin://1"


async def test_a_failed_fetch_leaves_an_unknown_serial_forged() -> None:
    provider, body = Provider(), b'{"code_url": "weixin://1"}'
    client = provider.client(platform_keys={serial("first"): pem("first")})
    provider.will_send(200, body, signed_headers(body, "second", serial("second")))
    provider.will_send(500, b"", {})
    with pytest.raises(Forged):
        await client.prepay_native("R20261122-0001", 1, "围巾", NOON + timedelta(minutes=15))


async def test_certificates_are_fetched_twice_a_day_and_soon_after_a_failure() -> None:
    rests: list[float] = []
    outcomes = [None, Trouble("down"), Forged(why="not theirs"), None]

    async def rest(seconds: float) -> None:
        rests.append(seconds)

    async def refresh() -> None:
        if not outcomes:
            raise asyncio.CancelledError
        if (outcome := outcomes.pop(0)) is not None:
            raise outcome

    with pytest.raises(asyncio.CancelledError):
        await keep_keys_fresh(refresh, rest)
    assert 60 <= rests[0] < 300
    assert rests[1:] == [43_200, 600, 600, 43_200]


async def test_a_replay_of_what_was_acted_upon_is_known_and_a_repeat_of_it_is_not() -> None:
    client = Provider().client()
    body = sealed_notice("TRANSACTION.SUCCESS", PAID)
    headers = signed_headers(body, nonce="first")
    notice = await client.hear(headers, body, NOON)
    assert not client.heard.knows(notice.notice_id, headers, NOON)
    client.heard.remember(notice.notice_id, headers, NOON)
    shouted = {name.upper(): value for name, value in headers.items()}
    assert client.heard.knows(notice.notice_id, shouted, NOON)
    told_again = signed_headers(body, nonce="second")
    assert not client.heard.knows(notice.notice_id, told_again, NOON)


def test_the_memory_of_messages_is_bounded_in_number_and_in_time() -> None:
    memory = ReplayMemory(most=3)
    headers = [signed_headers(b"", nonce=f"n{number}") for number in range(5)]
    for each in headers:
        memory.remember("EV-1", each, NOON)
        memory.remember("EV-1", each, NOON)
    assert len(memory) == 3
    assert not memory.knows("EV-1", headers[1], NOON)
    assert memory.knows("EV-1", headers[4], NOON + timedelta(seconds=600))
    assert not memory.knows("EV-1", headers[4], NOON + timedelta(seconds=601))
    memory.remember("EV-2", headers[0], NOON + timedelta(seconds=601))
    assert len(memory) == 1


def test_names_are_sealed_for_the_key_that_is_asked_for_or_else_for_the_one_that_lasts() -> None:
    soon = NOON + timedelta(days=1)
    keys = PlatformKeys({serial("old1"): pem("old1", until=soon), serial("first"): pem("first")})
    for wanted, now, name in (
        (serial("old1").lower(), NOON, "old1"),
        (serial("old1"), soon, "first"),
        (None, NOON, "first"),
        ("PUB_KEY_ID_UNKNOWN", NOON, "first"),
    ):
        sealed = keys.seal({"name": "张三"}, wanted, now)
        assert sealed.serial == serial(name)
        assert opened(key_named(name), sealed.fields["name"]) == "张三"


@pytest.mark.parametrize("text,fits", [("x" * 214, True), ("x" * 215, False), ("", False)])
def test_a_sealed_field_has_an_end(text: str, fits: bool) -> None:
    keys = PlatformKeys(credentials().platform_keys)
    if fits:
        assert keys.seal({"name": text}, KEY_ID, NOON).fields["name"]
        return
    with pytest.raises(BadInput):
        keys.seal({"name": text}, KEY_ID, NOON)


def test_nothing_is_sealed_for_a_key_that_has_ended() -> None:
    soon = NOON + timedelta(days=1)
    keys = PlatformKeys({serial("old1"): pem("old1", until=soon)})
    with pytest.raises(Trouble):
        keys.seal({"name": "张三"}, None, soon)


def opened(key: rsa.RSAPrivateKey, sealed: str) -> str:
    oaep = padding.OAEP(mgf=padding.MGF1(SHA1()), algorithm=SHA1(), label=None)
    return key.decrypt(base64.b64decode(sealed), oaep).decode()


@settings(max_examples=200, deadline=None)
@given(plain=some.text() | some.text().map(lambda text: f"-----BEGIN CERTIFICATE-----\n{text}"))
def test_no_sealed_text_crashes_the_reader_of_certificates(plain: str) -> None:
    body = json.dumps({"data": [entry("second", plain)]}).encode()
    with pytest.raises((Forged, Trouble)):
        downloaded_keys([APIV3_KEY.encode()], body)


_json = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=200, deadline=None)
@given(
    field=some.sampled_from(["serial_no", "algorithm", "nonce", "associated_data", "ciphertext"]),
    value=_json,
    flip=some.integers(min_value=0, max_value=7),
)
def test_no_strange_field_crashes_the_reader_of_certificates(
    field: str, value: Any, flip: int
) -> None:
    strange = entry("second")
    (strange if field == "serial_no" else strange["encrypt_certificate"])[field] = value
    raw = bytearray(json.dumps({"data": [strange]}).encode())
    raw[len(raw) // 2] ^= 1 << flip
    with pytest.raises((Forged, Trouble)):
        downloaded_keys([APIV3_KEY.encode()], bytes(raw))


@settings(max_examples=200, deadline=None)
@given(raw=some.binary() | _json.map(lambda value: json.dumps(value).encode()))
def test_no_bytes_crash_the_reader_of_certificates(raw: bytes) -> None:
    with pytest.raises(Trouble):
        downloaded_keys([APIV3_KEY.encode()], raw)
