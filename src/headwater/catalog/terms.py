"""Search terms: how a title is cut into what people type; pure, and the same for both sides."""

from __future__ import annotations

import itertools
import re

_LATIN = re.compile(r"[a-z0-9]+(?:[.'][a-z0-9]+)*")
_CHINESE = re.compile(r"[\u3400-\u9fff]+")
PREFIX_MOST = 8


def index_terms(*texts: str) -> list[str]:
    """Cut texts into the terms they are found by.

    Chinese has no spaces: every sign and every pair of neighbours is a term. A Latin word is
    found by itself and by its beginnings of three signs or more, so that typing finds early.
    """
    found: dict[str, None] = {}
    for text in texts:
        lowered = text.lower()
        for word in _LATIN.findall(lowered):
            found[word] = None
            for length in range(3, min(len(word), PREFIX_MOST + 1)):
                found[word[:length]] = None
        for run in _CHINESE.findall(lowered):
            for sign in run:
                found[sign] = None
            for first, second in itertools.pairwise(run):
                found[first + second] = None
    return list(found)


def query_terms(typed: str) -> list[str]:
    """Cut what somebody typed into terms that must all be there."""
    lowered = typed.lower()
    found: dict[str, None] = {}
    for word in _LATIN.findall(lowered):
        found[word] = None
    for run in _CHINESE.findall(lowered):
        pairs = [first + second for first, second in itertools.pairwise(run)]
        for term in pairs or [run]:
            found[term] = None
    return list(found)
