"""Facts about members."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class MemberJoined:
    """Somebody is a member from now on."""

    member_id: UUID
    source: str
    joined_at: datetime


@dataclass(frozen=True)
class MembersMerged:
    """Two accounts are one from now on: `member_id` stays, and the other finds nobody any more."""

    member_id: UUID
    gone_member_id: UUID
    merged_at: datetime
