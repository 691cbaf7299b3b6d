"""Pictures of products that nobody has photographed: drawn by family, the same on every machine.

A family is a drawing in `glyphs/`, with the letters a (body), b (shade), c (light) and d (accent)
for its colours. The ground is the accent laid thinly over whatever is behind, so that one file
serves light and dark pages.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import segno
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from headwater.base.errors import NotFound

GLYPHS = Path(__file__).parent / "glyphs"
PLAIN = re.compile(r"[^a-z0-9]+")
SLUG = re.compile(r"[a-z0-9-]{1,60}")
VARIANTS = 12
GROUND = (
    '<defs><radialGradient id="g" cx=".35" cy=".25" r="1">'
    '<stop stop-color="{light}" stop-opacity=".34"/>'
    '<stop offset="1" stop-color="{body}" stop-opacity=".3"/></radialGradient></defs>'
    '<path fill="url(#g)" d="M0 0h240v240H0z"/>'
)


def picture_path(category_code: str, variant: int = 0, bare: bool = False) -> str:
    """The address of a product's picture; a bare one has no ground."""
    kind = "goods" if bare else "pictures"
    return f"/{kind}/{slug_of(category_code)}/{variant % VARIANTS}.svg"


def slug_of(category_code: str) -> str:
    """A category's code as it stands in an address."""
    return PLAIN.sub("-", category_code.lower()).strip("-")[:60] or "goods"


@lru_cache(maxsize=4096)
def draw(slug: str, variant: int, bare: bool = False) -> str:
    """One picture: the family follows from the category's words, the colours from the variant."""
    family = family_of(slug)
    turn = variant + hashlib.sha256(slug.encode()).digest()[0]
    palettes = wardrobe()["families"][family].split()
    body, shade, light, accent = wardrobe()["palettes"][palettes[turn % len(palettes)]]
    colours = {"a": body, "b": shade, "c": light, "d": accent}
    drawn = re.sub(r"\{([abcd])\}", lambda found: colours[found[1]], glyph(family))
    flip = ' transform="matrix(-1 0 0 1 240 0)"' if variant % 2 else ""
    ground = "" if bare else GROUND.format(light=light, body=body)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 240">'
        f"{ground}<g{flip}>{drawn}</g></svg>"
    )


@cache
def family_of(slug: str) -> str:
    """The family whose word stands in the category; where none does, one of the plain ones."""
    for entry in wardrobe()["words"]["order"].split():
        word, _equals, family = entry.partition("=")
        if f"-{word}" in f"-{slug}":
            return str(family)
    plain = ("box", "bag", "tin", "jar")
    return plain[hashlib.sha256(slug.encode()).digest()[1] % len(plain)]


@cache
def glyph(family: str) -> str:
    """The drawing of a family."""
    return re.sub(r">\s+<", "><", (GLYPHS / f"{family}.svg").read_text()).strip()


@cache
def wardrobe() -> dict[str, Any]:
    """Colours, families and words, from the file beside the drawings."""
    return tomllib.loads((GLYPHS / "wardrobe.toml").read_text())


@lru_cache(maxsize=256)
def qr(content: str) -> Markup:
    """A QR code as SVG; the white plate around it comes from the macro `code_plate`."""
    code = segno.make(content, error="m", micro=False)
    drawn = code.svg_inline(scale=4, border=0, dark="#000", light="#fff", omitsize=True)
    return Markup(drawn)  # noqa: S704  the library draws it out of numbers


async def serve(request: Request) -> Response:
    """Answer a picture; it changes only with a release."""
    slug, variant = request.path_params["category"], request.path_params["variant"]
    if not SLUG.fullmatch(slug) or not 0 <= variant < VARIANTS:
        raise NotFound
    return Response(
        draw(slug, variant, request.url.path.startswith("/goods/")),
        media_type="image/svg+xml",
        headers={"Cache-Control": "public, max-age=604800"},
    )
