"""Keep the vendored files honest: what the lock says is what lies there, and nothing else does."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

ROOT = Path(__file__).parents[1]
FOLDERS = (ROOT / "src/headwater/web/kit/static/vendor", ROOT / "tests/browser/vendor")
LOCK = "vendor.lock.json"
LICENCES = {"0BSD", "MIT", "ISC", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0"}
TEST_LICENCES = LICENCES | {"MPL-2.0"}
MAX_SERVED_BYTES = 120_000


@click.group()
def vendor() -> None:
    """Files from npm that lie in this repository."""


@vendor.command()
def check() -> None:
    """Compare every vendored file with its lock, without a network."""
    faults = [fault for folder in FOLDERS for fault in faults_in(folder)]
    for fault in faults:
        click.echo(fault, err=True)
    if faults:
        raise SystemExit(1)
    click.echo("vendored files match their locks")


@vendor.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("tarball", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("name")
@click.argument("version")
@click.argument("licence")
@click.argument("place")
def add(folder: Path, tarball: Path, name: str, version: str, licence: str, place: str) -> None:
    """Record the files lying in FOLDER/PLACE as taken from TARBALL (`npm pack name@version`)."""
    lock = read_lock(folder)
    digest = base64.b64encode(hashlib.sha512(tarball.read_bytes()).digest()).decode()
    entry = {
        "name": name,
        "version": version,
        "licence": licence,
        "integrity": f"sha512-{digest}",
        "files": {
            file.relative_to(folder).as_posix(): sha256(file)
            for file in sorted((folder / place).rglob("*"))
            if file.is_file()
        },
    }
    kept = [other for other in lock["packages"] if other["name"] != name]
    packages = sorted([*kept, entry], key=lambda package: str(package["name"]))
    (folder / LOCK).write_text(json.dumps({"packages": packages}, indent=2) + "\n")


def faults_in(folder: Path) -> Iterator[str]:
    """Say, one by one, what differs between a folder and its lock."""
    served = "static" in folder.parts
    locked: dict[str, str] = {}
    for package in read_lock(folder)["packages"]:
        locked |= package["files"]
        if package["licence"] not in (LICENCES if served else TEST_LICENCES):
            yield f"{package['name']}: licence {package['licence']} is not allowed here"
        if not package["integrity"].startswith("sha512-"):
            yield f"{package['name']}: no sha512 of the tarball"
        if not any("LICENSE" in file for file in package["files"]):
            yield f"{package['name']}: its licence text is missing"
    present = {
        file.relative_to(folder).as_posix(): sha256(file)
        for file in folder.rglob("*")
        if file.is_file() and file.name != LOCK
    }
    for name in sorted(locked.keys() - present.keys()):
        yield f"{name}: in the lock, but not there"
    for name in sorted(present.keys() - locked.keys()):
        yield f"{name}: there, but not in the lock"
    for name in sorted(present.keys() & locked.keys()):
        if present[name] != locked[name]:
            yield f"{name}: differs from the lock"
    if served and sum((folder / name).stat().st_size for name in present) > MAX_SERVED_BYTES:
        yield f"{folder.name}: more than {MAX_SERVED_BYTES} bytes are served"


def read_lock(folder: Path) -> dict[str, Any]:
    """Answer the lock, or an empty one for a new folder."""
    file = folder / LOCK
    lock: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {"packages": []}
    return lock


def sha256(file: Path) -> str:
    """Name a file's content."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


if __name__ == "__main__":
    vendor()
