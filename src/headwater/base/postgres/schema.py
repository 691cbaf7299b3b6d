"""Write down what the migrations make, so that a reader sees it whole and a test sees it change."""

from __future__ import annotations

import re

from headwater.base.postgres.dumps import asked

# What pg_dump says about itself and its session, and never about our tables.
_NOISE = re.compile(r"^(?:--.*|SET .*|SELECT pg_catalog\.set_config.*|\\(?:un)?restrict .*)$", re.M)
_HEAD = "-- What the migrations make, recorded by `make schema`. Do not edit.\n\n"


async def dump(url: str) -> str:
    """Give the schema of a database as SQL, the same text for the same schema."""
    told = await asked("pg_dump", url, "--schema-only", "--no-owner", "--no-privileges")
    return _HEAD + re.sub(r"\n{2,}", "\n\n", _NOISE.sub("", told)).strip() + "\n"
