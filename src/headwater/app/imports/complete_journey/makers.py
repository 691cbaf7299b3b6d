"""Names for makers, of whom the source knows a number only: made up, the same every time."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

# Shares no factor with the number of names, so that neighbours in number are strangers in name.
_STRIDE = 3_571


@cache
def name(number: int) -> tuple[str, str]:
    """Give a maker's name in Chinese and in Latin letters; other numbers have other signs."""
    first, second = _signs()
    place = number * _STRIDE % (len(first) * len(second))
    begins, ends = first[place // len(second)], second[place % len(second)]
    return begins[0] + ends[0], (begins[1:] + ends[1:]).capitalize()


@cache
def _signs() -> tuple[list[str], list[str]]:
    folder = files("headwater.app.imports.complete_journey").joinpath("names")
    signs = tomllib.loads(folder.joinpath("makers.toml").read_text("utf-8"))
    return signs["first"].split(), signs["second"].split()
