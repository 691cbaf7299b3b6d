"""The files of a backup: what each was when it was written, and how secrets are copied."""

from __future__ import annotations

import hashlib
import os
import tarfile
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from headwater.base.crypto import Keys
from headwater.base.errors import BadInput
from headwater.connect.object_storage.port import safe

MANIFEST: Final = "manifest.json"
DATABASE: Final = "database.dump"
MEDIA: Final = "media.tar"
SECRETS: Final = ("keys.json", "credentials.json")
_CHUNK: Final = 1 << 20


class Kept(msgspec.Struct):
    """One file of a backup, as it was when it was written."""

    bytes: int
    sha256: str


class Manifest(msgspec.Struct):
    """What a backup says about itself."""

    taken_at: datetime
    migration: str
    files: dict[str, Kept]


def bring_secrets(home: Path, folder: Path) -> None:
    """Put back the secrets of the backup; those that are at home already stay, and must agree."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    keys, kept = home / SECRETS[0], folder / SECRETS[0]
    if keys.exists() and kept.exists() and Keys.load(keys) != Keys.load(kept):
        raise BadInput("keys.json", f"{keys} is another one than the backup's; move it away")
    for name in SECRETS:
        if (folder / name).exists() and not (home / name).exists():
            copy_closed(folder / name, home / name)
    if not keys.exists():
        raise BadInput(
            "keys.json", f"is not in the backup; put it into {home} first, or nothing sealed opens"
        )


def digests(folder: Path) -> dict[str, Kept]:
    """Say how each file of a backup is by now."""
    names = (DATABASE, MEDIA, *SECRETS)
    return {name: _digest(folder / name) for name in names if (folder / name).exists()}


def _digest(file: Path) -> Kept:
    digest, size = hashlib.sha256(), 0
    with file.open("rb") as opened:
        while chunk := opened.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return Kept(size, digest.hexdigest())


def pack(media: Path, file: Path) -> None:
    """Put the folder's pictures into one file; where a bucket keeps them there are none."""
    with tarfile.open(file, "w") as packed:
        for picture in sorted(media.iterdir()) if media.is_dir() else ():
            if picture.is_file() and not picture.name.startswith("."):
                packed.add(picture, picture.name)


def unpack(file: Path, media: Path) -> int:
    """Lay the pictures of a backup into the folder again, and count them."""
    count = 0
    media.mkdir(parents=True, exist_ok=True)
    with tarfile.open(file) as packed:
        for member in packed:
            opened = packed.extractfile(member) if member.isfile() else None
            if opened is not None:
                (media / safe(member.name)).write_bytes(opened.read())
                count += 1
    return count


def copy_closed(source: Path, target: Path) -> None:
    """Copy a secret so that only its owner can read it, from the first byte on."""
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(source.read_bytes())
        out.flush()
        os.fsync(out.fileno())
