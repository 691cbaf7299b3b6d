"""Login: a code is good once and for a while, and one person stays one person."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest
from tests import make

from headwater.base import crypto
from headwater.base.db import SYSTEM, Db, Pool
from headwater.base.errors import BadInput, TooOften
from headwater.members import erasure, identities, login, members
from headwater.members.errors import WrongCode
from headwater.members.identities import Id

ARRIVAL = login.Arrival("website")


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


async def test_the_right_code_is_good_once(db: Db) -> None:
    code = await login.make_code(db, make.KEYS, "138 0000 0001", make.NOON)
    assert await login.try_code(db, make.KEYS, "+86 138-0000-0001", code, make.NOON)
    assert not await login.try_code(db, make.KEYS, "13800000001", code, make.NOON)


async def test_five_wrong_tries_spend_the_code(db: Db) -> None:
    code = await login.make_code(db, make.KEYS, "13800000002", make.NOON)
    for _ in range(login.CODE_TRIES):
        assert not await login.try_code(db, make.KEYS, "13800000002", wrong(code), make.NOON)
    assert not await login.try_code(db, make.KEYS, "13800000002", code, make.NOON)
    fresh = await login.make_code(db, make.KEYS, "13800000002", make.NOON)
    assert await login.try_code(db, make.KEYS, "13800000002", fresh, make.NOON)


async def test_a_code_ends_and_is_for_one_phone(db: Db) -> None:
    code = await login.make_code(db, make.KEYS, "13800000003", make.NOON)
    assert not await login.try_code(db, make.KEYS, "13800000004", code, make.NOON)
    assert not await login.try_code(db, make.KEYS, "13800000003", code, make.later(5))


async def test_two_at_once_cannot_both_use_a_code(pool: Pool) -> None:
    async with pool.transaction(SYSTEM) as db:
        code = await login.make_code(db, make.KEYS, "13800000005", make.NOON)

    async def use() -> bool:
        async with pool.transaction(SYSTEM) as db:
            return await login.try_code(db, make.KEYS, "13800000005", code, make.NOON)

    assert sorted(await asyncio.gather(*(use() for _ in range(4)))) == [False] * 3 + [True]


async def test_codes_are_asked_for_so_often_and_no_more(db: Db) -> None:
    for _ in range(5):
        await login.count_request(db, make.KEYS, "13800000006", "192.0.2.1", make.NOON)
    with pytest.raises(TooOften):
        await login.count_request(db, make.KEYS, "+8613800000006", "192.0.2.2", make.NOON)


@pytest.mark.parametrize("typed", ["", "1380000000", "23800000000", "138０００００００１", "phone"])
def test_what_is_no_phone_is_refused_by_name(typed: str) -> None:
    with pytest.raises(BadInput) as refused:
        login.tidy_phone(typed)
    assert refused.value.field == "phone"


async def test_one_phone_joining_twice_at_once_is_one_person(pool: Pool) -> None:
    async def enter() -> UUID:
        async with pool.transaction(SYSTEM) as db:
            return await login.with_phone(db, make.KEYS, "13800000007", ARRIVAL, make.NOON)

    assert len(set(await asyncio.gather(*(enter() for _ in range(5))))) == 1


async def test_a_phone_is_sealed_found_blind_and_read_after_a_rotation(db: Db) -> None:
    who = await login.with_phone(db, make.KEYS, "13800000008", ARRIVAL, make.NOON)
    rotated = make.KEYS.rotated()
    found = await members.one(db, who)
    assert found.phone(rotated) == "13800000008"
    assert found.phone_mask == "138****0008"
    assert await identities.find(db, rotated, Id("phone", "13800000008")) == who
    other = replace(make.KEYS, blind=(b"another key that is not ours....",))
    assert await identities.find(db, other, Id("phone", "13800000008")) is None
    text = await db.raw.fetchval("SELECT members::text FROM members.members WHERE id = $1", who)
    assert "13800000008" not in text
    assert b"13800000008".hex() not in text


async def test_a_phone_of_somebody_else_is_not_taken_over(db: Db) -> None:
    owner = await login.with_phone(db, make.KEYS, "13800000009", ARRIVAL, make.NOON)
    visitor = await login.with_open_id(db, make.KEYS, "app", "open", ARRIVAL, make.NOON)
    with pytest.raises(WrongCode):
        await login.add_phone(db, make.KEYS, visitor, "13800000009", make.NOON)
    assert await identities.find(db, make.KEYS, Id("phone", "13800000009")) == owner


async def test_erasure_leaves_nothing_that_finds_or_names_a_person(db: Db) -> None:
    who = await login.with_phone(db, make.KEYS, "13800000010", ARRIVAL, make.NOON)
    await members.set_name(db, make.KEYS, who, "王芳")
    for _ in range(2):
        await erasure.erase(db, who, make.later(1))
    found = await members.one(db, who)
    assert (found.phone(make.KEYS), found.name(make.KEYS)) == (None, None)
    assert (found.phone_mask, found.name_mask) == ("", "")
    assert await members.sessions_from(db, who) is None
    assert await identities.find(db, make.KEYS, Id("phone", "13800000010")) is None
    left = await db.raw.fetch("SELECT * FROM members.identities WHERE member_id = $1", who)
    index = crypto.blind_index(make.KEYS, "phone\n\n13800000010", identities.VALUE)
    assert left
    assert all(each["value_index"] != index and not each["value_sealed"] for each in left)
    again = await login.with_phone(db, make.KEYS, "13800000010", ARRIVAL, make.later(2))
    assert again != who
