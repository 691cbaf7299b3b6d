"""What the pay host allows and how often: dated rows with their source, in one table."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from headwater.sandbox.pay.errors import PayError

_MERCHANT = "pay.weixin.qq.com/doc/v3/merchant/"
_DOCS = "pay.weixin.qq.com/docs/merchant/"
_PREPAY = _MERCHANT + "4012525167"
_REFUND = _MERCHANT + "4012556457"
_BILL = _MERCHANT + "4012556654"
_SHARING = _DOCS + "products/profit-sharing/apilist.html"
_COMMUNITY = "developers.weixin.qq.com/community/pay/doc/"


@dataclass(frozen=True)
class Limit:
    """So many, within so many seconds if it is a rate, as somebody documented it."""

    most: int
    source: str
    as_of: str
    within_seconds: float | None = None


def _limit(most: int, source: str, within_seconds: float | None = None) -> Limit:
    return Limit(most, source, "2026-11", within_seconds)


LIMITS: Mapping[str, Limit] = MappingProxyType(
    {
        "answer a notice, seconds": _limit(
            5, "pay.weixin.qq.com/wiki/doc/apiv3/apis/chapter3_2_5.shtml"
        ),
        "attach, characters": _limit(128, _PREPAY),
        "bill, months back": _limit(3, _BILL),
        "bill download, seconds": _limit(300, _BILL),
        "clock off, seconds": _limit(300, _MERCHANT + "4013053420"),
        "description, characters": _limit(127, _PREPAY),
        "guides listed at once": _limit(
            10, _DOCS + "apis/after-payment-service/guides/list-guides.html"
        ),
        "notify_url, characters": _limit(255, _PREPAY),
        "out_refund_no, characters": _limit(64, _REFUND),
        "out_trade_no, characters": _limit(32, _PREPAY),
        "prepay id lives, seconds": _limit(7_200, _PREPAY),
        "refund reason, characters": _limit(80, _REFUND),
        "refunds of an order": _limit(50, _REFUND),
        "refunds of an order, rate": _limit(1, _COMMUNITY + "00006a89de4b90d05019e577751800", 60),
        "refund requests, rate": _limit(150, _REFUND, 1),
        "refund requests that fail, rate": _limit(6, _REFUND, 1),
        "refundable, days": _limit(365, _REFUND),
        "share of an order, percent": _limit(30, _COMMUNITY + "000284823e8460aada68dacca5b008"),
        "shares of an order, receivers": _limit(50, _SHARING),
        "shares of an order, requests": _limit(50, _SHARING),
        "time_expire, days": _limit(90, _PREPAY),
        "time_expire, seconds at least": _limit(60, _PREPAY),
        "time_expire left out, days": _limit(7, _PREPAY),
    }
)


def most(name: str) -> int:
    """The number of a row."""
    return LIMITS[name].most


class Rates:
    """Counts what came within a window, and refuses what is one too many."""

    def __init__(self) -> None:
        self._came: dict[tuple[str, str], deque[datetime]] = {}

    def check(self, name: str, whose: str, now: datetime) -> None:
        """Refuse with 429 when the window is full; what is refused does not count."""
        limit = LIMITS[name]
        assert limit.within_seconds is not None
        came = self._came.get((name, whose))
        since = now - timedelta(seconds=limit.within_seconds)
        while came and came[0] <= since:
            came.popleft()
        if came and len(came) >= limit.most:
            raise too_often()

    def count(self, name: str, whose: str, now: datetime) -> None:
        """One more came."""
        self._came.setdefault((name, whose), deque()).append(now)


def too_often(message: str = "频率超限，请稍后使用原参数重试") -> PayError:
    """The same request is welcome a little later, under the same numbers."""
    return PayError(429, "FREQUENCY_LIMITED", message)
