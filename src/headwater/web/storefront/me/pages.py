"""My page: who one is here, what one has, what is known, what one allows, and the way out."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from headwater.base.db import SYSTEM, Db
from headwater.base.errors import BadInput
from headwater.members import consents, erasure, identities, members
from headwater.members.errors import StillOpen
from headwater.pricing import coupons
from headwater.trade import orders
from headwater.web.kit.building import Building
from headwater.web.kit.doors import PUBLIC, SHOPPER, Door
from headwater.web.kit.forms import read_form, text
from headwater.web.kit.visits import Shopper, Visit, drop_login
from headwater.web.kit.wording import mark
from headwater.web.storefront.me.takeaway import takeaway
from headwater.web.storefront.orders import STATES
from headwater.web.storefront.shop import opens_shares, shop_of, show

door = Door()
RECENT = 3
# Purpose and channel, what the switch is called, and what it means in plain words.
SWITCHES = (
    (
        "service",
        "any",
        mark("订单和服务通知"),
        mark("付款、取货和退款的进展。关掉后请自己回来看订单。"),
    ),
    (
        "marketing",
        "official_account",
        mark("优惠和新品消息"),
        mark("通过公众号告诉您优惠、新品和活动，夜里不打扰，每周最多两条。"),
    ),
    (
        "measurement",
        "any",
        mark("用我的购买衡量活动效果"),
        mark("只看总数：收到消息的人和没收到的人，各买了多少。"),
    ),
)
# Asked only where the company advertises.
ADS_SWITCHES = (
    (
        "marketing",
        "ads",
        mark("在微信广告里看到我们的优惠"),
        mark("把手机号的加密摘要交给腾讯广告，让优惠找到您。关掉后会从名单里移出。"),
    ),
    (
        "measurement",
        "ads",
        mark("用我的购买衡量广告效果"),
        mark("把手机号的加密摘要、购买时间和金额告诉腾讯广告。"),
    ),
)


@door.get("/me", PUBLIC, name="shop:me")
@opens_shares
async def me(request: Request, building: Building, visit: Visit) -> Response:
    """Show one's own corner; before login, what it holds."""
    now = building.now()
    async with building.transaction(visit.walls) as db:
        shop = await shop_of(request, db, visit, now)
        if visit.member_id is None:
            return show(request, "me", shop, member=None, rows=[], tickets=[])
        member = await members.one(db, visit.member_id)
        rows = await orders.of_member(db, visit.member_id, RECENT)
        tickets = await coupons.usable(db, visit.member_id, now)
    return show(
        request, "me", shop, member=member, name=member.name(building.keys), rows=rows,
        tickets=tickets,
        states=STATES,
    )  # fmt: skip


@door.get("/me/data", SHOPPER, name="shop:data")
async def data(request: Request, building: Building, shopper: Shopper) -> Response:
    """Show what is known and what is allowed."""
    async with building.transaction(shopper.walls) as db:
        shop = await shop_of(request, db, shopper.visit, building.now())
        member = await members.one(db, shopper.member_id)
        linked = await identities.of_member(db, shopper.member_id)
        allowed = await _allowed(db, shopper)
    return show(
        request,
        "data",
        shop,
        block="switches",
        member=member,
        name=member.name(building.keys) or "",
        linked=linked,
        switches=_switches(building),
        allowed=allowed,
    )


@door.post("/me/name", SHOPPER, name="shop:name")
async def rename(request: Request, building: Building, shopper: Shopper) -> Response:
    """Note how one wants to be called."""
    fields = await read_form(request)
    async with building.transaction(shopper.walls) as db:
        await members.set_name(
            db, building.keys, shopper.member_id, text(fields, "name", longest=members.NAME_MOST)
        )
    return RedirectResponse("/me/data", 303)


@door.post("/me/consents", SHOPPER, name="shop:consent")
async def say(request: Request, building: Building, shopper: Shopper) -> Response:
    """Note a yes or a no, which holds from now on."""
    fields = await read_form(request)
    purpose, channel, answer = (text(fields, name) for name in ("purpose", "channel", "answer"))
    if (purpose, channel) not in {(each[0], each[1]) for each in _switches(building)}:
        raise BadInput("purpose", "unknown")
    if answer not in ("yes", "no"):
        raise BadInput("answer", "unknown")
    said = consents.Said(purpose, channel, answer == "yes", "website: my data")
    async with building.transaction(shopper.walls) as db:
        await consents.say(db, shopper.member_id, said, building.now())
    return RedirectResponse("/me/data", 303)


@door.get("/me/data.json", SHOPPER, name="shop:data-file")
async def export(request: Request, building: Building, shopper: Shopper) -> Response:
    """Give all of one's own data, readable by machines."""
    async with building.transaction(shopper.walls) as db:
        own = await takeaway(db, building.keys, shopper.member_id, building.now())
    return Response(
        msgspec.json.format(msgspec.json.encode(own), indent=2),
        media_type="application/json",
        headers={
            "Content-Disposition": 'attachment; filename="my-data.json"',
            "Cache-Control": "no-store",
        },
    )


@door.get("/me/erasure", SHOPPER, name="shop:before-erasure")
async def before_erasure(request: Request, building: Building, shopper: Shopper) -> Response:
    """Say what goes and what stays, before anything does."""
    async with building.transaction(shopper.walls) as db:
        shop = await shop_of(request, db, shopper.visit, building.now())
        is_open = await _is_open(db, shopper)
    return show(request, "erasure", shop, is_open=is_open)


@door.post("/me/erasure", SHOPPER, name="shop:erasure")
async def erase(request: Request, building: Building, shopper: Shopper) -> Response:
    """Forget who this member is, and log them out everywhere."""
    fields = await read_form(request)
    if text(fields, "agreed") != "yes":
        raise BadInput("agreed", "missing")
    async with building.transaction(SYSTEM) as db:
        await orders.make_sure_none_is_open(db, shopper.member_id)
        await erasure.erase(db, shopper.member_id, building.now())
    building.logins.forget(shopper.member_id)
    response = RedirectResponse("/", 303)
    drop_login(request, response)
    return response


def _switches(building: Building) -> tuple[tuple[str, str, str, str], ...]:
    return SWITCHES + ADS_SWITCHES if building.ads is not None else SWITCHES


async def _allowed(db: Db, shopper: Shopper) -> dict[tuple[str, str], consents.Consent]:
    in_force = await consents.in_force(db, shopper.member_id)
    return {(each.purpose, each.channel): each for each in in_force}


async def _is_open(db: Db, shopper: Shopper) -> bool:
    try:
        await orders.make_sure_none_is_open(db, shopper.member_id)
    except StillOpen:
        return True
    return False
