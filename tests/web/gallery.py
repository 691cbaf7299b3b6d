"""The gallery: every part of the kit on a few pages, to be looked at and to be checked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click
from jinja2 import FileSystemLoader, PrefixLoader
from playwright.sync_api import Browser, Page, Route, sync_playwright
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route as Path_
from starlette.testclient import TestClient

from headwater.base.errors import NotFound
from headwater.web.kit import answers, routes
from headwater.web.kit.pages import environment, render
from headwater.web.kit.site import SafeHeaders, Site

HERE = Path(__file__).parent / "gallery"
SITE = Site(keys=("a-key-for-the-gallery",), name="栖木生活")
CHROMIUM = "/usr/bin/chromium"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
QUIET += ["--disable-component-update", "--disable-sync"]
# The kit itself, which is seen whole on no page of the product; the others carry its behaviour.
KIT = ("table", "parts")
PAGES = ("shop", "cart", "order", *KIT)
NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


PRODUCTS = [
    ("新西兰红玫瑰苹果 4 粒装", 2990, 3990, "apples", "甜脆多汁 · 自提 30 分钟", "两件 9 折"),
    ("鲜牛奶 1L 低温巴氏", 1880, None, "fluid-milk-products", "冷藏 · 保质 7 天", ""),
    ("天然酵母吐司 450g", 1690, 1990, "bread", "今早现烤", "新品"),
    ("谷饲牛排 200g×2", 8900, None, "beef", "整切 · 冷鲜", ""),
    ("洗衣凝珠 52 颗", 4590, 5990, "laundry-detergents", "三合一去渍", "会员价"),
    ("每日坚果 30 包", 9900, None, "snack-nuts", "一箱 30 日", ""),
    ("云南玫瑰花束 11 枝", 6900, 8800, "roses", "花期 7–10 天", ""),
    ("冷萃咖啡豆 454g 深烘", 7800, None, "coffee", "产地 云南保山", ""),
]
ORDERS = [
    ("7K2M-94QX", "林** 尾号 5521", "待自提", "brand", 8180),
    ("7K2M-94QY", "周** 尾号 0934", "已完成", "ok", 129900),
    ("7K2M-94R2", "王** 尾号 7712", "待付款", "warn", 4590),
    ("7K2M-94R7", "陈** 尾号 1180", "退款中", "bad", -2990),
]


def gallery() -> Starlette:
    """An application that shows nothing but the kit."""
    loader = environment().loader
    assert isinstance(loader, PrefixLoader)
    loader.mapping = {**loader.mapping, "gallery": FileSystemLoader(HERE)}

    async def show(request: Request) -> Response:
        if request.path_params["name"] not in PAGES:
            raise NotFound
        days = [(f"11/{day}", 300 + day * 37 % 260) for day in range(1, 23)]
        return render(
            request,
            f"gallery/{request.path_params['name']}.html",
            products=PRODUCTS,
            orders=ORDERS,
            days=days,
            at=NOON,
        )

    own = [*routes.ROUTES, Path_("/{name}", show)]
    app = Starlette(routes=own, middleware=[Middleware(SafeHeaders, site=SITE)])
    app.state.site = SITE
    answers.install(app)
    return app


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without a screen."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


def opened(browser: Browser, name: str, width: int, theme: str, cookie: str = "") -> Page:
    """A page of the gallery in the browser, answered without a socket."""
    client = TestClient(gallery(), base_url="http://gallery")
    page = browser.new_context(
        viewport={"width": width, "height": 900 if width > 800 else 812},
        color_scheme="dark" if theme == "dark" else "light",
    ).new_page()

    def answer(route: Route) -> None:
        sent = {"accept": "text/html", "cookie": cookie}
        found = client.get(route.request.url, headers=sent)
        kept = {
            key: value
            for key, value in found.headers.items()
            if key not in {"content-encoding", "content-length"}
        }
        route.fulfill(status=found.status_code, headers=kept, body=found.content)

    page.route("**/*", answer)
    page.goto(f"http://gallery/{name}")
    return page


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.argument("names", nargs=-1)
def main(folder: Path, names: tuple[str, ...]) -> None:
    """Draw the gallery into FOLDER, on a phone and on a desk, light and dark."""
    folder.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        for name in names or PAGES:
            for width in (375, 1440):
                for theme in ("light", "dark"):
                    page = opened(browser, name, width, theme)
                    page.screenshot(path=folder / f"{name}-{width}-{theme}.png", full_page=True)
                    page.context.close()
    click.echo(f"drawn into {folder}")


if __name__ == "__main__":
    main()
