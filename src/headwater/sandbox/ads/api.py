"""What a call of the ads host is here: its parameters, its strict body, its pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeVar

import msgspec

from headwater.sandbox.ads.errors import AdsError

Answer = dict[str, Any]
Body = TypeVar("Body")
Row = TypeVar("Row")


@dataclass(frozen=True)
class File:
    """A file as it came in with a form."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Call:
    """One request, after its token, clock and nonce were believed."""

    query: dict[str, str]
    form: dict[str, str]
    body: bytes
    account_id: int
    now: datetime
    file: File | None = None

    def read(self, body_type: type[Body]) -> Body:
        """The body as its fields are documented."""
        try:
            return msgspec.json.decode(self.body, type=body_type)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise AdsError(18001, str(error)) from None

    def asked(self, body_type: type[Body]) -> Body:
        """The same from a query, in which lists and objects are written as JSON."""
        return _converted(self.query, body_type)

    def filled(self, body_type: type[Body]) -> Body:
        """The same from a form."""
        return _converted(self.form, body_type)


Verb = Callable[[Call], Answer]


@dataclass(frozen=True)
class Api:
    """A path under /v3.0, and what then happens."""

    path: str
    method: Literal["GET", "POST"]
    verb: Verb
    takes_file: bool = False


def page(rows: Sequence[Row], number: int, size: int, most: int = 100) -> tuple[list[Row], Answer]:
    """A page of rows, counted from one, and where it stands."""
    if number < 1 or not 1 <= size <= most:
        raise AdsError(18001, "page, page_size")
    found = list(rows[(number - 1) * size : number * size])
    info = {
        "page": number,
        "page_size": size,
        "total_number": len(rows),
        "total_page": -(-len(rows) // size),
    }
    return found, info


def in_bytes(value: str, most: int, name: str, least: int = 0) -> str:
    """Refuse a text that is longer or shorter than its field."""
    if not least <= len(value.encode()) <= most:
        raise AdsError(18001, name)
    return value


def _converted(given: dict[str, str], body_type: type[Body]) -> Body:
    wanted = {
        name: msgspec.json.decode(text) if text[:1] in "[{" and text else text
        for name, text in _readable(given).items()
    }
    try:
        return msgspec.convert(wanted, body_type, strict=False)
    except msgspec.ValidationError as error:
        raise AdsError(18001, str(error)) from None


def _readable(given: dict[str, str]) -> dict[str, str]:
    for name, text in given.items():
        if text[:1] in ("[", "{"):
            try:
                msgspec.json.decode(text)
            except (msgspec.DecodeError, RecursionError):
                raise AdsError(18001, name) from None
    return given
