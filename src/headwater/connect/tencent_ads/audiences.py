"""Audiences: members who said yes, handed over as hashes in zipped files.

developers.e.qq.com/v3.0/docs/api/custom_audiences/add and custom_audience_files/add
"""

from __future__ import annotations

import asyncio
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

import msgspec

from headwater.base.errors import BadInput
from headwater.connect.tencent_ads import bounds
from headwater.connect.tencent_ads.api import AdsApi, Count, Page, PageInfo, WireId, Words, in_bytes
from headwater.connect.tencent_ads.people import AudiencePerson, WithdrawnPerson

Named = AudiencePerson | WithdrawnPerson

# A zip of one file is never larger than its content by more than this.
_ZIP_OVERHEAD_BYTES = 1_024


class IdKind(StrEnum):
    """By which id people are handed over; one file has one kind."""

    PHONE = "SHA256_MOBILE_PHONE"
    OPENID = "WECHAT_OPENID"
    UNIONID = "WX_UNIONID"


class ProcessState(StrEnum):
    """How far the platform is; a word that it adds tomorrow reads as UNKNOWN."""

    PENDING = "PENDING"
    PROCESSING = "PROCESSING"
    DONE = "SUCCESS"
    FAILED = "ERROR"
    UNKNOWN = "UNKNOWN"

    @classmethod
    def _missing_(cls, value: object) -> ProcessState:
        return cls.UNKNOWN


@dataclass(frozen=True)
class Audience:
    """An audience as the platform keeps it."""

    audience_id: int
    name: str
    state: ProcessState
    people: int


@dataclass(frozen=True)
class FileState:
    """What became of one file: how many lines were read, and how many people were found."""

    file_id: int
    audience_id: int
    state: ProcessState
    refusal: str | None
    lines: int
    valid_lines: int
    people: int


class _Made(msgspec.Struct):
    audience_id: WireId


class _Audience(msgspec.Struct):
    audience_id: WireId
    name: Words = ""
    status: Words = ""
    user_count: Count = 0


class _Audiences(msgspec.Struct):
    rows: list[_Audience] = msgspec.field(name="list", default_factory=list)
    page_info: PageInfo = msgspec.field(default_factory=PageInfo)


class _FileMade(msgspec.Struct):
    custom_audience_file_id: WireId


class _File(msgspec.Struct):
    custom_audience_file_id: WireId
    audience_id: WireId
    process_status: Words = ""
    process_code: int = 0
    error_message: Words = ""
    line_count: Count = 0
    valid_line_count: Count = 0
    user_count: Count = 0


class _Files(msgspec.Struct):
    rows: list[_File] = msgspec.field(name="list", default_factory=list)
    page_info: PageInfo = msgspec.field(default_factory=PageInfo)


