"""Walking the demo: the journeys of a shopper, a guide and HQ, through HTTP and nothing else."""

from __future__ import annotations

from collections.abc import Callable

from headwater.app.demo.prepare import Prepared
from headwater.base.settings import Settings

Say = Callable[[str], None]


async def check(settings: Settings, prepared: Prepared, say: Say) -> None:
    """Walk every journey once and say what was done; what fails is raised."""
