"""Campaigns: one message to a segment, with somebody left alone so that its worth can be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from headwater.base import ids
from headwater.base.db import Db
from headwater.base.errors import BadInput
from headwater.base.events import announce
from headwater.base.sql import statements
from headwater.base.text import Text
from headwater.gate import messages
from headwater.gate.messages import Count, Plan, Planned
from headwater.increment import arms, experiments, sizing
from headwater.increment.arms import ArmCount, Reached
from headwater.increment.experiments import Experiment, Question
from headwater.increment.sizing import Audience
from headwater.pricing import coupons
from headwater.pricing.coupons import Issue
from headwater.reach import contents, segments
from headwater.reach.contents import Content
from headwater.reach.errors import NobodyToReach, NoSuchCampaign, NotADraft
from headwater.reach.events import CampaignLaunched

sql = statements(__file__)

# What is not sent within a week of the launch says nothing any more.
SEND_WITHIN: Final = timedelta(days=7)
COUPON: Final = "coupon"
# Of several contents each is drawn evenly for so many, and none falls below the floor.
UNIFORM_SHARE: Final = 0.15
FLOOR_SHARE: Final = 0.05
BATCHES_MOST: Final = 12
# Where our words are what a member reads; what an advertisement shows is decided elsewhere.
SPOKEN: Final = ("official_account", "sms", "wecom", "mini_program")


@dataclass(frozen=True)
class Draft:
    """A campaign as somebody plans it."""

    brand_id: UUID
    name: str
    segment_id: UUID
    channel: str
    content: Content
    holdout_share: float = 0.1
    window_days: int = 28
    offer_id: UUID | None = None
    created_by: UUID | None = None
    others: tuple[Content, ...] = ()
    batch_count: int = 1
    batch_days: int = 3


@dataclass(frozen=True)
class Campaign:
    """A message to a segment."""

    id: UUID
    brand_id: UUID
    kind: str
    name: str
    segment_id: UUID | None
    experiment_id: UUID | None
    channel: str
    content: dict[str, Any]
    other_contents: list[dict[str, Any]]
    batch_count: int
    batch_days: int
    uniform_share: float
    floor_share: float
    offer_id: UUID | None
    holdout_share: Decimal
    window_days: int
    state: str
    why_not: str | None
    created_by: UUID | None
    created_at: datetime
    launched_at: datetime | None
    ended_at: datetime | None

    @property
    def contents(self) -> list[Content]:
        """Everything that it may say; a member hears one of them."""
        return contents.read_all([self.content, *self.other_contents])


@dataclass(frozen=True)
class Progress:
    """How far a campaign is: its state, its messages by state and reason, its arms."""

    campaign: Campaign
    messages: list[Count]
    arms: list[ArmCount]


@dataclass(frozen=True)
class Addressed:
    """Members who are to hear the same, as far as the gate lets them."""

    content: Content
    members: Sequence[UUID]


@dataclass(frozen=True)
class _Offer:
    brand_id: UUID
    kind: str
    label_zh: str
    label_en: str
    ends_at: datetime


async def draft(db: Db, what: Draft, now: datetime) -> Campaign:
    """Write down a campaign; nobody hears of it before it is launched."""
    await _check(db, what)
    # The salt of its draw comes from this id, which nobody can choose.
    campaign_id = ids.drawn("campaign")
    await db.run(
        sql.draft,
        id=campaign_id,
        brand_id=what.brand_id,
        name=what.name.strip(),
        segment_id=what.segment_id,
        channel=what.channel,
        content=what.content.written(),
        other_contents=[each.written() for each in what.others],
        batch_count=what.batch_count,
        batch_days=what.batch_days,
        uniform_share=UNIFORM_SHARE,
        floor_share=FLOOR_SHARE,
        offer_id=what.offer_id,
        holdout_share=Decimal(str(what.holdout_share)),
        window_days=what.window_days,
        created_by=what.created_by,
        now=now,
    )
    return await get(db, campaign_id)


async def get(db: Db, campaign_id: UUID) -> Campaign:
    """Give one campaign."""
    found = await db.maybe(sql.get, Campaign, id=campaign_id)
    if found is None:
        raise NoSuchCampaign(campaign_id=campaign_id)
    return found


async def of_brand(db: Db, brand_id: UUID) -> list[Campaign]:
    """List the campaigns of a brand, newest first, those of the past among them."""
    return await db.all(sql.of_brand, Campaign, brand_id=brand_id)


async def dispatched(db: Db, brand_id: UUID) -> list[Campaign]:
    """List the campaigns of a brand that were launched, in the order of their launches."""
    return await db.all(sql.dispatched, Campaign, brand_id=brand_id)


async def approve(db: Db, campaign_id: UUID) -> Campaign:
    """Ask the worker to launch; the console needs no walls that show every member."""
    if await db.run(sql.approve, id=campaign_id) == 0:
        _refuse_unless(await get(db, campaign_id), "launching", "running")
    return await get(db, campaign_id)


async def launch(db: Db, campaign_id: UUID, now: datetime) -> Progress:
    """Freeze the audience, draw who is left alone, and let the gate answer for each member.

    All of it is one transaction, so a launch happened or it did not; again changes nothing. Of
    several contents the treated hear in batches, which follow.
    """
    campaign = await db.maybe(sql.take, Campaign, id=campaign_id)
    if campaign is None:
        _refuse_unless(await get(db, campaign_id), "running", "ended")
        return await progress(db, campaign_id)
    assert campaign.segment_id is not None, "a draft has a segment"
    await segments.materialise(db, campaign.segment_id, now)
    audience = await segments.kept(db, campaign.segment_id)
    experiment = await _draw(db, campaign, audience, now)
    await speak(db, campaign, experiment, await _at_once(db, campaign, experiment, audience), now)
    await db.run(sql.run, id=campaign_id, experiment_id=experiment.id, now=now)
    await announce(db, CampaignLaunched(campaign_id, experiment.id, len(audience), now), now=now)
    return await progress(db, campaign_id)


async def speak(
    db: Db, campaign: Campaign, experiment: Experiment, addressed: Addressed, now: datetime
) -> None:
    """Let the gate answer for each of these members; who hears of it gets the coupon as well."""
    offer = await _offer(db, campaign.offer_id)
    coupon = Text(offer.label_zh, offer.label_en) if offer else None
    what = Plan(
        campaign.id,
        experiment.id,
        campaign.brand_id,
        campaign.channel,
        contents.renditions(addressed.content, campaign.channel, coupon),
        min(now + SEND_WITHIN, experiment.window_ends_at),
    )
    planned = await messages.plan(db, what, addressed.members, now)
    await _give_coupons(db, campaign, experiment, planned, now)


async def stop(db: Db, campaign_id: UUID, now: datetime) -> Progress:
    """Send no more of it; what was sent goes on being measured."""
    if await db.run(sql.stop, id=campaign_id, now=now) == 0:
        _refuse_unless(await get(db, campaign_id), "stopped")
    await messages.withdraw(db, campaign_id)
    return await progress(db, campaign_id)


async def close_over(db: Db, now: datetime) -> int:
    """End the campaigns whose windows are over, and tell how many there were."""
    return await db.run(sql.close_over, now=now)


async def approved(db: Db) -> list[Campaign]:
    """List the campaigns that wait for the worker to launch them."""
    return await db.all(sql.approved, Campaign)


async def put_back(db: Db, campaign_id: UUID, why_not: str) -> None:
    """Make a draft of a campaign again that could not be launched, with the refusal's code."""
    await db.run(sql.put_back, id=campaign_id, why_not=why_not)


