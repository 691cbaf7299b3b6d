"""Since when logins count is remembered for a moment, by the clock of one building."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from headwater.base import ids
from headwater.web.kit.visits import REVOKED_SEEN_AFTER, Logins

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
WHO = ids.new_member()


class Book:
    """Says since when logins count, and how often it was asked."""

    def __init__(self) -> None:
        self.since: datetime | None = NOON
        self.asked = 0

    async def __call__(self) -> datetime | None:
        self.asked += 1
        return self.since


async def test_it_is_asked_once_in_a_while_and_again_when_told_to_forget() -> None:
    logins, book = Logins(), Book()
    assert await logins.since(WHO, NOON, book) == NOON
    book.since = None
    assert await logins.since(WHO, NOON + REVOKED_SEEN_AFTER, book) == NOON
    assert await logins.since(WHO, NOON + 2 * REVOKED_SEEN_AFTER, book) is None
    logins.forget(WHO)
    assert await logins.since(WHO, NOON + 2 * REVOKED_SEEN_AFTER, book) is None
    assert book.asked == 3


async def test_what_a_clock_saw_that_was_put_back_since_is_not_believed() -> None:
    logins, book = Logins(), Book()
    await logins.since(WHO, NOON + timedelta(days=7), book)
    book.since = NOON - timedelta(days=1)
    assert await logins.since(WHO, NOON, book) == book.since


async def test_a_building_does_not_remember_what_another_one_saw() -> None:
    book, other = Book(), Book()
    other.since = None
    await Logins().since(WHO, NOON, book)
    assert await Logins().since(WHO, NOON, other) is None
