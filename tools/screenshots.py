"""Make the README's pictures out of a running demo; starts one where none runs."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import click
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from tools import friends

from headwater.base import settings as reading
from headwater.base.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
ALL, CHOSEN = ROOT / "build/pictures", ROOT / "docs/pictures"
MOST_BYTES = 150_000
READY_SECONDS = 900
SIZES = {375: 812, 1440: 900}
THEMES = ("light", "dark")
BREAD = "现烤面包"
# What the README shows; everything else stays in build/.
IN_README = {
    "storefront-1440-light", "storefront-375-light", "storefront-375-dark", "product-375-light",
    "cart-375-light", "pay-sheet-375-light", "workbench-375-light", "share-375-light",
    "campaign-1440-light", "scoreboard-1440-light", "scoreboard-1440-dark", "scoreboard-375-light",
    "experiment-1440-light", "experiment-375-light", "waves-1440-light", "waves-375-light",
    "honesty-1440-light", "honesty-375-light",
    "phones-1440-light", "phone-chat-375-light", "phone-tasks-375-light",
}  # fmt: skip
State = dict[str, Any]


@dataclass
class Places:
    """Who is logged in, and where each picture is taken."""

    shopper: State
    guide: State
    chief: State
    phones: State
    addresses: dict[str, tuple[str, str]]


@click.command()
@click.argument("names", nargs=-1)
def main(names: tuple[str, ...]) -> None:
    """Take all pictures, or those named: storefront, product, cart, pay-sheet, campaign …"""
    config = reading.read()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise click.ClickException("Chromium is missing (Debian: apt-get install chromium)")
    with demo(config), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        places = visit(browser, config)
        for name, (who, address) in places.addresses.items():
            if not names or name in names:
                take(browser, name, getattr(places, who), address)
        browser.close()
    click.echo(f"pictures: {ALL.relative_to(ROOT)}, chosen ones: {CHOSEN.relative_to(ROOT)}")


@contextmanager
def demo(config: Settings) -> Iterator[None]:
    """Use the demo that runs, or start one for as long as the block."""
    if answers(config):
        yield
        return
    started = subprocess.Popen([sys.executable, "-m", "headwater", "demo"], cwd=ROOT)
    try:
        until = time.monotonic() + READY_SECONDS
        while not answers(config):
            if started.poll() is not None or time.monotonic() > until:
                raise click.ClickException("the demo did not open")
            time.sleep(1)
        yield
    finally:
        started.terminate()
        started.wait(30)


def answers(config: Settings) -> bool:
    """Tell whether the shop is open."""
    try:
        with urllib.request.urlopen(f"{config.public_url}/readyz", timeout=2) as answer:
            return int(answer.status) == 200
    except (urllib.error.URLError, OSError):
        return False


def visit(browser: Browser, config: Settings) -> Places:
    """Log everybody in, fill a cart, leave an order open, and note where to look."""
    known = json.loads((config.home / "demo.json").read_text())
    shop = config.public_url
    shopper, product, sheet = as_shopper(browser, shop)
    guide, share = as_guide(browser, shop, known["logins"]["guide"], known["password"])
    chief, found = as_chief(browser, shop, known["logins"]["admin"], known["password"])
    wechat = "/".join(sheet.split("/")[:3])
    credentials = json.loads((config.home / "credentials.json").read_text())
    page = log_in(browser, f"{shop}/guide", known["logins"]["guide"], known["password"])
    friends.meet(page, wechat, credentials["wecom"])
    return Places(
        shopper,
        guide,
        chief,
        leave(page.context),
        {
            "storefront": ("shopper", f"{shop}/"),
            "product": ("shopper", product),
            "cart": ("shopper", f"{shop}/cart"),
            "pay-sheet": ("shopper", sheet),
            "workbench": ("guide", f"{shop}/guide"),
            "share": ("guide", share),
            "earnings": ("guide", f"{shop}/guide/earnings"),
            "scoreboard": ("chief", f"{shop}/console/scoreboard"),
            "experiments": ("chief", f"{shop}/console/experiments"),
            "experiment": ("chief", found["experiment"]),
            "plan": ("chief", f"{shop}/console/experiments/plan"),
            "waves": ("chief", found["wave"]),
            "waves-list": ("chief", f"{shop}/console/waves"),
            "channels": ("chief", f"{shop}/console/channels"),
            "honesty": ("chief", f"{shop}/console/honesty?trial=1"),
            "campaign": ("chief", found["campaign"]),
            "segment": ("chief", f"{shop}/console/segments/new"),
            "orders": ("chief", f"{shop}/console/orders"),
            "phones": ("phones", f"{wechat}/phone/both?{friends.SIDE_BY_SIDE}"),
            "phone-chat": ("phones", f"{wechat}/phone/chats/guide/{friends.GUIDE}"),
            "phone-moments": ("phones", f"{wechat}/phone/moments"),
            "phone-camera": ("phones", f"{wechat}/phone/camera"),
            "phone-customers": ("phones", f"{wechat}/phone/guide/customers"),
            "phone-tasks": ("phones", f"{wechat}/phone/guide/tasks"),
            "phone-workbench": ("phones", f"{wechat}/phone/guide/workbench"),
        },
    )


def as_shopper(browser: Browser, shop: str) -> tuple[State, str, str]:
    """Log in through the sandbox's WeChat, order one thing and lay others into the cart."""
    page = phone(browser)
    page.goto(f"{shop}/login/wechat?next=/")
    page.locator("ul.list a, ul.list button").first.click()
    page.wait_for_url(f"{shop}/")
    links = page.locator(".product-name a")
    paths = [str(links.nth(place).get_attribute("href")) for place in range(4)]
    lay(page, shop, paths[3])
    page.get_by_role("link", name="去结算").first.click()
    page.get_by_role("button", name="提交订单").click()
    page.wait_for_url("**/phone/pay**")
    sheet = page.url
    for path in paths[:3]:
        lay(page, shop, path)
    return leave(page.context), shop + paths[0], sheet


