"""Facts of increment, in the past tense, with ids."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class MeasuredIncrement:
    """The ledger of increment got a new row."""

    reading_id: UUID
    experiment_id: UUID
    state: str
    read_at: datetime
