"""The bridge: how much of the credited sales was truly caused; two ledgers, side by side.

Credit pays people and is decided by a policy; increment is measured against those left alone. The
one figure that joins them is a ratio, with the interval of the increment. They are never added.

Beside credit stands null credit: what the same rules say of members whom the program left alone.
They would have bought it anyway, so whatever a rule credits there it credits for nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from headwater.base.db import Db
from headwater.base.sql import statements
from headwater.guides import policies
from headwater.increment import experiments
from headwater.increment.honesty import placebos
from headwater.increment.ledger import Reading
from headwater.increment.programs import rotation, totals
from headwater.program import channels, programs

sql = statements(__file__)


@dataclass(frozen=True)
class Credited:
    """What the policy credited by one way to a guide, less what was given back."""

    scene: str
    lines: int
    credited_fen: int


@dataclass(frozen=True)
class NullCredit:
    """What rules credit of the sales of members who were left alone: where nothing was done.

    `credited_fen` is what the policy in force credited; `touched_fen` what anybody would credit who
    calls every sale the work of a dispatch up to `touch_days` before it.
    """

    sold_fen: int
    credited_fen: int
    touched_fen: int
    touch_days: int

    @property
    def credited_share(self) -> float | None:
        """The share of sales that the policy credits for nothing."""
        return self.credited_fen / self.sold_fen if self.sold_fen > 0 else None

    @property
    def touched_share(self) -> float | None:
        """The share of sales that last touch would credit for nothing."""
        return self.touched_fen / self.sold_fen if self.sold_fen > 0 else None


@dataclass(frozen=True)
class Channel:
    """What a channel's campaigns added, all that were read and not the winners, and its credit."""

    channel: str
    campaigns: int
    estimate_fen: int
    low_fen: int
    high_fen: int
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
    null: NullCredit
    channels: list[Channel]

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


# Whose work is credited today: guides', by whichever way their share was met.
CREDITED_CHANNEL: Final = "guide"
_REACH: Final = 1.96


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
    null = await _null_credit(db, row, between)
    parts = await _channels(db, brand_id, row, sum(each.credited_fen for each in credited))
    return Bridge(row.details["quarter"], from_at, row.true_at, sold.sold_fen, credited, row, null,
                  parts)  # fmt: skip


async def _null_credit(db: Db, row: Reading, between: Mapping[str, Any]) -> NullCredit:
    policy = await policies.in_force(db, row.true_at)
    every = await experiments.of_brand(db, between["brand_id"])
    nothing = [each.code for each in every if placebos.is_placebo(each.code)]
    return await db.one(
        sql.null_credit, NullCredit, experiment_id=row.experiment_id,
        touch_days=policy.touch_days, placebos=nothing, **between,
    )  # fmt: skip


async def _channels(db: Db, brand_id: UUID, row: Reading, credited_fen: int) -> list[Channel]:
    """Add up by channel whatever the quarter's total could read of its campaigns."""
    by_code = await channels.by_code(db, brand_id)
    parts: dict[str, list[dict[str, Any]]] = {}
    for part in row.details.get("parts", []):
        parts.setdefault(by_code.get(part["code"], channels.ANY), []).append(part)
    if credited_fen > 0:
        parts.setdefault(CREDITED_CHANNEL, [])
    return [
        channel_of(name, found, credited_fen if name == CREDITED_CHANNEL else 0)
        for name, found in sorted(parts.items())
    ]


def channel_of(name: str, parts: Sequence[dict[str, Any]], credited_fen: int) -> Channel:
    """Draws of different campaigns are independent, so that their doubts add up as squares."""
    estimate = sum(each["estimate_fen"] for each in parts)
    reach = _REACH * math.sqrt(sum(each["standard_error_fen"] ** 2 for each in parts))
    ends = round(estimate - reach), round(estimate + reach)
    return Channel(name, len(parts), estimate, *ends, credited_fen)
