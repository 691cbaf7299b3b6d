"""Bodies of requests: read as raw bytes or as one file, and not a byte more than belongs there."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import UploadFile
from starlette.requests import Request

from headwater.base.errors import BadInput, Forged
from headwater.web.kit.forms import check_own

BYTES_MOST: Final = 64 * 1024
# What a form says beside its file.
FIELDS_BYTES_MOST: Final = 64 * 1024


async def raw_body(request: Request, most: int = BYTES_MOST) -> bytes:
    """Read the body, and stop listening where it grows beyond what belongs there."""
    read = bytearray()
    async for chunk in request.stream():
        read += chunk
        if len(read) > most:
            raise Forged(why="a message is not that long")
    return bytes(read)


async def read_file(request: Request, name: str, most_bytes: int) -> tuple[dict[str, str], bytes]:
    """Read the fields of a form of ours and its one file, which may be missing.

    The length is known before anything is read, as browsers always say it.
    """
    said = request.headers.get("content-length", "")
    if not said.isascii() or not said.isdigit():
        raise BadInput(name, "malformed")
    if int(said) > most_bytes + FIELDS_BYTES_MOST:
        raise BadInput(name, "too_large")
    async with request.form(max_files=1, max_fields=20) as form:
        fields = {key: value for key, value in form.items() if isinstance(value, str)}
        check_own(request, fields.get("form_token"))
        file = form.get(name)
        content = await file.read(most_bytes + 1) if isinstance(file, UploadFile) else b""
    return fields, content
