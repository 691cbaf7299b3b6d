"""What lies in the bucket: whole objects under their names, listed in order."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape

from headwater.sandbox.cos.errors import CosError, no_key

LARGEST_BYTES = 64_000_000
LONGEST_KEY_BYTES = 850
MOST_LISTED = 1_000


@dataclass(frozen=True)
class Object:
    """Bytes under a name, with the headers that they are given out with."""

    key: str
    content: bytes
    headers: dict[str, str]
    at: datetime

    @property
    def etag(self) -> str:
        """The fingerprint that the platform shows for objects put in one piece."""
        return f'"{hashlib.md5(self.content, usedforsecurity=False).hexdigest()}"'

    def shown(self) -> dict[str, str]:
        """The headers of an answer that carries the object."""
        moment = format_datetime(self.at.astimezone(UTC), usegmt=True)
        return {**self.headers, "ETag": self.etag, "Last-Modified": moment}


class Objects:
    """One bucket in memory."""

    def __init__(self) -> None:
        self._by_key: dict[str, Object] = {}

    def put(self, key: str, content: bytes, given: Mapping[str, str], now: datetime) -> Object:
        """Keep an object; the same name again replaces it whole."""
        if not key or len(key.encode()) > LONGEST_KEY_BYTES:
            raise CosError(400, "InvalidURI", "The key is empty or too long.")
        if len(content) > LARGEST_BYTES:
            raise CosError(400, "EntityTooLarge", "This sandbox keeps 64 MB an object.")
        _check_digest(content, given.get("content-md5"))
        kept = {name: value for name, value in given.items() if _is_kept(name)}
        kept.setdefault("content-type", "application/octet-stream")
        found = Object(key, content, kept, now)
        self._by_key[key] = found
        return found

    def get(self, key: str) -> Object:
        """The object under this name."""
        if key not in self._by_key:
            raise no_key()
        return self._by_key[key]

    def delete(self, key: str) -> None:
        """Take an object away; what is not there is gone already."""
        self._by_key.pop(key, None)

    def keys(self) -> list[str]:
        """All names in order."""
        return sorted(self._by_key)

    def listed(self, bucket: str, given: Mapping[str, str]) -> bytes:
        """The listing, in its first version or its second."""
        is_second = given.get("list-type") == "2"
        prefix, most = given.get("prefix", ""), _most(given.get("max-keys", ""))
        after = given.get("continuation-token") or given.get("start-after", "")
        after = after if is_second else given.get("marker", "")
        found = [one for one in self.keys() if one.startswith(prefix) and one > after]
        page, is_cut = found[:most], len(found) > most
        rows = [("Name", bucket), ("Prefix", prefix), ("MaxKeys", str(most))]
        rows.append(("IsTruncated", str(is_cut).lower()))
        if is_second:
            rows.append(("KeyCount", str(len(page))))
            rows += [("NextContinuationToken", page[-1])] if is_cut and page else []
        else:
            rows.append(("Marker", after))
            rows += [("NextMarker", page[-1])] if is_cut and page else []
        head = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in rows)
        body = "".join(_row(self._by_key[key]) for key in page)
        return f"<ListBucketResult>{head}{body}</ListBucketResult>".encode()


def _row(one: Object) -> str:
    at = one.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return (
        f"<Contents><Key>{escape(one.key)}</Key><LastModified>{at}</LastModified>"
        f"<ETag>{escape(one.etag)}</ETag><Size>{len(one.content)}</Size>"
        "<StorageClass>STANDARD</StorageClass></Contents>"
    )


def _most(text: str) -> int:
    if not text:
        return MOST_LISTED
    if not text.isascii() or not text.isdigit():
        raise CosError(400, "InvalidArgument", "max-keys is not a number.")
    return min(int(text), MOST_LISTED)


def _is_kept(name: str) -> bool:
    plain = ("content-type", "cache-control", "content-disposition", "content-encoding")
    return name in plain or name.startswith(("x-cos-meta-", "x-amz-meta-"))


def _check_digest(content: bytes, claimed: str | None) -> None:
    if claimed is None:
        return
    try:
        wanted = base64.b64decode(claimed, validate=True)
    except binascii.Error:
        raise CosError(400, "InvalidDigest", "Content-MD5 is not valid.") from None
    if wanted != hashlib.md5(content, usedforsecurity=False).digest():
        raise CosError(400, "BadDigest", "The body is not what Content-MD5 says.")
