"""When a free message may be sent: what people do opens a window of so many messages.

The numbers stand in `limits`: words open five in two days; a menu button that tells us, a follow
and a scan open three in a minute. A payment opens a window too, but pages differ about it (20, or
no limit, in 48 hours), so it opens none here: better another channel than a refusal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from headwater.connect.limits import LIMITS
from headwater.connect.weixin_pushes import kinds
from headwater.connect.weixin_pushes.kinds import Push


class Opening(Enum):
    """What a person did that lets us speak freely."""

    WORDS = "words"
    MENU = "menu"
    FOLLOW = "follow"
    SCAN = "scan"


@dataclass(frozen=True)
class Rule:
    """How many messages an opening allows, and for how long."""

    messages: int
    lasts: timedelta


def _rule(name: str) -> Rule:
    limit = LIMITS[name]
    return Rule(limit.most, timedelta(seconds=limit.per_seconds))


RULES: Final[Mapping[Opening, Rule]] = {
    Opening.WORDS: _rule("official_account.replies_to_a_message"),
    Opening.MENU: _rule("official_account.replies_to_a_scan"),
    Opening.FOLLOW: _rule("official_account.replies_to_a_scan"),
    Opening.SCAN: _rule("official_account.replies_to_a_scan"),
}


@dataclass(frozen=True)
class Interaction:
    """Something that a person did, and when."""

    opening: Opening
    at: datetime


@dataclass(frozen=True)
class Allowance:
    """How many free messages may be sent now, and until when that many hold at the longest."""

    left: int
    until: datetime | None


def allowance(
    interactions: Iterable[Interaction], sent_at: Sequence[datetime], now: datetime
) -> Allowance:
    """Tell what may still be sent to one person, from what they did and what was sent since.

    Openings do not add up: only the latest of each kind counts, every message since then counts
    against it, and the best of them holds. That is never more than the platform allows.
    """
    latest: dict[Opening, datetime] = {}
    for each in interactions:
        if each.at <= now:
            latest[each.opening] = max(each.at, latest.get(each.opening, each.at))
    best = Allowance(0, None)
    for opening, at in latest.items():
        rule = RULES[opening]
        if now >= at + rule.lasts:
            continue
        left = rule.messages - sum(at <= moment <= now for moment in sent_at)
        offered = Allowance(left, at + rule.lasts)
        if left > 0 and (left, offered.until) > (best.left, best.until or now):
            best = offered
    return best


def interaction_of(push: Push) -> Interaction | None:
    """Tell whether a push opens a window; a page opened from the menu does not.

    Tapping an entry of a menu message arrives as words, yet counts as the menu.
    """
    match push.happened:
        case kinds.Said(choice=None) | kinds.Sent():
            return Interaction(Opening.WORDS, push.sent_at)
        case kinds.Said() | kinds.MenuPressed():
            return Interaction(Opening.MENU, push.sent_at)
        case kinds.Followed():
            return Interaction(Opening.FOLLOW, push.sent_at)
        case kinds.Scanned():
            return Interaction(Opening.SCAN, push.sent_at)
        case _:
            return None
