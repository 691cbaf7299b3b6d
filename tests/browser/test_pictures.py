"""A picture is put in from a browser: by itself into storage with script, by the form without."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, FilePayload
from tests.browser.town import Town
from tests.browser.window import window

pytestmark = pytest.mark.browser


def photo() -> FilePayload:
    """A red circle on yellow, as a camera might see it."""
    drawn = Image.new("RGB", (900, 700), (250, 220, 120))
    ImageDraw.Draw(drawn).ellipse((250, 150, 650, 550), fill=(200, 40, 40))
    out = io.BytesIO()
    drawn.save(out, "JPEG")
    return {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_picture_put_in_by_an_operator_is_what_a_shopper_sees(
    town: Town, browser: Browser, script: bool
) -> None:
    desk = window(browser, town.employee("operator"), width=1440, script=script)
    asked: list[str] = []
    desk.page.on("request", lambda each: asked.append(f"{each.method} {each.url}"))
    page = desk.go(f"/console{town.paths['product']}")
    page.set_input_files("input[type=file]", files=[photo()])
    page.locator("form[data-upload] button").click()
    page.wait_for_selector(".picture.photo img")
    assert any(each.startswith("PUT ") for each in asked) is script
    assert desk.said == []
    desk.close()
    shopper = window(browser, town.visitor())
    image = shopper.go(town.paths["product"]).locator(".hero-picture img")
    assert "/media/product-" in str(image.get_attribute("src"))
    assert image.evaluate("each => each.naturalWidth") == 900
    page = shopper.go(town.paths["product"])
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.get_by_role("button", name="加入购物车", exact=True).click()
    page = shopper.go("/cart")
    assert "/media/product-" in str(page.locator(".line-item img").first.get_attribute("src"))
    assert shopper.said == []
    shopper.close()
