"""Keeping: a study that is done is written down, so that a long run goes on where it stopped."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from headwater.base.errors import BadInput
from headwater.world.honesty.bands import Line


@dataclass(frozen=True)
class Kept:
    """What a run was asked; lines of another run are not taken for this one's."""

    folder: Path | None
    asked: dict[str, Any]

    def find(self, study: str) -> list[Line] | None:
        """Give the lines of a study that is done, or None; those of another run are refused."""
        place = self._place(study)
        if place is None or not place.exists():
            return None
        told = json.loads(place.read_text(encoding="utf-8"))
        if told["asked"] != self.asked:
            raise BadInput("--into", f"{place.name} was made with another seed, size or households")
        return [Line(**each) for each in told["lines"]]

    def keep(self, study: str, lines: list[Line]) -> None:
        """Write a study's lines down, whole or not at all."""
        place = self._place(study)
        if place is None:
            return
        told = {"asked": self.asked, "lines": [asdict(line) for line in lines]}
        place.parent.mkdir(parents=True, exist_ok=True)
        half = place.with_suffix(".half")
        half.write_text(json.dumps(told, indent=1), encoding="utf-8")
        half.replace(place)

    def _place(self, study: str) -> Path | None:
        return self.folder / f"{study}.json" if self.folder else None
