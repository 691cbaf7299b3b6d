"""Movements booked as a set are booked once, like those booked one by one."""

from __future__ import annotations

from tests import make

from headwater.base.db import Db
from headwater.books import transfers
from headwater.books.transfers import Booking, Movement


async def test_a_set_books_each_business_key_once_whatever_was_booked_before(db: Db) -> None:
    member = await make.member(db)
    moved = [
        Booking(member, Movement("test:a", "test:b", fen, f"test:{fen}"), make.NOON)
        for fen in (1, 10, 100, 100)
    ]
    assert await transfers.book(db, member, moved[0].movement, make.NOON)
    assert await transfers.book_many(db, moved) == 2
    assert await transfers.book_many(db, moved) == 0
    assert await transfers.book_many(db, []) == 0
    assert (await transfers.balance(db, "test:a")).net_fen == 111
    assert (await transfers.balance(db, "test:b")).net_fen == -111
