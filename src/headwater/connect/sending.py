"""One way to ask the outside: failures on the road become Trouble, and no secret reaches a log."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Annotated, Final, TypeVar

import httpx2
import msgspec

from headwater.base.errors import NotReached, Trouble

T = TypeVar("T")

# Ids go into database columns and comparisons: printable ASCII, so never empty, blank or NUL.
Identifier = Annotated[str, msgspec.Meta(pattern=r"\A[!-~]{1,128}\Z")]
# More than a hundred million yuan in one amount is not a sale of ours.
Fen = Annotated[int, msgspec.Meta(ge=0, le=10_000_000_000)]

_MOMENT: Final = Annotated[datetime, msgspec.Meta(tz=True)]
_TOO_MANY_REQUESTS: Final = 429


def hide_query(record: logging.LogRecord) -> bool:
    """Take the query out of logged addresses, since Tencent wants secrets and tokens there."""
    if isinstance(record.args, tuple):
        record.args = tuple(
            value.copy_with(query=None) if isinstance(value, httpx2.URL) else value
            for value in record.args
        )
    return True


logging.getLogger("httpx2").addFilter(hide_query)


async def ask(http: httpx2.AsyncClient, request: httpx2.Request, whom: str) -> httpx2.Response:
    """Send once; whether a repeat is safe is known only to the caller, so nothing is retried here.

    The answer may be a refusal (4xx) or a success (2xx); everything else is Trouble, and
    NotReached where the request surely had no effect.
    """
    try:
        answer = await http.send(request, auth=None, follow_redirects=False)
    except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
        raise NotReached(f"{whom} cannot be reached ({type(error).__name__})") from error
    except httpx2.RequestError as error:
        raise Trouble(f"{whom} did not answer ({type(error).__name__})") from error
    if answer.status_code == _TOO_MANY_REQUESTS:
        raise NotReached(f"{whom} asks us to slow down")
    if not (answer.is_success or answer.is_client_error):
        raise Trouble(f"{whom} answered {answer.status_code}")
    return answer


def understood(kind: type[T], raw: bytes, whom: str) -> T:
    """Read bytes from the outside strictly, so that junk is Trouble and never a crash."""
    try:
        return msgspec.json.decode(raw, type=kind)
    except (ValueError, RecursionError) as error:
        raise Trouble(f"{whom} answered in a shape that we do not know") from error


def moment_or_none(text: str | None, whom: str) -> datetime | None:
    """Read an RFC 3339 moment as UTC; Tencent writes an empty text where there is none."""
    if not text:
        return None
    try:
        moment: datetime = msgspec.convert(text, type=_MOMENT, strict=False)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Trouble(f"{whom} gave a moment that we cannot read") from error
