"""A poster that a guide can save and send: the item, its price, and a code that leads back."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path

import segno
from PIL import Image, ImageDraw, ImageFont

from headwater.base.money import yuan

WIDTH, HEIGHT = 1080, 1440
_FONT = Path(__file__).parent / "fonts" / "NotoSansSC-Regular-GB2312.otf"

_GROUND = "#F5F6F4"
_SURFACE = "#FFFFFF"
_INK = "#15181C"
_MUTED = "#565D66"
_BRAND = "#0F5F4C"
_ON_BRAND = "#FFFFFF"
_PRICE = "#B42318"
_LEFT, _RIGHT = 88, WIDTH - 88
# A code needs four modules of quiet around it, on white whatever the theme.
_QUIET_MODULES = 4
_PLATE = 400


@dataclass(frozen=True)
class Poster:
    """What stands on a poster, in the language of who will read it."""

    brand: str
    title: str
    note: str
    price_fen: int | None
    guide: str
    store: str
    link: str
    call: str


def draw(poster: Poster) -> bytes:
    """Draw the poster as a PNG of 1080 by 1440."""
    image = Image.new("RGB", (WIDTH, HEIGHT), _GROUND)
    pen = ImageDraw.Draw(image)
    _head(pen, poster)
    pen.rounded_rectangle((48, 232, WIDTH - 48, 884), 32, fill=_SURFACE)
    _item(pen, poster)
    _foot(image, pen, poster)
    file = BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


def _head(pen: ImageDraw.ImageDraw, poster: Poster) -> None:
    pen.rectangle((0, 0, WIDTH, 176), fill=_BRAND)
    _write(pen, (_LEFT, 60), poster.brand, 52, _ON_BRAND, weight=1)


def _item(pen: ImageDraw.ImageDraw, poster: Poster) -> None:
    top = 312
    for line in wrap(poster.title, 68, _RIGHT - _LEFT, most=4):
        _write(pen, (_LEFT, top), line, 68, _INK, weight=1)
        top += 96
    for line in wrap(poster.note, 36, _RIGHT - _LEFT, most=1):
        _write(pen, (_LEFT, top + 8), line, 36, _MUTED)
    if poster.price_fen is None:
        return
    sign, number = "¥", yuan(poster.price_fen).removeprefix("¥")
    _price(pen, (_LEFT, 828), sign, 64)
    _price(pen, (_LEFT + 52, 828), number, 112)


def _foot(image: Image.Image, pen: ImageDraw.ImageDraw, poster: Poster) -> None:
    left, top = WIDTH - 48 - _PLATE, 944
    pen.rounded_rectangle((left, top, left + _PLATE, top + _PLATE), 24, fill="#FFFFFF")
    code = plate(poster.link, _PLATE - 16)
    image.paste(code, (left + (_PLATE - code.width) // 2, top + (_PLATE - code.height) // 2))
    room = left - _LEFT - 40
    for line in wrap(poster.guide, 52, room, most=1):
        _write(pen, (_LEFT, 972), line, 52, _INK, weight=1)
    down = 1056
    for line in wrap(poster.store, 36, room, most=2):
        _write(pen, (_LEFT, down), line, 36, _MUTED)
        down += 56
    for line in wrap(poster.call, 36, room, most=2):
        _write(pen, (_LEFT, down + 56), line, 36, _INK)
        down += 56


def plate(link: str, side: int) -> Image.Image:
    """Draw a link as a code in whole pixels a module, with its quiet zone, black on white."""
    code = segno.make_qr(link, error="m")
    modules = code.symbol_size(border=_QUIET_MODULES)[0]
    file = BytesIO()
    code.save(
        file,
        kind="png",
        scale=max(1, side // modules),
        border=_QUIET_MODULES,
        dark="black",
        light="white",
    )
    return Image.open(file).convert("RGB")


def wrap(text: str, size: int, room: int, most: int) -> list[str]:
    """Break a text into lines that fit: Chinese anywhere, other words at their spaces."""
    lines: list[str] = []
    line = ""
    for piece in _pieces(" ".join(_drawable(text).split())):
        if _width(line + piece.rstrip(), size) <= room:
            line += piece
            continue
        if line:
            lines.append(line.rstrip())
        line = piece.lstrip()
        while _width(line, size) > room:
            fitting = _fitting(line, size, room)
            lines.append(line[:fitting])
            line = line[fitting:]
    if line.strip():
        lines.append(line.rstrip())
    if len(lines) <= most:
        return lines
    kept = lines[:most]
    while kept[-1] and _width(kept[-1] + "…", size) > room:
        kept[-1] = kept[-1][:-1]
    kept[-1] += "…"
    return kept


def _pieces(text: str) -> list[str]:
    pieces: list[str] = []
    for sign in text:
        if pieces and sign.isascii() and pieces[-1][-1].isascii() and pieces[-1][-1] != " ":
            pieces[-1] += sign
        else:
            pieces.append(sign)
    return pieces


def _fitting(line: str, size: int, room: int) -> int:
    """Count how many signs of an overlong word fit; at least one, so that it ends."""
    count = len(line)
    while count > 1 and _width(line[:count], size) > room:
        count -= 1
    return count


def _drawable(text: str) -> str:
    """Put a box for every sign that the font lacks, so that a rare name does not vanish."""
    return "".join(sign if sign.isspace() or _has(sign) else "□" for sign in text)


@cache
def _has(sign: str) -> bool:
    """Tell whether the font has a sign of its own: what it lacks is all drawn alike."""
    return bytes(_font(32).getmask(sign)) != bytes(_font(32).getmask("\uffff"))


def _write(
    pen: ImageDraw.ImageDraw,
    at: tuple[int, int],
    text: str,
    size: int,
    colour: str,
    weight: int = 0,
) -> None:
    drawn = _drawable(text)
    pen.text(at, drawn, font=_font(size), fill=colour, stroke_width=weight, stroke_fill=colour)


def _price(pen: ImageDraw.ImageDraw, at: tuple[int, int], text: str, size: int) -> None:
    """Write a part of the price; sign and number stand on one line however large each is."""
    pen.text(
        at, text, font=_font(size), fill=_PRICE, anchor="ls", stroke_width=2, stroke_fill=_PRICE
    )


def _width(text: str, size: int) -> float:
    return _font(size).getlength(text)


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(_FONT, size)
