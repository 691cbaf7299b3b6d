"""Settings are read from the environment once, and nothing else is asked of it."""

from __future__ import annotations

import pytest

from headwater.base import settings


@pytest.mark.parametrize(
    "environment,language",
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "HEADWATER_LANGUAGE": "zh"}, "zh"),
    ],
)
def test_a_terminal_is_answered_in_the_language_it_names(
    environment: dict[str, str], language: str
) -> None:
    assert settings.language(environment) == language
