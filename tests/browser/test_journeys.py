"""Buying and giving back in a real browser: without script, by keyboard, and by code."""

from __future__ import annotations

import gzip
from io import BytesIO

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page, Response
from tests import make
from tests.browser.town import Town
from tests.browser.window import PHONE_WIDTH, approve, darken, faults, sideways, window
from tests.house import HOSTS, SHOP

from headwater.base.db import SYSTEM

pytestmark = pytest.mark.browser
PHONE = "13900000001"
HTML_MOST, CSS_MOST, JS_MOST = 20_000, 20_000, 25_000


def test_without_script_a_shopper_buys_and_gives_back(town: Town, browser: Browser) -> None:
    looking = window(browser, town.visitor(), script=False)
    page = looking.go(town.paths["product"])
    page.get_by_role("button", name="加入购物车").first.click()
    page.wait_for_url("**/cart")
    page.get_by_role("link", name="去结算").click()
    page.wait_for_url("**/login**")
    log_in_by_phone(town, page)
    page.wait_for_url("**/checkout**")
    page.get_by_role("button", name="提交订单").click()
    page.wait_for_url("**/pay")
    for theme in ("dark", "light"):
        page.emulate_media(color_scheme=theme)
        assert codes_on(page)[0].startswith("weixin://"), theme
    page.get_by_role("link", name="在本机打开微信支付").click()
    page.locator("button, a").filter(has_text="客人 1").first.click()
    approve(page)
    page.wait_for_url("**/orders/*?from=pay")
    assert page.locator(".plate").is_visible()
    page.get_by_role("link", name="申请退款").click()
    page.locator("[name=quantity_1]").first.fill("1")
    page.get_by_role("button", name="提交退款").click()
    page.wait_for_url("**/orders/*")
    town.run(town.house.work())
    page.reload()
    assert page.get_by_text("退款").first.is_visible()
    looking.close()


def log_in_by_phone(town: Town, page: Page) -> None:
    """Ask for a code, read it on the sandbox's phone and type it in."""
    page.locator("input[name=phone]").fill(PHONE)
    page.get_by_role("button", name="获取验证码").click()
    text = town.house.sandbox.people.texts(PHONE)[-1]
    code = "".join(sign for sign in str(text) if sign.isdigit())
    page.locator("input[name=code]").fill(code[:6])
    page.get_by_role("button", name="登录").click()


def test_the_pay_button_is_reached_by_keyboard_and_the_focus_is_never_hidden(
    town: Town, browser: Browser
) -> None:
    looking = window(browser, town.shopper())
    page = looking.go("/cart")
    seen = """() => {
      const at = document.activeElement, box = at.getBoundingClientRect();
      const style = getComputedStyle(at);
      const isRinged = style.outlineStyle !== 'none' || style.boxShadow !== 'none'
        || at.matches('input, .skip') || getComputedStyle(at.parentElement).outlineStyle !== 'none';
      if (at === document.body || at.closest('.bar, .tabs, .action-bar, .skip')) {
        return [at.textContent.trim(), true, isRinged];
      }
      const top = document.querySelector('.bar').getBoundingClientRect().bottom;
      const bar = document.querySelector('.action-bar').getBoundingClientRect().top;
      return [at.textContent.trim(), box.bottom > top && box.top < bar, isRinged];
    }"""
    for _press in range(60):
        page.keyboard.press("Tab")
        words, is_in_sight, is_ringed = page.evaluate(seen)
        assert is_in_sight, page.evaluate("document.activeElement.outerHTML")
        assert is_ringed, page.evaluate("document.activeElement.outerHTML")
        if words == "去结算":
            break
    else:
        pytest.fail("Tab never came to the button that leads to the checkout")
    page.keyboard.press("Enter")
    page.wait_for_url("**/checkout**")
    for _press in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == "提交订单":
            break
    else:
        pytest.fail("Tab never came to the button that places the order")
    looking.close()


async def ordered(town: Town) -> str:
    """Place an order that waits for its money; give its number."""
    async with town.house.building.transaction(SYSTEM) as db:
        wanted = (town.items[2], 1)
        placed = await make.placed(db, town.member_id, town.shops[0], wanted, now=town.house.now)
    return placed.number


def test_the_pay_sheet_opens_for_who_came_through_wechat(town: Town, browser: Browser) -> None:
    open_id = town.run(town.house.open_id(town.member_id))
    looking = window(browser, town.shopper(open_id=open_id))
    page = looking.go(f"/orders/{town.run(ordered(town))}/pay")
    assert page.url.startswith(HOSTS.phone)
    assert faults(page) == []
    darken(page)
    assert faults(page, ["color-contrast"]) == []
    for width in (320, PHONE_WIDTH, 1440):
        assert sideways(page, width) == "", width
    assert looking.said == []
    approve(page)
    page.wait_for_url("**/orders/*?from=pay")
    assert page.locator(".plate").is_visible()
    looking.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_code_can_be_read_from_the_screen(town: Town, browser: Browser, theme: str) -> None:
    looking = window(browser, town.shopper(), theme=theme)
    for name in ("order", "pass"):
        page = looking.go(town.paths[name])
        assert len(codes_on(page)) == 1, (name, theme)
    looking.close()
    works = window(browser, town.employee("guide"), theme=theme)
    link = codes_on(works.go(town.paths["share"]))
    assert link[0].startswith(f"{SHOP}/products/")
    works.close()


def codes_on(page: Page) -> list[str]:
    """Read the codes of a page as a camera would see them."""
    seen = Image.open(BytesIO(page.screenshot()))
    return [each.text for each in zxingcpp.read_barcodes(seen)]


@pytest.mark.parametrize("path", ["/", "/search?q=牛奶", "{product}", "/stores"])
def test_a_first_view_is_light(town: Town, browser: Browser, path: str) -> None:
    looking = window(browser, town.visitor(), width=PHONE_WIDTH)
    weights = {"document": 0, "stylesheet": 0, "script": 0}
    answers: list[Response] = []
    looking.page.on("response", lambda answer: answers.append(answer))
    looking.page.goto(f"{SHOP}{path.format(**town.paths)}", wait_until="networkidle")
    for answer in answers:
        kind = answer.request.resource_type
        if kind in weights:
            weights[kind] += len(gzip.compress(answer.body(), 6))
    assert 0 < weights["document"] <= HTML_MOST
    assert 0 < weights["stylesheet"] <= CSS_MOST
    assert 0 < weights["script"] <= JS_MOST
    looking.close()
