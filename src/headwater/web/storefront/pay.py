"""Paying: a try is opened, the provider prepares it, the sheet is shown, and we ask how it went."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from headwater.base.errors import Forged, Trouble
from headwater.connect.errors import NumberSpent
from headwater.connect.wechat_pay import PaySheet
from headwater.trade import due, orders, payments
from headwater.trade.errors import NotPayable
from headwater.trade.payments import Attempt
from headwater.web.kit.building import Building
from headwater.web.kit.doors import SHOPPER, Door
from headwater.web.kit.site import site_of
from headwater.web.kit.visits import Shopper
from headwater.web.storefront.shop import Shop, shop_of, show

door = Door()
JSAPI, NATIVE = "jsapi", "native"


@door.get("/orders/{number}/pay", SHOPPER, name="shop:pay")
async def pay(request: Request, building: Building, shopper: Shopper) -> Response:
    """Open the pay sheet; opening it again shows the same try, so nobody pays twice."""
    number, now = request.path_params["number"], building.now()
    channel = JSAPI if shopper.open_id else NATIVE
    try:
        async with building.transaction(shopper.walls) as db:
            shop = await shop_of(request, db, shopper.visit, now)
            order_id = await orders.id_by_number(db, number)
            attempt = await payments.open_attempt(db, shopper.member_id, order_id, channel, now)
        words = f"{site_of(request).name} {number}"
        prepay_id, code_url = await _prepare(building, attempt, words, shopper.open_id)
    except NotPayable:
        return RedirectResponse(f"/orders/{number}", 303)
    except NumberSpent:
        return RedirectResponse(f"/orders/{number}/paid", 303)
    async with building.transaction(shopper.walls) as db:
        await payments.remember_prepared(db, attempt, prepay_id, code_url)
    if prepay_id is not None:
        sheet = building.pay.pay_sheet(prepay_id, now)
        return _in_wechat(request, building, shop, sheet, number)
    return _by_code(request, building, shop, attempt, code_url or "", number)


@door.get("/orders/{number}/paid", SHOPPER, name="shop:paid")
async def come_back(request: Request, building: Building, shopper: Shopper) -> Response:
    """The browser says it paid; only the provider knows, so it is asked once."""
    number, now = request.path_params["number"], building.now()
    async with building.transaction(shopper.walls) as db:
        order_id = await orders.id_by_number(db, number)
        order = await orders.own(db, shopper.member_id, order_id)
    if order.state == "placed":
        await due.ask_about_order(building.pool, building.pay, order.id, now)
    return RedirectResponse(f"/orders/{number}?from=pay", 303)


async def _prepare(
    building: Building, attempt: Attempt, words: str, open_id: str | None
) -> tuple[str | None, str | None]:
    """Have the provider prepare a try, unless it has done so."""
    if attempt.prepay_id or attempt.code_url:
        return attempt.prepay_id, attempt.code_url
    try:
        return await _prepared(building, attempt, words, open_id)
    except Forged as forged:
        # It is the provider's answer that nobody can believe, not something the shopper sent.
        raise Trouble("WeChat Pay's answer is not signed by it") from forged


async def _prepared(
    building: Building, attempt: Attempt, words: str, open_id: str | None
) -> tuple[str | None, str | None]:
    if open_id and attempt.channel == JSAPI:
        prepared = await building.pay.prepay_jsapi(
            attempt.out_trade_no, attempt.amount_fen, open_id, words, attempt.expires_at
        )
        return prepared, None
    return None, await building.pay.prepay_native(
        attempt.out_trade_no, attempt.amount_fen, words, attempt.expires_at
    )


def _in_wechat(
    request: Request, building: Building, shop: Shop, sheet: PaySheet, number: str
) -> Response:
    """Inside WeChat its bridge opens the sheet; the sandbox shows it on its phone."""
    bridge, back = sheet.for_bridge(), _back(building, number)
    if building.settings.pay_page_url:
        query = urlencode({**bridge, "return_url": back})
        return RedirectResponse(f"{building.settings.pay_page_url}?{query}", 303)
    return show(request, "pay_sheet", shop, bridge=bridge, number=number)


def _by_code(
    request: Request,
    building: Building,
    shop: Shop,
    attempt: Attempt,
    code_url: str,
    number: str,
) -> Response:
    """Outside WeChat the shopper scans a code; on the same phone the link opens WeChat."""
    link = code_url
    if building.settings.pay_page_url:
        query = urlencode({"code": code_url, "return_url": _back(building, number)})
        link = f"{building.settings.pay_page_url}?{query}"
    left = max(int((attempt.expires_at - building.now()).total_seconds()), 0)
    return show(
        request,
        "pay_code",
        shop,
        code_url=code_url,
        link=link,
        number=number,
        amount_fen=attempt.amount_fen,
        left_seconds=left,
    )


def _back(building: Building, number: str) -> str:
    return f"{building.settings.public_url}/orders/{number}/paid"
