"""Style, script, icons and marks under addresses that carry their content's hash."""

from __future__ import annotations

import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from headwater.base.errors import NotFound

STATIC = Path(__file__).parent / "static"
# Sheets and scripts are joined in this order first; whatever is not named follows by its name.
FIRST = ("tokens.css", "base.css", "layout.css", "ground.js")
LAST = ("print.css",)
SERVED = {
    "htmx.js": "vendor/htmx/4.0.1/htmx.min.js",
    "icons.svg": "vendor/tabler-icons/3.51.0/sprite.svg",
    "mark.svg": "mark.svg",
}
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@dataclass(frozen=True)
class Asset:
    """One served file, ready in both of the shapes that a browser may take."""

    address: str
    content_type: str
    plain: bytes
    packed: bytes


def address(name: str) -> str:
    """The address of an asset; it changes when, and only when, its content does."""
    return assets()[name].address


@cache
def assets() -> dict[str, Asset]:
    """All assets by name, joined and packed once at the start."""
    joined = {"app.css": slim_css(join("css")), "app.js": join("js")}
    read = {name: (STATIC / path).read_bytes() for name, path in SERVED.items()}
    return {name: pack(name, content) for name, content in {**joined, **read}.items()}


def pack(name: str, content: bytes) -> Asset:
    """Give a file its address and its packed twin."""
    stem, suffix = name.rsplit(".", 1)
    digest = hashlib.sha256(content).hexdigest()[:12]
    return Asset(
        address=f"/static/{stem}.{digest}.{suffix}",
        content_type=f"{TYPES['.' + suffix]}; charset=utf-8",
        plain=content,
        packed=gzip.compress(content, 9, mtime=0),
    )


def join(kind: str) -> bytes:
    """One file out of the component files of a kind."""

    def place(file: Path) -> tuple[int, str]:
        if file.name in FIRST:
            return FIRST.index(file.name), ""
        return (len(FIRST) + (file.name in LAST)), file.name

    files = sorted((STATIC / kind).glob(f"*.{kind}"), key=place)
    return "\n".join(file.read_text() for file in files).encode()


def slim_css(content: bytes) -> bytes:
    """Leave out what only readers of the source need."""
    text = re.sub(r"/\*.*?\*/", "", content.decode(), flags=re.S)
    text = re.sub(r"\s+", " ", text)
    return re.sub(r" ?([{};]) ?", r"\1", text).strip().encode()


@cache
def by_address() -> dict[str, Asset]:
    """The same assets, as requests name them."""
    return {asset.address: asset for asset in assets().values()}


async def serve(request: Request) -> Response:
    """Answer an asset for good: its address never means anything else."""
    asset = by_address().get(request.url.path)
    if asset is None:
        raise NotFound
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable",
        "Content-Type": asset.content_type,
        "Vary": "Accept-Encoding",
    }
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(asset.packed, headers={**headers, "Content-Encoding": "gzip"})
    return Response(asset.plain, headers=headers)
