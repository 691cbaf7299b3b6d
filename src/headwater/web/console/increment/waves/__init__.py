"""Waves of stores at the desk: planned on the brand's own weeks, launched, watched and read."""

from __future__ import annotations

from headwater.web.console.increment.waves import boards, listed, one, planning, rows
from headwater.web.kit.doors import Door

__all__ = ["boards", "door"]

# The plan's address would else be taken for a rollout's id.
door = Door([*listed.door.routes, *planning.door.routes, *one.door.routes, *rows.door.routes])
