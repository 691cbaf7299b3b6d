"""Members: masked in lists and on their own page, with why they heard of us or did not."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from headwater.base.db import SYSTEM, Db, member_walls
from headwater.base.errors import BadInput, NotFound
from headwater.gate import messages
from headwater.gate.messages import Message
from headwater.guides import relations
from headwater.guides.relations import Relation
from headwater.members import consents, identities, login, members
from headwater.members.consents import Consent
from headwater.members.errors import MemberGone
from headwater.members.identities import Id
from headwater.members.members import Member
from headwater.stores import staff
from headwater.trade import orders
from headwater.trade.orders import OrderRow
from headwater.web.console.desk import (
    PAGE,
    Desk,
    address,
    desk_of,
    page_number,
    path_id,
    show,
)
from headwater.web.kit.building import Building
from headwater.web.kit.doors import Door, Staff, may
from headwater.web.kit.forms import read_form

door = Door()

READ = may("members.read")


@dataclass(frozen=True)
class Past:
    """What a member allowed, what they were told or not told, and who looks after them."""

    consents: list[Consent]
    messages: list[Message]
    relation: Relation | None
    guide: str


@door.get("/console/members", READ, name="console:members")
async def page(request: Request, building: Building, who: Staff) -> Response:
    """List the members at home in the stores somebody may see, newest first."""
    number = page_number(request)
    async with building.transaction(who.walls) as db:
        desk = await desk_of(db, who)
        chosen = desk.chosen_store(request)
        places = (chosen.id,) if chosen else desk.store_ids
        is_everywhere = desk.is_everywhere and chosen is None
        total = await members.count(db, places, is_everywhere)
        skip = (number - 1) * PAGE
        rows = await members.page(db, places, is_everywhere, PAGE, skip)
    back = address(request, page=number - 1) if number > 1 else None
    onward = address(request, page=number + 1) if skip + len(rows) < total else None
    return show(request, "members", desk, rows=rows, chosen=chosen, total=total, first=skip + 1,
                last=skip + len(rows), back=back, onward=onward,
                is_missed="missed" in request.query_params, now=building.now())  # fmt: skip


@door.post("/console/members/search", READ, name="console:members.search")
async def search(request: Request, building: Building, who: Staff) -> Response:
    """Find one member by their whole phone number; it never stands in an address."""
    fields = await read_form(request)
    found = await _by_phone(building, fields.get("phone", ""))
    if found is not None:
        async with building.transaction(who.walls) as db:
            if await _seen(db, await desk_of(db, who), found) is not None:
                return RedirectResponse(f"/console/members/{found}", 303)
    return RedirectResponse("/console/members?missed=1", 303)


@door.get("/console/members/{member_id}", READ, name="console:member")
async def one(request: Request, building: Building, who: Staff) -> Response:
    """Show one member, masked: orders, consents, messages with their reasons, and the guide."""
    member_id = path_id(request, "member_id")
    async with building.transaction(who.walls) as db:
        desk = await desk_of(db, who)
        member = await _seen(db, desk, member_id)
        if member is None:
            raise NotFound
        theirs = (
            await orders.of_member(db, member_id, PAGE) if who.member.may("orders.read") else []
        )
    past = await _past(building, member_id)
    return show(request, "member", desk, member=member, orders=_visible(desk, theirs), past=past,
                now=building.now())  # fmt: skip


async def _seen(db: Db, desk: Desk, member_id: UUID) -> Member | None:
    """The member, where they are at home inside the walls; anybody else does not exist."""
    try:
        member = await members.one(db, member_id)
    except MemberGone:
        return None
    is_mine = desk.is_everywhere or member.home_store_id in desk.stores
    return member if is_mine else None


def _visible(desk: Desk, theirs: list[OrderRow]) -> list[OrderRow]:
    return [each for each in theirs if each.store_id in desk.stores]


async def _past(building: Building, member_id: UUID) -> Past:
    """Read inside the member's own walls what hangs on nobody's store; they were found before."""
    async with building.transaction(member_walls(member_id)) as db:
        relation = await relations.current(db, member_id)
        colleagues = await staff.in_store(db, relation.store_id) if relation else []
        guide = next((each.name for each in colleagues
                      if relation and each.id == relation.guide_id), "")  # fmt: skip
        said = await consents.in_force(db, member_id)
        return Past(said, await messages.of_member(db, member_id, PAGE), relation, guide)


async def _by_phone(building: Building, typed: str) -> UUID | None:
    """Ask the index, which stands behind no member's walls; only an id comes out."""
    try:
        phone = login.tidy_phone(typed)
    except BadInput:
        return None
    async with building.transaction(SYSTEM) as db:
        return await identities.find(db, building.keys, Id("phone", phone))