async def progress(db: Db, campaign_id: UUID) -> Progress:
    """Tell how far a campaign is."""
    campaign = await get(db, campaign_id)
    drawn = await arms.count(db, campaign.experiment_id) if campaign.experiment_id else []
    return Progress(campaign, await messages.progress(db, campaign_id), drawn)


async def _draw(db: Db, campaign: Campaign, audience: Sequence[UUID], now: datetime) -> Experiment:
    """Draw among those whom no program holds out and who could get the message at all."""
    await arms.assign_to_programs(db, campaign.brand_id, audience, now)
    rest = await arms.among_rest(db, campaign.brand_id, audience)
    drawn = await messages.reachable(db, rest, campaign.channel)
    if not drawn:
        raise NobodyToReach(audience=len(audience))
    question = Question(
        "campaign",
        campaign.brand_id,
        f"campaign:{campaign.id}",
        campaign.name,
        campaign.name,
        float(campaign.holdout_share),
        campaign.window_days,
    )
    audience_of = Audience(campaign.brand_id, drawn, campaign.window_days)
    foreseen = await sizing.foreseen(db, audience_of, question.holdout_share, now)
    experiment = await experiments.launch(db, question, now, foreseen)
    await arms.assign(db, experiment.id, drawn, now)
    return experiment


