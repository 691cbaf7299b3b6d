"""Batches: the treated hear in several sendings, and each is steered by what came of the last.

Who is left alone was drawn before and is none of this file's business. A member's batch and a
member's content are pure functions of the experiment's salt, so a sending that is tried again
draws the same; the chance of what was drawn is written down before anything is sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.sql import statements
from headwater.gate import messages
from headwater.increment import arms, assignment, experiments
from headwater.increment.experiments import Experiment
from headwater.increment.statistics import bandit
from headwater.increment.statistics.bandit import Batch, Rules
from headwater.increment.statistics.moments import Moments
from headwater.reach import campaigns
from headwater.reach.campaigns import Addressed, Campaign

sql = statements(__file__)

SALES: Final = "sales_fen"
# The arms say who is contacted, so the choice among contents is made as if all were.
_CONTACTED: Final = 1.0


@dataclass(frozen=True)
class Sending:
    """One batch as it was sent: the chance of each content, in the contents' order."""

    campaign_id: UUID
    batch_no: int
    shares: list[float]
    member_count: int
    sent_at: datetime


@dataclass(frozen=True)
class Choice:
    """Which content a member gets, and what the chance of it was."""

    member_id: UUID
    content_no: int
    propensity: float


@dataclass(frozen=True)
class _Id:
    id: UUID


@dataclass(frozen=True)
class _Sum:
    campaign_id: UUID
    batch_no: int
    content_no: int
    members: int
    sales_fen: Decimal
    square: Decimal


def rules_of(campaign: Campaign) -> Rules:
    """Give what was fixed before the first batch; contents are named by their numbers."""
    names = tuple(str(number) for number in range(1, len(campaign.other_contents) + 2))
    return Rules(names, float(campaign.holdout_share), campaign.uniform_share, campaign.floor_share)


def batch_of(salt: str, member_id: UUID, batches: int) -> int:
    """Tell in which batch a member hears; the same at every try."""
    return 1 + int(assignment.draw(f"{salt}:batch", member_id) * batches)


def chosen(
    rules: Rules, shares: Mapping[str, float], salt: str, member_ids: Sequence[UUID]
) -> list[Choice]:
    """Draw a content for each member; `salt` is of one batch alone."""
    names = [
        bandit.choose(rules, shares, _CONTACTED, assignment.draw(salt, each)) for each in member_ids
    ]
    return [
        Choice(member_id, int(name), shares[name])
        for member_id, name in zip(member_ids, names, strict=True)
    ]


async def due(db: Db, now: datetime) -> list[UUID]:
    """List the campaigns whose next batch has come."""
    return [each.id for each in await db.all(sql.due, _Id, now=now)]


async def send_next(db: Db, campaign_id: UUID, now: datetime) -> int:
    """Send the batch that has come, and tell to how many; where none has, nothing happens.

    It is one transaction: a batch was chosen, written down and planned, or it was not. Asked
    again, it finds the next batch not due.
    """
    if await db.maybe(sql.hold, _Id, id=campaign_id) is None:
        return 0
    if campaign_id not in await due(db, now):
        return 0
    campaign = await campaigns.get(db, campaign_id)
    assert campaign.experiment_id is not None, "what runs has a question"
    experiment = await experiments.get(db, campaign.experiment_id)
    batch_no = len(await sent(db, campaign_id)) + 1
    shares = bandit.next_shares(rules_of(campaign), await outcomes(db, campaign, now))
    asked = await _choose(db, campaign, experiment, batch_no, shares)
    choices = await _write(db, campaign, batch_no, shares, asked, now)
    await messages.hold(db, [each.member_id for each in choices], now)
    for number, content in enumerate(campaign.contents, 1):
        hearing = [each.member_id for each in choices if each.content_no == number]
        if hearing:
            addressed = Addressed(content, hearing)
            await campaigns.speak(db, campaign, experiment, addressed, now)
    return len(choices)


async def sent(db: Db, campaign_id: UUID) -> list[Sending]:
    """List the batches that were sent, in their order."""
    return await db.all(sql.of_campaigns, Sending, campaign_ids=[campaign_id])


async def over(db: Db, brand_id: UUID, now: datetime) -> list[UUID]:
    """List a brand's campaigns of several contents of whose batches nothing is outstanding."""
    return [each.id for each in await db.all(sql.over, _Id, brand_id=brand_id, now=now)]


async def outcomes(db: Db, campaign: Campaign, now: datetime) -> list[Batch]:
    """Add up what each content's members bought, batch by batch, where its days are over."""
    return (await outcomes_of(db, campaign.brand_id, [campaign.id], now))[campaign.id]


async def outcomes_of(
    db: Db, brand_id: UUID, campaign_ids: Sequence[UUID], now: datetime
) -> dict[UUID, list[Batch]]:
    """Add up several campaigns of a brand at once.

    A batch that found nobody teaches nothing and is passed over.
    """
    asked = list(campaign_ids)
    sums = await db.all(sql.outcomes, _Sum, campaign_ids=asked, brand_id=brand_id, now=now)
    found = {(each.campaign_id, each.batch_no, each.content_no): each for each in sums}
    heard = {(each.campaign_id, each.batch_no) for each in sums}
    past: dict[UUID, list[Batch]] = {each: [] for each in asked}
    for batch in await db.all(sql.of_campaigns, Sending, campaign_ids=asked):
        if (batch.campaign_id, batch.batch_no) in heard:
            shares = {str(number): share for number, share in enumerate(batch.shares, 1)}
            arms_of = {
                name: _moments(found.get((batch.campaign_id, batch.batch_no, int(name))))
                for name in shares
            }
            past[batch.campaign_id].append(Batch(shares, arms_of))
    return past


async def _choose(
    db: Db, campaign: Campaign, experiment: Experiment, batch_no: int, shares: Mapping[str, float]
) -> list[Choice]:
    salt, batches = experiment.salt, campaign.batch_count
    members = [
        each
        for each in await arms.treated(db, experiment.id)
        if batch_of(salt, each, batches) == batch_no
    ]
    return chosen(rules_of(campaign), shares, f"{salt}:content:{batch_no}", members)


async def _write(
    db: Db, campaign: Campaign, batch_no: int, shares: Mapping[str, float],
    choices: Sequence[Choice], now: datetime,
) -> list[Choice]:  # fmt: skip
    """Write the chances down before anybody hears of it, and keep who was not drawn before."""
    new = await db.all(
        sql.choose,
        _Id,
        campaign_id=campaign.id,
        batch_no=batch_no,
        buckets=[ids.bucket_of(each.member_id) for each in choices],
        member_ids=[each.member_id for each in choices],
        content_nos=[each.content_no for each in choices],
        propensities=[each.propensity for each in choices],
        now=now,
    )
    await db.run(
        sql.write, campaign_id=campaign.id, batch_no=batch_no, shares=list(shares.values()),
        member_count=len(new), now=now,
    )  # fmt: skip
    drawn = {each.id for each in new}
    return [each for each in choices if each.member_id in drawn]


def _moments(found: _Sum | None) -> Moments:
    if found is None:
        return Moments((SALES,), 0, (0,), ((0,),))
    return Moments((SALES,), found.members, (int(found.sales_fen),), ((int(found.square),),))
