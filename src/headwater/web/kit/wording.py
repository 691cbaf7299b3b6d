"""The words on the pages: Chinese in the source, English beside it, refusals in both."""

from __future__ import annotations

import re
import tomllib
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any, Literal

from starlette.datastructures import Headers
from starlette.types import Scope

from headwater.base.errors import BadInput, Refusal

Language = Literal["zh", "en"]
WEB = Path(__file__).parents[1]
COOKIE = re.compile(r"(?:^|;\s*)language=(zh|en)(?:;|$)")

_asked: ContextVar[Scope | None] = ContextVar("asked", default=None)


def _(sentence: str, **values: Any) -> str:
    """Say a Chinese sentence in the language of whoever asked."""
    return in_language(language(), sentence, **values)


def mark(sentence: str) -> str:
    """Name a sentence that will be said later, so that the check for English finds it."""
    return sentence


def in_language(chosen: Language, sentence: str, **values: Any) -> str:
    """Say a Chinese sentence in a language of one's own choice.

    English may differ between one and many: then its entry is a table with `one` and `other`.
    """
    words = english().get(sentence, sentence) if chosen == "en" else sentence
    if isinstance(words, dict):
        words = words["one" if values.get("count") == 1 else "other"]
    return words.format_map(values) if values else words


def listen(scope: Scope) -> None:
    """Remember whose request is being answered; its language is read when first needed."""
    _asked.set(scope)


def language() -> Language:
    """The language of whoever asked, or Chinese where nobody did."""
    scope = _asked.get()
    if scope is None:
        return "zh"
    chosen: Language | None = scope.get("headwater.language")
    if chosen is None:
        headers = Headers(scope=scope)
        chosen = pick(headers.get("cookie", ""), headers.get("accept-language", ""))
        scope["headwater.language"] = chosen
    return chosen


def pick(cookie: str, accepted: str) -> Language:
    """A choice once made wins; then what the browser prefers; then Chinese."""
    chosen = COOKIE.search(cookie)
    if chosen:
        return "en" if chosen[1] == "en" else "zh"
    best: tuple[float, Language] = (0.0, "zh")
    for part in accepted.lower().split(","):
        tag, _semicolon, weight = part.strip().partition(";q=")
        try:
            share = float(weight) if weight else 1.0
        except ValueError:
            continue
        if tag[:2] in {"zh", "en"} and share > best[0]:
            best = (share, "en" if tag.startswith("en") else "zh")
    return best[1]


def refusal_sentence(error: Refusal, chosen: Language | None = None) -> str:
    """What a person reads when the system says no."""
    spoken = chosen or language()
    words = refusals().get(error.code, refusals()["refusal"])[spoken]
    values = {name: _said_in(spoken, each) for name, each in error.details.items()}
    if isinstance(error, BadInput):
        values |= {"field": field_label(error.field, spoken), "why": reason(error.why, spoken)}
    try:
        return words.format_map(values)
    except (KeyError, ValueError):
        return refusals()["refusal"][spoken]


def _said_in(spoken: Language, value: Any) -> Any:
    """A value that knows itself in both languages, in the reader's."""
    return value.said_in(spoken) if hasattr(value, "said_in") else value


def field_label(name: str, spoken: Language) -> str:
    """What a field is called on the screen; its own name where nobody gave it one.

    One of several that are alike has its number at the end: `title_zh_3`.
    """
    known, (alike, _bar, number) = fields()["field"], name.rpartition("_")
    if name not in known and number.isdigit() and alike in known:
        return f"{known[alike][spoken]} {number}"
    return known.get(name, {}).get(spoken, name)


def reason(why: str, spoken: Language) -> str:
    """Why a field was refused, in words; the developer's words where nobody gave others."""
    return fields()["why"].get(why, {}).get(spoken, why)


@cache
def english() -> dict[str, str | dict[str, str]]:
    """All English sentences of all doors; two doors may not say one sentence differently."""
    merged: dict[str, str | dict[str, str]] = {}
    for file in english_files():
        for sentence, words in tomllib.loads(file.read_text()).items():
            if merged.setdefault(sentence, words) != words:
                raise ValueError(f"{file.parent.parent.name} says {sentence!r} in another way")
    return merged


@cache
def refusals() -> dict[str, dict[str, str]]:
    """The sentence of each refusal, by its code."""
    return tomllib.loads((WEB / "kit/wording/refusals.toml").read_text())


@cache
def fields() -> dict[str, dict[str, dict[str, str]]]:
    """Names of fields and of what may be wrong with them."""
    return tomllib.loads((WEB / "kit/wording/fields.toml").read_text())


def english_files() -> list[Path]:
    """Each door keeps its English beside its pages."""
    return sorted(WEB.glob("*/wording/en.toml"))
