"""The folder twin of object storage: flat safe names, whole files."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from headwater.base.errors import BadInput, Forged, NotFound
from headwater.connect.object_storage import CosCredentials, LocalFolder, ObjectStorage
from headwater.connect.object_storage.port import LARGEST_UPLOAD_BYTES, UPLOAD_SECONDS

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


@pytest.fixture
def storage(tmp_path: Path) -> ObjectStorage:
    return LocalFolder(tmp_path / "media", "https://brand.example/media/")


async def test_what_was_put_comes_back_as_often_as_one_asks(storage: ObjectStorage) -> None:
    await storage.put("poster-1.png", b"\x89PNG")
    assert await storage.get("poster-1.png") == await storage.get("poster-1.png") == b"\x89PNG"
    assert storage.url("poster-1.png") == "https://brand.example/media/poster-1.png"


async def test_putting_again_replaces_the_whole_object(storage: ObjectStorage) -> None:
    await storage.put("a.txt", b"a long first version")
    await storage.put("a.txt", b"short")
    await storage.put("a.txt", b"short")
    assert await storage.get("a.txt") == b"short"


async def test_readers_never_meet_half_a_file(storage: ObjectStorage, tmp_path: Path) -> None:
    versions = [bytes([number]) * 200_000 for number in range(8)]
    await storage.put("a.bin", versions[0])

    async def read() -> None:
        for _ in range(20):
            assert await storage.get("a.bin") in versions

    await asyncio.gather(read(), read(), *(storage.put("a.bin", one) for one in versions))
    assert [entry.name for entry in (tmp_path / "media").iterdir()] == ["a.bin"]


async def test_an_object_is_read_up_to_what_its_reader_wants_to_hold_and_no_further(
    storage: ObjectStorage,
) -> None:
    await storage.put("a.bin", b"12345")
    assert await storage.get("a.bin", most_bytes=5) == b"12345"
    with pytest.raises(BadInput):
        await storage.get("a.bin", most_bytes=4)


async def test_what_was_never_put_is_not_found(storage: ObjectStorage) -> None:
    with pytest.raises(NotFound):
        await storage.get("missing.png")


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        ".hidden",
        "../secret",
        "a/b",
        "a\\b",
        "/etc/passwd",
        "a\x00b",
        "A.png",
        "图.png",
        "a b",
        "a.png\n",
        "x" * 129,
    ],
)
async def test_a_name_with_path_parts_or_surprises_is_refused(
    storage: ObjectStorage, name: str
) -> None:
    with pytest.raises(BadInput):
        await storage.put(name, b"x")
    with pytest.raises(BadInput):
        await storage.get(name)
    with pytest.raises(BadInput):
        storage.url(name)


async def test_the_longest_name_is_allowed(storage: ObjectStorage) -> None:
    await storage.put("x" * 128, b"x")
    assert await storage.get("x" * 128) == b"x"


async def test_what_was_taken_away_is_gone_and_may_be_taken_away_again(
    storage: ObjectStorage,
) -> None:
    await storage.put("a.txt", b"x")
    await storage.delete("a.txt")
    await storage.delete("a.txt")
    with pytest.raises(NotFound):
        await storage.get("a.txt")


def sent(folder: LocalFolder, size_bytes: int = 3) -> tuple[str, dict[str, str]]:
    upload = folder.upload("photo.png", "image/png", size_bytes, NOON)
    assert (upload.method, upload.headers) == ("PUT", {"Content-Type": "image/png"})
    parts = urlsplit(upload.url)
    return parts.path.rpartition("/")[2], dict(parse_qsl(parts.query))


async def test_a_browser_puts_what_it_was_allowed_to_put(tmp_path: Path) -> None:
    folder = LocalFolder(tmp_path, "https://brand.example/media")
    name, query = sent(folder)
    last = NOON + timedelta(seconds=UPLOAD_SECONDS)
    await folder.take(name, query, "image/png", b"abc", last)
    await folder.take(name, query, "image/png", b"xyz", last)
    assert await folder.get(name) == b"xyz"


@pytest.mark.parametrize(
    "change",
    [
        {"name": "other.png"},
        {"content_type": "text/html"},
        {"content": b"abcd"},
        {"content": b""},
        {"now": NOON + timedelta(seconds=UPLOAD_SECONDS + 1)},
        {"query": {"size": "4"}},
        {"query": {"until": "9999999999"}},
        {"query": {"type": "text/html"}},
        {"query": {"signature": ""}},
        {"query": {"until": "soon"}},
    ],
)
async def test_an_upload_of_anything_else_is_refused(
    tmp_path: Path, change: dict[str, Any]
) -> None:
    folder = LocalFolder(tmp_path, "https://brand.example/media")
    name, query = sent(folder)
    plain: dict[str, Any] = {"name": name, "content_type": "image/png", "content": b"abc"}
    given = {"now": NOON, **plain, **change, "query": {**query, **change.get("query", {})}}
    with pytest.raises(Forged):
        await folder.take(**given)
    with pytest.raises(NotFound):
        await folder.get(name)


async def test_another_houses_address_opens_nothing(tmp_path: Path) -> None:
    name, query = sent(LocalFolder(tmp_path, "https://brand.example/media"))
    other = LocalFolder(tmp_path, "https://brand.example/media")
    with pytest.raises(Forged):
        await other.take(name, query, "image/png", b"abc", NOON)


@pytest.mark.parametrize("size_bytes", [0, -1, LARGEST_UPLOAD_BYTES + 1])
def test_nothing_is_signed_for_sizes_that_nobody_wants(tmp_path: Path, size_bytes: int) -> None:
    folder = LocalFolder(tmp_path, "https://brand.example/media")
    folder.upload("a.png", "image/png", LARGEST_UPLOAD_BYTES, NOON)
    with pytest.raises(BadInput):
        folder.upload("a.png", "image/png", size_bytes, NOON)
    with pytest.raises(BadInput):
        folder.upload("a.png", "text/html; charset=x", 1, NOON)


def test_the_buckets_secret_is_not_shown_with_its_credentials() -> None:
    shown = repr(CosCredentials("AKIDsomebody", "the-secret", "media-1250000000", "ap-shanghai"))
    assert "media-1250000000" in shown
    assert "the-secret" not in shown
