"""Bodies: JSON in, typed by msgspec, and JSON out that nobody keeps."""

from __future__ import annotations

from typing import TypeVar

import msgspec
from starlette.responses import Response

from headwater.base.errors import BadInput

Body = TypeVar("Body")

_encoder = msgspec.json.Encoder()


def json(answer: object, status: int = 200) -> Response:
    """Answer with JSON that neither a browser nor a proxy keeps."""
    return Response(
        _encoder.encode(answer),
        status,
        {"Cache-Control": "no-store"},
        media_type="application/json",
    )


def read(decoder: msgspec.json.Decoder[Body], raw: bytes) -> Body:
    """Read a body, and name the field that is not what it must be."""
    if b"\\u0000" in raw:
        raise BadInput("body", "no text may hold the sign \\u0000")
    try:
        return decoder.decode(raw)
    except msgspec.ValidationError as error:
        path = str(error).rpartition("`$")[2].strip("`.") or "body"
        raise BadInput(path, str(error).partition(" - ")[0]) from None
    except msgspec.DecodeError:
        raise BadInput("body", "this is not JSON") from None
