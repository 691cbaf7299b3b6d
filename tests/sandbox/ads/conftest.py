"""What the tests of the ads host ask for."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from tests.sandbox.ads.advertiser import Advertiser
from tests.sandbox.ads.advertiser import advertiser as new_advertiser


@pytest.fixture
async def brand() -> AsyncIterator[Advertiser]:
    """A fresh sandbox and an advertiser that agreed."""
    async with new_advertiser() as built:
        yield built
