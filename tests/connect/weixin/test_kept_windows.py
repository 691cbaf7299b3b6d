"""Windows that are kept in a table say what the rule says of everything that ever happened."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

import pytest
from tests import make

from headwater.base import ids
from headwater.base.db import SYSTEM, Pool
from headwater.base.errors import NotReached, Trouble
from headwater.connect.errors import CannotReach
from headwater.connect.official_account.chat import Chat
from headwater.connect.official_account.windows import kept as kept_windows
from headwater.connect.official_account.windows.kept import Speaking
from headwater.connect.official_account.windows.rule import Interaction, allowance, interaction_of
from headwater.connect.persons import person
from headwater.connect.weixin_api import WeixinApp
from headwater.connect.weixin_pushes import kinds
from headwater.connect.weixin_pushes.kinds import Happened, Push

DID: tuple[Happened, ...] = (
    kinds.Said("1", "在吗", None),
    kinds.MenuPressed("a", None),
    kinds.Followed(None),
    kinds.Scanned("s"),
    kinds.Unfollowed(),
)
NOBODY_ASKS = Chat(WeixinApp.__new__(WeixinApp))


def pushed(open_id: str, did: Happened, at: datetime) -> Push:
    return Push("gh_1", open_id, at, ids.code(), did)


@pytest.mark.parametrize("seed", range(12))
async def test_what_is_kept_allows_exactly_what_the_whole_history_allows(
    pool: Pool, seed: int
) -> None:
    chance, open_id, clock = Random(seed), ids.code(), [make.NOON]
    speaking = Speaking(NOBODY_ASKS, "wx1", pool, make.KEYS, lambda: clock[0])
    who = person(make.KEYS, "wx1", open_id)
    did: list[Interaction] = []
    sent: list[datetime] = []

    async def says(_chat: Chat) -> None:
        return

    async def does_not_reach(_chat: Chat) -> None:
        raise NotReached("nobody is there")

    for _step in range(60):
        clock[0] += timedelta(seconds=chance.choice([1, 5, 40, 3_000, 40_000]))
        if chance.random() < 0.4:
            # A push may come late, and out of order.
            late = timedelta(seconds=chance.choice([0, 0, 90, 4_000]))
            push = pushed(open_id, chance.choice(DID), clock[0] - late)
            found = interaction_of(push)
            did += [found] if found else []
            for _copy in range(chance.randint(1, 2)):
                async with pool.transaction(SYSTEM) as db:
                    await kept_windows.note(db, who, push, clock[0])
            continue
        expected = allowance(did, sent, clock[0])
        async with pool.transaction(SYSTEM) as db:
            assert await kept_windows.left(db, who, clock[0]) == expected
        reaches = chance.random() < 0.8
        if expected.left == 0:
            with pytest.raises(CannotReach):
                await speaking.speak(open_id, says)
        elif reaches:
            assert (await speaking.speak(open_id, says)).left == expected.left - 1
            sent.append(clock[0])
        else:
            with pytest.raises(NotReached):
                await speaking.speak(open_id, does_not_reach)


async def test_silence_counts_as_said(pool: Pool) -> None:
    open_id = ids.code()
    speaking = Speaking(NOBODY_ASKS, "wx1", pool, make.KEYS, lambda: make.NOON)
    who = person(make.KEYS, "wx1", open_id)
    async with pool.transaction(SYSTEM) as db:
        await kept_windows.note(db, who, pushed(open_id, DID[0], make.NOON), make.NOON)

    async def is_silent(_chat: Chat) -> None:
        raise Trouble("no answer")

    with pytest.raises(Trouble):
        await speaking.speak(open_id, is_silent)
    async with pool.transaction(SYSTEM) as db:
        assert (await kept_windows.left(db, who, make.NOON)).left == 4


def test_a_person_is_another_one_in_another_app_and_shows_no_open_id() -> None:
    mine, same = person(make.KEYS, "wx1", "o-1"), person(make.KEYS, "wx1", "o-1")
    assert mine == same
    assert mine != person(make.KEYS, "wx2", "o-1")
    assert b"o-1" not in mine.index
