"""A request as it was signed: raw path, raw query, headers, and the moment it came."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl, unquote

from starlette.requests import Request

SKEW_SECONDS = 900


@dataclass(frozen=True)
class Keys:
    """The one pair of keys that may do everything in the one bucket."""

    secret_id: str
    secret_key: str
    bucket: str
    region: str


@dataclass(frozen=True)
class Asked:
    """What the signature is checked against."""

    method: str
    raw_path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: bytes
    now: datetime

    @property
    def path(self) -> str:
        """The path as people write it."""
        return unquote(self.raw_path)

    @property
    def given(self) -> dict[str, str]:
        """The query by name; of a name that comes twice the last one counts."""
        return dict(self.query)

    def has(self, name: str) -> bool:
        """Whether the query names it, with a value or without."""
        return name in self.given

    def digest(self) -> str:
        """The body's hash."""
        return hashlib.sha256(self.body).hexdigest()


async def asked_by(request: Request, now: datetime) -> Asked:
    """The request as it came over the wire, before anything was decoded."""
    raw = request.scope.get("raw_path") or request.url.path.encode()
    path = raw.decode("ascii", "replace").partition("?")[0]
    query = parse_qsl(
        request.scope["query_string"].decode("ascii", "replace"), keep_blank_values=True
    )
    return Asked(
        request.method,
        path,
        tuple(query),
        {name.lower(): value for name, value in request.headers.items()},
        await request.body(),
        now,
    )


def place_of(asked: Asked, bucket: str) -> tuple[str, str]:
    """Which bucket and which object a request is about.

    A host name begins with the bucket. An address of numbers has no room for one: there the
    first part of the path may name it, and otherwise our only bucket is meant.
    """
    host = re.sub(r":[0-9]+\Z", "", asked.headers.get("host", ""))
    key = asked.path.removeprefix("/")
    if re.fullmatch(r"[0-9.]+|localhost|\[?[0-9a-f:]+\]?|cos\.[a-z0-9.-]*", host):
        first, _, rest = key.partition("/")
        return (bucket, rest) if first == bucket else (bucket, key)
    return host.partition(".")[0], key
