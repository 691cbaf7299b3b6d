"""Rules of the gate: when nobody is disturbed, how much is enough, and which ways out there are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from headwater.base.db import Db
from headwater.base.sql import statements
from headwater.base.text import Text
from headwater.base.times import SHANGHAI, business_day, day_start

sql = statements(__file__)


@dataclass(frozen=True)
class QuietHours:
    """The hours of the shop's clock in which messages wait."""

    purpose: str
    from_hour: int
    until_hour: int
    source: str
    dated: date

    def holds(self, at: datetime) -> bool:
        """Tell whether this moment is a quiet one; the hours may go over midnight."""
        hour = at.astimezone(SHANGHAI).hour
        if self.from_hour <= self.until_hour:
            return self.from_hour <= hour < self.until_hour
        return hour >= self.from_hour or hour < self.until_hour

    def open_at(self, at: datetime) -> datetime:
        """Give this moment, or the end of the quiet that it falls into."""
        if not self.holds(at):
            return at
        local = at.astimezone(SHANGHAI)
        opens = datetime.combine(local.date(), time(self.until_hour), SHANGHAI)
        if opens <= local:
            opens += timedelta(days=1)
        return opens.astimezone(at.tzinfo)


@dataclass(frozen=True)
class Budget:
    """How much a member may get, and who says so."""

    channel: str
    period: str
    length: int
    most: int
    source: str
    dated: date


@dataclass(frozen=True)
class Channel:
    """A way out, and by which of a member's ids it reaches them."""

    channel: str
    identity_kind: str
    app_id: str


@dataclass(frozen=True)
class Month:
    """A calendar month of the shop, by which platforms count."""

    starts_at: datetime
    ends_at: datetime


REASONS: Final[dict[str, Text]] = {
    "no_member": Text("会员不存在或已注销", "There is no such member any more"),
    "no_consent": Text("会员未授权", "The member did not allow this"),
    "no_address": Text("该渠道联系不到", "There is no address on this channel"),
    "held_out": Text("对照组，按计划不打扰", "Held out on purpose"),
    "over_budget": Text("近期已收到足够多的消息", "The member got enough lately"),
    "quiet_hours": Text("夜间不打扰，等到早上", "Quiet hours; it waits for the morning"),
    "too_late": Text("已过期，不再发送", "Too late; it says nothing any more"),
    "withdrawn": Text("活动已停止", "The campaign was stopped"),
    "not_reached": Text("平台连不上，稍后再试", "The platform could not be reached; tried again"),
    "unsure": Text("平台未答复，不重复发送", "The platform did not answer; not sent again"),
    "taken_out": Text("已按会员意愿移出人群包", "Taken out of the list again at the member's wish"),
    "refused_by_platform": Text("平台拒绝", "The platform refused"),
}


async def quiet_hours(db: Db, purpose: str) -> QuietHours | None:
    """Give the quiet hours of a purpose, or None when it may always be sent."""
    return await db.maybe(sql.quiet_hours, QuietHours, purpose=purpose)


async def budgets(db: Db) -> list[Budget]:
    """List every budget with its source and date."""
    return await db.all(sql.budgets, Budget)


async def set_budget(db: Db, budget: Budget) -> None:
    """Decide how much is enough; the platform's own limit stays beside it as another row."""
    await db.run(
        sql.set_budget,
        channel=budget.channel,
        period=budget.period,
        length=budget.length,
        most=budget.most,
        source=budget.source,
        dated=budget.dated,
    )


async def open_channel(db: Db, channel: Channel, now: datetime) -> None:
    """Say by which id a channel reaches members; saying it again is harmless."""
    await db.run(
        sql.open_channel,
        channel=channel.channel,
        identity_kind=channel.identity_kind,
        app_id=channel.app_id,
        now=now,
    )


async def channel(db: Db, name: str) -> Channel | None:
    """Give a way out by its name, or None when there is no such one."""
    return await db.maybe(sql.channel, Channel, channel=name)


async def brand_of_store(db: Db, store_id: UUID) -> UUID:
    """Give the brand in whose name a store speaks."""
    return UUID(str(await db.value(sql.brand_of_store, store_id=store_id)))


def month_of(at: datetime) -> Month:
    """Give the shop's calendar month of a moment."""
    first = business_day(at).replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    return Month(day_start(first), day_start(following))
