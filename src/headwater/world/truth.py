"""The truth of a simulated world, written to a file that the product never reads."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec


@dataclass
class Truth:
    """What was really caused, in fen, and what would have been sold anyway."""

    seed: int
    members: int
    weeks: int
    true_lift_share: float
    campaign: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    reached: int = 0
    orders_usual: int = 0
    orders_caused: int = 0
    usual_fen: int = 0
    caused_fen: int = 0
    refunded_fen: int = 0
    sold_out: int = 0

    @property
    def realised_share(self) -> float:
        """What the message added to everybody's sales, as it turned out in this world."""
        return self.caused_fen / self.usual_fen if self.usual_fen else 0.0

    def save(self, file: Path) -> None:
        """Write it down for whoever judges the product."""
        known = dataclasses.asdict(self) | {"realised_share": self.realised_share}
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(msgspec.json.format(msgspec.json.encode(known), indent=1))
