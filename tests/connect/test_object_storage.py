"""The folder twin of object storage: flat safe names, whole files."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from headwater.base.errors import BadInput, NotFound
from headwater.connect.object_storage import LocalFolder, ObjectStorage


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
