"""Bodies of hooks: read as raw bytes, and not a byte more than such a message ever has."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request

from headwater.base.errors import Forged

BYTES_MOST: Final = 64 * 1024


async def raw_body(request: Request, most: int = BYTES_MOST) -> bytes:
    """Read the body, and stop listening where it grows beyond what belongs there."""
    read = bytearray()
    async for chunk in request.stream():
        read += chunk
        if len(read) > most:
            raise Forged(why="a message is not that long")
    return bytes(read)
