"""Every published vector is held by a test that exists."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from tests.conformance.ledger import HERE, LEDGER, defined_in


def vectors() -> set[str]:
    """Read the ids of everything that lies in the folder of vectors."""
    found: set[str] = set()
    for file in sorted((HERE / "vectors").glob("*.json")):
        known: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        found |= {each if isinstance(each, str) else each["id"] for each in known["vectors"]}
        found |= {each["id"] for each in known.get("negative_cases", [])}
    return found


def test_no_vector_is_left_out_of_the_ledger() -> None:
    assert vectors() <= LEDGER.keys()


def test_the_ledger_has_all_that_was_published() -> None:
    kinds = Counter(vector.startswith("neg.") for vector in LEDGER)
    assert (kinds[False], kinds[True]) == (25, 11)


@pytest.mark.parametrize("vector", sorted(LEDGER))
def test_the_test_that_holds_a_vector_exists(vector: str) -> None:
    file, _, name = LEDGER[vector].partition("::")
    assert name in defined_in(file)
