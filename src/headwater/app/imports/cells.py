"""Cells: how a text becomes a code, an amount, a moment, and what is said when it does not."""

from __future__ import annotations

import contextlib
import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from headwater.app.imports.errors import FORMULA_STARTS, BadCell
from headwater.base import money
from headwater.base.times import SHANGHAI

Parse = Callable[[str], Any]
YEAR_LEAST = 1990
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/\-]*")
# Ten digits of yuan are more than any price; exponents would be a way to ask for endless digits.
_AMOUNT = re.compile(r"-?\d{1,10}(\.\d{1,2})?")
_PHONE = re.compile(r"1[3-9]\d{9}")
_DATES = (
    "%Y-%m-%d", "%Y/%m/%d", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%d %H:%M:%S",
    "%Y/%m/%d %H:%M:%S", "%Y%m%d",
)  # fmt: skip
_STANDARD = re.compile(r"\d{4}-\d\d-\d\d( \d\d:\d\d(:\d\d)?)?")
_YES = {"yes": True, "true": True, "1": True, "是": True}
_NO = {"no": False, "false": False, "0": False, "否": False}


def text(most: int) -> Parse:
    """Take words of at most so many signs, and no formula."""

    def parse(cell: str) -> str:
        _refuse_formula(cell)
        if len(cell) > most:
            raise BadCell(f"is longer than {most} signs")
        if any(unicodedata.category(sign) == "Cc" for sign in cell):
            raise BadCell("has a line break or another control sign in it")
        return cell

    return parse


def code(cell: str) -> str:
    """Take what another system calls something."""
    _refuse_formula(cell)
    if len(cell) > 64 or not _CODE.fullmatch(cell):
        raise BadCell("a code has letters, digits and . _ / - and at most 64 signs")
    return cell


def choice(*allowed: str) -> Parse:
    """Take one of a few words."""

    def parse(cell: str) -> str:
        if cell.lower() not in allowed:
            raise BadCell(f"must be one of {', '.join(allowed)}")
        return cell.lower()

    return parse


def amount(cell: str) -> int:
    """Take yuan with at most two decimals as fen; negative is refused."""
    bare = cell.replace("¥", "").replace("￥", "").replace(",", "").strip()
    if bare.startswith("="):
        raise BadCell("is a formula; save the sheet with values")
    if not _AMOUNT.fullmatch(bare):
        raise BadCell("is not an amount in yuan with at most two decimals")
    if bare.startswith("-"):
        raise BadCell("cannot be negative")
    return money.fen(bare)


def whole(least: int, most: int) -> Parse:
    """Take a whole number within bounds."""

    def parse(cell: str) -> int:
        if cell.startswith("="):
            raise BadCell("is a formula; save the sheet with values")
        if not re.fullmatch(r"-?\d{1,12}", cell):
            raise BadCell("is not a whole number")
        if not least <= int(cell) <= most:
            raise BadCell(f"must be from {least} to {most:,}")
        return int(cell)

    return parse


def flag(cell: str) -> bool:
    """Take yes or no, in either language."""
    known = (_YES | _NO).get(cell.lower())
    if known is None:
        raise BadCell("must be yes or no")
    return known


def moment(now: datetime) -> Parse:
    """Take a day, or a day and a time, by the shop's clock; nothing in the future."""

    def parse(cell: str) -> datetime:
        found = _moment(cell)
        if found.year < YEAR_LEAST:
            raise BadCell(f"lies before {YEAR_LEAST}")
        if found > now:
            raise BadCell("lies in the future")
        return found

    return parse


def barcode(cell: str) -> str:
    """Take an EAN-8, UPC-A, EAN-13 or ITF-14 whose check digit is right."""
    digits = cell.replace(" ", "").replace("-", "")
    if not re.fullmatch(r"\d{8}|\d{12,14}", digits):
        raise BadCell("a barcode has 8, 12, 13 or 14 digits; was it saved as a number?")
    total = sum(
        int(digit) * (3 if place % 2 else 1)
        for place, digit in enumerate(reversed(digits[:-1]), start=1)
    )
    if (10 - total % 10) % 10 != int(digits[-1]):
        raise BadCell("the barcode's check digit is wrong")
    return digits


def phone(cell: str) -> str:
    """Take a mobile number of the mainland, with or without +86."""
    digits = re.sub(r"[\s-]", "", cell)
    digits = digits.removeprefix("+86") if digits.startswith("+86") else digits
    if not _PHONE.fullmatch(digits):
        raise BadCell("is not a mobile number of eleven digits")
    return digits


def _refuse_formula(cell: str) -> None:
    if cell.startswith(FORMULA_STARTS):
        raise BadCell("begins like a formula; text must not begin with = + - or @")


def _moment(cell: str) -> datetime:
    # Most files write it as the standard does, which is read without trying every other way.
    if _STANDARD.fullmatch(cell):
        with contextlib.suppress(ValueError):
            return datetime.fromisoformat(cell).replace(tzinfo=SHANGHAI).astimezone(UTC)
    for form in _DATES:
        try:
            return datetime.strptime(cell, form).replace(tzinfo=SHANGHAI).astimezone(UTC)
        except ValueError:
            continue
    try:
        found = datetime.fromisoformat(cell)
    except ValueError:
        raise BadCell("is not a date such as 2026-11-30 or 2026-11-30 18:05") from None
    return (found if found.tzinfo else found.replace(tzinfo=SHANGHAI)).astimezone(UTC)
