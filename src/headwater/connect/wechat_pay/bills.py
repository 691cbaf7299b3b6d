"""Bills of WeChat Pay: asked for, downloaded, proven by their hash, read row by row."""

from __future__ import annotations

import asyncio
import hashlib
import re
import tempfile
import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing
from datetime import date
from enum import StrEnum
from typing import IO, Annotated, Final, Generic
from urllib.parse import urlsplit

import httpx2
import msgspec

from headwater.base.errors import BadInput, NotReached, Trouble
from headwater.base.times import business_day
from headwater.connect.errors import NoBill, ProviderRefused
from headwater.connect.sending import SlowDown, must_be_packed_once, traffic_of, understood
from headwater.connect.traffic import Passage
from headwater.connect.wechat_pay.bill_rows import (
    FUND_FLOW,
    TRADE,
    FundRow,
    Layout,
    Row,
    TradeRow,
    parsed,
)
from headwater.connect.wechat_pay.exchange import Line, refusal
from headwater.connect.wechat_pay.states import WHOM

# A bill of five million rows is about one gibibyte; more is a bomb, or a day of somebody else's.
MOST_BYTES: Final = 1024**3
MOST_LINE_BYTES: Final = 64 * 1024
IN_MEMORY_BYTES: Final = 8 * 1024**2

_MOST_REFUSAL_BYTES: Final = 64 * 1024
_TENCENT: Final = ("https://api.mch.weixin.qq.com", "https://api2.mch.weixin.qq.com")
_GZIP: Final = b"\x1f\x8b"
_SHA1: Final = re.compile(r"[0-9a-fA-F]{40}")


class BillKind(StrEnum):
    """Which rows a trade bill holds."""

    ALL = "ALL"
    PAID = "SUCCESS"
    REFUNDED = "REFUND"


class FundAccount(StrEnum):
    """Which of the merchant's accounts a fund bill tells of."""

    BASIC = "BASIC"
    OPERATION = "OPERATION"
    FEES = "FEES"


class _Announced(msgspec.Struct):
    hash_type: str
    hash_value: str
    download_url: Annotated[str, msgspec.Meta(pattern=r"\A[!-~]{1,2048}\Z")]


class Bill(Generic[Row]):
    """A day's bill, proven and summed; its rows are read anew each time, one by one."""

    def __init__(self, file: IO[bytes], layout: Layout[Row]) -> None:
        self._file = file
        self._layout = layout

    def __enter__(self) -> Bill[Row]:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def rows(self) -> Iterator[Row]:
        """Read every row; only one reading at a time."""
        return parsed(self._lines(), self._layout)

    def close(self) -> None:
        """Let go of the file behind it."""
        self._file.close()

    def _lines(self) -> Iterator[str]:
        self._file.seek(0)
        while raw := self._file.readline(MOST_LINE_BYTES):
            if len(raw) == MOST_LINE_BYTES and not raw.endswith(b"\n"):
                raise Trouble(f"a bill of {WHOM} has a line without an end")
            try:
                line = raw.decode().rstrip("\r\n")
            except UnicodeDecodeError as error:
                raise Trouble(f"a bill of {WHOM} is not text") from error
            if "\0" in line:
                raise Trouble(f"a bill of {WHOM} is not text")
            if line:
                yield line


