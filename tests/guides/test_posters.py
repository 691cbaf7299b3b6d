"""A poster's code leads back, whatever the title does to the page."""

from __future__ import annotations

from io import BytesIO

import pytest
import zxingcpp
from PIL import Image, ImageFilter

from headwater.guides.posters import HEIGHT, WIDTH, Poster, draw, plate, wrap

LINK = "https://shop.example/s/7KQ2M9XA"
TITLES = [
    "云岭有机全脂鲜牛奶 946 毫升",
    "Private Label Fluid Milk White Only 1 gallon",
    "龘靐齉爩鱻麤 rare signs, which the font lacks",
    "W" * 300,
    "长" * 300,
    "",
]


def poster(title: str) -> Poster:
    return Poster("活水生鲜", title, "6 × 330 毫升", 1990, "王小龘", "人民广场店", LINK, "长按识别")


def read(image: Image.Image) -> list[str]:
    return [each.text for each in zxingcpp.read_barcodes(image)]


@pytest.mark.parametrize("title", TITLES)
def test_the_code_on_a_poster_leads_to_the_share(title: str) -> None:
    image = Image.open(BytesIO(draw(poster(title))))
    assert image.size == (WIDTH, HEIGHT)
    assert read(image) == [LINK]


def test_the_code_survives_a_small_blurred_grey_picture() -> None:
    image = Image.open(BytesIO(draw(poster(TITLES[0]))))
    worn = image.resize((WIDTH // 2, HEIGHT // 2)).filter(ImageFilter.GaussianBlur(1))
    faded = Image.blend(worn, Image.new("RGB", worn.size, "#888888"), 0.4)
    assert read(faded) == [LINK]


def test_the_plate_is_white_with_four_quiet_modules_around() -> None:
    image = plate(LINK, 384)
    scale = next(x for x in range(image.width) if image.getpixel((x, x)) == (0, 0, 0)) // 4
    quiet = 4 * scale
    edge = image.crop((0, 0, image.width, quiet))
    assert edge.getcolors() == [(image.width * quiet, (255, 255, 255))]
    assert scale >= 6


@pytest.mark.parametrize("title", TITLES)
def test_a_title_never_takes_more_lines_than_it_may(title: str) -> None:
    lines = wrap(title, 68, 904, most=4)
    assert len(lines) <= 4
    assert all(lines)


def test_words_are_kept_whole_and_a_cut_title_says_so() -> None:
    lines = wrap("Private Label Fluid Milk White Only", 68, 904, most=1)
    assert lines[0].endswith("…")
    assert wrap("one two", 68, 904, most=2) == ["one two"]


def test_a_sign_that_the_font_lacks_becomes_a_box() -> None:
    assert wrap("王龘", 68, 904, most=1) == ["王□"]
