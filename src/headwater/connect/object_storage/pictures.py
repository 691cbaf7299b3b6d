"""Pictures from outside: really decoded, freed of what they carry along, made to fit."""

from __future__ import annotations

import asyncio
import io
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageCms
from PIL.ExifTags import Base as Exif

from headwater.base.errors import BadInput
from headwater.connect.object_storage.port import ObjectStorage

KINDS: Final = ("JPEG", "PNG", "WEBP")
LARGEST_BYTES: Final = 10_000_000
MOST_PIXELS: Final = 40_000_000
SMALLEST_SIDE: Final = 16
SIDES: Final[Mapping[str, int]] = {"small": 320, "medium": 960, "large": 1_600}
QUALITY: Final = 85
# How a camera was held, as EXIF numbers it, and what puts the picture upright again.
_TURNS: Final[Mapping[object, Image.Transpose]] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True)
class Rendition:
    """A picture as it is kept: nothing in it but its pixels."""

    content: bytes
    content_type: str
    width: int
    height: int

    @property
    def ending(self) -> str:
        """What its name ends with."""
        return "png" if self.content_type == "image/png" else "jpg"


def renditions(content: bytes, sides: Mapping[str, int] = SIDES) -> dict[str, Rendition]:
    """The picture in each size; never larger than it came, upright, in common colours.

    Whatever was hidden in the file (place, camera, a second file behind the first) is not in the
    result, since every rendition is drawn anew from the pixels.
    """
    picture = _opened(content)
    return {name: _fitted(picture, side) for name, side in sides.items()}


async def take_in(storage: ObjectStorage, incoming: str, stem: str) -> dict[str, str]:
    """Turn what a browser uploaded into pictures, and give their names by size.

    Again it makes the same pictures; once the upload is gone, NotFound says that it was done.
    What is no picture goes at once.
    """
    try:
        names = await keep(storage, await storage.get(incoming, LARGEST_BYTES), stem)
    except BadInput:
        await storage.delete(incoming)
        raise
    await storage.delete(incoming)
    return names


async def keep(storage: ObjectStorage, content: bytes, stem: str) -> dict[str, str]:
    """Turn bytes from outside into pictures, and give their names by size; again, the same."""
    made = await asyncio.to_thread(renditions, content)
    names = {size: f"{stem}-{size}.{one.ending}" for size, one in made.items()}
    for size, one in made.items():
        await storage.put(names[size], one.content, one.content_type)
    return names


def _opened(content: bytes) -> Image.Image:
    """Decode all of it now: a file that only begins like a picture is none."""
    if len(content) > LARGEST_BYTES:
        raise BadInput("picture", "too_large")
    try:
        with Image.open(io.BytesIO(content), formats=KINDS) as file:
            if file.width * file.height > MOST_PIXELS:
                raise BadInput("picture", "too_many_pixels")
            if min(file.size) < SMALLEST_SIDE:
                raise BadInput("picture", "too_few_pixels")
            if getattr(file, "n_frames", 1) > 1:
                raise BadInput("picture", "not_a_film")
            file.load()
            return _in_common_colours(_upright(file))
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
        raise BadInput("picture", "not_a_picture") from error


def _upright(picture: Image.Image) -> Image.Image:
    """Turn it as it was seen; a broken remark about that means less than the picture."""
    try:
        turn = _TURNS.get(picture.getexif().get(Exif.Orientation))
    except (OSError, ValueError, SyntaxError, TypeError, LookupError, struct.error):
        turn = None
    return picture if turn is None else picture.transpose(turn)


def _in_common_colours(picture: Image.Image) -> Image.Image:
    """Without its profile a picture would change its colours, so they are converted first."""
    profile = picture.info.get("icc_profile")
    if profile and picture.mode in ("RGB", "CMYK"):
        try:
            given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            common = ImageCms.createProfile("sRGB")
            made = ImageCms.profileToProfile(picture, given, common, outputMode="RGB")
            if made is not None:
                return made
        except (ImageCms.PyCMSError, OSError):
            # A broken profile means less than the picture that it came with.
            pass
    return picture.convert("RGBA" if _is_clear(picture) else "RGB")


def _is_clear(picture: Image.Image) -> bool:
    return picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info


def _fitted(picture: Image.Image, side: int) -> Rendition:
    drawn = picture.copy()
    drawn.thumbnail((side, side), Image.Resampling.LANCZOS)
    # A fresh picture takes over no remarks, no profile and no EXIF.
    plain = Image.new(drawn.mode, drawn.size)
    plain.paste(drawn)
    out = io.BytesIO()
    if plain.mode == "RGBA":
        plain.save(out, "PNG", optimize=True)
        return Rendition(out.getvalue(), "image/png", *plain.size)
    plain.save(out, "JPEG", quality=QUALITY, progressive=True, optimize=True)
    return Rendition(out.getvalue(), "image/jpeg", *plain.size)
