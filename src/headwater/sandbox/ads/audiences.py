"""Audiences: files of ids, unpacked and matched a little later, people put in and taken out."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec

from headwater.sandbox.ads.api import Answer, Api, Call, in_bytes, page
from headwater.sandbox.ads.crowd import FORMS, Crowd
from headwater.sandbox.ads.errors import AdsError
from headwater.sandbox.credentials import digits
from headwater.sandbox.hosts import Ground
from headwater.sandbox.shelf import Shelf

# Source: developers.e.qq.com/v3.0/docs/api/custom_audience_files/add, read 2026-11.
MOST_FILE_BYTES = 100 * 1024 * 1024
# Not the platform's: what a file may grow to, so that a bomb does not take the sandbox with it.
MOST_UNPACKED_BYTES = 1024 * 1024 * 1024
LONGEST_LINE = 1_024
WAITS_SECONDS, WORKS_SECONDS = 2, 4
KINDS = ("CUSTOMER_FILE", "LOOKALIKE", "USER_ACTION", "AD", "KEYWORD", "COMBINE")
NOT_A_ZIP, NO_IDS = 1, 2
WORDS = {NOT_A_ZIP: "the file is not a zip of one txt or csv file", NO_IDS: "no line is valid"}


@dataclass(frozen=True)
class Audience:
    """A named set of people."""

    id: int
    name: str
    type: str
    made_at: datetime
    outer_id: str = ""
    description: str = ""


@dataclass(frozen=True)
class File:
    """One file and what its lines stand for."""

    id: int
    audience_id: int
    name: str
    kind: str
    operation: str
    appid: str
    size: int
    made_at: datetime
    code: int
    lines: int
    valid_lines: int
    person_ids: tuple[str, ...]


class AddAudience(msgspec.Struct):
    account_id: int
    name: str
    type: str
    outer_audience_id: str = ""
    description: str = ""
    audience_spec: dict[str, Any] | None = None


class AddFile(msgspec.Struct):
    account_id: int
    audience_id: int
    user_id_type: str
    operation_type: Literal["APPEND", "REDUCE"] = "APPEND"
    open_app_id: str = ""


class AskAudiences(msgspec.Struct):
    account_id: int
    audience_id: int | None = None
    page: int = 1
    page_size: int = 10


class AskFiles(AskAudiences):
    custom_audience_file_id: int | None = None


class Audiences:
    """All audiences and files of the advertiser."""

    def __init__(self, ground: Ground, crowd: Crowd) -> None:
        self._ground = ground
        self._crowd = crowd
        self._audiences = Shelf(ground.journal, "ads_audience", Audience, lambda one: str(one.id))
        self._files = Shelf(ground.journal, "ads_file", File, lambda one: str(one.id))

    def apis(self) -> list[Api]:
        """Audiences made, filled and read."""
        return [
            Api("custom_audiences/add", "POST", self._add),
            Api("custom_audiences/get", "GET", self._list),
            Api("custom_audience_files/add", "POST", self._add_file, takes_file=True),
            Api("custom_audience_files/get", "GET", self._list_files),
        ]

    def members(self, audience_id: int, now: datetime) -> set[str]:
        """Who is in an audience, as far as its files have been worked through."""
        found: set[str] = set()
        for file in self._of(audience_id):
            if self._status(file, now) == "SUCCESS":
                ids = set(file.person_ids)
                found = found | ids if file.operation == "APPEND" else found - ids
        return found

    def everything(self) -> list[Audience]:
        """All audiences."""
        return self._audiences.everything()

    def _add(self, call: Call) -> Answer:
        asked = call.read(AddAudience)
        if asked.type not in KINDS:
            raise AdsError(18001, "type")
        in_bytes(asked.name, 32, "name", least=1)
        in_bytes(asked.description, 128, "description")
        number = int("3" + digits(self._ground.seed, 8, "ads audience", len(self._audiences)))
        made = Audience(
            number, asked.name, asked.type, call.now, asked.outer_audience_id, asked.description
        )
        self._audiences.put(made)
        return {"audience_id": number}

    def _list(self, call: Call) -> Answer:
        asked = call.asked(AskAudiences)
        found = [one for one in self.everything() if asked.audience_id in (None, one.id)]
        rows, info = page(found, asked.page, asked.page_size)
        return {"list": [self._shown(one, call) for one in rows], "page_info": info}

    def _add_file(self, call: Call) -> Answer:
        asked, given = call.filled(AddFile), call.file
        audience = self._audiences.get(str(asked.audience_id))
        if audience is None or audience.type != "CUSTOMER_FILE":
            raise AdsError(18001, "audience_id")
        if asked.user_id_type not in FORMS:
            raise AdsError(18001, "user_id_type")
        if asked.user_id_type in ("WECHAT_OPENID", "WX_OPENID") and not asked.open_app_id:
            raise AdsError(18001, "open_app_id")
        if given is None or not 1 <= len(given.content) <= MOST_FILE_BYTES:
            raise AdsError(18001, "file")
        number = int("4" + digits(self._ground.seed, 8, "ads file", len(self._files)))
        code, lines, valid, ids = self._worked_through(given.content, asked)
        self._files.put(
            File(
                id=number,
                audience_id=audience.id,
                name=given.name,
                kind=asked.user_id_type,
                operation=asked.operation_type,
                appid=asked.open_app_id,
                size=len(given.content),
                made_at=call.now,
                code=code,
                lines=lines,
                valid_lines=valid,
                person_ids=tuple(sorted(ids)),
            )
        )
        return {"custom_audience_file_id": number}

    def _worked_through(self, content: bytes, asked: AddFile) -> tuple[int, int, int, set[str]]:
        form, lines, valid, ids = FORMS[asked.user_id_type], 0, 0, set()
        try:
            for text in unpacked(content):
                lines += 1
                if form.fullmatch(text):
                    valid += 1
                    person = self._crowd.found(asked.user_id_type, text, asked.open_app_id)
                    ids |= {person.id} if person is not None else set()
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError):
            return NOT_A_ZIP, 0, 0, set()
        return (0 if valid else NO_IDS), lines, valid, ids

    def _list_files(self, call: Call) -> Answer:
        asked = call.asked(AskFiles)
        found = [
            one
            for one in self._files.everything()
            if asked.audience_id in (None, one.audience_id)
            and asked.custom_audience_file_id in (None, one.id)
        ]
        rows, info = page(found, asked.page, asked.page_size)
        return {"list": [self._shown_file(one, call.now) for one in rows], "page_info": info}

    def _of(self, audience_id: int) -> list[File]:
        return [one for one in self._files.everything() if one.audience_id == audience_id]

    def _status(self, file: File, now: datetime) -> str:
        speed = self._ground.speed
        if now < file.made_at + timedelta(seconds=WAITS_SECONDS / speed):
            return "PENDING"
        if now < file.made_at + timedelta(seconds=WORKS_SECONDS / speed):
            return "PROCESSING"
        return "ERROR" if file.code else "SUCCESS"

    def _shown(self, one: Audience, call: Call) -> dict[str, Any]:
        statuses = [self._status(file, call.now) for file in self._of(one.id)]
        latest = statuses[-1] if statuses else "PENDING"
        return {
            "audience_id": one.id,
            "account_id": call.account_id,
            "name": one.name,
            "outer_audience_id": one.outer_id,
            "description": one.description,
            "type": one.type,
            "status": latest,
            "user_count": len(self.members(one.id, call.now)),
            "created_time": one.made_at.strftime("%Y-%m-%d %H:%M:%S"),
        }

    def _shown_file(self, one: File, now: datetime) -> dict[str, Any]:
        status = self._status(one, now)
        is_over = status in ("SUCCESS", "ERROR")
        return {
            "audience_id": one.audience_id,
            "custom_audience_file_id": one.id,
            "name": one.name,
            "user_id_type": one.kind,
            "operation_type": one.operation,
            "open_app_id": one.appid,
            "process_status": status,
            "process_code": one.code if is_over else 0,
            "error_message": WORDS.get(one.code, "") if is_over else "",
            "line_count": one.lines if is_over else 0,
            "valid_line_count": one.valid_lines if is_over else 0,
            "user_count": len(one.person_ids) if is_over else 0,
            "size": one.size,
            "created_time": one.made_at.strftime("%Y-%m-%d %H:%M:%S"),
        }


def unpacked(content: bytes) -> Iterator[str]:
    """The lines of the text files in a zip; ValueError when there are none, or far too many."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        inside = [one for one in archive.infolist() if not one.is_dir()]
        names = [one.filename.lower() for one in inside]
        if not names or not all(one.endswith((".txt", ".csv")) for one in names):
            raise ValueError("no text in it")
        if sum(one.file_size for one in inside) > MOST_UNPACKED_BYTES:
            raise ValueError("too large")
        for one in inside:
            with archive.open(one) as file:
                while line := file.readline(LONGEST_LINE):
                    text = line.decode("utf-8-sig", errors="replace").strip()
                    if text:
                        yield text