class Audiences:
    """Makes audiences, and puts people in or takes them out."""

    def __init__(self, api: AdsApi, most_bytes: int = bounds.AUDIENCE_FILE_BYTES) -> None:
        self._api = api
        self._most_bytes = most_bytes

    async def create(self, name: str, outer_id: str, description: str = "") -> int:
        """Make an audience to be filled with files, and give its id; a repeat makes a second one.

        After Trouble, look for the name with `list` before asking again.
        """
        body: dict[str, Any] = {
            "name": in_bytes("name", name, bounds.AUDIENCE_NAME_BYTES, least=1),
            "type": "CUSTOMER_FILE",
            "outer_audience_id": outer_id,
        }
        if description:
            most = bounds.AUDIENCE_DESCRIPTION_BYTES
            body["description"] = in_bytes("description", description, most)
        return (await self._api.post("custom_audiences/add", body, _Made)).audience_id

    async def list(self, number: int = 1) -> Page[Audience]:
        """Read a page of our audiences; reading again is harmless."""
        asked = {"page": number, "page_size": bounds.PAGE}
        wire = await self._api.get("custom_audiences/get", asked, _Audiences)
        found = tuple(
            Audience(each.audience_id, each.name, ProcessState(each.status), each.user_count)
            for each in wire.rows
        )
        return Page(found, number, number >= wire.page_info.total_page)

    async def put_in(
        self, audience_id: int, kind: IdKind, people: Sequence[AudiencePerson]
    ) -> tuple[int, ...]:
        """Add people, in as many files as their number needs, and give the files' ids.

        A repeat adds nobody twice, since an audience is a set; it makes new files.
        """
        return await self._send(audience_id, kind, people, "APPEND")

    async def take_out(
        self, audience_id: int, kind: IdKind, people: Sequence[Named]
    ) -> tuple[int, ...]:
        """Remove people, in as many files as their number needs; a repeat removes nobody more."""
        return await self._send(audience_id, kind, people, "REDUCE")

    async def files(self, audience_id: int, number: int = 1) -> Page[FileState]:
        """Read what became of an audience's files; reading again is harmless."""
        asked = {"audience_id": audience_id, "page": number, "page_size": bounds.PAGE}
        wire = await self._api.get("custom_audience_files/get", asked, _Files)
        found = tuple(_state(each) for each in wire.rows)
        return Page(found, number, number >= wire.page_info.total_page)

    async def _send(
        self,
        audience_id: int,
        kind: IdKind,
        people: Sequence[Named],
        operation: Literal["APPEND", "REDUCE"],
    ) -> tuple[int, ...]:
        lines = _lines(kind, people)
        fields = {
            "audience_id": str(audience_id),
            "user_id_type": kind.value,
            "operation_type": operation,
        }
        if kind is IdKind.OPENID:
            fields["open_app_id"] = _one_app(people)
        made = []
        for number, part in enumerate(parts(lines, self._most_bytes), start=1):
            content = await asyncio.to_thread(zipped, part)
            path = "custom_audience_files/add"
            name = f"audience-{audience_id}-{number}.zip"
            wire = await self._api.upload(path, fields, name, content, _FileMade)
            made.append(wire.custom_audience_file_id)
        return tuple(made)


def parts(lines: Sequence[str], most_bytes: int) -> Iterator[bytes]:
    """Cut lines into files that stay within the limit, whatever they shrink to when zipped."""
    room = most_bytes - _ZIP_OVERHEAD_BYTES
    part: list[bytes] = []
    size = 0
    for line in lines:
        written = line.encode() + b"\n"
        if len(written) > room:
            raise BadInput("people", f"one id has more than {room} bytes")
        if size + len(written) > room:
            yield b"".join(part)
            part, size = [], 0
        part.append(written)
        size += len(written)
    if part:
        yield b"".join(part)


def zipped(content: bytes) -> bytes:
    """Pack one text file; the same content gives the same bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        # Without a moment of its own the entry is dated 1980, and equal content packs equally.
        archive.writestr(zipfile.ZipInfo("people.txt"), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _lines(kind: IdKind, people: Sequence[Named]) -> list[str]:
    if not people:
        raise BadInput("people", "at least one")
    found = [_id(kind, person) for person in people]
    lines = [line for line in found if line]
    if len(lines) != len(people):
        raise BadInput("people", f"{len(people) - len(lines)} have no id of this kind")
    return sorted(set(lines))


def _id(kind: IdKind, person: Named) -> str | None:
    known = person.identity
    if kind is IdKind.PHONE:
        return known.phone_sha256
    return known.openid if kind is IdKind.OPENID else known.unionid


def _one_app(people: Sequence[Named]) -> str:
    apps = {person.identity.appid for person in people}
    if len(apps) != 1:
        raise BadInput("people", "open ids of one app at a time")
    return apps.pop() or ""


def _state(wire: _File) -> FileState:
    return FileState(
        file_id=wire.custom_audience_file_id,
        audience_id=wire.audience_id,
        state=ProcessState(wire.process_status),
        refusal=(wire.error_message or str(wire.process_code)) if wire.process_code else None,
        lines=wire.line_count,
        valid_lines=wire.valid_line_count,
        people=wire.user_count,
    )
