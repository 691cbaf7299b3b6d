"""The gallery in a real browser: nothing overflows, nothing is hidden, axe finds nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from starlette.testclient import TestClient
from tests.browser.window import faults
from tests.web.gallery import CHROMIUM, KIT, PAGES, chromium, gallery, opened

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for all pages."""
    if not Path(CHROMIUM).exists():
        end = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        end("Chromium is not installed; on Debian: apt-get install chromium")
    with chromium() as found:
        yield found


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", KIT)
def test_axe_finds_nothing(browser: Browser, name: str, theme: str) -> None:
    for width in (375, 1440) if theme == "light" else (375,):
        page = opened(browser, name, width, theme)
        assert faults(page) == [], (name, theme, width)
        page.context.close()


@pytest.mark.parametrize("name", KIT)
def test_nothing_scrolls_sideways_on_the_smallest_phone(browser: Browser, name: str) -> None:
    for cookie in ("", "size=large"):
        page = opened(browser, name, 320, "light", cookie)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, cookie
        page.context.close()


def test_a_page_obeys_its_own_policy(browser: Browser) -> None:
    said: list[str] = []
    page = browser.new_context().new_page()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    client = TestClient(gallery(), base_url="http://gallery")

    def answer(route: Any) -> None:
        found = client.get(route.request.url, headers={"accept-encoding": "identity"})
        route.fulfill(status=found.status_code, headers=dict(found.headers), body=found.content)

    page.route("**/*", answer)
    for name in PAGES:
        page.goto(f"http://gallery/{name}")
        page.wait_for_load_state("networkidle")
    assert said == []
    assert page.evaluate("typeof htmx") == "object"


def test_a_code_stands_on_white_in_the_dark(browser: Browser) -> None:
    page = opened(browser, "order", 375, "dark")
    plate = page.locator(".plate")
    assert plate.evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(255, 255, 255)"
    assert plate.evaluate("e => parseFloat(getComputedStyle(e).padding)") >= 12
    page.context.close()


def test_a_chosen_theme_wins_over_the_system(browser: Browser) -> None:
    page = opened(browser, "shop", 375, "dark", "theme=light")
    body = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(body) == "rgb(245, 246, 244)"
    page.locator("summary").click()
    page.locator("[data-theme-choice=dark]").click()
    assert page.evaluate(body) == "rgb(15, 17, 19)"
    page.context.close()


def test_a_sheet_opens_holds_the_focus_and_closes(browser: Browser) -> None:
    page = opened(browser, "order", 375, "light")
    page.get_by_text("申请退款").first.click()
    sheet = page.locator("#sheet")
    assert sheet.evaluate("e => e.open && e.contains(document.activeElement)")
    page.keyboard.press("Escape")
    assert not sheet.evaluate("e => e.open")
    page.context.close()


def test_a_form_is_sent_once(browser: Browser) -> None:
    page = opened(browser, "parts", 375, "light")
    page.evaluate("addEventListener('submit', e => { window.sent = (window.sent || 0) + 1; })")
    blocked = "form => { let n = 0; addEventListener('submit', e => { if (!e.defaultPrevented) n++;"
    blocked += " e.preventDefault(); }); form.requestSubmit(); form.requestSubmit(); return n; }"
    assert page.locator("main form").evaluate(blocked) == 1
    page.context.close()


def test_without_network_the_page_says_so_and_paying_waits(browser: Browser) -> None:
    page = opened(browser, "cart", 375, "light")
    banner = page.locator("[data-offline]")
    assert banner.is_hidden()
    page.context.set_offline(True)
    page.wait_for_function("!document.querySelector('[data-offline]').hidden")
    assert banner.is_visible()
    page.context.close()


def test_the_focus_is_not_hidden_under_the_bars(browser: Browser) -> None:
    page = opened(browser, "shop", 375, "light")
    covered = """() => {
      const top = document.querySelector('.bar').getBoundingClientRect().bottom;
      const bottom = document.querySelector('.tabs').getBoundingClientRect().top;
      const at = document.activeElement.getBoundingClientRect();
      if (document.activeElement.closest('.bar, .tabs, .skip')) return false;
      return at.bottom <= top || at.top >= bottom;
    }"""
    for _press in range(40):
        page.keyboard.press("Tab")
        assert not page.evaluate(covered), page.evaluate("document.activeElement.outerHTML")
    page.context.close()
