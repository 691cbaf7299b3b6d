"""Our clients against the sandbox, which has its own cryptography: neither may teach the other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from tests.connect.provider import NOON

from headwater.base.errors import Forged, Trouble
from headwater.connect.errors import (
    CannotReach,
    LoginCodeSpent,
    NumberSpent,
    ProviderRefused,
    UnknownToProvider,
)
from headwater.connect.official_account import OfficialAccount, OfficialAccountCredentials
from headwater.connect.sms import SmsCredentials, SmsSender
from headwater.connect.wechat_pay import (
    PaymentNotice,
    RefundNotice,
    RefundStatus,
    TradeState,
    WechatPay,
    WechatPayCredentials,
)
from headwater.sandbox import Credentials, Sandbox, make_credentials, make_sandbox

NUMBER = "R20261122-0001"


@dataclass
class Merchant:
    """A shop with our three clients, which hears notices as a shop's door would."""

    sandbox: Sandbox
    http: httpx2.AsyncClient
    clock: list[datetime]
    heard: list[PaymentNotice | RefundNotice] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        known = self.sandbox.credentials
        account, sms = known["official_account"], known["sms"]
        self.pay = WechatPay(self.pay_credentials(), self.http, self.now)
        self.account = OfficialAccount(
            OfficialAccountCredentials(
                appid=account["appid"],
                secret=account["secret"],
                api_url=account["api_base_url"],
                login_url=account["open_base_url"],
            ),
            self.http,
            self.now,
        )
        self.sms = SmsSender(
            SmsCredentials(
                secret_id=sms["secret_id"],
                secret_key=sms["secret_key"],
                sdk_app_id=sms["sdk_app_id"],
                sign_name=sms["sign_name"],
                base_url=sms["base_url"],
            ),
            self.http,
            self.now,
        )

    def pay_credentials(self, **changes: Any) -> WechatPayCredentials:
        pay = self.sandbox.credentials["pay"]
        values: dict[str, Any] = {
            "mchid": pay["mchid"],
            "appid": self.sandbox.credentials["official_account"]["appid"],
            "merchant_serial": pay["merchant_serial"],
            "merchant_private_key": pay["merchant_private_key_pem"],
            "apiv3_key": pay["apiv3_key"],
            "platform_keys": {
                pay["platform_public_key_id"]: pay["platform_public_key_pem"],
                pay["platform_certificate_serial"]: pay["platform_certificate_pem"],
            },
            "notify_url": "http://shop.example/hooks/wechat-pay",
            "refund_notify_url": "http://shop.example/hooks/wechat-pay",
            "answer_serial": pay["platform_public_key_id"],
            "base_url": pay["base_url"],
        }
        return WechatPayCredentials(**(values | changes))

    def now(self) -> datetime:
        return self.clock[0]

    def hear(self, request: httpx2.Request) -> httpx2.Response:
        try:
            self.heard.append(self.pay.read_notice(request.headers, request.content, self.now()))
        except Forged as forged:
            self.refused.append(forged.details["why"])
            return httpx2.Response(401, json={"code": "FAIL", "message": "not believed"})
        return httpx2.Response(204)

    async def passes(self, seconds: float) -> None:
        """Let time pass and the sandbox do what it owes."""
        self.clock[0] += timedelta(seconds=seconds)
        await self.sandbox.deliver_due(self.now())

    async def beside(self, method: str, door: str, **body: Any) -> Any:
        url = self.sandbox.credentials["side_doors"]["base_url"] + door
        answer = await self.http.request(method, url, json=body or None)
        assert answer.is_success, answer.text
        return answer.json()

    async def person(self, **more: Any) -> dict[str, Any]:
        made: dict[str, Any] = await self.beside("POST", "/people", nickname="小满", **more)
        return made

    async def prepay(self, openid: str, number: str = NUMBER, amount_fen: int = 100) -> str:
        until = NOON + timedelta(minutes=30)
        return await self.pay.prepay_jsapi(number, amount_fen, openid, "羊绒围巾 😀", until)

    async def paid(self, number: str = NUMBER) -> dict[str, Any]:
        person = await self.person()
        prepay_id = await self.prepay(person["openid"], number)
        await self.beside("POST", "/payments", prepay_id=prepay_id)
        return person


