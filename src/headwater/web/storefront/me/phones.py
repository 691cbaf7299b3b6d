"""My phone: added by a code, and where it has an account already, the two may become one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from headwater.base.db import SYSTEM, Db
from headwater.base.errors import BadInput
from headwater.members import identities, login
from headwater.members.errors import WrongCode
from headwater.members.identities import Id
from headwater.web.kit import cookies
from headwater.web.kit.building import Building
from headwater.web.kit.doors import SHOPPER, Door
from headwater.web.kit.forms import read_form, text
from headwater.web.kit.site import site_of
from headwater.web.kit.visits import Shopper, keep_login
from headwater.web.kit.wording import refusal_sentence
from headwater.web.storefront.shop import shop_of, show

door = Door()

# A code is good once, so what it proved is carried to the second look, signed and for a while.
_PROOF: Final = "phone_proof"
_PROOF_SECONDS: Final = 600


@dataclass(frozen=True)
class _Step:
    """Where somebody is: asking for a code, typing it, or looking at two accounts."""

    name: str = "ask"
    phone: str = ""
    proof: str = ""


@door.get("/me/phone", SHOPPER, name="shop:phone")
async def ask(request: Request, building: Building, shopper: Shopper) -> Response:
    """Ask for the number."""
    return await _page(request, building, shopper, _Step())


@door.post("/me/phone/code", SHOPPER, name="shop:phone-code")
async def send_code(request: Request, building: Building, shopper: Shopper) -> Response:
    """Send a code to it, under the same limits as at the login."""
    fields, now = await read_form(request), building.now()
    try:
        phone = login.tidy_phone(text(fields, "phone", longest=32))
    except BadInput as fault:
        step = _Step(phone=fields.get("phone", "")[:32])
        return await _page(request, building, shopper, step, fault)
    address = request.client.host if request.client else "unknown"
    async with building.transaction(SYSTEM) as db:
        await login.count_request(db, building.keys, phone, address, now)
        code = await login.make_code(db, building.keys, phone, now)
    await building.sms.send(f"+86{phone}", building.templates.login_sms, [code])
    return await _page(request, building, shopper, _Step("code", phone))


@door.post("/me/phone", SHOPPER, name="shop:phone-add")
async def add(request: Request, building: Building, shopper: Shopper) -> Response:
    """Link the number; one that has an account already is looked at a second time."""
    fields, now = await read_form(request), building.now()
    phone = login.tidy_phone(text(fields, "phone", longest=32))
    async with building.transaction(SYSTEM) as db:
        is_right = await login.try_code(db, building.keys, phone, fields.get("code", ""), now)
    if not is_right:
        return await _page(request, building, shopper, _Step("code", phone), WrongCode())
    async with building.transaction(SYSTEM) as db:
        if await _is_of_another(db, building, shopper.member_id, phone):
            kept = {"phone": phone, "member": str(shopper.member_id)}
            proof = cookies.seal(site_of(request).keys, _PROOF, kept, now)
            return await _page(request, building, shopper, _Step("both", phone, proof))
        await login.add_phone(db, building.keys, shopper.member_id, phone, now)
    return RedirectResponse("/me/data", 303)


@door.post("/me/phone/merge", SHOPPER, name="shop:phone-merge")
async def merge(request: Request, building: Building, shopper: Shopper) -> Response:
    """Make one account of two, for who proved the number and says that both are their own."""
    fields, now = await read_form(request), building.now()
    proof = cookies.unseal(site_of(request).keys, _PROOF, fields.get("proof"), _PROOF_SECONDS, now)
    if proof is None or proof["member"] != str(shopper.member_id):
        return await _page(request, building, shopper, _Step(), WrongCode())
    if text(fields, "agreed") != "yes":
        raise BadInput("agreed", "missing")
    async with building.transaction(SYSTEM) as db:
        who = await login.add_phone(
            db, building.keys, shopper.member_id, proof["phone"], now, are_both_theirs=True
        )
    building.logins.forget(shopper.member_id)
    building.logins.forget(who)
    response = RedirectResponse("/me/data", 303)
    keep_login(request, response, who, shopper.open_id, now)
    return response


async def _is_of_another(db: Db, building: Building, member_id: UUID, phone: str) -> bool:
    found = await identities.find(db, building.keys, Id("phone", phone))
    return found not in (None, member_id)


async def _page(
    request: Request,
    building: Building,
    shopper: Shopper,
    step: _Step,
    fault: BadInput | WrongCode | None = None,
) -> Response:
    async with building.transaction(shopper.walls) as db:
        shop = await shop_of(request, db, shopper.visit, building.now())
    return show(
        request, "phone", shop, status=fault.status if fault else 200, step=step,
        error=refusal_sentence(fault) if fault else "",
    )  # fmt: skip
