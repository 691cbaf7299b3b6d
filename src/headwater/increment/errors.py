"""What increment refuses."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from headwater.base.errors import NotFound, Refusal

_WORDING: Final = Path(__file__).parent / "wording"
_NAMED_MOST: Final = 3
# Arms and the like are words of ours; any other name is the brand's own and stays as it is.
_NOUNS: Final = {
    "treated": "实验组", "holdout": "对照组", "unit": "单位", "period": "时段",
}  # fmt: skip


class Why(str):
    """What figures lack, as a sentence: English as text, and either language when asked.

    The code and the values are what is kept, so that a row of the ledger can be said in both.
    """

    code: str
    values: Mapping[str, Any]

    def __new__(cls, code: str, /, **values: Any) -> Why:
        """Say it in English; a code without words is its own sentence."""
        said = super().__new__(cls, _sentence(code, values, "en"))
        said.code, said.values = code, values
        return said

    def __reduce__(self) -> tuple[Any, ...]:
        """Let another process say it again."""
        return _again, (self.code, dict(self.values))

    def said_in(self, language: str) -> str:
        """Say it in the reader's language."""
        return _sentence(self.code, self.values, language)

    def as_row(self) -> dict[str, Any]:
        """Write it down so that it can be said again."""
        return {"code": self.code, "values": {k: _plain(v) for k, v in self.values.items()}}

    @classmethod
    def from_row(cls, row: Mapping[str, Any] | str) -> Why:
        """Read what was written down; a row of old has the English sentence alone."""
        if isinstance(row, str):
            return cls(row)
        nested = {k: cls.from_row(v) for k, v in row["values"].items() if isinstance(v, Mapping)}
        return cls(row["code"], **{**row["values"], **nested})


class NoSuchExperiment(NotFound):
    """There is no experiment with this id."""


class CannotEstimate(Refusal):
    """The figures do not allow an estimate; `why` names what they lack."""

    status = 422

    def __init__(self, lacks: str, /, **values: Any) -> None:
        self.why = lacks if isinstance(lacks, Why) else Why(lacks, **values)
        super().__init__(why=self.why)

    def __reduce__(self) -> tuple[Any, ...]:
        """Let a refusal cross from one process to another."""
        return type(self), (self.why,)


class ReadAtTheSameMoment(Refusal):
    """Somebody else added to the ledger just now; read again."""


class NotOverYet(Refusal):
    """Only a program whose half year is over rotates."""


@cache
def sentences() -> dict[str, dict[str, str]]:
    """All that figures may lack, by code, in both languages."""
    files = sorted(_WORDING.glob("*.toml"))
    return {code: said for file in files for code, said in tomllib.loads(file.read_text()).items()}


def _sentence(code: str, values: Mapping[str, Any], language: str) -> str:
    words = sentences().get(code)
    if words is None:
        return code
    chosen = "en" if language == "en" else "zh"
    return words[chosen].format_map({name: _said(each, chosen) for name, each in values.items()})


def _said(value: Any, language: str) -> Any:
    """Say a value: a reason in its own words, several names shortly, our nouns translated."""
    if isinstance(value, Why):
        return value.said_in(language)
    if isinstance(value, list | tuple):
        return _listed([str(each) for each in value], language)
    return _NOUNS.get(value, value) if language == "zh" and isinstance(value, str) else value


def _listed(names: list[str], language: str) -> str:
    shown, more = names[:_NAMED_MOST], len(names) - _NAMED_MOST
    if language == "zh":
        return "、".join(shown) + (f" 等 {len(names)} 个" if more > 0 else "")
    *before, last = [*shown, f"{more} more"] if more > 0 else shown
    return f"{', '.join(before)} and {last}" if before else last


def _plain(value: Any) -> Any:
    if isinstance(value, Why):
        return value.as_row()
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value if isinstance(value, str | int | float) else str(value)


def _again(code: str, values: dict[str, Any]) -> Why:
    return Why(code, **values)
