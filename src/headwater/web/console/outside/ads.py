"""Tencent Ads: the advertiser's permission, and whether purchases are told there."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from headwater.base import crypto
from headwater.base.errors import Forged, NotFound
from headwater.connect.tencent_ads import TencentAds, kept
from headwater.web.console.desk import desk_of, show
from headwater.web.kit.building import Building
from headwater.web.kit.doors import Door, Staff, may
from headwater.web.kit.forms import read_form

door = Door()

ASK = may("system.read")
SET_NAME: Final = "Headwater"
_STATE: Final = "ads.permission"
_STATE_SECONDS: Final = 600


@door.get("/console/ads", ASK, name="console:ads")
async def page(request: Request, building: Building, who: Staff) -> Response:
    """Show whether the advertiser authorised us, and what is told."""
    async with building.transaction(who.walls) as db:
        desk = await desk_of(db, who)
        telling = await kept.telling(db)
    until = await building.ads.grants.until() if building.ads else None
    return show(request, "ads", desk, is_there=building.ads is not None, until=until,
                telling=telling, back=_back(building))  # fmt: skip


@door.get("/console/ads/permission", ASK, name="console:ads.permission")
async def ask(request: Request, building: Building, who: Staff) -> Response:
    """Lead somebody to the page on which the advertiser authorises us."""
    state = crypto.sign(building.keys, _STATE, str(who.id))
    return RedirectResponse(_ads(building).grants.url(_back(building), state), 303)


@door.get("/console/ads/return", ASK, name="console:ads.return")
async def accept(request: Request, building: Building, who: Staff) -> Response:
    """Take the permission that somebody brings back, who must be the one that was sent."""
    given = request.query_params
    if crypto.read_signed(building.keys, _STATE, given.get("state", ""), _STATE_SECONDS) != str(
        who.id
    ):
        raise Forged(what=_STATE)
    await _ads(building).grants.accept(given.get("authorization_code", ""), _back(building))
    return RedirectResponse("/console/ads", 303)


@door.post("/console/ads/purchases", ASK, name="console:ads.tell")
async def tell(request: Request, building: Building, who: Staff) -> Response:
    """Tell of purchases from now on, of those members who said yes to it."""
    await read_form(request)
    actions = _ads(building).actions
    known = [each.set_id for each in await actions.sets() if each.name == SET_NAME]
    set_id = known[0] if known else await actions.create_set("WEB", SET_NAME)
    async with building.transaction(who.walls) as db:
        await kept.begin_telling(db, set_id, who.id, building.now())
    return RedirectResponse("/console/ads", 303)


@door.post("/console/ads/purchases/end", ASK, name="console:ads.tell_no_more")
async def tell_no_more(request: Request, building: Building, who: Staff) -> Response:
    """Tell of no purchase any more; what was told stays there."""
    await read_form(request)
    async with building.transaction(who.walls) as db:
        await kept.end_telling(db, who.id, building.now())
    return RedirectResponse("/console/ads", 303)


def _ads(building: Building) -> TencentAds:
    if building.ads is None:
        raise NotFound(what="ads")
    return building.ads


def _back(building: Building) -> str:
    return f"{building.settings.public_url}/console/ads/return"
