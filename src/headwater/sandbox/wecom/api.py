"""What an API call is here: its place, the right it needs, its strict body, its pages."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeVar

import msgspec

from headwater.sandbox.wecom.errors import WecomError

Right = Literal["none", "any", "app", "contacts"]
Answer = dict[str, Any]
Body = TypeVar("Body")
Row = TypeVar("Row")

_CURSOR = re.compile(r"hw([0-9]{1,9})")


@dataclass(frozen=True)
class File:
    """A file as it came in with a form."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Call:
    """One request, after its token was believed."""

    query: dict[str, str]
    body: bytes
    app: str
    now: datetime
    file: File | None = None

    def read(self, body_type: type[Body]) -> Body:
        """The body as its fields are documented."""
        try:
            return msgspec.json.decode(self.body or b"{}", type=body_type)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise WecomError(40058, f"Warning: wrong json format. {error}") from None

    def needs(self, name: str, errcode: int = 40063) -> str:
        """A field of the query that must be there."""
        value = self.query.get(name, "")
        if not value:
            raise WecomError(errcode)
        return value

    def needs_file(self) -> File:
        """The file that a form must carry."""
        if self.file is None:
            raise WecomError(44001)
        return self.file


Verb = Callable[[Call], Answer]


@dataclass(frozen=True)
class Api:
    """A path of the host: who may call it, and what then happens."""

    path: str
    method: Literal["GET", "POST"]
    right: Right
    verb: Verb
    takes_file: bool = False


def contact_api(name: str, verb: Verb, method: Literal["GET", "POST"] = "POST") -> Api:
    """One of the many calls under externalcontact."""
    return Api(f"/cgi-bin/externalcontact/{name}", method, "contacts", verb)


def page(rows: Sequence[Row], cursor: str, limit: int) -> tuple[Sequence[Row], str]:
    """A page of rows and the cursor of the next one, empty at the end."""
    start = _read_cursor(cursor)
    end = start + limit
    return rows[start:end], _cursor(end) if end < len(rows) else ""


def checked_limit(asked: int, most: int, usual: int) -> int:
    """How many rows are wanted; nought stands for as many as usual."""
    if asked == 0:
        return usual
    if not 1 <= asked <= most:
        raise WecomError(40058, f"limit must be between 1 and {most}")
    return asked


def at_most(value: str, characters: int, name: str) -> None:
    """Refuse a text that is longer than its field."""
    if len(value) > characters:
        raise WecomError(40058, f"{name} exceed max length {characters}")


def few(values: Sequence[object], most: int, name: str) -> None:
    """Refuse a list that is longer than its field."""
    if len(values) > most:
        raise WecomError(40058, f"{name} exceed max size {most}")


def stamp(moment: datetime | None) -> int:
    """Seconds as the wire carries them; nought stands for never."""
    return 0 if moment is None else int(moment.timestamp())


def _cursor(offset: int) -> str:
    return base64.urlsafe_b64encode(f"hw{offset}".encode()).decode()


def _read_cursor(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        plain = base64.urlsafe_b64decode(cursor.encode()).decode()
    except (binascii.Error, UnicodeError):
        plain = ""
    found = _CURSOR.fullmatch(plain)
    if found is None:
        raise WecomError(40058, "invalid cursor")
    return int(found[1])
