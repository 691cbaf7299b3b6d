"""Print what our client makes of every flipped bit: python -m tests.conformance.tamper_table.

A number after it tries only every so many-th bit. All bits take one to four minutes.
"""

from __future__ import annotations

import asyncio
import logging
import sys

from tests.conformance.tamper import Outcome, messages, tried

COLUMNS = ("message", "part", "flips", "forged", "trouble", "accepted", "changed")
# The first two columns are words, the rest numbers.
WORDS = 2


async def outcomes(every: int) -> list[Outcome]:
    """Try every n-th bit of every part of every message."""
    return [await tried(message, part, every) for message in messages() for part in message.parts]


def table(found: list[Outcome]) -> str:
    """Draw the outcomes, with their sums below."""
    rows = [[str(getattr(each, column)) for column in COLUMNS] for each in found]
    sums = [str(sum(getattr(each, column) for each in found)) for column in COLUMNS[WORDS:]]
    lines = [list(COLUMNS), *rows, ["all", "", *sums]]
    widths = [max(len(line[at]) for line in lines) for at in range(len(COLUMNS))]
    drawn = ["  ".join(map(_cell, line, widths, range(len(line)))) for line in lines]
    rule = "-" * len(drawn[0])
    return "\n".join([drawn[0], rule, *drawn[1:-1], rule, drawn[-1]])


def _cell(text: str, width: int, at: int) -> str:
    return text.ljust(width) if at < WORDS else text.rjust(width)


def main() -> int:
    """Fail where one flipped bit was believed, or changed anything."""
    every = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    # An unknown serial has the certificates fetched, in vain; that need not be said each time.
    logging.disable(logging.WARNING)
    found = asyncio.run(outcomes(every))
    sys.stdout.write(table(found) + "\n")
    return 1 if any(each.accepted or each.changed for each in found) else 0


if __name__ == "__main__":
    sys.exit(main())
