"""Our own drawing of a mini program's code: square instead of round, and any camera reads it."""

from __future__ import annotations

import io

import segno
from PIL import Image

PREFIX = "weixin://wxacode/"
Colour = tuple[int, int, int]


def drawn(text: str, width: int, colour: Colour, is_transparent: bool) -> tuple[bytes, str]:
    """A picture of this width with the text inside, and its media type."""
    code = segno.make(text, error="m", micro=False)
    plain = io.BytesIO()
    code.save(plain, kind="png", scale=max(1, width // code.symbol_size()[0]), border=4)
    mask = Image.open(plain).convert("L").resize((width, width), Image.Resampling.NEAREST)
    out = io.BytesIO()
    if is_transparent:
        picture = Image.new("RGBA", (width, width), (0, 0, 0, 0))
        picture.paste(Image.new("RGBA", (width, width), (*colour, 255)), mask=_inverted(mask))
        picture.save(out, "PNG")
        return out.getvalue(), "image/png"
    opaque = Image.new("RGB", (width, width), (255, 255, 255))
    opaque.paste(Image.new("RGB", (width, width), colour), mask=_inverted(mask))
    opaque.save(out, "JPEG", quality=92)
    return out.getvalue(), "image/jpeg"


def _inverted(mask: Image.Image) -> Image.Image:
    return mask.point([255 - value for value in range(256)])
