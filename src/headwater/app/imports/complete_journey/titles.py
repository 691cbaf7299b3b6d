"""Product titles in both languages, composed from what the source says of a product."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from headwater.app.imports.complete_journey import sizes

OWN_BRAND = ("栖木优选", "Qimu Select")
# A product that the source has sold but never described.
UNKNOWN = ("未入目录商品", "Item not in the catalogue")
_CRATE = re.compile(r"^[1-9]\d+(?:\.\d+)? ?LB$")
_SHORT = {
    "FRZN": "Frozen", "SFT": "Soft", "DRNK": "Drink", "BTL": "Bottle", "CARB": "Carbonated",
    "DNRS": "Dinners", "DNR": "Dinner", "W/": "with", "MISC": "Other", "MISC.": "Other",
    "CHOC": "Chocolate", "SW": "Sweet", "GDS": "Goods", "GDS:": "Goods,", "SNGL": "Single",
    "JCE": "Juice", "BRD": "Breaded", "REFRIG": "Chilled", "PKG": "Pack", "VEG": "Vegetable",
    "N/A": "Non-alcoholic", "SS": "Single-serve", "MLT-PK": "Multipack", "PREP": "Prepared",
    "FD:": "Food,", "CHIX:": "Chicken,", "SAL:": "Salad,", "CND": "Canned",
}  # fmt: skip


@dataclass(frozen=True)
class Names:
    """A word of the source in English and in Chinese."""

    en: str
    zh: str


@dataclass(frozen=True)
class Title:
    """What stands on the shelf label."""

    zh: str
    en: str
    size_label: str


# Shares no factor with the number of names, so that neighbours in number are strangers in name.
_STRIDE = 3_571


@cache
def maker(number: int) -> tuple[str, str]:
    """Make up a maker's name in Chinese and in Latin letters, the same for the same number.

    The source knows makers by number only; no company is meant.
    """
    first, second = _signs()
    place = number * _STRIDE % (len(first) * len(second))
    begins, ends = first[place // len(second)], second[place % len(second)]
    return begins[0] + ends[0], (begins[1:] + ends[1:]).capitalize()


@cache
def departments() -> dict[str, Names]:
    """Give the names of the 32 departments."""
    return _read("departments")


@cache
def categories() -> dict[str, Names]:
    """Give the names of the 303 categories."""
    return _read("categories")


@cache
def types() -> dict[str, Names]:
    """Give the names of the types that sell most."""
    return _read("types")


def compose(department: str, category: str, kind: str, brand: tuple[str, str], size: str) -> Title:
    """Compose a title as a shop writes it: brand, thing, size.

    `brand` is what stands before the thing, in Chinese and in English.
    """
    thing = _thing(department, category, kind)
    said = sizes.Size("", "") if _is_crate(department, size) else _size(size)
    zh = " ".join(word for word in (brand[0], thing.zh, said.zh) if word)
    en = " ".join(word for word in (brand[1], thing.en, said.en) if word)
    return Title(zh, en, said.zh)


def _is_crate(department: str, size: str) -> bool:
    """Tell whether a size is that of the grower's crate; nobody buys forty pounds of bananas."""
    return department == "PRODUCE" and _CRATE.match(size.strip().upper()) is not None


@cache
def _size(label: str) -> sizes.Size:
    return sizes.read(label)


@cache
def _thing(department: str, category: str, kind: str) -> Names:
    shelf = categories().get(category) or departments()[department]
    known = types().get(kind)
    if known is not None:
        return Names(
            known.en.replace("{}", shelf.en.lower() if known.en != "{}" else shelf.en),
            known.zh.replace("{}", shelf.zh),
        )
    return Names(_tidy(kind) or shelf.en, shelf.zh)


def _tidy(kind: str) -> str:
    """Turn a register's shorthand into words: no cut-off bracket, no capitals throughout."""
    text = re.sub(r"\([^)]*$", "", kind).strip(" -/:&,")
    text = re.sub(r"(?<=[A-Z]),? S\b", "s", text)
    words = [_SHORT.get(word, word.capitalize()) for word in text.replace("/", " / ").split()]
    return " ".join(words).replace(" / ", "/")


@cache
def _signs() -> tuple[list[str], list[str]]:
    """Give the signs that begin and end makers' names, each with its sound."""
    signs = _table("makers")
    return signs["first"].split(), signs["second"].split()


def _read(name: str) -> dict[str, Names]:
    return {word: Names(en, zh) for word, (en, zh) in _table(name).items()}


def _table(name: str) -> dict[str, Any]:
    folder = files("headwater.app.imports.complete_journey").joinpath("names")
    return tomllib.loads(folder.joinpath(f"{name}.toml").read_text("utf-8"))
