"""What a template's field may hold: its name says its kind, and each kind has its own rule."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from headwater.sandbox.weixin.errors import WeixinError

# Kinds and lengths as of 2026-11-22, from the notes on parameters of
# developers.weixin.qq.com/miniprogram/dev/api-backend/open-api/subscribe-message/
_HAN = r"[\u4e00-\u9fff]"
_AMOUNT = re.compile(r"[^\w\s]?\d{1,10}(?:\.\d+)?元?\Z")
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2})?"
_DAY = r"(?:(?:\d{4}年)?\d{1,2}月\d{1,2}日|\d{4}年\d{1,2}月|(?:\d{4}[-/.])?\d{1,2}[-/.]\d{1,2})"
_MOMENT = rf"(?:{_DAY}(?:\s*{_CLOCK})?|{_CLOCK})"
_TIME = re.compile(rf"{_MOMENT}(?:\s*~\s*{_MOMENT})?\Z")
_DATE = re.compile(rf"{_DAY}(?:\s*{_CLOCK})?(?:\s*~\s*{_DAY}(?:\s*{_CLOCK})?)?\Z")
_NAMED = re.compile(r"([a-z_]+?)\d*\Z")


def _matches(pattern: str) -> Callable[[str], bool]:
    return lambda value: re.fullmatch(pattern, value) is not None


def _is_name(value: str) -> bool:
    has_han = re.search(_HAN, value) is not None
    return len(value) <= (10 if has_han else 20)


RULES: Mapping[str, Callable[[str], bool]] = {
    "thing": lambda value: len(value) <= 20,
    "number": _matches(r"-?\d[\d.]{0,31}"),
    "letter": _matches(r"[A-Za-z]{1,32}"),
    "symbol": _matches(r"[^\w\s]{1,5}"),
    "character_string": _matches(r"[!-~]{1,32}"),
    "time": lambda value: _TIME.match(value) is not None,
    "date": lambda value: _DATE.match(value) is not None,
    "amount": lambda value: _AMOUNT.match(value) is not None,
    "phone_number": _matches(r"[\d+\-()*#]{1,17}"),
    "car_number": lambda value: len(value) <= 8,
    "name": _is_name,
    "phrase": _matches(rf"{_HAN}{{1,5}}"),
}


def check(names: Iterable[str], values: Mapping[str, str]) -> None:
    """Refuse data that leaves a field of the template empty or fills one wrongly."""
    for name in names:
        if not values.get(name, "").strip():
            raise WeixinError(47003, f"argument invalid! data.{name}.value is empty")
    check_given(names, values)


def check_given(names: Iterable[str], values: Mapping[str, str]) -> None:
    """Refuse data that fills a field of the template wrongly; others may stay away."""
    for name in set(names) & set(values):
        kind = _NAMED.match(name)
        rule = RULES.get(kind.group(1)) if kind is not None else None
        if rule is not None and not rule(values[name].strip()):
            raise WeixinError(47003, f"argument invalid! data.{name}.value invalid")