async def _at_once(
    db: Db, campaign: Campaign, experiment: Experiment, audience: Sequence[UUID]
) -> Addressed:
    """Tell whom the launch itself answers: everybody, or whoever is in no batch."""
    first = contents.read(campaign.content)
    if not campaign.other_contents:
        return Addressed(first, audience)
    in_batches = set(await arms.treated(db, experiment.id))
    return Addressed(first, [each for each in audience if each not in in_batches])


async def _give_coupons(
    db: Db, campaign: Campaign, experiment: Experiment, planned: Sequence[Planned], now: datetime
) -> None:
    """Put the coupon into the hands of those who hear of it, and of nobody else."""
    offer = await _offer(db, campaign.offer_id)
    if campaign.offer_id is None or offer is None:
        return
    hearing = [each.member_id for each in planned if each.state != "refused"]
    reached = Reached(campaign.brand_id, experiment.id, COUPON)
    hearing = await arms.open_to(db, reached, hearing, now)
    expires_at = min(offer.ends_at, experiment.window_ends_at)
    issue = Issue(campaign.offer_id, f"campaign:{campaign.id}", expires_at)
    await coupons.issue(db, hearing, issue, now)
    await arms.expose(db, reached, hearing, now)


async def _check(db: Db, what: Draft) -> None:
    if not 1 <= len(what.name.strip()) <= 60:
        raise BadInput("name", "must have 1 to 60 characters")
    if not 0.05 <= what.holdout_share <= 0.5:
        raise BadInput("holdout_share", "must lie between 0.05 and 0.5, or nothing can be proven")
    if not 1 <= what.window_days <= 182:
        raise BadInput("window_days", "must lie between 1 and 182")
    contents.read_all([each.written() for each in (what.content, *what.others)])
    _check_batches(what)
    segment = await segments.get(db, what.segment_id)
    if segment.brand_id != what.brand_id:
        raise BadInput("segment_id", "belongs to another brand")
    if what.offer_id is not None:
        offer = await _offer(db, what.offer_id)
        if offer is None or offer.kind != "coupon" or offer.brand_id != what.brand_id:
            raise BadInput("offer_id", "must be a coupon of this brand")


def _check_batches(what: Draft) -> None:
    """Batches are for several contents, and each must have its days before the window ends."""
    if what.others and what.channel not in SPOKEN:
        raise BadInput("others", "not_said_here")
    if not 1 <= what.batch_count <= BATCHES_MOST:
        raise BadInput("batch_count", "must lie between 1 and 12")
    if what.batch_count > 1 and not what.others:
        raise BadInput("batch_count", "needs_several")
    if not 1 <= what.batch_days <= 28:
        raise BadInput("batch_days", "must lie between 1 and 28")
    if what.others and what.batch_count * what.batch_days > what.window_days:
        raise BadInput("batch_days", "beyond_window")


async def _offer(db: Db, offer_id: UUID | None) -> _Offer | None:
    return None if offer_id is None else await db.maybe(sql.offer, _Offer, id=offer_id)


def _refuse_unless(campaign: Campaign, *states: str) -> None:
    if campaign.state not in states:
        raise NotADraft(campaign_id=campaign.id, state=campaign.state)
