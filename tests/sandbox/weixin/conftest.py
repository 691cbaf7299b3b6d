"""What the weixin host's tests ask for."""

from __future__ import annotations

import pytest
from tests.sandbox.merchant import Town
from tests.sandbox.weixin.brand import Brand, in_brand


@pytest.fixture
def brand(town: Town) -> Brand:
    """A brand with both apps in a fresh sandbox."""
    return in_brand(town)
