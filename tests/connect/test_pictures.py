"""Pictures from outside: decoded, cleaned, resized, or refused."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from PIL import Image, ImageCms, ImageOps

from headwater.base.errors import BadInput, NotFound
from headwater.connect.object_storage import LocalFolder
from headwater.connect.object_storage.pictures import (
    LARGEST_BYTES,
    SIDES,
    SMALLEST_SIDE,
    renditions,
    take_in,
)

ORIENTATION, GPS, MAKER = 0x0112, 0x8825, 0x010F


def picture(
    size: tuple[int, int] = (2_000, 1_000), kind: str = "JPEG", mode: str = "RGB", **more: object
) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, 128).save(out, kind, **more)
    return out.getvalue()


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def test_each_size_fits_its_side_and_keeps_the_shape() -> None:
    made = renditions(picture())
    assert {name: (one.width, one.height) for name, one in made.items()} == {
        "small": (320, 160),
        "medium": (960, 480),
        "large": (1_600, 800),
    }
    for one in made.values():
        assert opened(one.content).size == (one.width, one.height)
        assert (one.content_type, one.ending) == ("image/jpeg", "jpg")


def test_a_small_picture_is_never_blown_up() -> None:
    assert {(one.width, one.height) for one in renditions(picture((100, 40))).values()} == {
        (100, 40)
    }


def test_where_and_with_what_it_was_taken_is_gone_but_it_stands_upright() -> None:
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKER] = 6, "Somebody's camera"
    exif.get_ifd(GPS)[1] = "N"
    made = renditions(picture(exif=exif))["large"]
    assert (made.width, made.height) == (800, 1_600)
    assert dict(opened(made.content).getexif()) == {}
    assert b"camera" not in made.content


@pytest.mark.parametrize("held", range(10))
def test_however_a_camera_was_held_the_picture_stands_upright(held: int) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = held
    out = io.BytesIO()
    Image.linear_gradient("L").crop((0, 0, 40, 256)).save(out, "PNG", exif=exif)
    upright = ImageOps.exif_transpose(opened(out.getvalue())).convert("RGB")
    drawn = opened(renditions(out.getvalue())["large"].content)
    assert drawn.size == upright.size
    corners = [(0, 0), (0, upright.height - 1), (upright.width - 1, 0)]
    for corner in corners:
        wanted, found = upright.getpixel(corner), drawn.getpixel(corner)
        assert isinstance(wanted, tuple)
        assert isinstance(found, tuple)
        assert abs(wanted[0] - found[0]) < 20


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_damage_in_what_the_camera_noted_does_not_cost_the_picture() -> None:
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKER] = 6, "Somebody's camera"
    whole = picture((16, 16), exif=exif)
    begin, end = whole.index(b"Exif"), whole.index(b"camera")
    for at in range(begin + len(b"Exif\0\0"), end):
        for new in (0, 1, 2, 7, 127, 255):
            damaged = whole[:at] + bytes([new]) + whole[at + 1 :]
            assert renditions(damaged, {"small": 16})["small"].width == 16


def test_what_hides_behind_a_picture_does_not_come_along() -> None:
    made = renditions(picture() + b"<script>alert(1)</script>", {"one": 320})["one"]
    assert b"script" not in made.content


def test_a_clear_picture_stays_clear_and_becomes_a_png() -> None:
    made = renditions(picture(mode="RGBA", kind="PNG"))["small"]
    assert (made.content_type, opened(made.content).mode) == ("image/png", "RGBA")


def test_other_colours_become_common_ones() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for content in (picture(mode="CMYK"), picture(icc_profile=profile), picture(icc_profile=b"no")):
        made = opened(renditions(content, {"one": 320})["one"].content)
        assert made.mode == "RGB"
        assert "icc_profile" not in made.info


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_three_kinds_are_taken_and_no_other(kind: str) -> None:
    assert renditions(picture(kind=kind))
    for other in ("GIF", "BMP", "TIFF", "PPM"):
        with pytest.raises(BadInput):
            renditions(picture(kind=other))


def test_a_film_is_no_picture() -> None:
    frames = [Image.new("RGB", (40, 40), shade) for shade in ("red", "blue")]
    out = io.BytesIO()
    frames[0].save(out, "PNG", save_all=True, append_images=frames[1:])
    with pytest.raises(BadInput):
        renditions(out.getvalue())


def test_only_a_whole_file_is_a_picture() -> None:
    whole = picture()
    for content in (b"", whole[:200], whole[: len(whole) // 2], b"\xff\xd8\xff" + bytes(1_000)):
        with pytest.raises(BadInput):
            renditions(content)


def test_the_least_side_is_taken_and_one_less_is_not() -> None:
    assert renditions(picture((SMALLEST_SIDE, 400)))
    with pytest.raises(BadInput):
        renditions(picture((SMALLEST_SIDE - 1, 400)))


def test_forty_million_pixels_are_taken_and_one_row_more_is_not() -> None:
    wide = picture((8_000, 5_000), "PNG", "L")
    assert renditions(wide, {"one": 64})
    with pytest.raises(BadInput):
        renditions(picture((8_000, 5_001), "PNG", "L"), {"one": 64})


def test_too_many_bytes_are_refused_before_they_are_read() -> None:
    content = picture()
    assert renditions(content + bytes(LARGEST_BYTES - len(content)), {"one": 64})
    with pytest.raises(BadInput):
        renditions(content + bytes(LARGEST_BYTES - len(content) + 1), {"one": 64})


@settings(max_examples=60, deadline=None)
@given(at=some.integers(0, 700), new=some.binary(min_size=1, max_size=40))
def test_a_damaged_picture_is_drawn_or_refused_and_never_crashes(at: int, new: bytes) -> None:
    whole = picture((64, 48))
    damaged = whole[:at] + new + whole[at + len(new) :]
    try:
        made = renditions(damaged, {"one": 32})
    except BadInput:
        return
    assert max(made["one"].width, made["one"].height) <= 32


async def test_an_upload_becomes_pictures_and_is_gone(tmp_path: Path) -> None:
    storage = LocalFolder(tmp_path, "https://brand.example/media")
    await storage.put("incoming-1", picture())
    names = await take_in(storage, "incoming-1", "product-7")
    assert names == {name: f"product-7-{name}.jpg" for name in SIDES}
    for name, side in SIDES.items():
        assert max(opened(await storage.get(names[name])).size) == side
    with pytest.raises(NotFound):
        await storage.get("incoming-1")
    with pytest.raises(NotFound):
        await take_in(storage, "incoming-1", "product-7")


async def test_a_refused_upload_makes_no_picture(tmp_path: Path) -> None:
    storage = LocalFolder(tmp_path, "https://brand.example/media")
    await storage.put("incoming-2", b"<html>")
    with pytest.raises(BadInput):
        await take_in(storage, "incoming-2", "product-8")
    with pytest.raises(NotFound):
        await storage.get("product-8-small.jpg")
