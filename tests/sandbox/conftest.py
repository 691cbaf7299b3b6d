"""What the sandbox's tests ask for."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from tests.sandbox.merchant import Shop, Town
from tests.sandbox.merchant import town as new_town

from headwater.sandbox import Sandbox


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    """A fresh sandbox with a merchant."""
    async with new_town() as built:
        yield built


@pytest.fixture
async def town_with_shop() -> AsyncIterator[tuple[Sandbox, Shop]]:
    """A fresh sandbox and the shop it tells."""
    async with new_town() as built:
        yield built.sandbox, built.shop
