"""The bridge: how much of the credited sales was truly caused; two ledgers, side by side.

Credit pays people and is decided by a policy; increment is measured against those left alone. The
one figure that joins them is a ratio, with the interval of the increment. They are never added.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from headwater.base.db import Db
from headwater.base.sql import statements
from headwater.increment import experiments
from headwater.increment.ledger import Reading
from headwater.increment.programs import rotation, totals
from headwater.program import programs

sql = statements(__file__)


@dataclass(frozen=True)
class Credited:
    """What the policy credited by one way to a guide, less what was given back."""

    scene: str
    lines: int
    credited_fen: int


@dataclass(frozen=True)
class Bridge:
    """One quarter: sold, credited and caused; `total` is the row behind the increment.

    The shares say how many fen were caused for each fen credited; None where nothing was credited
    or no increment can be read.
    """

    quarter: int
    from_at: datetime
    until_at: datetime
    sold_fen: int
    credited: list[Credited]
    total: Reading

    @property
    def credited_fen(self) -> int:
        """All that was credited in the quarter."""
        return sum(each.credited_fen for each in self.credited)

    @property
    def share(self) -> float | None:
        """How much of the credit was truly caused."""
        return self._of(self.total.estimate_fen)

    @property
    def low_share(self) -> float | None:
        """The low end of that."""
        return self._of(self.total.low_fen)

    @property
    def high_share(self) -> float | None:
        """The high end of that."""
        return self._of(self.total.high_fen)

    def _of(self, caused_fen: int | None) -> float | None:
        if caused_fen is None or self.credited_fen <= 0:
            return None
        return caused_fen / self.credited_fen


@dataclass(frozen=True)
class _Sold:
    sold_fen: int


async def bridges(db: Db, program_id: UUID) -> list[Bridge]:
    """Join credit and increment for each quarter of a program that was read, the oldest first."""
    program = await programs.get(db, program_id)
    rows = await totals.of_programs(db, await _epochs(db, program.experiment_id))
    return [await _bridge(db, program.brand_id, row) for row in rows]


async def _epochs(db: Db, experiment_id: UUID | None) -> Sequence[UUID]:
    if experiment_id is None:
        return []
    newest = await experiments.get(db, experiment_id)
    first = rotation.first_code(newest)
    every = await experiments.of_brand(db, newest.brand_id)
    alike = [each for each in every if each.kind == "program"]
    return [each.id for each in alike if rotation.first_code(each) == first]


async def _bridge(db: Db, brand_id: UUID, row: Reading) -> Bridge:
    from_at = datetime.fromisoformat(row.details["from"])
    between = {"brand_id": brand_id, "from_at": from_at, "until_at": row.true_at}
    sold = await db.one(sql.sold, _Sold, **between)
    credited = await db.all(sql.credited, Credited, **between)
    return Bridge(row.details["quarter"], from_at, row.true_at, sold.sold_fen, credited, row)
