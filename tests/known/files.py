"""The folder with the published numbers, named by the environment, and how they are held against.

Each number that was held is noted, so that `python -m tests.known` can print them as a table.
"""

from __future__ import annotations

import csv
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

FOLDER = os.environ.get("HEADWATER_KNOWN_DATA")
Known = dict[str, Any]
CALIFORNIA, BASQUE = "California", "Basque Country (Pais Vasco)"


def file(name: str) -> Path:
    """Find a file of the folder."""
    return next(Path(str(FOLDER)).rglob(name))


def rows(name: str, delimiter: str = ",") -> list[dict[str, str]]:
    """Read a table, row by row."""
    with file(name).open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened, delimiter=delimiter))


def read_known() -> Known:
    """Read the numbers themselves, with their tolerances."""
    return dict(json.loads(file("known.json").read_text(encoding="utf-8")))


@dataclass(frozen=True)
class Held:
    """A published number, ours, and how far apart they may be."""

    what: str
    found: float
    published: float
    tolerance: float


HELD: list[Held] = []


def holds(what: str, found: float, published: float, tolerance: float) -> None:
    """Hold a figure against a published one, within the tolerance that was published with it."""
    assert found == pytest.approx(published, rel=0, abs=tolerance), what
    HELD.append(Held(what, float(found), float(published), float(tolerance)))
