"""Payments when the provider repeats itself, forgets, comes late, errs or is not the provider."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from tests import invariants, make
from tests.faults import provider
from tests.house import House
from tests.shopper import Shelf, Shopper, number_of, shelf, shopper

from headwater.base.db import SYSTEM
from headwater.sandbox.faults import Faults
from headwater.stock import levels
from headwater.trade import closing, incidents, payments, refunds
from headwater.trade.events import OrderPaid
from headwater.trade.orders import Order
from headwater.trade.payments import Tried


@dataclass
class Buyer:
    """Somebody with an order, and what the till knows about it."""

    house: House
    here: Shelf
    someone: Shopper
    number: str

    async def order(self) -> Order:
        """How the order stands."""
        return await self.someone.order(self.number)

    async def tries(self) -> list[Tried]:
        """Every try to pay it."""
        order = await self.order()
        async with self.house.building.transaction(SYSTEM) as db:
            return await payments.of_order(db, order.id)

    async def opens_sheet(self) -> str:
        """Open the pay sheet and give its prepay id."""
        opened = await self.someone.client.get(f"/orders/{self.number}/pay")
        assert opened.status_code == 303, opened.text[:400]
        package = parse_qs(urlsplit(opened.headers["location"]).query)["package"][0]
        return package.removeprefix("prepay_id=")

    async def approves(self, prepay_id: str) -> None:
        """Type the password on the phone; nobody comes back from there."""
        assert self.someone.member_id is not None
        open_id = await self.house.open_id(self.someone.member_id)
        person = self.house.sandbox.people.behind(open_id, self.house.building.appid)
        self.house.sandbox.payments.pay(prepay_id, person, self.house.now)

    async def free(self) -> int:
        """How many pieces the shelf could still sell."""
        item = self.here.item.variant_id
        async with self.house.building.transaction(SYSTEM) as db:
            found = await levels.free_in(db, self.here.shop.store_id, [item])
        return found.get(item, 0)

    async def open_incidents(self) -> list[str]:
        """What waits for a person about this order."""
        order = await self.order()
        async with self.house.building.transaction(SYSTEM) as db:
            found = await incidents.unsolved(db, 1_000)
        return [each.kind for each in found if each.order_id == order.id]

    async def announced(self) -> int:
        """How often the order was announced as paid, before the worker came."""
        order = await self.order()
        async with self.house.building.transaction(SYSTEM) as db:
            return await make.announced(db, OrderPaid, order.id)


@pytest.fixture
async def buyers(house: House) -> AsyncIterator[House]:
    """The house with a provider that behaves again afterwards, and whose books then balance."""
    await house.work()
    yield house
    _misbehave(house, Faults())
    house.wait(minutes=10)
    await house.work()
    assert await invariants.check_all(house.building.pool) == []


@asynccontextmanager
async def buying(house: House, stock: int = 5) -> AsyncIterator[Buyer]:
    """Let somebody place an order for one piece."""
    here = await shelf(house, stock=stock)
    async with shopper(house, accept="text/html") as someone:
        await someone.logs_in()
        await someone.sends(here.line)
        yield Buyer(house, here, someone, number_of(await someone.checks_out(here)))


async def test_five_copies_of_a_notice_pay_once(buyers: House) -> None:
    async with buying(buyers) as buyer:
        buyers.sandbox.faults.duplicates = 4
        await buyer.approves(await buyer.opens_sheet())
        buyers.wait(seconds=6)
        assert await buyers.sandbox.deliver_due(buyers.now) == 5
        assert (await buyer.order()).state == "paid"
        assert await buyer.announced() == 1
        assert await buyer.free() == 4
        assert await buyer.open_incidents() == []


async def test_a_lost_notice_is_asked_for(buyers: House) -> None:
    async with buying(buyers) as buyer:
        buyers.sandbox.faults.drop_next = 1
        await buyer.approves(await buyer.opens_sheet())
        await buyers.work()
        assert (await buyer.order()).state == "placed"
        buyers.wait(seconds=16)
        await buyers.work()
        assert (await buyer.order()).state == "paid"
        assert buyers.sandbox.faults.drop_next == 0


async def test_a_payment_notice_after_its_refund_notice_changes_nothing(buyers: House) -> None:
    async with buying(buyers) as buyer:
        buyers.sandbox.faults.delay_seconds = 600
        await buyer.approves(await buyer.opens_sheet())
        buyers.sandbox.faults.delay_seconds = 0
        # The browser's return makes us ask, so the refund may overtake the first notice.
        await buyer.someone.sees(f"/orders/{buyer.number}/paid", status=303)
        order = await buyer.order()
        assert order.state == "paid"
        async with buyers.building.transaction(SYSTEM) as db:
            await refunds.ask(db, make.back(order.id, (1, 1)), buyers.now)
        await _minutes_pass(buyers)
        assert (await buyer.order()).state == "refunded"
        buyers.wait(minutes=10)
        assert await buyers.sandbox.deliver_due(buyers.now) == 1
        assert (await buyer.order()).state == "refunded"
        assert await buyer.open_incidents() == []
        assert await buyer.free() == 5


async def test_late_money_takes_the_stock_again_while_it_is_there(buyers: House) -> None:
    async with buying(buyers) as buyer:
        prepay_id = await buyer.opens_sheet()
        await _close_here_only(buyer)
        assert await buyer.free() == 5
        await buyer.approves(prepay_id)
        await buyers.work()
        assert (await buyer.order()).state == "paid"
        assert await buyer.free() == 4


async def test_late_money_goes_back_by_itself_when_the_stock_is_gone(buyers: House) -> None:
    async with buying(buyers, stock=1) as buyer:
        prepay_id = await buyer.opens_sheet()
        await _close_here_only(buyer)
        async with shopper(buyers) as quicker:
            await quicker.logs_in()
            await quicker.sends(buyer.here.line)
            taken = number_of(await quicker.checks_out(buyer.here))
            await quicker.pays(taken)
        await buyer.approves(prepay_id)
        await buyers.work()
        await _minutes_pass(buyers)
        assert (await buyer.order()).state == "closed"
        assert [each.state for each in await buyer.tries()] == ["returned"]
        assert await _refunded_fen(buyer) == [1_990]
        assert await buyer.open_incidents() == ["money_returned"]
        assert await buyer.free() == 0


async def test_of_two_tries_that_are_both_paid_one_goes_back(buyers: House) -> None:
    async with buying(buyers) as buyer:
        first = await buyer.opens_sheet()
        order, now = await buyer.order(), buyers.now
        async with buyers.building.transaction(SYSTEM) as db:
            second = await payments.open_attempt(db, order.member_id, order.id, "native", now)
        code_url = await buyers.building.pay.prepay_native(
            second.out_trade_no, second.amount_fen, "on another screen", second.expires_at
        )
        for prepay_id in (first, buyers.sandbox.payments.scanned(code_url)):
            await buyer.approves(prepay_id)
        await buyers.work()
        await _minutes_pass(buyers)
        assert (await buyer.order()).state == "paid"
        assert sorted(each.state for each in await buyer.tries()) == ["paid", "returned"]
        assert sorted(await _refunded_fen(buyer)) == [0, 1_990]
        assert await buyer.free() == 4


async def test_another_amount_is_refused_and_put_before_a_person(buyers: House) -> None:
    async with buying(buyers) as buyer:
        await buyer.opens_sheet()
        number = (await buyer.tries())[0].out_trade_no
        wrong = {"total": 1, "payer_total": 1, "currency": "CNY", "payer_currency": "CNY"}
        answer = await provider.tell(buyers, provider.notice(buyers, number, amount=wrong))
        assert answer.status_code == 409
        assert (await buyer.order()).state == "placed"
        assert await buyer.open_incidents() == ["wrong_amount"]
        assert await buyer.free() == 4


async def test_a_notice_replayed_in_time_is_heard_and_does_nothing(buyers: House) -> None:
    async with buying(buyers) as buyer:
        await buyer.approves(await buyer.opens_sheet())
        await buyers.sandbox.deliver_due(buyers.now)
        tried = (await buyer.tries())[0]
        same = provider.notice(buyers, tried.out_trade_no, transaction_id=tried.transaction_id)
        for _copy in range(2):
            assert (await provider.tell(buyers, same)).status_code == 204
        assert await buyer.announced() == 1
        assert await buyer.open_incidents() == []


@pytest.mark.parametrize(
    "forgery",
    ["probe", "signature", "body", "serial", "stale", "early", "no headers", "no JSON", "too long"],
)
async def test_what_the_provider_did_not_say_changes_nothing_and_is_logged(
    buyers: House, caplog: pytest.LogCaptureFixture, forgery: str
) -> None:
    async with buying(buyers) as buyer:
        await buyer.opens_sheet()
        number = (await buyer.tries())[0].out_trade_no
        with caplog.at_level("WARNING"):
            answer = await provider.tell(buyers, _forged(buyers, number, forgery))
        assert 400 <= answer.status_code < 500
        assert "refused a notice" in caplog.text
        assert (await buyer.order()).state == "placed"
        assert [each.state for each in await buyer.tries()] == ["open"]
        assert await buyer.open_incidents() == []


async def test_the_providers_own_probe_is_refused_and_the_notice_after_it_heard(
    buyers: House,
) -> None:
    async with buying(buyers) as buyer:
        buyers.sandbox.faults.probe_next = 1
        await buyer.approves(await buyer.opens_sheet())
        assert await buyers.sandbox.deliver_due(buyers.now) == 1
        assert (await buyer.order()).state == "paid"


async def test_a_notice_about_another_merchant_is_not_ours(buyers: House) -> None:
    async with buying(buyers) as buyer:
        await buyer.opens_sheet()
        number = (await buyer.tries())[0].out_trade_no
        foreign = provider.notice(buyers, number, mchid="1900000000")
        assert (await provider.tell(buyers, foreign)).status_code >= 400
        assert (await buyer.order()).state == "placed"


async def test_a_provider_whose_clock_is_behind_leaves_the_order_of_things(buyers: House) -> None:
    async with buying(buyers) as buyer:
        await buyer.opens_sheet()
        number = (await buyer.tries())[0].out_trade_no
        early = (buyers.now - timedelta(seconds=30)).isoformat()
        said = provider.notice(buyers, number, success_time=early)
        assert (await provider.tell(buyers, said)).status_code == 204
        order = await buyer.order()
        assert order.state == "paid"
        assert order.paid_at is not None
        assert order.paid_at >= order.placed_at


@pytest.mark.parametrize("fault", ["fail_next", "hang_next"])
async def test_a_provider_in_trouble_is_said_and_can_be_asked_again(
    buyers: House, fault: str
) -> None:
    async with buying(buyers) as buyer:
        _misbehave(buyers, Faults(hang_seconds=0))
        setattr(buyers.sandbox.faults, fault, 1)
        page = await buyer.someone.sees(f"/orders/{buyer.number}/pay", status=503)
        assert "请稍后再试" in page
        assert f'href="/orders/{buyer.number}/pay"' in page
        await buyer.approves(await buyer.opens_sheet())
        await buyers.work()
        assert (await buyer.order()).state == "paid"
        assert len(await buyer.tries()) == 1


def _forged(house: House, number: str, forgery: str) -> provider.Notice:
    true = provider.notice(house, number)
    signature = true.headers["Wechatpay-Signature"]
    probe = "WECHATPAY/SIGNTEST/"
    others = provider.notice(house, number, house.now - timedelta(seconds=1))
    return {
        "probe": true.with_header("Wechatpay-Signature", probe + signature[len(probe) :]),
        "signature": true.with_header("Wechatpay-Signature", others.headers["Wechatpay-Signature"]),
        "body": provider.Notice(true.headers, true.body + b" "),
        "serial": true.with_header("Wechatpay-Serial", "PUB_KEY_ID_unknown"),
        "stale": provider.notice(house, number, house.now - timedelta(minutes=6)),
        "early": provider.notice(house, number, house.now + timedelta(minutes=6)),
        "no headers": provider.Notice({"Content-Type": "application/json"}, true.body),
        "no JSON": provider.Notice(true.headers, b"<xml>paid</xml>"),
        "too long": provider.Notice(true.headers, b" " * 70_000),
    }[forgery]


def _misbehave(house: House, wanted: Faults) -> None:
    for name in Faults.__struct_fields__:
        setattr(house.sandbox.faults, name, getattr(wanted, name))


async def _minutes_pass(house: House) -> None:
    """Let refunds be asked for, settled and told: the provider takes its time for each."""
    for _minute in range(3):
        house.wait(minutes=1)
        await house.work()


async def _refunded_fen(buyer: Buyer) -> list[int]:
    """What the provider sent back of each of this order's tries."""
    sandbox = buyer.house.sandbox
    return [sandbox.refunds.settled_fen(each.out_trade_no) for each in await buyer.tries()]


async def _close_here_only(buyer: Buyer) -> None:
    """Close the order while the provider's sheet stays open, as in the moment between the two."""
    order = await buyer.order()
    async with buyer.house.building.transaction(SYSTEM) as db:
        assert await closing.close(db, order.id, "nobody paid in time", "clock", buyer.house.now)
