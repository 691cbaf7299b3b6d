"""The platform's limits as dated data, and the counting of calls against them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from headwater.sandbox.wecom.errors import WecomError

MINUTE, HOUR, DAY = 60, 3_600, 86_400
DOCUMENTS = "https://developer.work.weixin.qq.com/document/path/"


@dataclass(frozen=True)
class Limit:
    """So many within so long; where that is written, and when it was read there."""

    most: int
    per_seconds: int
    source: str
    as_of: str


LIMITS = {
    "api_a_minute": Limit(10_000, MINUTE, DOCUMENTS + "90454", "2023-08-28"),
    "api_an_hour": Limit(150_000, HOUR, DOCUMENTS + "90454", "2023-08-28"),
    "address_a_minute": Limit(20_000, MINUTE, DOCUMENTS + "90454", "2023-08-28"),
    "address_an_hour": Limit(600_000, HOUR, DOCUMENTS + "90454", "2023-08-28"),
    "corp_tickets_an_hour": Limit(400, HOUR, DOCUMENTS + "90506", "2023-08-28"),
    "app_tickets_an_hour": Limit(100, HOUR, DOCUMENTS + "90506", "2023-08-28"),
    "temporary_ways_a_day": Limit(100_000, DAY, DOCUMENTS + "96311", "2025-12-11"),
    "reminders_a_day": Limit(3, DAY, DOCUMENTS + "97610", "2023-12-01"),
    "transfers_in_90_days": Limit(2, 90 * DAY, DOCUMENTS + "96325", "2023-12-01"),
}
# How many calls of one API may be under way at once is not published; threads show that there is
# a limit (community/develop/doc/00008283c002683314ccc466753400), so this one is a guess.
AT_ONCE = 50


class Rates:
    """Counts calls; who is over a limit is refused for as long as the limit counts."""

    def __init__(self) -> None:
        self._windows: dict[tuple[str, str], tuple[datetime, int]] = {}
        self._shut: dict[tuple[str, str], datetime] = {}
        self._under_way: defaultdict[str, int] = defaultdict(int)

    def count(self, name: str, whose: str, now: datetime) -> None:
        """One more call; the limit itself still passes."""
        limit, key = LIMITS[name], (name, whose)
        length = timedelta(seconds=limit.per_seconds)
        if now < self._shut.get(key, now):
            raise WecomError(45009)
        start, calls = self._windows.get(key, (now, 0))
        if now - start >= length:
            start, calls = now, 0
        if calls >= limit.most:
            self._shut[key] = now + length
            raise WecomError(45009)
        self._windows[key] = (start, calls + 1)

    @contextmanager
    def under_way(self, path: str) -> Iterator[None]:
        """Hold a place among the calls of one API, if there is one."""
        if self._under_way[path] >= AT_ONCE:
            raise WecomError(45033)
        self._under_way[path] += 1
        try:
            yield
        finally:
            self._under_way[path] -= 1


def within(moments: list[datetime], name: str, now: datetime) -> int:
    """How many of these moments still count against a limit."""
    length = timedelta(seconds=LIMITS[name].per_seconds)
    return sum(1 for moment in moments if now - moment < length)
