"""Pushes as bytes: XML with CDATA or JSON, plain, sealed, or both at once."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import msgspec

LONGEST_REPLY = 64 << 10
# Characters that XML cannot carry at all, however they are written; the platform drops them too.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DECLARES = re.compile(r"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)


class NoXml(Exception):
    """What came back is no XML that the platform would read."""


def xml(fields: dict[str, Any]) -> bytes:
    """The fields in order under one root; text stands in CDATA, numbers do not."""
    return f"<xml>{_inside(fields)}</xml>".encode()


def json(fields: dict[str, Any]) -> bytes:
    """The fields as a mini program's server may choose to get them."""
    return msgspec.json.encode(fields)


def read_xml(body: bytes) -> dict[str, Any]:
    """The elements under the root: text, or a mapping, or a list where a name repeats."""
    try:
        text = body.decode()
        if len(body) > LONGEST_REPLY or _DECLARES.search(text):
            raise NoXml("too long, or it declares a document type")
        # Without declarations there are no entities to expand.
        root = ElementTree.fromstring(text)  # noqa: S314
    except (ElementTree.ParseError, ValueError, LookupError):
        raise NoXml("not well formed") from None
    fields = _fields(root, depth=0)
    if root.tag != "xml" or not isinstance(fields, dict):
        raise NoXml("no fields under a root named xml")
    return fields


def _inside(fields: dict[str, Any]) -> str:
    return "".join(_element(name, value) for name, value in fields.items())


def _element(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "".join(_element(name, each) for each in value)
    if isinstance(value, dict):
        return f"<{name}>{_inside(value)}</{name}>"
    if isinstance(value, int | float):
        return f"<{name}>{value}</{name}>"
    text = _NOT_XML.sub("", str(value))
    # A CDATA section cannot hold its own end, so such a text is escaped instead.
    shown = escape(text) if "]]>" in text else f"<![CDATA[{text}]]>"
    return f"<{name}>{shown}</{name}>"


def _fields(element: ElementTree.Element, depth: int) -> Any:
    if depth > 8:
        raise NoXml("too deep")
    if len(element) == 0:
        return (element.text or "").strip()
    found: dict[str, Any] = {}
    for child in element:
        value = _fields(child, depth + 1)
        if child.tag in found:
            before = found[child.tag]
            found[child.tag] = [*(before if isinstance(before, list) else [before]), value]
        else:
            found[child.tag] = value
    return found
