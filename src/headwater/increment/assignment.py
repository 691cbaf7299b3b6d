"""Who is left alone: a pure function of a salt and a unit, the same on every machine.

A program draws first; campaigns, journeys, guides and stores draw among the rest. Each has a salt
of its own, which no other question shares, so that one draw tells nothing of another.
"""

from __future__ import annotations

import hashlib
from typing import Final, Literal
from uuid import UUID

Arm = Literal["holdout", "treated"]

HOLDOUT: Final = "holdout"
TREATED: Final = "treated"

# Twelve hexadecimal digits are 48 bits: a double holds them exactly, in Python as in SQL.
_DIGITS: Final = 12

# The same number for an analyst's own tables, in DuckDB: `salt` and `unit_id` are text.
IN_DUCKDB: Final = (
    "CAST('0x' || left(sha256(salt || ':' || unit_id), 12) AS BIGINT) / 281474976710656::DOUBLE"
)


def draw(salt: str, unit_id: UUID) -> float:
    """Give the unit its number in [0, 1); `arms.sql` computes the same one."""
    digest = hashlib.sha256(f"{salt}:{unit_id}".encode()).hexdigest()
    return float(int(digest[:_DIGITS], 16) / 16**_DIGITS)


def arm_of(salt: str, unit_id: UUID, holdout_share: float) -> Arm:
    """Tell the arm into which the unit falls."""
    return HOLDOUT if draw(salt, unit_id) < holdout_share else TREATED
