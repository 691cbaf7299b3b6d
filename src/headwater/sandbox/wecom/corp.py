"""What every subject of the WeCom host stands on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta, timezone

from headwater.sandbox.hosts import Ground
from headwater.sandbox.wecom.callbacks import Callbacks
from headwater.sandbox.wecom.company.media import Media
from headwater.sandbox.wecom.company.staff import Staff

SHANGHAI = timezone(timedelta(hours=8))


@dataclass(frozen=True)
class Corp:
    """The simulated company: its people, its files, and whom it tells of changes."""

    ground: Ground
    staff: Staff
    media: Media
    callbacks: Callbacks


class CannotDo(Exception):
    """WeCom would not let a person do this; the message says why."""
