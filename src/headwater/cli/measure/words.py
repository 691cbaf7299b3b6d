"""Words: what an analyst's commands say, in the language of the terminal."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Final

from headwater.base import settings

_FILE: Final = Path(__file__).parent / "wording.toml"
_BETWEEN: Final = {
    ("zh", "names"): "、", ("zh", "reasons"): "；", ("en", "names"): ", ", ("en", "reasons"): "; ",
}  # fmt: skip


@cache
def sentences() -> dict[str, dict[str, str]]:
    """All that is said, by its code, in both languages."""
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def said(code: str, /, **values: Any) -> str:
    """Say a sentence in the language that the terminal's user reads."""
    return sentences()[code][settings.language()].format(**values)


def listed(parts: list[str], what: str = "names") -> str:
    """Put names, or reasons, one after the other."""
    return _BETWEEN[settings.language(), what].join(parts)