class Bills:
    """The merchant's bills. A day's bill is made after nine the next morning, kept three months."""

    def __init__(self, line: Line, most_bytes: int = MOST_BYTES) -> None:
        self._line = line
        self._most_bytes = most_bytes

    async def trade(self, day: date, kind: BillKind = BillKind.ALL) -> Bill[TradeRow]:
        """Get the payments and refunds of a day; asking again gives the same bill.

        NoBill says that nothing happened on that day, NotReached that the bill is still being
        made. What does not match its hash or its own sums is Trouble, and nothing of it is shown.
        """
        return await self._bill("tradebill", day, {"bill_type": kind.value}, TRADE)

    async def fund_flow(self, day: date, account: FundAccount = FundAccount.BASIC) -> Bill[FundRow]:
        """Get the movements of a day on one account; repeats and failures as for trade bills."""
        return await self._bill("fundflowbill", day, {"account_type": account.value}, FUND_FLOW)

    async def _bill(
        self, which: str, day: date, asked: dict[str, str], layout: Layout[Row]
    ) -> Bill[Row]:
        if day >= business_day(self._line.now()):
            raise BadInput("day", "a bill is made when its day is over")
        query = "".join(f"&{name}={value}" for name, value in asked.items())
        path = f"/v3/bill/{which}?bill_date={day.isoformat()}{query}&tar_type=GZIP"
        announced = understood(_Announced, await self._announced(path), WHOM)
        if announced.hash_type != "SHA1" or not _SHA1.fullmatch(announced.hash_value):
            raise Trouble(f"{WHOM} hashed a bill in a way that we do not know")
        bill = Bill(await self._downloaded(announced), layout)
        try:
            # Summing a large bill takes seconds; everybody else's requests go on meanwhile.
            await asyncio.to_thread(lambda: sum(1 for _ in bill.rows()))
        except BaseException:
            bill.close()
            raise
        return bill

    async def _announced(self, path: str) -> bytes:
        try:
            return await self._line.exchange("GET", path)
        except ProviderRefused as refused:
            if refused.provider_code == "NO_STATEMENT_EXIST":
                raise NoBill(refused.provider_code, refused.provider_message) from refused
            if refused.provider_code == "STATEMENT_CREATING":
                raise NotReached(f"{WHOM} is still making the bill") from refused
            raise

    async def _downloaded(self, announced: _Announced) -> IO[bytes]:
        """Fetch the file; nobody signs it, so only the hash in the signed answer proves it."""
        self._must_be_tencent(announced.download_url)
        request = self._line.signed_request("GET", announced.download_url, b"")
        file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115
        digest, size = hashlib.sha1(usedforsecurity=False), 0
        try:
            async with aclosing(self._pieces(request)) as pieces:
                async for piece in _unzipped(pieces):
                    size += len(piece)
                    if size > self._most_bytes:
                        raise Trouble(f"a bill of {WHOM} is longer than any bill of ours")
                    digest.update(piece)
                    file.write(piece)
            if digest.hexdigest() != announced.hash_value.lower():
                raise Trouble(f"a bill of {WHOM} is not the one that was announced")
        except BaseException:
            file.close()
            raise
        return file

    def _must_be_tencent(self, url: str) -> None:
        """A signed request goes to nobody but WeChat Pay, whatever an answer says."""
        try:
            parts = urlsplit(url)
        except ValueError:
            parts = urlsplit("")
        ours = urlsplit(self._line.credentials.base_url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in (*_TENCENT, f"{ours.scheme}://{ours.netloc}"):
            raise Trouble(f"{WHOM} keeps a bill where we do not go")

    async def _pieces(self, request: httpx2.Request) -> AsyncGenerator[bytes, None]:
        """Fetch piece by piece, on the same road as every other call to this host."""
        http, host = self._line.http, request.url.netloc.decode("ascii", "replace")
        async with traffic_of(http).passage(host, "GET", request.url.path) as passage:
            try:
                answer = await http.send(request, auth=None, follow_redirects=False, stream=True)
                try:
                    must_be_packed_once(answer, WHOM)
                    await _must_be_good(answer, passage)
                    async for piece in answer.aiter_bytes():
                        yield piece
                finally:
                    await answer.aclose()
                passage.outcome = "done"
            except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
                passage.outcome, passage.is_failure = "not_reached", True
                raise NotReached(f"{WHOM} cannot be reached ({type(error).__name__})") from error
            except (httpx2.RequestError, httpx2.StreamError) as error:
                passage.outcome, passage.is_failure = "silent", True
                raise Trouble(f"{WHOM} broke off a bill ({type(error).__name__})") from error


async def _must_be_good(answer: httpx2.Response, passage: Passage) -> None:
    if answer.status_code == 200:
        return
    passage.outcome, passage.is_refused = "refused", answer.is_client_error
    if answer.status_code == 429:
        raise SlowDown(f"{WHOM} asks us to slow down")
    if not answer.is_client_error:
        passage.outcome, passage.is_failure = "trouble", True
        raise Trouble(f"{WHOM} answered {answer.status_code} instead of a bill")
    said = b""
    async for piece in answer.aiter_bytes():
        said += piece
        if len(said) > _MOST_REFUSAL_BYTES:
            break
    raise refusal(answer.status_code, said)


async def _unzipped(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Unzip what is zipped, never more of it at once than fits, so that a bomb is noticed."""
    unzip = None
    is_first = True
    async for piece in pieces:
        if not piece:
            continue
        if is_first and piece.startswith(_GZIP[:1]):
            unzip = zlib.decompressobj(zlib.MAX_WBITS | 16)
        is_first = False
        if unzip is None:
            yield piece
            continue
        unzipped = b""
        while piece or len(unzipped) == IN_MEMORY_BYTES:
            try:
                unzipped = unzip.decompress(piece, IN_MEMORY_BYTES)
            except zlib.error as error:
                raise Trouble(f"a bill of {WHOM} does not unzip") from error
            if unzip.unused_data:
                raise Trouble(f"a bill of {WHOM} goes on after its end")
            yield unzipped
            piece = unzip.unconsumed_tail
    if unzip is not None and not unzip.eof:
        raise Trouble(f"a bill of {WHOM} was cut off")
