"""A guide's link, code or poster, and who opened it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.sql import statements
from headwater.catalog import products
from headwater.guides import policies
from headwater.guides.errors import NotYourShare
from headwater.increment import arms
from headwater.increment.arms import Reached

sql = statements(__file__)

Scene = Literal["link", "code", "poster", "moments", "chat"]
SCENES: tuple[Scene, ...] = ("link", "code", "poster", "moments", "chat")

CODE_LENGTH = 8
# The channel under which a share that a member opened counts as having reached them.
SHARED = "guide_share"


@dataclass(frozen=True)
class Share:
    """What a guide puts before people; the code is what they carry with them."""

    code: str
    guide_id: UUID
    store_id: UUID
    product_id: UUID | None
    scene: str
    shared_at: datetime


@dataclass(frozen=True)
class Touch:
    """Somebody opened a share."""

    share_code: str
    guide_id: UUID
    store_id: UUID
    product_id: UUID | None
    touched_at: datetime


@dataclass(frozen=True)
class ShareOutcome:
    """What one share brought so far."""

    code: str
    scene: str
    product_id: UUID | None
    title_zh: str | None
    title_en: str | None
    shared_at: datetime
    visitors: int
    buyers: int
    credit_fen: int


@dataclass(frozen=True)
class Comer:
    """One person who opened a share; a mask unless they are the guide's customer."""

    member_id: UUID
    name_mask: str
    phone_mask: str
    is_customer: bool
    first_at: datetime
    last_at: datetime
    opened: int


@dataclass(frozen=True)
class _Opened:
    id: UUID
    share_code: str
    guide_id: UUID
    store_id: UUID
    touched_at: datetime


@dataclass(frozen=True)
class _Touched:
    guide_id: UUID
    brand_id: UUID
    member_id: UUID


async def create(
    db: Db, guide_id: UUID, store_id: UUID, product_id: UUID | None, scene: Scene, now: datetime
) -> Share:
    """Make a share; the same guide sharing the same thing in the same scene keeps its code."""
    if product_id is not None:
        await products.one(db, product_id)
    return await db.one(
        sql.create,
        Share,
        code=ids.code(CODE_LENGTH),
        guide_id=guide_id,
        store_id=store_id,
        product_id=product_id,
        scene=scene,
        now=now,
    )


async def find(db: Db, code: str) -> Share | None:
    """Find a share by its code as typed or scanned; an unknown code is nobody's."""
    return await db.maybe(sql.find, Share, code=ids.tidy_code(code))


async def of_guide(db: Db, guide_id: UUID, code: str) -> Share:
    """Find one of the guide's own shares."""
    share = await find(db, code)
    if share is None or share.guide_id != guide_id:
        raise NotYourShare(code=code)
    return share


async def open_share(
    db: Db, code: str, person_id: UUID, now: datetime, staff_id: UUID | None = None
) -> Touch | None:
    """Write down that a visitor or a member opened a share, once an hour.

    An unknown code answers None: the page still opens, and nobody gets credit. So does a guide's
    own share on a device on which that guide is at work (`staff_id`): to look is not to bring.
    """
    share = await find(db, code)
    if share is None or await _is_own(db, share, staff_id, now):
        return None
    bucket = ids.bucket_of(person_id)
    await db.run(
        sql.touch,
        bucket=bucket,
        id=_touch_id(person_id, share.code, now),
        member_id=person_id,
        share_code=share.code,
        guide_id=share.guide_id,
        store_id=share.store_id,
        now=now,
    )
    return Touch(share.code, share.guide_id, share.store_id, share.product_id, now)


async def adopt(db: Db, visitor_id: UUID, member_id: UUID) -> int:
    """Give a visitor's touches to the member they turned out to be; tell how many."""
    opened = await db.all(
        sql.take, _Opened, bucket=ids.bucket_of(visitor_id), visitor_id=visitor_id
    )
    if not opened:
        return 0
    return await db.run(
        sql.adopt,
        bucket=ids.bucket_of(member_id),
        member_id=member_id,
        ids=[_touch_id(member_id, each.share_code, each.touched_at) for each in opened],
        share_codes=[each.share_code for each in opened],
        guide_ids=[each.guide_id for each in opened],
        store_ids=[each.store_id for each in opened],
        touched_ats=[each.touched_at for each in opened],
    )


async def tell_exposures(db: Db, since: datetime, now: datetime) -> int:
    """Write down whom guides reached by their shares; of who is held out it shows as a leak.

    A shopper's walls hide the arms, so this is a clock's work; the first time counts, so again
    changes nothing.
    """
    reached: dict[Reached, list[UUID]] = defaultdict(list)
    for each in await db.all(sql.touched, _Touched, since=since):
        where = Reached(each.brand_id, None, SHARED, each.guide_id)
        reached[where].append(each.member_id)
    for where, member_ids in reached.items():
        await arms.expose(db, where, member_ids, now)
    return sum(len(each) for each in reached.values())


async def outcomes(db: Db, guide_id: UUID, most: int = 50) -> list[ShareOutcome]:
    """List a guide's shares, newest first, with who came and what it brought."""
    return await db.all(sql.outcomes, ShareOutcome, guide_id=guide_id, most=most)


async def comers(db: Db, guide_id: UUID, code: str) -> list[Comer]:
    """List who opened one of the guide's shares, the latest first."""
    return await db.all(sql.comers, Comer, guide_id=guide_id, share_code=ids.tidy_code(code))


async def _is_own(db: Db, share: Share, staff_id: UUID | None, now: datetime) -> bool:
    if share.guide_id != staff_id:
        return False
    return not (await policies.in_force(db, now)).self_purchase


def _touch_id(person_id: UUID, code: str, at: datetime) -> UUID:
    """Make the id that the same person opening the same share in the same hour makes again."""
    hour = int(at.timestamp()) // 3600
    return ids.named_in(ids.bucket_of(person_id), "touch", f"{person_id}:{code}:{hour}")
