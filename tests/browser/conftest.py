"""What the browser's tests share: the town they look at, and one browser for each module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from tests.browser import town as towns
from tests.browser import window as windows
from tests.browser.town import Town

from headwater.base.postgres.supervisor import Cluster


@pytest.fixture(scope="session")
def town(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A town that is served to all modules; what people do in one, later ones find done."""
    with towns.served(cluster, tmp_path_factory.mktemp("town")) as opened:
        yield opened


@pytest.fixture(scope="module")
def browser(town: Town) -> Iterator[Browser]:
    """One Chromium; it closes before tests that run in an event loop of their own."""
    with windows.chromium(town) as opened:
        yield opened
