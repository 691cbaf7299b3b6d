"""What the building does when a platform pushes: greets customers, and counts what they allow."""

from __future__ import annotations

import hashlib
import logging
from uuid import UUID

from headwater.app.pushes import Heard, hears
from headwater.app.senders import WELCOME
from headwater.base.db import SYSTEM, Db
from headwater.base.errors import Forged
from headwater.connect.errors import UnknownToProvider
from headwater.connect.mini_program import balance
from headwater.connect.official_account.windows import kept as kept_windows
from headwater.connect.persons import person
from headwater.connect.wecom import Wecom
from headwater.connect.wecom.errors import NotACustomer
from headwater.connect.wecom.outreach.welcomes import WelcomeTicket
from headwater.connect.wecom.pushes import CustomerCame, happened
from headwater.connect.weixin_pushes.kinds import Push
from headwater.connect.weixin_pushes.reading import of_fields
from headwater.gate import delivery, messages, rules
from headwater.gate.delivery import Post
from headwater.gate.messages import Service
from headwater.guides import newcomers
from headwater.guides.newcomers import Guide
from headwater.increment import arms
from headwater.members import login
from headwater.members.identities import Id
from headwater.members.login import Arrival
from headwater.web.guide.sharing import link_of
from headwater.web.kit.building import Building

log = logging.getLogger(__name__)

SOURCE = "wecom"


@hears("wecom", "change_external_contact")
async def greet(building: Building, heard: Heard) -> None:
    """Let guide and customer know each other, and send the one welcome within twenty seconds.

    A repeat meets the same member again and plans no second welcome: it goes through the gate
    under a key made of its code. It is sent here and not by the gate's next round, behind which
    a campaign may be waiting.
    """
    came = happened(heard.fields)
    if not isinstance(came, CustomerCame) or building.wecom is None:
        return
    async with building.transaction(SYSTEM) as db:
        guide = await newcomers.guide_at_wecom(db, came.user_id)
    if guide is None:
        log.info("a customer came to somebody at WeCom who is no guide of ours")
        return
    try:
        known_as = await _ids(building.wecom, came)
    except (NotACustomer, UnknownToProvider):
        log.info("a customer at WeCom left again before we looked")
        return
    async with building.transaction(SYSTEM) as db:
        await _meet(db, building, guide, came, known_as)
    post = Post(building.pool, building.keys, {WELCOME: building.senders[WELCOME]})
    await delivery.send_due(post, building.now())


@hears("mini_program", "subscribe_msg_popup_event")
@hears("mini_program", "subscribe_msg_change_event")
async def count_authorisations(building: Building, heard: Heard) -> None:
    """Keep how many subscription messages a person lets through; a copy counts nothing."""
    push = _understood(heard)
    if push is None or building.program is None:
        return
    who = person(building.keys, building.program.appid, push.openid)
    async with building.transaction(SYSTEM) as db:
        await balance.note(db, who, push, building.now())


@hears("official_account")
async def keep_window(building: Building, heard: Heard) -> None:
    """Keep that a person wrote, tapped, followed or scanned, which lets us speak for a while."""
    push = _understood(heard)
    if push is None:
        return
    who = person(building.keys, building.appid, push.openid)
    async with building.transaction(SYSTEM) as db:
        await kept_windows.note(db, who, push, building.now())


def _understood(heard: Heard) -> Push | None:
    """Read a push that was believed; one in a shape that is new says nothing to us."""
    try:
        return of_fields(heard.fields)
    except Forged:
        log.info("a push to %s has a shape that we do not know: %s", heard.channel, heard.name)
        return None


async def _ids(wecom: Wecom, came: CustomerCame) -> tuple[Id, ...]:
    """Say by which ids this customer may be known; a union id is missing where none is bound."""
    contact = await wecom.contacts.get(came.external_id)
    external = Id("wecom_external_id", came.external_id, wecom.corpid)
    return (external, Id("union_id", contact.unionid)) if contact.unionid else (external,)


async def _meet(
    db: Db, building: Building, guide: Guide, came: CustomerCame, known_as: tuple[Id, ...]
) -> None:
    now = building.now()
    arrival = Arrival(SOURCE, home_store_id=guide.store_id)
    member_id = await login.with_any(db, building.keys, known_as, arrival, now)
    share = await newcomers.meet(db, guide, member_id, came.state, came.at)
    if came.welcome is not None:
        brand_id = await rules.brand_of_store(db, guide.store_id)
        # Drawn before the greeting, which is the first that reaches them.
        await arms.assign_to_programs(db, brand_id, [member_id], now)
        link = link_of(building, share) if share else None
        welcome = _welcome(came.welcome, member_id, brand_id, guide, link)
        await messages.plan_service(db, [welcome], now)


def _welcome(
    ticket: WelcomeTicket, member_id: UUID, brand_id: UUID, guide: Guide, link: str | None
) -> Service:
    zh = f"您好，我是{guide.name}。想找什么、想问什么，随时发给我。"
    en = f"Hello, I am {guide.name}. Whatever you look for or want to ask, just write to me."
    secret = {"code": ticket.code, "until": ticket.until.isoformat(), "url": link}
    return Service(
        key=f"welcome:{hashlib.sha256(ticket.code.encode()).hexdigest()}",
        member_id=member_id,
        brand_id=brand_id,
        channel=WELCOME,
        contents={
            "zh": {"kind": "welcome", "title": "欢迎", "body": zh, "link": "看看我挑的", **secret},
            "en": {
                "kind": "welcome",
                "title": "Welcome",
                "body": en,
                "link": "My choice",
                **secret,
            },
        },
        ends_at=ticket.until,
        is_touch=True,
    )
