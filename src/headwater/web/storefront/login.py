"""Login: by a code on the phone or through WeChat; the cart and the share come along."""

from __future__ import annotations

import secrets
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from headwater.base.db import SYSTEM, Db
from headwater.base.errors import BadInput
from headwater.connect.errors import LoginCodeSpent
from headwater.guides import shares
from headwater.members import login
from headwater.members.errors import WrongCode
from headwater.trade import carts
from headwater.web.kit import cookies
from headwater.web.kit.answers import safe_next
from headwater.web.kit.building import Building
from headwater.web.kit.doors import PUBLIC, Door
from headwater.web.kit.forms import read_form, text
from headwater.web.kit.site import site_of
from headwater.web.kit.visits import Visit, drop_login, keep_login
from headwater.web.kit.wording import language, refusal_sentence
from headwater.web.storefront.shop import shop_of, show

door = Door()
WECHAT_STATE = "wechat_state"
WECHAT_SECONDS = 600


@door.get("/login", PUBLIC, name="shop:login")
async def enter(request: Request, building: Building, visit: Visit) -> Response:
    """Ask who it is, and remember where to go back to."""
    back = safe_next(request.query_params.get("next"), "/me")
    if visit.member_id is not None:
        return RedirectResponse(back, 303)
    return await _form(request, building, visit, {"next": back})


@door.post("/login/code", PUBLIC, name="shop:login-code")
async def send_code(request: Request, building: Building, visit: Visit) -> Response:
    """Send a code to the phone; the next form asks for it."""
    fields, now = await read_form(request), building.now()
    try:
        phone = login.tidy_phone(text(fields, "phone", longest=32))
    except BadInput as fault:
        return await _form(request, building, visit, fields, fault)
    address = request.client.host if request.client else "unknown"
    async with building.transaction(SYSTEM) as db:
        await login.count_request(db, building.keys, phone, address, now)
        code = await login.make_code(db, building.keys, phone, now)
    await building.sms.send(f"+86{phone}", building.templates.login_sms, [code])
    return await _form(request, building, visit, {**fields, "phone": phone, "is_sent": "yes"})


@door.post("/login/phone", PUBLIC, name="shop:login-phone")
async def with_phone(request: Request, building: Building, visit: Visit) -> Response:
    """Let in whoever has the code that was sent to the phone."""
    fields, now = await read_form(request), building.now()
    phone, code = text(fields, "phone", longest=32), fields.get("code", "")
    async with building.transaction(SYSTEM) as db:
        is_right = await login.try_code(db, building.keys, phone, code, now)
    if not is_right:
        return await _form(request, building, visit, {**fields, "is_sent": "yes"}, WrongCode())
    async with building.transaction(SYSTEM) as db:
        arrival = login.Arrival("website", visit.store_id, language())
        member_id = await login.with_phone(db, building.keys, phone, arrival, now)
        await _bring_along(db, building, visit, member_id)
    return _enter(request, building, fields.get("next"), member_id, None)


@door.get("/login/wechat", PUBLIC, name="shop:login-wechat")
async def to_wechat(request: Request, building: Building, visit: Visit) -> Response:
    """Send the shopper to WeChat; what comes back must carry the state of this very browser."""
    state = secrets.token_urlsafe(18)
    payload = {"state": state, "next": safe_next(request.query_params.get("next"), "/me")}
    here = f"{building.settings.public_url}/login/wechat/return"
    response = RedirectResponse(building.account.web_login.url(here, state), 303)
    site = site_of(request)
    sealed = cookies.seal(site.keys, WECHAT_STATE, payload, building.now())
    cookies.put(
        response, WECHAT_STATE, sealed, is_secure=site.is_secure, max_age_seconds=WECHAT_SECONDS
    )
    return response


@door.get("/login/wechat/return", PUBLIC, name="shop:login-wechat-return")
async def from_wechat(request: Request, building: Building, visit: Visit) -> Response:
    """Let in whoever WeChat vouches for; a foreign, an old or a spent answer starts anew."""
    kept, now = _kept_state(request, building), building.now()
    asked = request.query_params
    if kept is None or not secrets.compare_digest(
        kept["state"].encode(), asked.get("state", "").encode()
    ):
        return await _form(request, building, visit, {"notice": "wechat_stale"})
    if not asked.get("code"):
        return await _form(request, building, visit, {**kept, "notice": "wechat_refused"})
    try:
        came = await building.account.web_login.exchange(asked["code"])
    except LoginCodeSpent:
        return await _form(request, building, visit, {**kept, "notice": "wechat_stale"})
    if came.is_snapshot:
        return await _form(request, building, visit, {**kept, "notice": "wechat_snapshot"})
    async with building.transaction(SYSTEM) as db:
        arrival = login.Arrival("official_account", visit.store_id, language())
        member_id = await login.with_open_id(
            db, building.keys, building.appid, came.openid, arrival, now
        )
        await _bring_along(db, building, visit, member_id)
    response = _enter(request, building, kept["next"], member_id, came.openid)
    cookies.drop(response, WECHAT_STATE, is_secure=site_of(request).is_secure)
    return response


@door.post("/logout", PUBLIC, name="shop:logout")
async def leave(request: Request, building: Building, visit: Visit) -> Response:
    """Log out on this device."""
    await read_form(request)
    response = RedirectResponse("/", 303)
    drop_login(request, response)
    return response


async def _bring_along(db: Db, building: Building, visit: Visit, member_id: UUID) -> None:
    """Give the visitor's cart and touches to the member they turned out to be."""
    if visit.who_id != member_id:
        await carts.merge(db, visit.visitor_id, member_id, building.now())
        await shares.adopt(db, visit.visitor_id, member_id)


def _enter(
    request: Request, building: Building, back: str | None, member_id: UUID, open_id: str | None
) -> Response:
    response = RedirectResponse(safe_next(back, "/me"), 303)
    keep_login(request, response, member_id, open_id, building.now())
    return response


def _kept_state(request: Request, building: Building) -> dict[str, str] | None:
    site = site_of(request)
    text_of = cookies.read(request, WECHAT_STATE, is_secure=site.is_secure)
    opened: Any = cookies.unseal(site.keys, WECHAT_STATE, text_of, WECHAT_SECONDS, building.now())
    return opened if isinstance(opened, dict) else None


async def _form(
    request: Request,
    building: Building,
    visit: Visit,
    fields: dict[str, str],
    fault: BadInput | WrongCode | None = None,
) -> Response:
    async with building.transaction(visit.walls) as db:
        shop = await shop_of(request, db, visit, building.now())
    return show(
        request,
        "login",
        shop,
        status=fault.status if fault else 200,
        next=safe_next(fields.get("next"), "/me"),
        phone=fields.get("phone", ""),
        is_sent=fields.get("is_sent") == "yes",
        notice=fields.get("notice", ""),
        error=refusal_sentence(fault) if fault else "",
    )
