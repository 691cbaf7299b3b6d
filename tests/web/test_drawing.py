"""Pictures and charts are the same on every machine, small, and true to their figures."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.testclient import TestClient

from headwater.web.kit import answers, routes
from headwater.web.kit.drawing import charts, pictures
from headwater.web.kit.site import Site


@dataclass(frozen=True)
class Row:
    """An estimate between its bounds."""

    low: float
    point: float
    high: float


@pytest.fixture
def client() -> TestClient:
    """A browser that asks for nothing but pictures."""
    app = Starlette(routes=routes.ROUTES)
    app.state.site = Site(keys=("a-key-for-these-tests",))
    answers.install(app)
    return TestClient(app)


FAMILIES = sorted(pictures.wardrobe()["families"])


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_is_drawn_small_and_well_formed(family: str) -> None:
    word = (
        next(
            entry.partition("=")[0]
            for entry in pictures.wardrobe()["words"]["order"].split()
            if entry.endswith(f"={family}")
        )
        if family not in {"box", "bag", "tin", "jar"}
        else "goods"
    )
    for variant in range(pictures.VARIANTS):
        drawn = pictures.draw(pictures.slug_of(word), variant)
        assert len(drawn.encode()) <= 2048
        ElementTree.fromstring(drawn)
        assert "{" not in drawn


def test_every_drawing_has_colours_and_every_word_a_drawing() -> None:
    wardrobe = pictures.wardrobe()
    drawings = {file.stem for file in pictures.GLYPHS.glob("*.svg")}
    assert drawings == set(wardrobe["families"])
    assert len(drawings) >= 20
    for colours in wardrobe["families"].values():
        assert set(colours.split()) <= set(wardrobe["palettes"])
    for entry in wardrobe["words"]["order"].split():
        assert entry.partition("=")[2] in drawings, entry


@pytest.mark.parametrize(
    "category,family",
    [
        ("FLUID MILK PRODUCTS", "milkdrop"),
        ("SOFT DRINKS", "can"),
        ("FRZN MEAT/MEAT DINNERS", "frozen"),
        ("FROZEN PIZZA", "pizza"),
        ("BATH TISSUES", "roll"),
        ("CAT FOOD", "pet"),
        ("INFANT FORMULA", "baby"),
        ("ROSES", "bouquet"),
        ("HOSIERY/SOCKS", "sock"),
    ],
)
def test_a_category_wears_the_drawing_of_its_goods(category: str, family: str) -> None:
    assert pictures.family_of(pictures.slug_of(category)) == family


def test_a_picture_is_served_with_its_ground_and_bare(client: TestClient) -> None:
    framed = client.get(pictures.picture_path("APPLES", 3))
    bare = client.get(pictures.picture_path("APPLES", 3, bare=True))
    assert framed.headers["content-type"].startswith("image/svg+xml")
    assert "max-age" in framed.headers["cache-control"]
    assert "radialGradient" in framed.text
    assert "radialGradient" not in bare.text
    assert framed.text == client.get("/pictures/apples/3.svg").text


@pytest.mark.parametrize("path", ["/pictures/APPLES/1.svg", "/pictures/apples/99.svg"])
def test_only_true_addresses_have_pictures(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


@given(st.text(), st.integers(min_value=-(10**6), max_value=10**6))
def test_any_code_leads_to_a_true_address(code: str, variant: int) -> None:
    path = pictures.picture_path(code, variant)
    _start, _pictures, slug, number = path.split("/")
    assert pictures.SLUG.fullmatch(slug)
    assert 0 <= int(number.removesuffix(".svg")) < pictures.VARIANTS


finite = st.integers(min_value=-(10**10), max_value=10**10)


@given(st.lists(st.tuples(finite, finite, finite).map(sorted), max_size=8))
def test_the_axis_holds_every_row_and_the_zero(bounds: list[list[int]]) -> None:
    rows = [Row(*found) for found in bounds]
    axis = charts.axis_over(rows)
    for value in [0, *(part for row in rows for part in (row.low, row.point, row.high))]:
        assert 8 <= axis.x(value) <= charts.WIDTH - 8
    assert axis.ticks == sorted(axis.ticks)
    assert len(axis.ticks) <= charts.TICKS * 2 + 2


def test_an_interval_stands_where_its_figures_say() -> None:
    row = Row(-100, 0, 300)
    drawn = str(charts.interval_svg(row, charts.axis_over([row]), "warn", "A & <B>"))
    svg = ElementTree.fromstring(drawn)
    zero, span, point = list(svg)
    assert zero.get("x1") == point.get("cx")
    assert float(span.get("x1") or 0) < float(point.get("cx") or 0) < float(span.get("x2") or 0)
    assert svg.get("aria-label") == "A & <B>"


def test_charts_survive_nothing_and_sameness() -> None:
    assert charts.sparkline([], "none") == ""
    ElementTree.fromstring(str(charts.sparkline([5, 5, 5], "flat")))
    ElementTree.fromstring(str(charts.bars([], "empty")))
    ElementTree.fromstring(str(charts.bars([("a", 0.0), ("b", -1.0)], "none")))


def test_a_code_is_black_on_white_with_square_modules() -> None:
    drawn = ElementTree.parse(BytesIO(pictures.qr("HW-7K2M94QX").encode())).getroot()
    assert drawn.get("viewBox")
    assert 'stroke="#000"' in pictures.qr("HW-7K2M94QX")
