"""Who is left alone: a pure function of a salt and a member, the same on every machine."""

from __future__ import annotations

import hashlib
from typing import Final, Literal
from uuid import UUID

Arm = Literal["holdout", "treated"]

HOLDOUT: Final = "holdout"
TREATED: Final = "treated"

# Twelve hexadecimal digits are 48 bits: a double holds them exactly, in Python as in SQL.
_DIGITS: Final = 12


def draw(salt: str, unit_id: UUID) -> float:
    """Give the unit its number in [0, 1); `arms.sql` computes the same one."""
    digest = hashlib.sha256(f"{salt}:{unit_id}".encode()).hexdigest()
    return float(int(digest[:_DIGITS], 16) / 16**_DIGITS)


def arm_of(salt: str, unit_id: UUID, holdout_share: float) -> Arm:
    """Tell the arm into which the unit falls."""
    return HOLDOUT if draw(salt, unit_id) < holdout_share else TREATED
