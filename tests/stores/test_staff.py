"""Who works here: let in, given roles, let go; and nothing outlives its end."""

from __future__ import annotations

from uuid import UUID

import pytest
from tests import make

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.errors import BadInput
from headwater.stores import staff
from headwater.stores.errors import LoginTaken, WrongLogin
from headwater.stores.grants import Grant
from headwater.stores.staff import NewStaff

OPERATOR = Grant("operator", "company", None)


async def somebody(db: Db, login: str = "Lin.Mei ") -> UUID:
    """Let one person start, with a password and a role."""
    new = NewStaff(ids.new(0), login, "林梅")
    await staff.add(db, new, make.NOON, make.PASSWORD)
    await staff.grant(db, new.id, OPERATOR, make.NOON)
    return new.id


async def test_a_new_password_ends_the_sessions_of_the_old(db: Db) -> None:
    await somebody(db)
    token = await staff.log_in(db, "lin.mei", make.PASSWORD, make.NOON)
    assert await staff.set_password(db, "lin.mei", "another good one", make.later(60))
    assert await staff.who(db, token, make.later(61)) is None
    with pytest.raises(WrongLogin):
        await staff.log_in(db, "lin.mei", make.PASSWORD, make.later(62))
    assert await staff.log_in(db, "lin.mei", "another good one", make.later(63))


async def test_a_short_password_changes_nothing(db: Db) -> None:
    await somebody(db)
    with pytest.raises(BadInput):
        await staff.set_password(db, "lin.mei", "short", make.NOON)
    assert await staff.log_in(db, "lin.mei", make.PASSWORD, make.NOON)


async def test_who_leaves_is_out_at_once(db: Db) -> None:
    id = await somebody(db)
    token = await staff.log_in(db, "lin.mei", make.PASSWORD, make.NOON)
    assert await staff.leave(db, "LIN.MEI", make.later(60))
    assert await staff.who(db, token, make.later(61)) is None
    assert await staff.id_of(db, "lin.mei") is None
    assert all(each.id != id for each in await staff.listed(db))
    assert not await staff.leave(db, "lin.mei", make.later(62))


async def test_a_role_that_was_taken_away_can_be_given_again(db: Db) -> None:
    id = await somebody(db)
    token = await staff.log_in(db, "lin.mei", make.PASSWORD, make.NOON)
    assert await staff.revoke(db, id, OPERATOR, make.later(1))
    assert not await staff.revoke(db, id, OPERATOR, make.later(2))
    without = await staff.who(db, token, make.later(3))
    assert without is not None
    assert not without.may("campaigns.write")
    await staff.grant(db, id, OPERATOR, make.later(4))
    again = await staff.who(db, token, make.later(5))
    assert again is not None
    assert again.may("campaigns.write")


async def test_a_login_belongs_to_one_person_for_good(db: Db) -> None:
    await somebody(db)
    with pytest.raises(LoginTaken):
        await somebody(db, "lin.mei")
    await staff.leave(db, "lin.mei", make.NOON)
    with pytest.raises(LoginTaken):
        await somebody(db, "lin.mei")


async def test_adding_the_same_person_twice_is_adding_them_once(db: Db) -> None:
    new = NewStaff(ids.new(0), "wang.fang", "王芳")
    await staff.add(db, new, make.NOON)
    await staff.add(db, new, make.later(1))
    assert [each.login for each in await staff.listed(db)].count("wang.fang") == 1
