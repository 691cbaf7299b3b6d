"""Campaigns: drafted, checked against who could be reached, launched, watched and read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from headwater.base.db import SYSTEM, Db
from headwater.base.errors import BadInput
from headwater.gate import messages
from headwater.increment import arms, experiments, ledger, readings, sizing
from headwater.increment.experiments import Experiment
from headwater.increment.ledger import Reading
from headwater.increment.sizing import Audience
from headwater.pricing import offers
from headwater.pricing.offers import CouponOffer
from headwater.reach import campaigns, segments
from headwater.reach.campaigns import BATCHES_MOST, Campaign, Draft, Progress
from headwater.reach.segments import Segment
from headwater.stores.places import Brand
from headwater.web.console import contents as typed
from headwater.web.console.desk import Desk, brand_of, desk_of, own_brand, path_id, read_id, show
from headwater.web.kit import forms
from headwater.web.kit.building import Building
from headwater.web.kit.doors import Door, Staff, may
from headwater.web.kit.forms import read_form
from headwater.web.kit.wording import language, refusal_sentence

door = Door()

WRITE = may("campaigns.write")
HOLDOUTS = (0.05, 0.1, 0.2, 0.3)
STATES = ("draft", "launching", "running", "ended", "stopped")
# What a campaign may go out on; the second only where the company advertises.
CHANNELS = ("official_account", "ads")
USUAL = {"channel": CHANNELS[0], "holdout": "10", "window_days": "28", "path": "/",
         "batch_count": "1", "batch_days": "3"}  # fmt: skip


@dataclass(frozen=True)
class Check:
    """What a launch would do, counted before it is done."""

    members: int
    held_by_program: int
    reachable: int
    holdout: int
    visible: list[tuple[float, float | None]]

    @property
    def unreachable(self) -> int:
        """Who allows no message, or has no address on this channel."""
        return self.members - self.held_by_program - self.reachable

    @property
    def hearing(self) -> int:
        """Who would hear of it, where neither budget nor quiet hours say no."""
        return self.reachable - self.holdout


@door.get("/console/campaigns", WRITE, name="console:campaigns")
async def page(request: Request, building: Building, who: Staff) -> Response:
    """List the campaigns of a brand with what each was read to bring."""
    state = request.query_params.get("state")
    async with building.transaction(who.walls) as db:
        desk = await desk_of(db, who)
        brand = brand_of(desk, request)
        every = await campaigns.of_brand(db, brand.id)
        known = await readings.latest(db, [each.experiment_id for each in every
                                           if each.experiment_id])  # fmt: skip
    counts = {each: sum(one.state == each for one in every) for each in STATES}
    rows = [each for each in every if state not in STATES or each.state == state]
    return show(request, "campaigns", desk, brand=brand, rows=rows, readings=known,
                state=state if state in STATES else "", counts=counts, total=len(every),
                now=building.now())  # fmt: skip


@door.get("/console/campaigns/new", WRITE, name="console:campaigns.new")
async def new(request: Request, building: Building, who: Staff) -> Response:
    """Open an empty campaign, perhaps for a segment that was just made."""
    async with building.transaction(who.walls) as db:
        desk = await desk_of(db, who)
        brand = brand_of(desk, request)
        context = await _choices(db, brand, building.now())
    planned = {name: request.query_params[name][:4] for name in ("holdout", "window_days")
               if name in request.query_params}  # fmt: skip
    given = {**USUAL, **planned, "segment": request.query_params.get("segment", "")}
    return show(request, "campaign_new", desk, brand=brand, given=given, wrong="", bad="",
                begun=1, channels=_channels(building), **context)  # fmt: skip


@door.post("/console/campaigns", WRITE, name="console:campaigns.add")
async def add(request: Request, building: Building, who: Staff) -> Response:
    """Write a draft down; what is wrong is said beside what was typed."""
    fields = await read_form(request)
    async with building.transaction(who.walls) as db:
        desk = await desk_of(db, who)
        brand = own_brand(desk, _named(fields, "brand"))
        context = await _choices(db, brand, building.now())
        try:
            wanted = _draft(fields, brand, who, _channels(building))
            made = await campaigns.draft(db, wanted, building.now())
        except BadInput as refusal:
            return show(request, "campaign_new", desk, status=422, brand=brand, bad=refusal.field,
                        given={**USUAL, **fields}, wrong=refusal_sentence(refusal),
                        begun=typed.begun(fields), channels=_channels(building),
                        **context)  # fmt: skip
    return RedirectResponse(f"/console/campaigns/{made.id}", 303)


@door.get("/console/campaigns/{campaign_id}", WRITE, name="console:campaign")
async def one(request: Request, building: Building, who: Staff) -> Response:
    """Show a campaign as far as it is: the check before the launch, or what became of it."""
    desk, brand, campaign = await _own(request, building, who)
    now = building.now()
    async with building.transaction(who.walls) as db:
        segment = await _segment(db, campaign.segment_id)
        rule = await segments.in_words(db, segment.rule, language()) if segment else ""
        coupon = next((each for each in await offers.coupons_of(db, brand.id, now)
                       if each.id == campaign.offer_id), None)  # fmt: skip
        question, reading = await _measured(db, campaign)
    check = await _check(building, campaign, segment, now) if campaign.state == "draft" else None
    said = campaign.contents if campaign.kind == "recall" else []
    shown = await typed.shown(building, campaign, now)
    progress = await _progress(building, campaign)
    return show(request, "campaign", desk, block="progress", brand=brand, campaign=campaign,
                segment=segment, rule=rule, coupon=coupon, said=said, check=check,
                progress=progress, experiment=question, reading=reading, now=now,
                shown=shown)  # fmt: skip


@door.post("/console/campaigns/{campaign_id}/launch", WRITE, name="console:campaign.launch")
async def launch(request: Request, building: Building, who: Staff) -> Response:
    """Let the worker launch it: it looks at members whom the console never sees."""
    await read_form(request)
    _desk, _brand, campaign = await _own(request, building, who)
    async with building.transaction(who.walls) as db:
        await campaigns.approve(db, campaign.id)
    return RedirectResponse(f"/console/campaigns/{campaign.id}", 303)


@door.post("/console/campaigns/{campaign_id}/stop", WRITE, name="console:campaign.stop")
async def stop(request: Request, building: Building, who: Staff) -> Response:
    """Send no more of it."""
    await read_form(request)
    _desk, _brand, campaign = await _own(request, building, who)
    async with building.transaction(SYSTEM) as db:
        await campaigns.stop(db, campaign.id, building.now())
    return RedirectResponse(f"/console/campaigns/{campaign.id}", 303)


@door.post("/console/campaigns/{campaign_id}/readings", WRITE, name="console:campaign.read")
async def read(request: Request, building: Building, who: Staff) -> Response:
    """Read it now, instead of waiting for the night's reading."""
    await read_form(request)
    _desk, _brand, campaign = await _own(request, building, who)
    if campaign.experiment_id is not None:
        async with building.transaction(SYSTEM) as db:
            await readings.read(db, campaign.experiment_id, building.now())
    return RedirectResponse(f"/console/campaigns/{campaign.id}#reading", 303)