@cache
def known_credentials() -> Credentials:
    """Make the keys once; making them is slow, and every sandbox starts empty anyway."""
    return make_credentials(7, NOON)


@pytest.fixture
async def shop() -> AsyncIterator[Merchant]:
    """A fresh sandbox and a merchant who knows its credentials."""
    clock = [NOON]
    sandbox = make_sandbox(7, 1.0, now=lambda: clock[0], credentials=known_credentials())
    async with sandbox.client() as http:
        merchant = Merchant(sandbox, http, clock)
        sandbox.notify_through(
            lambda: httpx2.AsyncClient(transport=httpx2.MockTransport(merchant.hear))
        )
        yield merchant
        await sandbox.close()


async def test_money_comes_is_told_goes_back_and_is_told(shop: Merchant) -> None:
    person = await shop.paid()
    await shop.passes(5)
    (notice,) = shop.heard
    assert isinstance(notice, PaymentNotice)
    assert (notice.out_trade_no, notice.amount_fen) == (NUMBER, 100)
    assert (notice.payer_openid, notice.trade_state) == (person["openid"], TradeState.PAID)
    state = await shop.pay.query(NUMBER)
    assert (state.state, state.transaction_id) == (TradeState.PAID, notice.transaction_id)
    assert (state.amount_fen, state.paid_at) == (100, notice.paid_at)

    asked = await shop.pay.refund("RF-1", NUMBER, 40, 100, "不合身")
    again = await shop.pay.refund("RF-1", NUMBER, 40, 100, "不合身")
    assert again.refund_id == asked.refund_id
    await shop.passes(3600)
    told = shop.heard[1]
    assert isinstance(told, RefundNotice)
    assert (told.out_refund_no, told.refund_id) == ("RF-1", asked.refund_id)
    assert (told.amount_fen, told.refund_status) == (40, RefundStatus.DONE)
    assert (await shop.pay.query_refund("RF-1")).status is RefundStatus.DONE
    bill = await shop.beside("GET", "/bill")
    assert (bill["paid_fen"], bill["refunded_fen"]) == (100, 40)


async def test_an_order_moves_from_unpaid_to_closed(shop: Merchant) -> None:
    person = await shop.person()
    await shop.prepay(person["openid"])
    assert (await shop.pay.query(NUMBER)).state is TradeState.NOT_PAID
    shop.clock[0] += timedelta(minutes=6)
    await shop.pay.close(NUMBER)
    await shop.pay.close(NUMBER)
    assert (await shop.pay.query(NUMBER)).state is TradeState.CLOSED
    with pytest.raises(NumberSpent):
        await shop.prepay(person["openid"])


async def test_a_paid_number_is_spent_and_cannot_be_closed(shop: Merchant) -> None:
    person = await shop.paid()
    with pytest.raises(NumberSpent):
        await shop.prepay(person["openid"])
    with pytest.raises(ProviderRefused):
        await shop.pay.close(NUMBER)


async def test_asking_again_is_harmless_and_asking_otherwise_is_refused(shop: Merchant) -> None:
    person = await shop.person()
    assert await shop.prepay(person["openid"]) != await shop.prepay(person["openid"])
    with pytest.raises(ProviderRefused) as refused:
        await shop.prepay(person["openid"], amount_fen=101)
    assert refused.value.provider_code == "INVALID_REQUEST"


async def test_numbers_with_all_legal_signs_pass_the_wire(shop: Merchant) -> None:
    await shop.paid("ab|cd*ef_gh-1")
    assert (await shop.pay.query("ab|cd*ef_gh-1")).state is TradeState.PAID
    await shop.pay.refund("r|e*f_u-n@d", "ab|cd*ef_gh-1", 1, 100, "")
    assert (await shop.pay.query_refund("r|e*f_u-n@d")).amount_fen == 1


