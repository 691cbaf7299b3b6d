"""Run every published vector and print which held: python -m tests.conformance.vector_table."""

from __future__ import annotations

import sys
from collections import Counter, defaultdict

import pytest
from tests.conformance.ledger import HERE, LEDGER

ROOT = HERE.parents[1]


class Outcomes:
    """Remembers how each test ended, by its file and name without parameters."""

    def __init__(self) -> None:
        self.of: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Hear of a test that ended, or of one that could not begin."""
        if report.when == "call" or not report.passed:
            name = report.nodeid.rpartition("/")[2].partition("[")[0]
            self.of[name][report.outcome] += 1


def table(outcomes: Outcomes) -> str:
    """Draw what was published, what held, and where."""
    lines = []
    for vector, test in LEDGER.items():
        ended = outcomes.of[test]
        held = "held" if ended and set(ended) == {"passed"} else f"NOT HELD {dict(ended)}"
        lines.append(f"{vector:<46} {held:<5}  {test}")
    rule = "-" * 110
    kinds = Counter("negative" if vector.startswith("neg.") else "positive" for vector in LEDGER)
    sums = f"{kinds['positive']} positive and {kinds['negative']} negative"
    return "\n".join([rule, *lines, rule, sums])


def main() -> int:
    """Fail where one does not hold."""
    outcomes = Outcomes()
    nodes = sorted({str(HERE / test) for test in LEDGER.values()})
    code = pytest.main(["-q", "--no-header", "--no-summary", *nodes], plugins=[outcomes])
    sys.stdout.write(table(outcomes) + "\n")
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