async def _own(request: Request, building: Building, who: Staff) -> tuple[Desk, Brand, Campaign]:
    async with building.transaction(who.walls) as db:
        desk = await desk_of(db, who)
        campaign = await campaigns.get(db, path_id(request, "campaign_id"))
    return desk, own_brand(desk, campaign.brand_id), campaign


async def _check(
    building: Building, campaign: Campaign, segment: Segment | None, now: datetime
) -> Check | None:
    """Count what a launch would do; only numbers come out of these walls."""
    if segment is None:
        return None
    async with building.transaction(SYSTEM) as db:
        found = await segments.members(db, segment.rule, segment.brand_id, now)
        rest = await arms.among_rest(db, campaign.brand_id, found)
        reachable = await messages.reachable(db, rest, campaign.channel)
        audience = Audience(campaign.brand_id, reachable, campaign.window_days)
        past = await sizing.past_of(db, audience, now)
    shares = sorted({*HOLDOUTS, float(campaign.holdout_share)})
    held = round(len(reachable) * float(campaign.holdout_share))
    visible = [(share, sizing.least_visible(past, share)) for share in shares]
    return Check(len(found), len(found) - len(rest), len(reachable), held, visible)


async def _progress(building: Building, campaign: Campaign) -> Progress | None:
    """Count a campaign's messages over all its members; only numbers come out of these walls."""
    if campaign.kind != "recall" or campaign.state in ("draft", "launching"):
        return None
    async with building.transaction(SYSTEM) as db:
        return await campaigns.progress(db, campaign.id)


async def _measured(db: Db, campaign: Campaign) -> tuple[Experiment | None, Reading | None]:
    if campaign.experiment_id is None:
        return None, None
    question = await experiments.get(db, campaign.experiment_id)
    return question, await ledger.latest(db, campaign.experiment_id)


async def _segment(db: Db, segment_id: UUID | None) -> Segment | None:
    return None if segment_id is None else await segments.get(db, segment_id)


async def _choices(db: Db, brand: Brand, now: datetime) -> dict[str, Any]:
    known: list[Segment] = await segments.of_brand(db, brand.id)
    coupons: list[CouponOffer] = await offers.coupons_of(db, brand.id, now)
    return {"segments": known, "coupons": coupons}


def _channels(building: Building) -> tuple[str, ...]:
    return CHANNELS if building.ads is not None else CHANNELS[:1]


def _draft(fields: Mapping[str, str], brand: Brand, who: Staff, channels: tuple[str, ...]) -> Draft:
    channel = fields.get("channel", CHANNELS[0])
    if channel not in channels:
        raise BadInput("channel", "unknown")
    path = fields.get("path", "").strip() or "/"
    if not path.startswith("/") or path.startswith("//"):
        raise BadInput("path", "malformed")
    batched = {**USUAL, **fields}
    return Draft(
        brand_id=brand.id,
        name=forms.text(fields, "name", longest=60),
        segment_id=_named(fields, "segment"),
        channel=channel,
        content=typed.first(fields, path),
        holdout_share=forms.whole(fields, "holdout", least=5, most=50) / 100,
        window_days=forms.whole(fields, "window_days", least=1, most=182),
        offer_id=read_id(fields.get("offer")),
        created_by=who.id,
        others=typed.others(fields, path),
        batch_count=forms.whole(batched, "batch_count", least=1, most=BATCHES_MOST),
        batch_days=forms.whole(batched, "batch_days", least=1, most=28),
    )


def _named(fields: Mapping[str, str], name: str) -> UUID:
    found = read_id(forms.text(fields, name))
    if found is None:
        raise BadInput(name, "unknown")
    return found
