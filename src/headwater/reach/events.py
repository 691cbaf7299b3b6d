"""Facts of reach, in the past tense, with ids."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class CampaignLaunched:
    """A campaign's audience is frozen, drawn and planned."""

    campaign_id: UUID
    experiment_id: UUID
    audience_count: int
    launched_at: datetime
