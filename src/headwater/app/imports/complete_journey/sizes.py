"""Package sizes in the words of the shelf: metric where the source's units can be converted."""

from __future__ import annotations

import re
from dataclasses import dataclass

# 1/2 is a half, but 6/16 is six of sixteen: only a shelf's own fractions are read as such.
_FRACTION = r"(?:1/2|[12]/3|[13]/4|[1357]/8)"
_NUMBER = rf"(\d+(?:\.\d+)? {_FRACTION}|{_FRACTION}|\d+(?:\.\d+)?|\.\d+)"
_ONE = re.compile(rf"^{_NUMBER} ?([A-Z]+)$")
_MANY = re.compile(rf"^(\d+) ?(?:PK|CT|P|/)? ?/ ?{_NUMBER} ?([A-Z]+)$")
_TURNED = re.compile(rf"^{_NUMBER} ?([A-Z]+) ?/ ?(\d+) ?(?:PK|CT)$")
_BARE = re.compile(r"^([A-Z]+)$")
# Letters of the register before a size, and the shape of its bottle after it.
_NOISE = re.compile(r"^(?:AB|ALL|N|P|R|L) +(?=[\d.])| (?:BTL|CAN|NR|PET|BAG)$|\*$")
# Grams or millilitres in one unit; solid and liquid are told apart by the unit alone.
_GRAMS = {"OZ": 28.349523, "LB": 453.59237, "GM": 1.0, "G": 1.0, "KG": 1000.0}
_MILLILITRES = {
    "ML": 1.0, "L": 1000.0, "LTR": 1000.0, "LITER": 1000.0, "PT": 473.176473, "QT": 946.352946,
    "GAL": 3785.411784, "GA": 3785.411784, "FLOZ": 29.573530,
}  # fmt: skip
_CENTIMETRES = {"IN": 2.54, "FT": 30.48, "CM": 1.0}
# Units that are counted: Chinese, English for one, English for more.
_COUNTED = {
    "CT": ("件装", "count", "count"), "PK": ("件装", "pack", "pack"),
    "PC": ("片", "piece", "pieces"), "CTN": ("盒", "carton", "cartons"),
    "LOADS": ("次用量", "load", "loads"),
    "LOAD": ("次用量", "load", "loads"), "LD": ("次用量", "load", "loads"),
    "LDS": ("次用量", "load", "loads"), "KIT": ("套", "kit", "kits"),
    "DZ": ("打", "dozen", "dozen"),
    "STEM": ("枝", "stem", "stems"), "CUP": ("杯", "cup", "cups"), "ROLL": ("卷", "roll", "rolls"),
}  # fmt: skip
_WORDS = {
    "LARGE": ("大号", "large"), "MED": ("中号", "medium"), "MEDIUM": ("中号", "medium"),
    "SMALL": ("小号", "small"), "MINI": ("迷你", "mini"), "CTN": ("盒装", "carton"),
}  # fmt: skip


@dataclass(frozen=True)
class Size:
    """What a package holds, said in both languages; both are empty where nobody knows."""

    zh: str
    en: str


def read(label: str) -> Size:
    """Read a size such as 16 OZ, 6 PK/12 OZ or 1/2 GAL; what cannot be read is shown as it is."""
    text = re.sub(r"\s+", " ", label.strip().upper()).replace("FL OZ", "FLOZ")
    text = _NOISE.sub("", text).replace("HALF GAL", "1/2 GAL").replace("-LB", " LB")
    turned = _TURNED.match(text)
    if turned:
        text = f"{turned[3]}/{turned[1]} {turned[2]}"
    if not text:
        return Size("", "")
    one = _ONE.match(text)
    if one:
        return _one(one[1], one[2]) or _as_is(label)
    many = _MANY.match(text)
    if many:
        each = _one(many[2], many[3])
        return Size(f"{each.zh}×{many[1]}", f"{many[1]} × {each.en}") if each else _as_is(label)
    bare = _BARE.match(text)
    if bare and text in _WORDS:
        return Size(*_WORDS[text])
    if bare:
        return _one("1", text) or _as_is(label)
    return _as_is(label)


def _as_is(label: str) -> Size:
    words = label.strip().lower()
    return Size(words, words)


def _one(number: str, unit: str) -> Size | None:
    amount = _amount(number)
    if amount <= 0:
        return None
    for units, small, large, zh in (
        (_GRAMS, "g", "kg", ("克", "公斤")),
        (_MILLILITRES, "ml", "L", ("毫升", "升")),
    ):
        if unit in units:
            base = amount * units[unit]
            if base >= 1000:
                said = f"{base / 1000:.2f}".rstrip("0").rstrip(".")
                return Size(f"{said}{zh[1]}", f"{said} {large}")
            said = f"{base:.0f}" if base >= 10 else f"{base:.1f}".rstrip("0").rstrip(".")
            return Size(f"{said}{zh[0]}", f"{said} {small}")
    if unit in _CENTIMETRES:
        said = f"{amount * _CENTIMETRES[unit]:.0f}"
        return Size(f"{said}厘米", f"{said} cm")
    if unit in _COUNTED:
        said = f"{amount:g}"
        zh_word, singular, plural = _COUNTED[unit]
        return Size(f"{said}{zh_word}", f"{said} {singular if amount == 1 else plural}")
    return None


def _amount(number: str) -> float:
    total = 0.0
    for piece in number.split():
        over, _, under = piece.partition("/")
        total += float(over) / float(under) if under and float(under) else float(over)
    return total
