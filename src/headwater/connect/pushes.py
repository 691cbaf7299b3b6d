"""What a push says: XML or JSON read without document types, entities or depth."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar
from xml.parsers import expat

import msgspec

from headwater.base.crypto import Keys, seal, unseal
from headwater.base.errors import Forged

T = TypeVar("T")

# A field's text, the fields inside it, or several of one name.
Fields = dict[str, Any]

_PURPOSE: Final = "connect.push"
_DEPTH_MOST: Final = 8
_ELEMENTS_MOST: Final = 2_000


class _Envelope(msgspec.Struct):
    Encrypt: str = msgspec.field(default="")


@dataclass
class _Element:
    name: str
    texts: list[str] = field(default_factory=list)
    inside: Fields = field(default_factory=dict)


class _Reader:
    """Builds fields from XML as it is parsed, and stops at the first thing a push never has."""

    def __init__(self) -> None:
        self.root: Fields | None = None
        self._open: list[_Element] = []
        self._count = 0

    def read(self, raw: bytes) -> Fields:
        """Read a whole document; Tencent writes UTF-8, whatever the first line claims."""
        parser = expat.ParserCreate("UTF-8")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = self._refuse
        parser.EntityDeclHandler = self._refuse
        parser.ProcessingInstructionHandler = self._refuse
        parser.buffer_text = True
        try:
            parser.Parse(raw, True)
        except (expat.ExpatError, ValueError) as error:
            raise Forged(why="this is no XML of a push") from error
        if self.root is None:
            raise Forged(why="this is no XML of a push")
        return self.root

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if len(self._open) >= _DEPTH_MOST or self._count > _ELEMENTS_MOST:
            raise Forged(why="a push is not that deep or long")
        self._open.append(_Element(name))

    def _end(self, name: str) -> None:
        element = self._open.pop()
        if not self._open:
            self.root = element.inside
            return
        value = element.inside or "".join(element.texts)
        inside = self._open[-1].inside
        if name not in inside:
            inside[name] = value
        elif isinstance(inside[name], list):
            inside[name].append(value)
        else:
            inside[name] = [inside[name], value]

    def _text(self, text: str) -> None:
        if self._open:
            self._open[-1].texts.append(text)

    def _refuse(self, *_declared: object) -> None:
        raise Forged(why="a push declares no document type, entity or instruction")


def read_fields(raw: bytes) -> Fields:
    """Read the fields of a push, in XML or JSON as the account's owner chose; junk is Forged.

    Numbers of the JSON form become text, so that both forms of one message read alike.
    """
    if raw.lstrip()[:1] == b"<":
        return _Reader().read(raw)
    try:
        read = msgspec.json.decode(raw, type=Fields)
        return {_storable(name): _as_text(value, 1) for name, value in read.items()}
    except (ValueError, RecursionError) as error:
        raise Forged(why="this is neither XML nor JSON of a push") from error


def name_of(fields: Mapping[str, Any]) -> str:
    """Name what a push is about: its event, or the kind of its message."""
    return str(fields.get("Event") or fields.get("MsgType") or "").lower()


def sealed_in(raw: bytes) -> str:
    """Take the sealed message out of its envelope; an envelope without one gives an empty text."""
    return understood_fields(_Envelope, read_fields(raw)).Encrypt


def understood_fields(kind: type[T], fields: Mapping[str, Any]) -> T:
    """Read fields strictly into what they should hold, so that junk is refused and never a crash.

    Texts that spell numbers count as numbers, since XML knows nothing else.
    """
    try:
        return msgspec.convert(fields, kind, strict=False)
    except (ValueError, RecursionError) as error:
        raise Forged(why="a push has a shape that we do not know") from error


def sealed(keys: Keys, fields: Mapping[str, Any]) -> str:
    """Seal what somebody said or did, for it waits in a table until a worker has time."""
    said = msgspec.json.encode(fields).decode()
    return base64.b64encode(seal(keys, said, _PURPOSE)).decode("ascii")


def unsealed(keys: Keys, text: str) -> Fields:
    """Open what `sealed` has sealed; anything else is Forged."""
    try:
        return msgspec.json.decode(unseal(keys, base64.b64decode(text), _PURPOSE), type=Fields)
    except ValueError as error:
        raise Forged(why="this push was not sealed here") from error


def identity_of(fields: Mapping[str, Any]) -> str:
    """Name a message so that its copies have the same name and no other message has.

    A message has its own id. An event has only its sender and its second, which two events may
    share (WeCom sends all as `sys`), so everything that it says makes its name.
    """
    message_id = fields.get("MsgId")
    if message_id:
        return "message:" + hashlib.sha256(str(message_id).encode()).hexdigest()
    said = msgspec.json.encode(fields, order="sorted")
    return "event:" + hashlib.sha256(said).hexdigest()


def _as_text(value: Any, depth: int) -> Any:
    if depth > _DEPTH_MOST:
        raise ValueError("too deep")
    if isinstance(value, dict):
        return {_storable(name): _as_text(each, depth + 1) for name, each in value.items()}
    if isinstance(value, list):
        return [_as_text(each, depth + 1) for each in value]
    if isinstance(value, bool):
        return "1" if value else "0"
    return "" if value is None else _storable(str(value))


def _storable(text: str) -> str:
    """Let no NUL through, which JSON can spell and a database cannot keep."""
    if "\0" in text:
        raise ValueError("a NUL in a text")
    return text
