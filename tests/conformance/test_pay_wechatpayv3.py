"""PyPI's wechatpayv3 against the sandbox: a full journey, and what it gets wrong."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from tests.conformance.strangers import Town, town
from wechatpayv3 import WeChatPay, WeChatPayType

from headwater.base.errors import Forged
from headwater.connect.wechat_pay import PlatformKeys

NUMBER = "R20261122-0001"
KEY_ID = "PUB_KEY_ID_1"
NO_PROXY = {"http": None, "https": None}
TIMEOUT_SECONDS = (5, 10)


@pytest.fixture
async def there(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path) as built:
        yield built


def sdk(there: Town, **more: Any) -> WeChatPay:
    """Point the SDK to the sandbox; its host is a private attribute, as there is no other knob."""
    wanted: dict[str, Any] = {
        "wechatpay_type": WeChatPayType.JSAPI,
        "mchid": there.pay["mchid"],
        "private_key": there.pay["merchant_private_key_pem"],
        "cert_serial_no": there.pay["merchant_serial"],
        "appid": there.appid,
        "apiv3_key": there.pay["apiv3_key"],
        "notify_url": there.notify_url,
        "proxy": NO_PROXY,
        "timeout": TIMEOUT_SECONDS,
        "public_key": there.pay["platform_public_key_pem"],
        "public_key_id": there.pay["platform_public_key_id"],
    }
    built = WeChatPay(**(wanted | more))
    built._core._gate_way = there.pay["base_url"]
    return built


def with_certificate(there: Town, folder: Path) -> WeChatPay:
    """Build the SDK of a merchant without a public key, who has the certificate in a folder."""
    folder.mkdir()
    serial = there.pay["platform_certificate_serial"]
    (folder / f"{serial}.pem").write_text(there.pay["platform_certificate_pem"])
    return sdk(there, public_key=None, public_key_id=None, cert_dir=str(folder))


async def said(call: Callable[..., tuple[int, Any]], *given: Any, **named: Any) -> Any:
    """Call the SDK in a thread, since it waits for its answers."""
    code, text = await asyncio.to_thread(call, *given, **named)
    assert 200 <= code < 300, text
    return json.loads(text) if text else None


async def opened(pay: WeChatPay, notice: tuple[dict[str, str], bytes]) -> Any:
    """Let the SDK verify and decrypt a notice as it came."""
    headers, body = notice
    return await asyncio.to_thread(pay.callback, headers, body)


async def pays(there: Town, pay: WeChatPay, number: str = NUMBER) -> dict[str, Any]:
    person = await there.person()
    order = await said(
        pay.pay,
        description="羊绒围巾 😀",
        out_trade_no=number,
        amount={"total": 100},
        payer={"openid": person["openid"]},
        attach="门店😀",
    )
    await there.side("POST", "/payments", prepay_id=order["prepay_id"])
    return person


@pytest.mark.parametrize("mode", ["public key", "certificate"])
async def test_money_comes_is_told_goes_back_and_is_told(
    there: Town, mode: str, tmp_path: Path
) -> None:
    pay = sdk(there)
    if mode == "certificate":
        await there.misbehave(notices_signed_with="certificate")
        pay = with_certificate(there, tmp_path / "certificates")
    person = await pays(there, pay)
    notice = await opened(pay, await there.notice(0))
    assert notice["event_type"] == "TRANSACTION.SUCCESS"
    told = notice["resource"]
    assert (told["out_trade_no"], told["amount"]["total"]) == (NUMBER, 100)
    assert (told["payer"]["openid"], told["attach"]) == (person["openid"], "门店😀")
    state = await said(pay.query, out_trade_no=NUMBER)
    assert (state["trade_state"], state["transaction_id"]) == ("SUCCESS", told["transaction_id"])

    asked = await said(
        pay.refund,
        out_refund_no="RF-1",
        out_trade_no=NUMBER,
        amount={"refund": 40, "total": 100, "currency": "CNY"},
        reason="不合身",
        notify_url=there.notify_url,
    )
    back = (await opened(pay, await there.notice(1)))["resource"]
    assert (back["refund_id"], back["refund_status"]) == (asked["refund_id"], "SUCCESS")
    assert (back["out_refund_no"], back["amount"]["refund"]) == ("RF-1", 40)
    assert (await said(pay.query_refund, out_refund_no="RF-1"))["status"] == "SUCCESS"


async def test_an_order_is_closed_and_stays_closed(there: Town) -> None:
    pay, person = sdk(there), await there.person()
    await said(
        pay.pay,
        description="围巾",
        out_trade_no=NUMBER,
        amount={"total": 100},
        payer={"openid": person["openid"]},
    )
    code, _ = await asyncio.to_thread(pay.close, NUMBER)
    assert code == 204
    assert (await said(pay.query, out_trade_no=NUMBER))["trade_state"] == "CLOSED"


async def test_a_code_is_paid_by_whoever_scans_it(there: Town) -> None:
    pay, person = sdk(there), await there.person()
    order = await said(
        pay.pay,
        description="围巾",
        out_trade_no=NUMBER,
        amount={"total": 250},
        pay_type=WeChatPayType.NATIVE,
    )
    await there.side("POST", "/payments", code_url=order["code_url"], person_id=person["id"])
    state = await said(pay.query, out_trade_no=NUMBER)
    assert (state["trade_state"], state["amount"]["total"]) == ("SUCCESS", 250)


async def test_the_certificates_are_downloaded_and_opened(there: Town, tmp_path: Path) -> None:
    pay = with_certificate(there, tmp_path / "certificates")
    await asyncio.to_thread(pay._core._update_certificates)
    serials = [f"{each.serial_number:040X}" for each in pay._core._certificates]
    assert serials == [there.pay["platform_certificate_serial"]]


async def test_a_probe_is_refused_and_the_notice_after_it_is_believed(there: Town) -> None:
    pay = sdk(there)
    await there.misbehave(probe_next=1)
    await pays(there, pay)
    headers, body = await there.notice(0)
    assert headers["wechatpay-signature"].startswith("WECHATPAY/SIGNTEST/")
    assert await opened(pay, (headers, body)) is None
    assert await opened(pay, await there.notice(1))


async def test_it_believes_a_message_of_last_year(there: Town) -> None:
    """Say where it is wrong by pay.weixin.qq.com/doc/v3/merchant/4013053420.

    A message whose timestamp is more than five minutes off is to be refused; ours does.
    """
    pay = sdk(there)
    await pays(there, pay)
    headers, body = await there.notice(0)
    last_year = signed_at(there, int(headers["wechatpay-timestamp"]) - 365 * 86_400, body)
    believed = await opened(pay, (headers | last_year, body))
    assert believed["resource"]["out_trade_no"] == NUMBER
    with pytest.raises(Forged):
        PlatformKeys({KEY_ID: there.pay["platform_public_key_pem"]}).verify(
            headers | last_year | {"wechatpay-serial": KEY_ID}, body, datetime.now(UTC)
        )


def signed_at(there: Town, seconds: int, body: bytes) -> dict[str, str]:
    """Sign as the platform did at another time."""
    pem = there.pay["only_the_sandbox_holds"]["platform_private_key_pem"]
    key = load_pem_private_key(pem.encode(), None)
    assert isinstance(key, RSAPrivateKey)
    message = f"{seconds}\nn\n".encode() + body + b"\n"
    return {
        "wechatpay-timestamp": str(seconds),
        "wechatpay-nonce": "n",
        "wechatpay-signature": base64.b64encode(key.sign(message, PKCS1v15(), SHA256())).decode(),
    }


async def test_it_crashes_on_a_public_key_in_the_week_of_a_switch(
    there: Town, tmp_path: Path
) -> None:
    """Say where it is wrong by pay.weixin.qq.com/docs/…/platform-certificate/update-pub-key.html.

    In that week callbacks come under both kinds of serial; a serial is a name, not a number.
    """
    pay = with_certificate(there, tmp_path / "certificates")
    await pays(there, sdk(there))
    headers, body = await there.notice(0)
    signed_by_key = headers | {"wechatpay-serial": there.pay["platform_public_key_id"]}
    with pytest.raises(ValueError, match="invalid literal for int"):
        pay.callback(signed_by_key, body)


async def test_it_loses_its_certificates_when_a_fetch_fails(there: Town, tmp_path: Path) -> None:
    """Say where it is wrong: it empties the list first, and every request meanwhile fails."""
    pay = with_certificate(there, tmp_path / "certificates")
    assert len(pay._core._certificates) == 1
    await there.misbehave(fail_next=1)
    await asyncio.to_thread(pay._core._update_certificates)
    assert pay._core._certificates == []
