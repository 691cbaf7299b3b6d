"""The windows that people opened, kept: who may be spoken to freely, and how often still."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from headwater.base.crypto import Keys
from headwater.base.db import SYSTEM, Db, Pool
from headwater.base.errors import NotReached, Refusal
from headwater.base.sql import statements
from headwater.base.times import Clock
from headwater.connect.errors import WindowClosed, WindowSpent
from headwater.connect.official_account.chat import Chat
from headwater.connect.official_account.windows.rule import (
    RULES,
    Allowance,
    Interaction,
    Opening,
    allowance,
    interaction_of,
)
from headwater.connect.persons import Person, person
from headwater.connect.weixin_pushes.kinds import Push

sql = statements(__file__)

LONGEST: Final = max(rule.lasts for rule in RULES.values())


@dataclass(frozen=True)
class _Window:
    words_at: datetime | None
    menu_at: datetime | None
    followed_at: datetime | None
    scanned_at: datetime | None
    sent_at: list[datetime]

    def allowance(self, now: datetime) -> Allowance:
        openings = {
            Opening.WORDS: self.words_at,
            Opening.MENU: self.menu_at,
            Opening.FOLLOW: self.followed_at,
            Opening.SCAN: self.scanned_at,
        }
        did = [Interaction(opening, at) for opening, at in openings.items() if at is not None]
        return allowance(did, self.sent_at, now)


async def note(db: Db, who: Person, push: Push, now: datetime) -> bool:
    """Keep that a push opened a window; a copy or one that comes late changes nothing."""
    did = interaction_of(push)
    if did is None:
        return False
    at = {opening: did.at if did.opening is opening else None for opening in Opening}
    await db.run(
        sql.note,
        bucket=who.bucket,
        person=who.index,
        words_at=at[Opening.WORDS],
        menu_at=at[Opening.MENU],
        followed_at=at[Opening.FOLLOW],
        scanned_at=at[Opening.SCAN],
        now=now,
    )
    return True


async def left(db: Db, who: Person, now: datetime) -> Allowance:
    """Tell how many free messages a person may still get, and until when."""
    found = await db.maybe(sql.window, _Window, bucket=who.bucket, person=who.index)
    return Allowance(0, None) if found is None else found.allowance(now)


async def forget_old(db: Db, now: datetime) -> int:
    """Forget windows that closed long ago; tell how many."""
    return await db.run(sql.forget_old, before=now - LONGEST - timedelta(days=1))


@dataclass(frozen=True)
class Speaking:
    """Free words through one account, only inside the windows that people opened."""

    chat: Chat
    app_id: str
    pool: Pool
    keys: Keys
    now: Clock

    async def speak(self, openid: str, words: Callable[[Chat], Awaitable[None]]) -> Allowance:
        """Take a place in the window and speak; tell what is left. A repeat speaks twice.

        WindowClosed or WindowSpent come without asking the platform. What surely was not sent
        gives its place back; silence does not.
        """
        who, now = person(self.keys, self.app_id, openid), self.now()
        async with self.pool.transaction(SYSTEM) as db:
            rest = await _take(db, who, now)
        try:
            await words(self.chat)
        except (Refusal, NotReached):
            async with self.pool.transaction(SYSTEM) as db:
                await db.run(sql.give_back, bucket=who.bucket, person=who.index, sent_at=now)
            raise
        return rest


async def _take(db: Db, who: Person, now: datetime) -> Allowance:
    """Count one message with the person's row locked, so that two do not take one place."""
    found = await db.maybe(sql.window_locked, _Window, bucket=who.bucket, person=who.index)
    before = Allowance(0, None) if found is None else found.allowance(now)
    if before.left < 1:
        is_open = found is not None and _is_open(found, now)
        kind = WindowSpent if is_open else WindowClosed
        raise kind("", "this person has not opened a window that has room")
    await db.run(sql.spend, bucket=who.bucket, person=who.index, now=now, since=now - LONGEST)
    return Allowance(before.left - 1, before.until)


def _is_open(found: _Window, now: datetime) -> bool:
    unspent = _Window(found.words_at, found.menu_at, found.followed_at, found.scanned_at, [])
    return unspent.allowance(now).left > 0
