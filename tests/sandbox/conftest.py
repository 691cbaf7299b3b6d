"""What the sandbox's tests ask for."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from tests.sandbox.merchant import Town
from tests.sandbox.merchant import town as new_town


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    """A fresh sandbox with a merchant."""
    async with new_town() as built:
        yield built
