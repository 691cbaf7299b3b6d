"""The published numbers beside ours: `HEADWATER_KNOWN_DATA=FOLDER python -m tests.known`."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from tests.known.files import HELD


def main() -> int:
    """Run the tests of this folder, then print each number that they held; 0 where all did."""
    code = int(pytest.main(["-q", "--no-header", str(Path(__file__).parent)]))
    say(f"{'what':52} {'ours':>14} {'published':>14} {'may differ':>10} {'differs':>10}")
    for each in HELD:
        say(
            f"{each.what:52} {each.found:14.8g} {each.published:14.8g} "
            f"{each.tolerance:10.2g} {abs(each.found - each.published):10.2g}"
        )
    say(f"{len(HELD)} numbers held")
    return code


def say(line: str) -> None:
    """Print a line."""
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main())