def lay(page: Page, shop: str, path: str) -> None:
    """Lay a product into the cart, and look at the cart."""
    page.goto(shop + path)
    page.locator("button[form=add]").first.click()
    page.wait_for_timeout(500)
    page.goto(f"{shop}/cart")


def as_guide(browser: Browser, shop: str, login: str, password: str) -> tuple[State, str]:
    """Log in at the workbench and share a thing."""
    page = log_in(browser, f"{shop}/guide", login, password)
    page.goto(f"{shop}/guide/shares")
    page.locator("button[name=scene][value=link]").first.click()
    page.wait_for_url("**/guide/shares/*")
    share = page.url
    return leave(page.context), share


def as_chief(
    browser: Browser, shop: str, login: str, password: str
) -> tuple[State, dict[str, str]]:
    """Log in at the console and find the newest campaign and experiment, and a wave that was read.

    The demo rolled out bread; what stands above it is only planned.
    """
    page = log_in(browser, f"{shop}/console", login, password)
    found = {
        "campaign": first_of(page, f"{shop}/console/campaigns", "/new"),
        "experiment": first_of(page, f"{shop}/console/experiments", "/plan"),
    }
    page.goto(f"{shop}/console/waves")
    found["wave"] = str(page.get_by_role("link", name=BREAD).first.get_attribute("href"))
    return leave(page.context), {name: shop + path for name, path in found.items()}


def first_of(page: Page, shelf: str, but: str) -> str:
    """Find the first link of a list that leads to one of its things."""
    page.goto(shelf)
    links = page.locator(f"main table a[href*='{shelf[shelf.index('/console') :]}/']")
    found = [str(links.nth(place).get_attribute("href")) for place in range(links.count())]
    return next(each for each in found if but not in each)


def log_in(browser: Browser, door: str, login: str, password: str) -> Page:
    """Log in at a door of the staff."""
    page = phone(browser)
    page.goto(f"{door}/login")
    page.locator("input[name=login]").fill(login)
    page.locator("input[name=password]").fill(password)
    page.locator("main button[type=submit]").first.click()
    page.wait_for_url(lambda address: not address.endswith("/login"))
    return page


def phone(browser: Browser) -> Page:
    """Open a window of a phone's size."""
    return browser.new_context(viewport={"width": 375, "height": 812}, locale="zh-CN").new_page()


def leave(context: BrowserContext) -> State:
    """Close a window, and keep what it was logged in as."""
    kept: State = dict(context.storage_state())
    context.close()
    return kept


def take(browser: Browser, name: str, kept: State, address: str) -> None:
    """Take one page at both widths, light and dark."""
    for width, height in SIZES.items():
        for theme in THEMES:
            context = browser.new_context(
                viewport={"width": width, "height": height},
                device_scale_factor=2 if width < 900 else 1,
                color_scheme="dark" if theme == "dark" else "light",
                reduced_motion="reduce",
                locale="zh-CN",
                storage_state=kept,  # type: ignore[arg-type]
            )
            page = context.new_page()
            page.goto(address)
            page.wait_for_load_state("networkidle")
            save(f"{name}-{width}-{theme}", page.screenshot())
            context.close()


def save(name: str, shot: bytes) -> None:
    """Write a picture, small enough for a repository."""
    drawn = Image.open(BytesIO(shot)).convert("RGB")
    for colours in (256, 128, 64, 32):
        small = drawn.quantize(colours, dither=Image.Dither.NONE)
        out = BytesIO()
        small.save(out, "PNG", optimize=True)
        if out.tell() <= MOST_BYTES:
            break
    for folder, is_wanted in ((ALL, True), (CHOSEN, name in IN_README)):
        if is_wanted:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{name}.png").write_bytes(out.getvalue())


if __name__ == "__main__":
    main()