async def test_a_code_is_paid_by_whoever_scans_it(shop: Merchant) -> None:
    person = await shop.person()
    until = NOON + timedelta(minutes=30)
    code = await shop.pay.prepay_native(NUMBER, 250, "围巾", until)
    await shop.beside("POST", "/payments", code_url=code, person_id=person["id"])
    state = await shop.pay.query(NUMBER)
    assert (state.amount_fen, state.openid) == (250, person["openid"])


async def test_what_was_never_asked_for_is_unknown(shop: Merchant) -> None:
    with pytest.raises(UnknownToProvider):
        await shop.pay.query("NEVER-ASKED")
    with pytest.raises(UnknownToProvider):
        await shop.pay.query_refund("NEVER-ASKED")


async def test_more_than_was_paid_cannot_be_refunded(shop: Merchant) -> None:
    await shop.paid()
    await shop.pay.refund("RF-1", NUMBER, 60, 100, "")
    shop.clock[0] += timedelta(minutes=2)
    with pytest.raises(ProviderRefused):
        await shop.pay.refund("RF-2", NUMBER, 60, 100, "")


async def test_a_pay_sheet_opens_at_the_phone(shop: Merchant) -> None:
    person = await shop.person()
    sheet = shop.pay.pay_sheet(await shop.prepay(person["openid"]), shop.now())
    phone = shop.sandbox.credentials["phone"]["base_url"]
    right = await shop.http.get(f"{phone}/phone/pay", params=sheet.for_bridge())
    wrong = await shop.http.get(
        f"{phone}/phone/pay", params=sheet.for_bridge() | {"paySign": sheet.pay_sign[::-1]}
    )
    assert right.status_code != 404
    assert right.is_success or right.is_redirect
    assert wrong.is_client_error


async def test_copies_and_probes_and_both_serials_are_read_right(shop: Merchant) -> None:
    await shop.beside(
        "PUT", "/misbehaviour", duplicates=2, probe_next=1, notices_signed_with="both"
    )
    await shop.paid()
    for _ in range(6):
        await shop.passes(15)
    assert shop.refused == ["signature probe"]
    assert len(shop.heard) >= 3
    assert len({(notice.notice_id, notice.out_trade_no) for notice in shop.heard}) == 1


async def test_certificate_notices_are_believed_and_forgotten_keys_are_not(shop: Merchant) -> None:
    await shop.beside("PUT", "/misbehaviour", notices_signed_with="certificate")
    await shop.paid()
    await shop.passes(5)
    assert len(shop.heard) == 1
    pay = shop.sandbox.credentials["pay"]
    only_new = {pay["platform_public_key_id"]: pay["platform_public_key_pem"]}
    shop.pay = WechatPay(shop.pay_credentials(platform_keys=only_new), shop.http, shop.now)
    await shop.paid("R20261122-0002")
    await shop.passes(5)
    assert shop.refused == ["unknown serial"]


async def test_answers_come_signed_by_the_key_that_we_name(shop: Merchant) -> None:
    await shop.paid()
    pay = shop.sandbox.credentials["pay"]
    serial = pay["platform_certificate_serial"]
    old = shop.pay_credentials(
        platform_keys={serial: pay["platform_certificate_pem"]}, answer_serial=serial
    )
    assert (await WechatPay(old, shop.http, shop.now).query(NUMBER)).amount_fen == 100


async def test_a_failing_server_is_trouble_and_the_repeat_is_harmless(shop: Merchant) -> None:
    person = await shop.person()
    await shop.beside("PUT", "/misbehaviour", fail_next=1)
    with pytest.raises(Trouble):
        await shop.prepay(person["openid"])
    assert await shop.prepay(person["openid"])


