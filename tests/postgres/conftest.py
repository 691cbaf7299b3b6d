"""Homes for databases that a test may kill."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from headwater.base.postgres import supervisor


@pytest.fixture
async def home() -> AsyncIterator[Path]:
    """A home of its own, gone with its server when the test ends."""
    path = Path(tempfile.mkdtemp(prefix="headwater-"))
    path.chmod(0o755)
    yield path
    await supervisor.erase(path)
    shutil.rmtree(path)


@pytest.fixture
async def closed_home() -> AsyncIterator[Path]:
    """A home below a folder that only its owner may enter, like root's."""
    above = Path(tempfile.mkdtemp(prefix="headwater-"))
    path = above / "share" / "headwater"
    yield path
    await supervisor.erase(path)
    shutil.rmtree(above)
