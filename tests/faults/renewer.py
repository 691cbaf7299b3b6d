"""A process of its own that wants a token, thirty times at once; the outside is a file."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from headwater.base.crypto import Keys
from headwater.base.db import Pool
from headwater.connect import token_rows
from headwater.connect.tokens import IssuedToken

TASKS = 30


async def main() -> None:
    """Print the token that all tasks got; hang in the outside where told to."""
    url, folder, name, later_seconds, mode = sys.argv[1:]
    journal = Path(folder) / "asked"
    shift = timedelta(seconds=int(later_seconds))

    async def issue(is_forced: bool) -> IssuedToken:
        with journal.open("a") as out:
            out.write("asked\n")
        if mode == "hang":
            say("asking")
            await asyncio.Event().wait()
        return IssuedToken(f"token-{len(journal.read_text().splitlines())}", 7200)

    pool = await Pool.open(url, 3)
    keys = Keys.load(Path(folder) / "keys.json")
    holder = token_rows.shared(pool, lambda: keys, lambda: datetime.now(UTC) + shift).holder(
        name, issue
    )
    got = set(await asyncio.gather(*(holder.token() for _task in range(TASKS))))
    say(",".join(sorted(got)))
    await pool.close()


def say(sentence: str) -> None:
    sys.stdout.write(sentence + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
