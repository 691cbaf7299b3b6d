"""Audiences: whom the gate lets through is put where ads find them, and taken out again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from headwater.base import crypto
from headwater.base.db import SYSTEM, Pool
from headwater.base.errors import BadInput
from headwater.base.sql import statements
from headwater.base.times import Clock
from headwater.connect.tencent_ads import TencentAds, kept
from headwater.connect.tencent_ads.audiences import IdKind
from headwater.connect.tencent_ads.people import AdIdentity, AudiencePerson, WithdrawnPerson
from headwater.gate import messages
from headwater.gate.delivery import ToReach
from headwater.members import consents
from headwater.members.consents import Consent
from headwater.members.identities import VALUE
from headwater.web.kit.building import Building

sql = statements(__file__)

CHANNEL: Final = "ads"
PURPOSE: Final = "marketing"


@dataclass(frozen=True)
class AudienceSender:
    """Puts members into the audience of a campaign, by the hash of their phone.

    Each campaign has an audience of its own. A repeat adds nobody twice. Whoever took the yes back
    since the gate looked, or has no mainland number, is not named to anybody.
    """

    ads: TencentAds
    pool: Pool
    now: Clock

    async def send_set(
        self, key: str, content: Mapping[str, Any], people: Sequence[ToReach]
    ) -> frozenset[UUID]:
        """Name these people to the platform, and tell who was named."""
        member_ids = [each.member_id for each in people]
        async with self.pool.transaction(SYSTEM) as db:
            yes = await consents.granted(db, member_ids, PURPOSE, CHANNEL)
        named = {
            each.member_id: AudiencePerson(yes[each.member_id], identity)
            for each in people
            if each.member_id in yes and (identity := identity_of(each.address)) is not None
        }
        if named:
            audience_id = await kept.audience(self.pool, self.ads.audiences, key, self.now())
            await self.ads.audiences.put_in(audience_id, IdKind.PHONE, list(named.values()))
        return frozenset(named)


@dataclass(frozen=True)
class _Withdrawn:
    bucket: int
    message_id: UUID
    key: UUID
    value_sealed: bytes = field(repr=False)
    text_version: str
    said_at: datetime


async def take_out_withdrawn(building: Building, now: datetime) -> int:
    """Take those out who took their yes back since they were put in, and tell how many.

    The gate's row says that it was done, in the transaction after; silence before that means that
    they are taken out once more, which changes nothing.
    """
    if building.ads is None:
        return 0
    async with building.transaction(SYSTEM) as db:
        found = await db.all(sql.withdrawn, _Withdrawn, channel=CHANNEL, purpose=PURPOSE)
        audiences = await kept.audience_ids(db)
    by_audience: dict[int, list[_Withdrawn]] = defaultdict(list)
    for each in found:
        if each.key.hex in audiences:
            by_audience[audiences[each.key.hex]].append(each)
    for audience_id, gone in by_audience.items():
        people = [person for each in gone if (person := _withdrawn(building, each)) is not None]
        if people:
            await building.ads.audiences.take_out(audience_id, IdKind.PHONE, people)
        async with building.transaction(SYSTEM) as db:
            await messages.note_taken_out(db, [(each.bucket, each.message_id) for each in gone])
    return sum(map(len, by_audience.values()))


def identity_of(phone: str) -> AdIdentity | None:
    """Name somebody by their phone; the platform knows mainland numbers only."""
    try:
        return AdIdentity(phone=phone)
    except BadInput:
        return None


def _withdrawn(building: Building, each: _Withdrawn) -> WithdrawnPerson | None:
    identity = identity_of(crypto.unseal(building.keys, each.value_sealed, VALUE))
    no = Consent(PURPOSE, CHANNEL, False, each.text_version, each.said_at)
    return None if identity is None else WithdrawnPerson(no, identity)