async def test_a_refund_that_was_made_in_silence_is_made_once(shop: Merchant) -> None:
    await shop.paid()
    await shop.beside("PUT", "/misbehaviour", hang_next=1, hang_seconds=0)
    with pytest.raises(Trouble):
        await shop.pay.refund("RF-1", NUMBER, 40, 100, "")
    await shop.pay.refund("RF-1", NUMBER, 40, 100, "")
    assert (await shop.beside("GET", "/bill"))["refunds_accepted_fen"] == 40


async def test_a_lost_notice_is_found_by_asking(shop: Merchant) -> None:
    await shop.beside("PUT", "/misbehaviour", drop_next=1)
    await shop.paid()
    await shop.passes(60)
    assert shop.heard == []
    assert (await shop.pay.query(NUMBER)).state is TradeState.PAID


@pytest.mark.parametrize("wrong", [{"merchant_serial": "AB12"}, {"mchid": "1900000009"}])
async def test_a_stranger_is_refused_by_its_signature(
    shop: Merchant, wrong: dict[str, str]
) -> None:
    stranger = WechatPay(shop.pay_credentials(**wrong), shop.http, shop.now)
    with pytest.raises(ProviderRefused) as refused:
        await stranger.query(NUMBER)
    assert refused.value.provider_code == "SIGN_ERROR"


async def test_a_visitor_logs_in_once_with_a_code(shop: Merchant) -> None:
    person = await shop.person()
    address = shop.account.web_login.url("http://shop.example/back", "st4te")
    code = await granted_code(shop, address, person)
    login = await shop.account.web_login.exchange(code)
    assert (login.openid, login.unionid) == (person["openid"], None)
    with pytest.raises(LoginCodeSpent):
        await shop.account.web_login.exchange(code)


async def test_a_visitor_who_agrees_is_known_across_apps(shop: Merchant) -> None:
    person = await shop.person()
    address = shop.account.web_login.url("http://shop.example/back", "st4te", asks_consent=True)
    login = await shop.account.web_login.exchange(await granted_code(shop, address, person))
    assert (login.unionid, login.is_snapshot) == (person["unionid"], False)


async def granted_code(shop: Merchant, address: str, person: dict[str, Any]) -> str:
    """Go where WeChat would take the visitor, choose the person, and come back with the code."""
    answer = await shop.http.get(httpx2.URL(address).copy_merge_params({"as": person["id"]}))
    assert answer.is_redirect, answer.text
    back = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert back["state"] == ["st4te"]
    return back["code"][0]


async def test_a_message_reaches_the_phone_and_a_dead_token_is_replaced(shop: Merchant) -> None:
    person = await shop.person()
    template = shop.sandbox.credentials["official_account"]["template_ids"]["member_care"]
    fields = {"thing1": "围巾", "thing2": "已到店 😀", "time3": "2026-11-22 12:00"}
    first = await shop.account.templates.send(person["openid"], template, fields, None)
    await shop.beside("POST", "/expired-tokens")
    second = await shop.account.templates.send(person["openid"], template, fields, None)
    assert first != second
    inbox = await shop.beside("GET", f"/people/{person['id']}/messages")
    assert len(inbox["messages"]) == 2


async def test_who_left_cannot_be_reached(shop: Merchant) -> None:
    person = await shop.person(follows=False)
    template = shop.sandbox.credentials["official_account"]["template_ids"]["member_care"]
    fields = {"thing1": "围巾", "thing2": "已到店", "time3": "2026-11-22 12:00"}
    with pytest.raises(CannotReach):
        await shop.account.templates.send(person["openid"], template, fields, None)


async def test_a_text_message_reaches_its_number(shop: Merchant) -> None:
    person = await shop.person(phone_number="13800138000")
    template = shop.sandbox.credentials["sms"]["template_ids"]["login_code"]
    assert await shop.sms.send("+8613800138000", template, ["123456"])
    inbox = await shop.beside("GET", f"/people/{person['id']}/messages")
    assert "123456" in str(inbox["texts"])
