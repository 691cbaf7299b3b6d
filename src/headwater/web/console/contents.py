"""Contents: several ways of saying one thing, as they are typed, and what they taught."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from headwater.base.db import SYSTEM
from headwater.increment.errors import Why
from headwater.increment.statistics.pooled.contents import Taught
from headwater.reach import lessons
from headwater.reach.campaigns import Campaign
from headwater.reach.contents import BODY_MOST, CONTENTS_MOST, TITLE_MOST, Content
from headwater.reach.lessons import Lesson, Told
from headwater.web.console.words import Face, Interval
from headwater.web.kit import forms
from headwater.web.kit.building import Building
from headwater.web.kit.filters import percent
from headwater.web.kit.wording import _, language, mark

# A word is said with its probability and never without; none is green, since none is proven.
_WORDS: Final = {
    "open": Face(mark("还在学"), "brand", "clock"),
    "too_few": Face(mark("数据不够，不下结论")),
    "likely": Face(mark("很可能最好 {chance}"), "brand"),
    "perhaps": Face(mark("也许最好 {chance}")),
    "hardly": Face(mark("多半不是最好的 {chance}")),
    "unsure": Face(mark("说不准 {chance}")),
}
_FIELDS: Final = {
    "title_zh": TITLE_MOST, "title_en": TITLE_MOST, "body_zh": BODY_MOST, "body_en": BODY_MOST,
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One content on the page: what it says, and what is known of it, in fen a member."""

    content: Content
    told: Told
    face: Face
    said: str
    interval: Interval | None
    raw_fen: int


@dataclass(frozen=True)
class Shown:
    """What the contents of a campaign taught, ready to be shown."""

    lesson: Lesson
    rows: list[Row]
    next_at: datetime | None

    @property
    def taught(self) -> Taught | None:
        """What the contents taught, where they did."""
        return self.lesson.found if isinstance(self.lesson.found, Taught) else None

    @property
    def lacks(self) -> str:
        """Why they taught nothing though all is over, in the reader's language."""
        found = self.lesson.found
        return found.said_in(language()) if isinstance(found, Why) else ""

    @property
    def heads(self) -> list[tuple[str, str]]:
        """The heads of the columns of shares, one a content."""
        return [(_("内容 {number}", number=row.told.content_no), "n") for row in self.rows]


def first(fields: Mapping[str, str], path: str) -> Content:
    """Read the content that every campaign has."""
    return _typed(fields, "", path)


def others(fields: Mapping[str, str], path: str) -> tuple[Content, ...]:
    """Read the contents typed beside the first; one that was begun must be finished."""
    return tuple(_typed(fields, f"_{number}", path) for number in range(2, begun(fields) + 1))


def begun(fields: Mapping[str, str]) -> int:
    """Tell the number of the last content of which anything was typed."""
    return max(
        (
            number
            for number in range(2, CONTENTS_MOST + 1)
            if any(fields.get(f"{name}_{number}", "").strip() for name in _FIELDS)
        ),
        default=1,
    )


async def shown(building: Building, campaign: Campaign, now: datetime) -> Shown | None:
    """Tell what the contents taught; only numbers come out of these walls."""
    if campaign.launched_at is None or not campaign.other_contents:
        return None
    async with building.transaction(SYSTEM) as db:
        lesson = await lessons.of_campaign(db, campaign, now)
    assert lesson is not None, "several contents teach something"
    rows = [
        _row(content, told, lesson.found)
        for content, told in zip(campaign.contents, lesson.contents, strict=True)
    ]
    is_waiting = campaign.state == "running" and len(lesson.sendings) < campaign.batch_count
    next_at = None
    if is_waiting and lesson.sendings:
        next_at = lesson.sendings[-1].sent_at + timedelta(days=campaign.batch_days)
    return Shown(lesson, rows, next_at)


def _row(content: Content, told: Told, found: Taught | Why | None) -> Row:
    face, said = _WORDS[told.word], told.said
    if said is None or not isinstance(found, Taught):
        return Row(content, told, face, face.said, None, 0)
    low, point, high, raw = (
        round(share * found.mean) for share in (said.low, said.value, said.high, said.raw.value)
    )
    # No tone in the chart: a colour would be a verdict, and no content gets one.
    name = _("内容 {number}", number=told.content_no)
    words = _(face.words, chance=_chance(said.top_chance))
    return Row(content, told, face, words, Interval(name, low, point, high, ""), raw)


def _chance(share: float) -> str:
    """Say a probability, and never that something is certain."""
    return "> 99%" if share > 0.99 else "< 1%" if share < 0.01 else percent(share, 0)


def _typed(fields: Mapping[str, str], suffix: str, path: str) -> Content:
    said = {
        name: forms.text(fields, f"{name}{suffix}", longest=most) for name, most in _FIELDS.items()
    }
    return Content(**said, path=path)
