"""What the tests of the WeCom host ask for."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from tests.sandbox.wecom.company import Company
from tests.sandbox.wecom.company import company as new_company


@pytest.fixture
async def company() -> AsyncIterator[Company]:
    """A fresh sandbox, a merchant that listens, and a still clock."""
    async with new_company() as built:
        yield built
