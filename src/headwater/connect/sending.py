"""One way to ask the outside: failures on the road become Trouble, and no secret reaches a log."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Final, TypeVar
from weakref import WeakKeyDictionary

import httpx2
import msgspec

from headwater.base.errors import NotReached, Trouble
from headwater.connect.pace import Rest
from headwater.connect.traffic import HostRests, Passage, Traffic

T = TypeVar("T")
log = logging.getLogger(__name__)

# Ids go into database columns and comparisons: printable ASCII, so never empty, blank or NUL.
Identifier = Annotated[str, msgspec.Meta(pattern=r"\A[!-~]{1,128}\Z")]
# More than a hundred million yuan in one amount is not a sale of ours.
Fen = Annotated[int, msgspec.Meta(ge=0, le=10_000_000_000)]

_MOMENT: Final = Annotated[datetime, msgspec.Meta(tz=True)]
# The largest answers are pictures and pages of customers, of a megabyte or two.
ANSWER_BYTES_MOST: Final = 16 * 1024**2

_TOO_MANY_REQUESTS: Final = 429
_PAUSES_SECONDS: Final = (0.2, 0.8)
# api.weixin.qq.com, qyapi and the advertising platform say no inside a 200.
_ERROR_INSIDE: Final = re.compile(rb'"(?:errcode|code)"\s*:\s*-?[1-9]')
_PACKING: Final = frozenset({"content-encoding", "content-length", "transfer-encoding"})
_TRAFFIC: Final[WeakKeyDictionary[httpx2.AsyncClient, Traffic]] = WeakKeyDictionary()


def hide_query(record: logging.LogRecord) -> bool:
    """Take the query out of logged addresses, since Tencent wants secrets and tokens there."""
    if isinstance(record.args, tuple):
        record.args = tuple(
            value.copy_with(query=None) if isinstance(value, httpx2.URL) else value
            for value in record.args
        )
    return True


logging.getLogger("httpx2").addFilter(hide_query)


class SlowDown(NotReached):
    """The host had no time for this call, and wants fewer of them."""


def traffic_of(http: httpx2.AsyncClient) -> Traffic:
    """Give the traffic that goes through a client, with what was counted of it."""
    if http not in _TRAFFIC:
        _TRAFFIC[http] = Traffic()
    return _TRAFFIC[http]


def lead_through(http: httpx2.AsyncClient, traffic: Traffic) -> None:
    """Lead a client's calls through this traffic, as a clock of one's own wants."""
    _TRAFFIC[http] = traffic


async def ask(http: httpx2.AsyncClient, request: httpx2.Request, whom: str) -> httpx2.Response:
    """Send once; whether a repeat is safe is known only to the caller, so nothing is retried here.

    The answer may be a refusal (4xx) or a success (2xx); everything else is Trouble, and
    NotReached where the request surely had no effect: because nobody was there, because a limit
    of theirs would have refused it, or because the host failed so often that it is left alone.
    An answer that is too long, or does not come to its end, is Trouble.
    """
    host = request.url.netloc.decode("ascii", "replace")
    traffic = traffic_of(http)
    async with traffic.passage(host, request.method, request.url.path) as passage:
        return await _sent(http, request, whom, passage)


async def ask_again(
    http: httpx2.AsyncClient,
    make: Callable[[], httpx2.Request],
    whom: str,
    rest: Rest = asyncio.sleep,
) -> httpx2.Response:
    """Send up to three times, for questions and for what a repeat does not change.

    Each try is made anew, since a signed request must not be sent twice. Whoever asks for fewer
    calls, or failed too often, is not asked again.
    """
    for pause_seconds in _PAUSES_SECONDS:
        try:
            return await ask(http, make(), whom)
        except (SlowDown, HostRests):
            raise
        except Trouble as trouble:
            log.info("asking %s again: %s", whom, trouble)
        await rest(pause_seconds)
    return await ask(http, make(), whom)


async def _sent(
    http: httpx2.AsyncClient, request: httpx2.Request, whom: str, passage: Passage
) -> httpx2.Response:
    try:
        async with asyncio.timeout(traffic_of(http).answer_seconds):
            answer = await _whole(http, request, whom)
    except TimeoutError as error:
        passage.outcome, passage.is_failure = "silent", True
        raise Trouble(f"{whom} did not come to the end of an answer") from error
    except httpx2.PoolTimeout as error:
        passage.outcome = "crowded"
        raise NotReached(f"too many calls are under way to reach {whom}") from error
    except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
        passage.outcome, passage.is_failure = "not_reached", True
        raise NotReached(f"{whom} cannot be reached ({type(error).__name__})") from error
    except httpx2.RequestError as error:
        passage.outcome, passage.is_failure = "silent", True
        raise Trouble(f"{whom} did not answer ({type(error).__name__})") from error
    if answer.status_code == _TOO_MANY_REQUESTS:
        passage.outcome, passage.is_refused = "slow_down", True
        raise SlowDown(f"{whom} asks us to slow down")
    if not (answer.is_success or answer.is_client_error):
        passage.outcome, passage.is_failure = "trouble", True
        raise Trouble(f"{whom} answered {answer.status_code}")
    is_no_inside = _ERROR_INSIDE.search(answer.content[:400]) is not None
    passage.is_refused = answer.is_client_error or is_no_inside
    passage.outcome = "refused" if passage.is_refused else "done"
    return answer


async def _whole(http: httpx2.AsyncClient, request: httpx2.Request, whom: str) -> httpx2.Response:
    """Read an answer piece by piece, so that one without an end fills no memory."""
    answer = await http.send(request, auth=None, follow_redirects=False, stream=True)
    read = bytearray()
    try:
        must_be_packed_once(answer, whom)
        async for piece in answer.aiter_bytes():
            read += piece
            if len(read) > ANSWER_BYTES_MOST:
                raise httpx2.DecodingError("longer than any answer is", request=request)
    finally:
        await answer.aclose()
    # It is unpacked by now, and its length is another one.
    left = [pair for pair in answer.headers.multi_items() if pair[0].lower() not in _PACKING]
    return httpx2.Response(answer.status_code, headers=left, content=bytes(read), request=request)


def must_be_packed_once(answer: httpx2.Response, whom: str) -> None:
    """Refuse what is packed inside a packing, which nobody does who means well."""
    if "," in answer.headers.get("content-encoding", ""):
        raise httpx2.DecodingError(f"{whom} packed an answer twice", request=answer.request)


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
