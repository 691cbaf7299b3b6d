"""The rest of WeChat Pay against the sandbox: other doors, bills, sharing, guides, rotation."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from tests.connect.provider import NOON
from tests.connect.test_against_sandbox import Merchant, known_credentials

from headwater.base.errors import Forged, NotReached, Trouble
from headwater.base.times import business_day
from headwater.connect.errors import NoBill, ProviderRefused
from headwater.connect.wechat_pay import (
    AccountKind,
    Browser,
    Extras,
    GiveBack,
    GuideChanges,
    NewGuide,
    PaymentNotice,
    Receiver,
    RefundState,
    RefundStatus,
    Relation,
    ReturnResult,
    Share,
    StoreScene,
    TradeState,
    WechatPay,
)
from headwater.sandbox import make_sandbox

NUMBER = "R20261122-0001"
UNTIL = NOON + timedelta(minutes=30)
STORE = Receiver(AccountKind.MERCHANT, "1900000109", "人民广场店")


@pytest.fixture
async def shop() -> AsyncIterator[Merchant]:
    """A fresh sandbox, and a merchant with an account, a mini program and an app."""
    clock = [NOON]
    sandbox = make_sandbox(7, 1.0, now=lambda: clock[0], credentials=known_credentials())
    async with sandbox.client() as http:
        merchant = Merchant(sandbox, http, clock)
        program = sandbox.credentials["mini_program"]["appid"]
        known = merchant.pay_credentials(mini_program_appid=program, app_appid=program)
        merchant.pay = WechatPay(known, http, merchant.now)
        sandbox.notify_through(
            lambda: httpx2.AsyncClient(transport=httpx2.MockTransport(merchant.hear))
        )
        yield merchant
        await sandbox.close()


def program_openid(shop: Merchant, person: dict[str, Any]) -> str:
    known = shop.sandbox.credentials["mini_program"]["appid"]
    return shop.sandbox.people.openid(shop.sandbox.people.get(person["id"]), known)


async def heard(shop: Merchant) -> PaymentNotice:
    await shop.passes(5)
    notice = shop.heard[-1]
    assert isinstance(notice, PaymentNotice)
    return notice


async def test_money_comes_through_the_mini_program(shop: Merchant) -> None:
    openid = program_openid(shop, await shop.person())
    extras = Extras(attach="门店😀", store=StoreScene("S01", "人民广场店"), payer_ip="203.0.113.7")
    prepay_id = await shop.pay.prepay_mini_program(NUMBER, 100, openid, "围巾", UNTIL, extras)
    await shop.beside("POST", "/payments", prepay_id=prepay_id)
    notice = await heard(shop)
    assert (notice.payer_openid, notice.attach) == (openid, "门店😀")
    state = await shop.pay.query_transaction(notice.transaction_id)
    assert (state.out_trade_no, state.state) == (NUMBER, TradeState.PAID)


async def test_an_open_id_of_the_account_cannot_pay_in_the_mini_program(shop: Merchant) -> None:
    person = await shop.person()
    with pytest.raises(ProviderRefused):
        await shop.pay.prepay_mini_program(NUMBER, 100, person["openid"], "围巾", UNTIL)


async def test_money_comes_through_an_app_and_through_a_browser(shop: Merchant) -> None:
    person = await shop.person()
    prepay_id = await shop.pay.prepay_app(NUMBER, 100, "围巾", UNTIL)
    await shop.beside("POST", "/payments", prepay_id=prepay_id, person_id=person["id"])
    assert (await heard(shop)).out_trade_no == NUMBER
    link = await shop.pay.prepay_h5("R20261122-0002", 100, "围巾", UNTIL, Browser("203.0.113.7"))
    (code,) = parse_qs(urlsplit(link).query)["code"]
    await shop.beside("POST", "/payments", code_url=code, person_id=person["id"])
    assert (await heard(shop)).out_trade_no == "R20261122-0002"


async def test_a_days_bills_say_what_came_and_what_went_back(shop: Merchant) -> None:
    today = business_day(NOON)
    await shop.paid()
    await shop.paid("R20261122-0002")
    await shop.pay.refund("RF-1", NUMBER, 40, 100, "不合身")
    shop.clock[0] += timedelta(hours=20)
    with pytest.raises(NotReached):
        await shop.pay.bills.trade(today)
    shop.clock[0] += timedelta(hours=3)
    with await shop.pay.bills.trade(today) as bill:
        rows = list(bill.rows())
    assert sum(row.order_fen for row in rows) == 200
    assert [(row.out_refund_no, row.refund_fen) for row in rows if row.refund_id] == [("RF-1", 40)]
    assert {row.out_trade_no for row in rows} == {NUMBER, "R20261122-0002"}
    with await shop.pay.bills.fund_flow(today) as flow:
        moves = list(flow.rows())
    income = sum(row.amount_fen for row in moves if row.is_income)
    assert income >= 200
    assert moves[-1].balance_fen == income - sum(r.amount_fen for r in moves if not r.is_income)


async def test_a_day_without_sales_has_no_bill(shop: Merchant) -> None:
    with pytest.raises(NoBill):
        await shop.pay.bills.trade(business_day(NOON) - timedelta(days=2))


async def test_an_orders_money_is_shared_comes_back_and_is_refunded(shop: Merchant) -> None:
    person, sharing = await shop.person(), shop.pay.profit_sharing()
    prepay_id = await shop.pay.prepay_jsapi(
        NUMBER, 1_000, person["openid"], "围巾", UNTIL, Extras(is_shared=True)
    )
    await shop.beside("POST", "/payments", prepay_id=prepay_id)
    transaction = (await heard(shop)).transaction_id
    await sharing.add_receiver(STORE, Relation.STORE)
    await sharing.add_receiver(STORE, Relation.STORE)
    shares = [Share(STORE, 200, "门店分成")]
    first = await sharing.share("PS-1", transaction, shares, False)
    again = await sharing.share("PS-1", transaction, shares, False)
    assert first.order_id == again.order_id
    await shop.passes(60)
    done = await sharing.query("PS-1", transaction)
    assert done.is_finished
    assert [(part.account, part.amount_fen) for part in done.parts] == [("1900000109", 200)]
    left = await sharing.left_fen(transaction)
    assert 0 < left <= 800
    ended = await sharing.unfreeze("PS-2", transaction, "完结")
    assert ended.out_order_no == "PS-2"
    assert await sharing.left_fen(transaction) == 0

    back = GiveBack("RT-1", "PS-1", "1900000109", 200, "退货")
    with pytest.raises(Trouble, match="RT-1 is PROCESSING"):
        await sharing.refund_after([back], lambda: refund_all(shop))
    assert (await shop.beside("GET", "/bill"))["refunds_accepted_fen"] == 0
    await shop.passes(60)
    refunded = await sharing.refund_after([back], lambda: refund_all(shop))
    assert refunded.status in (RefundStatus.PROCESSING, RefundStatus.DONE)
    assert (await sharing.query_return("RT-1", "PS-1")).result is ReturnResult.DONE


async def refund_all(shop: Merchant) -> RefundState:
    return await shop.pay.refund("RF-1", NUMBER, 1_000, 1_000, "退货")


async def test_nobody_receives_who_is_not_on_the_list(shop: Merchant) -> None:
    person, sharing = await shop.person(), shop.pay.profit_sharing()
    prepay_id = await shop.pay.prepay_jsapi(
        NUMBER, 1_000, person["openid"], "围巾", UNTIL, Extras(is_shared=True)
    )
    await shop.beside("POST", "/payments", prepay_id=prepay_id)
    transaction = (await heard(shop)).transaction_id
    await sharing.add_receiver(STORE, Relation.STORE)
    await sharing.delete_receiver(STORE)
    with pytest.raises(ProviderRefused):
        await sharing.share("PS-1", transaction, [Share(STORE, 200, "门店分成")], False)


async def test_a_guide_is_known_found_changed_and_given_an_order(shop: Merchant) -> None:
    guides = shop.pay.smart_guide
    new = NewGuide("ww123", "robert", "罗伯特", "13900000000", "https://qr", "https://face")
    guide_id = await guides.register(1234, new)
    await guides.update(guide_id, GuideChanges(mobile="13900000001"))
    page = await guides.of_store(1234, "robert")
    (known,) = page.guides
    assert (known.guide_id, known.name, known.mobile) == (guide_id, "罗伯特", "13900000001")
    person = await shop.person()
    await shop.prepay(person["openid"])
    await guides.assign(guide_id, NUMBER)
    with pytest.raises(ProviderRefused):
        await guides.assign("NOBODY", NUMBER)


async def test_the_week_of_a_rotation_passes_unnoticed(shop: Merchant) -> None:
    """A new certificate signs, and nobody has told our client anything."""
    known = shop.pay_credentials(answer_serial=None)
    shop.pay = WechatPay(known, shop.http, shop.now)
    new = await shop.beside("POST", "/certificates")
    await shop.beside("PUT", "/misbehaviour", notices_signed_with="both", duplicates=3)
    person = await shop.person()
    assert await shop.prepay(person["openid"])
    assert new["serial"] in await shop.pay.refresh_platform_keys()
    assert len(await shop.pay.refresh_platform_keys()) == 3
    await shop.paid("R20261122-0002")
    await shop.passes(30)
    assert len(shop.heard) >= 4
    assert shop.refused == []


async def test_a_merchant_with_only_a_public_key_gets_no_certificates(shop: Merchant) -> None:
    pay = shop.sandbox.credentials["pay"]
    keys = {pay["platform_public_key_id"]: pay["platform_public_key_pem"]}
    shop.pay = WechatPay(shop.pay_credentials(platform_keys=keys), shop.http, shop.now)
    await shop.beside("PUT", "/misbehaviour", no_certificates=True)
    assert await shop.pay.refresh_platform_keys() == set(keys)


async def test_an_answer_with_a_probes_signature_is_not_believed(shop: Merchant) -> None:
    await shop.beside("PUT", "/misbehaviour", answer_probe_next=1)
    person = await shop.person()
    with pytest.raises(Forged) as refused:
        await shop.prepay(person["openid"])
    assert refused.value.details["why"] == "signature probe"
    assert await shop.prepay(person["openid"])


async def test_a_refund_within_a_minute_of_another_is_asked_for_again_later(shop: Merchant) -> None:
    await shop.paid()
    await shop.pay.refund("RF-1", NUMBER, 40, 100, "")
    with pytest.raises(NotReached):
        await shop.pay.refund("RF-2", NUMBER, 40, 100, "")
    shop.clock[0] += timedelta(seconds=61)
    assert (await shop.pay.refund("RF-2", NUMBER, 40, 100, "")).amount_fen == 40


async def test_an_answer_that_never_came_leaves_one_refund(shop: Merchant) -> None:
    await shop.paid()
    await shop.beside("PUT", "/misbehaviour", hang_next=1, hang_seconds=0)
    with pytest.raises(Trouble):
        await shop.pay.refund("RF-1", NUMBER, 40, 100, "")
    assert (await shop.pay.refund("RF-1", NUMBER, 40, 100, "")).amount_fen == 40
    bill = await shop.beside("GET", "/bill")
    assert bill["refunds_accepted_fen"] == 40
