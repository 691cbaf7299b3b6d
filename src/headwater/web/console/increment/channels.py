"""Channels' increment: what a campaign of each is likely to bring, with its doubt."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from headwater.increment.programs.lifts import LeftOut
from headwater.increment.statistics.pooled.campaigns import LEAST_CAMPAIGNS, LEAST_TO_RANK
from headwater.increment.statistics.pooled.nested import Band
from headwater.program import channels
from headwater.program.channels import Campaign, Channel, Channels
from headwater.web.console import words
from headwater.web.console.desk import brand_seen, desk_of, named, show
from headwater.web.console.increment.experiments import READ
from headwater.web.kit.building import Building
from headwater.web.kit.doors import Door, Staff
from headwater.web.kit.wording import _

door = Door()

PAGE = 50


@dataclass(frozen=True)
class Span:
    """A lift with its band, as a chart draws it; no tone, since none of these is a verdict."""

    name: str
    low: float
    point: float
    high: float
    tone: str = ""


@dataclass(frozen=True)
class ChannelRow:
    """A channel's line: what its campaigns bring on the whole, and what its next one may."""

    said: Channel
    lift: Span
    following: Span


@dataclass(frozen=True)
class CampaignRow:
    """A campaign's line: its own figure, and what to expect of the next one like it."""

    name: str
    said: Campaign
    expected: Span


@dataclass(frozen=True)
class Named:
    """A campaign that takes no part, and why."""

    name: str
    left_out: LeftOut
    because: str


@door.get("/console/channels", READ, name="console:channels")
async def page(request: Request, building: Building, who: Staff) -> Response:
    """Show what campaigns of each channel bring, drawn together, winners and losers alike."""
    async with building.transaction(who.walls) as db:
        desk = await desk_of(db, who)
        brand = brand_seen(desk, request)
        found = await channels.of_brand(db, brand.id, building.now()) if brand else None
    first = _first(request)
    return show(request, "increment/channels", desk, brand=brand,
                brands=list(desk.brands.values()), found=found,
                average=_span(_("全部活动"), found.average) if found and found.average else None,
                rows=[_channel(each) for each in found.channels] if found else [],
                likeliest=_likeliest(found) if found else None,
                campaigns=_campaigns(found)[first : first + PAGE] if found else [], first=first,
                left_out=[_named(each) for each in found.left_out] if found else [],
                least=LEAST_CAMPAIGNS, least_to_rank=LEAST_TO_RANK, page_size=PAGE)  # fmt: skip


def _first(request: Request) -> int:
    asked = request.query_params.get("from", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 0


def _channel(said: Channel) -> ChannelRow:
    name = words.channel(said.channel)
    return ChannelRow(said, _span(name, said.lift), _span(name, said.following))


def _campaigns(found: Channels) -> list[CampaignRow]:
    rows = []
    for each in found.campaigns:
        name = named(each.experiment)
        if each.expected is not None:
            rows.append(CampaignRow(name, each, _span(name, each.expected)))
    return rows


def _likeliest(found: Channels) -> Channel | None:
    """The channel that is likelier than any other to bring the most, where they can be compared."""
    ranked = [each for each in found.channels if each.best_chance is not None]
    return max(ranked, key=lambda each: each.best_chance or 0.0, default=None)


def _span(name: str, band: Band) -> Span:
    return Span(name, band.low, band.value, band.high)


def _named(left_out: LeftOut) -> Named:
    return Named(named(left_out.experiment), left_out, _because(left_out))


def _because(left_out: LeftOut) -> str:
    """Say why a campaign that is over takes no part."""
    if left_out.why == "not_readable" and left_out.reading is not None:
        return words.because(left_out.reading)
    if left_out.why == "cut_short":
        return _("提前结束了，没有等到计划的最后一次查看")
    if left_out.why == "no_lift":
        return _("对照组的人均销售太少或波动太大，说不准百分比")
    return _("观察期过了，还没有读数")
