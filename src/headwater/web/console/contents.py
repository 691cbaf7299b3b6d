"""Contents: several ways of saying one thing, as they are typed, and what they taught."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from headwater.base.db import SYSTEM
from headwater.reach import lessons
from headwater.reach.campaigns import Campaign
from headwater.reach.contents import BODY_MOST, CONTENTS_MOST, TITLE_MOST, Content
from headwater.reach.lessons import Lesson, Told
from headwater.web.console.words import Face
from headwater.web.kit import forms
from headwater.web.kit.building import Building
from headwater.web.kit.wording import _, mark

# Green only for what is proven, and nothing looks like a verdict before the last batch.
_WORDS: Final = {
    "open": Face(mark("还在学"), "brand", "clock"),
    "too_few": Face(mark("数据不够，不下结论")),
    "better": Face(mark("好过其他内容"), "ok", "check"),
    "worse": Face(mark("不如其他内容"), "warn", "alert"),
    "no_difference": Face(mark("看不出差别")),
}
_FIELDS: Final = {
    "title_zh": TITLE_MOST, "title_en": TITLE_MOST, "body_zh": BODY_MOST, "body_en": BODY_MOST,
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One content on the page: what it says, and what is known of it."""

    content: Content
    told: Told
    face: Face


@dataclass(frozen=True)
class Shown:
    """What the contents of a campaign taught, ready to be shown."""

    lesson: Lesson
    rows: list[Row]
    next_at: datetime | None

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
        Row(content, told, _WORDS[told.word])
        for content, told in zip(campaign.contents, lesson.contents, strict=True)
    ]
    is_waiting = campaign.state == "running" and len(lesson.sendings) < campaign.batch_count
    next_at = None
    if is_waiting and lesson.sendings:
        next_at = lesson.sendings[-1].sent_at + timedelta(days=campaign.batch_days)
    return Shown(lesson, rows, next_at)


def _typed(fields: Mapping[str, str], suffix: str, path: str) -> Content:
    said = {
        name: forms.text(fields, f"{name}{suffix}", longest=most) for name, most in _FIELDS.items()
    }
    return Content(**said, path=path)
