"""A sandbox that was killed still knows its people and whose money it took."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.sandbox.merchant import NOTIFY_URL, town

REFUND = {
    "out_trade_no": "T20261122-0001",
    "out_refund_no": "R1",
    "notify_url": NOTIFY_URL,
    "amount": {"refund": 990, "total": 3_990, "currency": "CNY"},
}


async def test_money_people_and_open_prepays_outlive_the_process(tmp_path: Path) -> None:
    file = tmp_path / "state.jsonl"
    async with town(file) as before:
        await before.side("POST", "/people", {"nickname": "甲", "phone_number": "13900002222"})
        await before.paid()
        assert (await before.post("/v3/refund/domestic/refunds", REFUND)).status_code == 200
        unpaid = await before.prepay("T20261122-0002")
        bill = (await before.side("GET", "/bill")).json()
    async with town(file) as after:
        assert (await after.side("GET", "/bill")).json() == bill
        assert after.sandbox.people.get("p7").nickname == "甲"
        again = await after.post("/v3/refund/domestic/refunds", REFUND)
        assert again.json()["amount"]["refund"] == 990
        assert (await after.side("POST", "/payments", {"prepay_id": unpaid})).status_code == 200
        after.clock.move(seconds=3)
        totals = (await after.side("GET", "/bill")).json()
        assert (totals["paid_fen"], totals["refunded_fen"]) == (7_980, 990)


async def test_a_notice_not_yet_heard_is_told_after_the_restart_and_then_no_more(
    tmp_path: Path,
) -> None:
    file = tmp_path / "state.jsonl"
    async with town(file) as before:
        await before.paid()
    async with town(file) as after:
        assert await after.sandbox.deliver_due(after.clock()) == 1
        assert after.notice()["out_trade_no"] == "T20261122-0001"
    async with town(file) as later:
        later.clock.move(days=1)
        assert await later.sandbox.deliver_due(later.clock()) == 0


async def test_a_line_cut_short_by_the_kill_is_dropped(tmp_path: Path) -> None:
    file = tmp_path / "state.jsonl"
    async with town(file) as before:
        await before.paid()
        await before.prepay("T20261122-0002")
    whole = file.read_bytes()
    file.write_bytes(whole[:-20])
    async with town(file) as after:
        assert [one.out_trade_no for one in after.sandbox.payments.everything()] == [
            "T20261122-0001"
        ]
        await after.prepay("T20261122-0003")
    async with town(file) as later:
        assert len(later.sandbox.payments.everything()) == 2


async def test_the_state_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "state.jsonl"
    async with town(file):
        pass
    assert file.stat().st_mode & 0o077 == 0


async def test_a_speed_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="speed"):
        async with town(speed=0):
            pass
