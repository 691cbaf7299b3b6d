"""Every negative case that was published or derived for WeChat Pay, by its id."""

from __future__ import annotations

import base64
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.conformance.tamper import Wire
from tests.connect.provider import Provider, credentials, public_pem, signature_by

from headwater.base.errors import Forged
from headwater.connect.wechat_pay import PlatformKeys, WechatPay
from headwater.connect.wechat_pay.exchange import REFRESH_AT_MOST_EVERY
from headwater.connect.wechat_pay.signing import request_message

KNOWN: dict[str, Any] = json.loads(
    (Path(__file__).parent / "vectors" / "wechat_pay.json").read_text(encoding="utf-8")
)
PAY = KNOWN["vectors"]["pay.v3.notification.derived.pay"]["inputs"]
OUR_KEY_ID = "PUB_KEY_ID_OF_OURS"
NOW = datetime.fromtimestamp(PAY["now_for_skew_check"], UTC)


def client(http: httpx2.AsyncClient, now: datetime = NOW) -> WechatPay:
    known = credentials(
        mchid="1900000001",
        appid="wxd678efh567hg6787",
        apiv3_key=PAY["apiv3_key"],
        platform_keys={PAY["public_key_id"]: PAY["public_key_pem"], OUR_KEY_ID: public_pem("new")},
    )
    return WechatPay(known, http, lambda: now)


async def told(body: bytes = PAY["body"].encode(), now: datetime = NOW, **changes: str) -> object:
    headers = PAY["headers"] | {f"Wechatpay-{name}": value for name, value in changes.items()}
    return await client(Wire().http, now).hear(headers, body, now)


async def bad_gcm_tag() -> None:
    notice = json.loads(PAY["body"])
    sealed = bytearray(base64.b64decode(notice["resource"]["ciphertext"]))
    sealed[-1] ^= 1
    notice["resource"]["ciphertext"] = base64.b64encode(sealed).decode()
    body = json.dumps(notice).encode()
    message = f"{PAY['headers']['Wechatpay-Timestamp']}\nn\n".encode() + body + b"\n"
    await told(body, Serial=OUR_KEY_ID, Nonce="n", Signature=signature_by("new", message))


async def body_reserialised() -> None:
    await told(json.dumps(json.loads(PAY["body"])).encode())


async def missing_trailing_lf() -> None:
    """What leaves us ends with a line feed, and what comes without one is refused."""
    assert request_message("GET", "/v3/certificates", 1, "n", b"").endswith(b"\n\n")
    stamp, body = PAY["headers"]["Wechatpay-Timestamp"], PAY["body"].encode()
    signature = signature_by("new", f"{stamp}\nn\n".encode() + body)
    headers = {"Timestamp": stamp, "Nonce": "n", "Serial": OUR_KEY_ID, "Signature": signature}
    keys = PlatformKeys({OUR_KEY_ID: public_pem("new")})
    keys.verify({f"Wechatpay-{name}": value for name, value in headers.items()}, body, NOW)


async def stale() -> None:
    await told(now=datetime.fromtimestamp(PAY["now_for_skew_check"] + 301, UTC))


async def signtest() -> None:
    await told(Signature="WECHATPAY/SIGNTEST/" + PAY["headers"]["Wechatpay-Signature"])


async def unsigned_2xx() -> None:
    provider = Provider()
    provider.will_send(200, b'{"code_url": "weixin://1"}', {})
    await provider.client().query("R20261122-0001")


async def serial_unknown() -> None:
    """The certificates are fetched once, and then the serial is refused."""
    asked: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url.path)
        return httpx2.Response(503)

    pay = client(httpx2.AsyncClient(transport=httpx2.MockTransport(answer)))
    headers = PAY["headers"] | {"Wechatpay-Serial": "5157F09EFDC096DE15EBE81A47057A72"}
    for _ in range(3):
        with pytest.raises(Forged):
            await pay.hear(headers, PAY["body"].encode(), NOW)
    assert REFRESH_AT_MOST_EVERY.total_seconds() == 60
    assert asked == ["/v3/certificates"]
    await pay.hear(headers, PAY["body"].encode(), NOW)


CASES: dict[str, Callable[[], Awaitable[None]]] = {
    "neg.pay.bad_gcm_tag": bad_gcm_tag,
    "neg.pay.body_reserialised": body_reserialised,
    "neg.pay.missing_trailing_lf": missing_trailing_lf,
    "neg.pay.stale": stale,
    "neg.pay.signtest": signtest,
    "neg.pay.unsigned_2xx": unsigned_2xx,
    "neg.pay.serial_unknown": serial_unknown,
}


async def test_the_vector_that_the_cases_spoil_is_itself_believed() -> None:
    assert await told()


@pytest.mark.parametrize("case", sorted(CASES))
async def test_a_negative_case_is_refused(case: str) -> None:
    with pytest.raises(Forged):
        await CASES[case]()


def test_no_published_negative_case_is_left_out() -> None:
    assert {each["id"] for each in KNOWN["negative_cases"]} == CASES.keys()
