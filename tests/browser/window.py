"""A real browser that looks into the town: one Chromium, a window for each who looks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from tests.browser.town import Town
from tests.house import HOSTS, SHOP
from tests.web.gallery import CHROMIUM, QUIET

AXE = Path(__file__).parent / "vendor/axe-core/4.14.1/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PHONE_WIDTH, DESK_WIDTH, SMALLEST_WIDTH = 375, 1440, 320


@contextmanager
def chromium(town: Town) -> Iterator[Browser]:
    """Open a browser that finds the town's hosts on its port."""
    if not Path(CHROMIUM).exists():
        end = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        end("Chromium is not installed; on Debian: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*QUIET, f"--host-resolver-rules={town.rules}"]
        )
        yield browser
        browser.close()


@dataclass
class Window:
    """Somebody's window: what they are logged in as, and what the browser complained of."""

    context: BrowserContext
    page: Page
    said: list[str] = field(default_factory=list)

    def go(self, path: str) -> Page:
        """Open a page of the shop."""
        answer = self.page.goto(f"{SHOP}{path}")
        assert answer is not None, path
        assert answer.status == 200, (path, answer.status)
        return self.page

    def close(self) -> None:
        """Close the window; whoever looked through it is forgotten."""
        self.context.close()


def window(
    browser: Browser,
    carried: dict[str, str] | None = None,
    *,
    width: int = PHONE_WIDTH,
    theme: str = "light",
    language: str = "zh",
    script: bool = True,
) -> Window:
    """Open a window for whoever carries these cookies."""
    context = browser.new_context(
        viewport={"width": width, "height": 900 if width > 800 else 812},
        color_scheme="dark" if theme == "dark" else "light",
        java_script_enabled=script,
        reduced_motion="reduce",
        locale="en-GB" if language == "en" else "zh-CN",
    )
    for name, value in {**(carried or {}), "language": language}.items():
        context.add_cookies([{"name": name, "value": value, "url": SHOP}])
    opened = Window(context, context.new_page())
    opened.page.on("console", lambda message: opened.said.append(message.text))
    opened.page.on("pageerror", lambda error: opened.said.append(str(error)))
    return opened


def faults(page: Page, rules: list[str] | None = None) -> list[tuple[str, str]]:
    """Ask axe what is wrong with a page."""
    # Through the debugger's door, which a page's own policy does not shut.
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    # Of what is in order it counts the kinds, and writes no report.
    found: dict[str, Any] = page.evaluate(
        "rules => axe.run({runOnly: rules, resultTypes: ['violations']})", rules or RULES
    )
    return [(one["id"], one["nodes"][0]["html"][:160]) for one in found["violations"]]


def darken(page: Page) -> None:
    """Turn the page dark, and let no colour be on its way."""
    page.emulate_media(color_scheme="dark")
    page.evaluate("""async () => {
      const still = new CSSStyleSheet();
      still.replaceSync('* { transition: none !important; animation: none !important; }');
      document.adoptedStyleSheets = [still];
      await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
    }""")


def sideways(page: Page, width: int) -> str:
    """Name what sticks out to the side of a page at a width, or nothing."""
    page.set_viewport_size({"width": width, "height": 812})
    found = page.evaluate(
        """width => {
          const root = document.documentElement;
          if (root.scrollWidth <= width) return '';
          const out = [...document.querySelectorAll('body *')]
            .filter(each => each.getBoundingClientRect().right > width + 1);
          return root.scrollWidth + ': ' + out.slice(0, 2).map(e => e.outerHTML.slice(0, 100));
        }""",
        width,
    )
    return str(found)


def approve(page: Page) -> None:
    """Press the button of the sandbox's pay sheet."""
    assert page.url.startswith(HOSTS.phone), page.url
    page.locator("button[name=decision][value=approve]").click()
