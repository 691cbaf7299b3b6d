"""Where a merchant asks for a bill: from nine o'clock of the next day on, for three months."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from headwater.sandbox.hosts import Ground
from headwater.sandbox.pay.bills.form import day_of, start_of
from headwater.sandbox.pay.bills.funds import Flow, flows_of, fund_bill
from headwater.sandbox.pay.bills.trade import HEADS, trade_bill, trade_entries
from headwater.sandbox.pay.errors import PayError, bad_parameter
from headwater.sandbox.pay.limits import most
from headwater.sandbox.pay.payments import Payments
from headwater.sandbox.pay.refunds import Refunds

READY = timedelta(days=1, hours=9)
ACCOUNTS = ("BASIC", "OPERATION", "FEES")


class TradeBill(msgspec.Struct):
    """The query of a trade bill."""

    bill_date: str
    bill_type: str = "ALL"
    tar_type: str | None = None


class FundBill(msgspec.Struct):
    """The query of a fund-flow bill."""

    bill_date: str
    account_type: str = "BASIC"
    tar_type: str | None = None


@dataclass(frozen=True)
class File:
    """A bill that was made for somebody, for a few minutes."""

    content: bytes
    until: datetime


class Desk:
    """Makes bills, and hands them out behind a link that is good for five minutes."""

    def __init__(
        self,
        ground: Ground,
        payments: Payments,
        refunds: Refunds,
        more: Callable[[], Iterable[Flow]],
    ) -> None:
        self._base_url = ground.credentials["pay"]["base_url"]
        self._payments = payments
        self._refunds = refunds
        self._more = more
        self._files: dict[str, File] = {}

    def trade(self, asked: TradeBill, now: datetime) -> dict[str, Any]:
        """The link to a day's payments and refunds."""
        if asked.bill_type not in HEADS:
            raise bad_parameter("bill_type", "is ALL, SUCCESS or REFUND", "query")
        day = _day(asked.bill_date, now)
        entries = trade_entries(self._payments, self._refunds, day, start_of(day) + READY)
        return self._offered(trade_bill(asked.bill_type, entries), asked.tar_type, now)

    def funds(self, asked: FundBill, now: datetime) -> dict[str, Any]:
        """The link to a day's movements; only the basic account of a shop ever moves."""
        if asked.account_type not in ACCOUNTS:
            raise bad_parameter("account_type", "is BASIC, OPERATION or FEES", "query")
        day = _day(asked.bill_date, now)
        bill = None
        if asked.account_type == "BASIC":
            flows = flows_of(self._payments, self._refunds, self._more())
            bill = fund_bill(flows, self._payments.mchid, day)
        return self._offered(bill, asked.tar_type, now)

    def download(self, token: str, now: datetime) -> bytes:
        """The bytes behind a link, while it is good."""
        file = self._files.get(token)
        if file is None or now >= file.until:
            raise PayError(400, "INVALID_REQUEST", "下载链接过期，请重新请求文件下载")
        return file.content

    def _offered(self, bill: bytes | None, tar_type: str | None, now: datetime) -> dict[str, Any]:
        if tar_type not in (None, "GZIP"):
            raise bad_parameter("tar_type", "is GZIP or left out", "query")
        if bill is None:
            raise PayError(400, "NO_STATEMENT_EXIST", "账单文件不存在，该日没有交易")
        content = gzip.compress(bill, mtime=0) if tar_type == "GZIP" else bill
        token = hashlib.sha256(content + now.isoformat().encode()).hexdigest()
        form = "&tartype=gzip" if tar_type == "GZIP" else ""
        until = now + timedelta(seconds=most("bill download, seconds"))
        # What can no longer be fetched is let go of, or a patient client would fill the memory.
        self._files = {known: file for known, file in self._files.items() if file.until > now}
        self._files[token] = File(content, until)
        return {
            "hash_type": "SHA1",
            # The hash is of the file itself, also when what travels is its compressed form.
            "hash_value": hashlib.sha1(bill, usedforsecurity=False).hexdigest(),
            "download_url": f"{self._base_url}/v3/billdownload/file?token={token}{form}",
        }


def _day(text: str, now: datetime) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise bad_parameter("bill_date", "is written YYYY-MM-DD", "query") from None
    today = day_of(now)
    if len(text) != len("2026-11-22") or day > today or day < _months_before(today):
        raise bad_parameter("bill_date", "must lie within the last three months", "query")
    if now < start_of(day) + READY:
        raise PayError(400, "STATEMENT_CREATING", "账单生成中，请在次日上午 10 点后再试")
    return day


def _months_before(day: date) -> date:
    month = day.year * 12 + day.month - 1 - most("bill, months back")
    first = date(month // 12, month % 12 + 1, 1)
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    return last if day.day > last.day else first.replace(day=day.day)
