"""The balance of subscriptions: one "allow" is one message, counted by person and template."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from headwater.base.crypto import Keys
from headwater.base.db import SYSTEM, Db, Pool
from headwater.base.errors import Refusal, Trouble
from headwater.base.sql import statements
from headwater.base.times import Clock
from headwater.connect import heard
from headwater.connect.errors import NoAuthorisationLeft
from headwater.connect.mini_program.subscriptions import (
    Authorisation,
    Subscriptions,
    authorisation_after,
)
from headwater.connect.persons import Person, person
from headwater.connect.weixin_pushes import kinds
from headwater.connect.weixin_pushes.kinds import Choice, Push

sql = statements(__file__)

# One's copies are known by this name; the hook has kept its own before.
_CHANNEL: Final = "mini_program.authorisations"


async def note(db: Db, who: Person, push: Push, now: datetime) -> bool:
    """Count what a push says of a person's authorisations; a copy of it counts nothing.

    Tell whether it changed anything. A no in the prompt leaves what was allowed before; a no in
    WeChat's own settings ends it.
    """
    match push.happened:
        case kinds.AuthorisationsGiven(choices) | kinds.AuthorisationsTakenBack(choices):
            if not await heard.first_time(db, _CHANNEL, push.once_key, now):
                return False
        case _:
            return False
    is_prompt = isinstance(push.happened, kinds.AuthorisationsGiven)
    changed = [await _count(db, who, each, is_prompt, now) for each in choices]
    return any(changed)


async def left(db: Db, who: Person, template_id: str) -> int:
    """Tell how many messages of a template a person still lets through."""
    count = await db.value(sql.left, bucket=who.bucket, person=who.index, template_id=template_id)
    return int(count or 0)


@dataclass(frozen=True)
class Balanced:
    """Subscription messages that are sent only out of the balance, and keep it true."""

    subscriptions: Subscriptions
    app_id: str
    pool: Pool
    keys: Keys
    now: Clock

    async def send(
        self, openid: str, template_id: str, fields: dict[str, str], page: str | None = None
    ) -> None:
        """Take one authorisation and send; without one the platform is not even asked.

        It is taken before, so that two who send at once do not both use the last. What surely was
        not sent gives it back, silence does not, and where the platform knows of none none is left.
        A repeat is a second message and takes another one.
        """
        who, now = person(self.keys, self.app_id, openid), self.now()
        given = {"bucket": who.bucket, "person": who.index, "template_id": template_id, "now": now}
        async with self.pool.transaction(SYSTEM) as db:
            if await db.run(sql.take, **given) == 0:
                raise NoAuthorisationLeft("", "nothing is left of what this person allowed")
        try:
            await self.subscriptions.send(openid, template_id, fields, page)
        except (Refusal, Trouble) as outcome:
            after = authorisation_after(outcome)
            async with self.pool.transaction(SYSTEM) as db:
                if after is Authorisation.KEPT:
                    await db.run(sql.add, **given)
                elif after is Authorisation.NONE_LEFT:
                    await db.run(sql.end, **given)
            raise


async def _count(db: Db, who: Person, choice: Choice, is_prompt: bool, now: datetime) -> bool:
    given = {
        "bucket": who.bucket,
        "person": who.index,
        "template_id": choice.template_id,
        "now": now,
    }
    if choice.is_accepted:
        # In the settings a yes lets prompts come again; only a prompt gives a message.
        return is_prompt and await db.run(sql.add, **given) == 1
    return not is_prompt and await db.run(sql.end, **given) == 1
