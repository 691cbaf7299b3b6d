"""Both simulated phones in a real browser: open to everybody, current, honest when offline."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page
from tests.browser.town import Town
from tests.browser.window import DESK_WIDTH, PHONE_WIDTH, Window, darken, faults, sideways, window
from tests.house import HOSTS, SHOP

from headwater.sandbox.pay.prepays import Amount, PrepayRequest
from headwater.sandbox.people import Message
from headwater.sandbox.wecom.acts import Acts
from headwater.sandbox.wecom.content import Attachment, Content, Link, Text
from headwater.sandbox.wecom.host import WecomHost

pytestmark = pytest.mark.browser

GUIDE = "zhangmin"
PAGES = {
    "chats": "/phone",
    "account": "/phone/chats/account",
    "account page": "/phone/account",
    "guide chat": f"/phone/chats/guide/{GUIDE}",
    "group": "/phone/chats/group/{group}",
    "sms": "/phone/texts?number={number}",
    "contacts": "/phone/contacts",
    "friend": f"/phone/contacts/{GUIDE}",
    "discover": "/phone/discover",
    "moments": "/phone/moments",
    "camera": "/phone/camera",
    "program": "/phone/program",
    "subscriptions": "/phone/subscriptions",
    "me": "/phone/me",
    "wallet": "/phone/wallet",
    "people": "/phone/people",
    "nobody found": "/phone/people?find=qqq",
    "foreign page": "/phone/web?url=https%3A%2F%2Fexample.com%2F",
    "guide login": "/phone/guide/login",
    "guide chats": "/phone/guide",
    "customers": "/phone/guide/customers",
    "customers without result": "/phone/guide/customers?find=qqq",
    "customer": "/phone/guide/customers/{customer}",
    "customer chat": "/phone/guide/customers/{customer}/chat",
    "tasks": "/phone/guide/tasks",
    "task": "/phone/guide/tasks/moment/{moment}",
    "broadcast": "/phone/guide/broadcasts",
    "own moments": "/phone/guide/moments",
}
IN_ENGLISH = ("chats", "account", "contacts", "camera", "me", "customers", "customer", "tasks")


def acts(town: Town) -> Acts:
    return town.house.sandbox.others.the(WecomHost).acts


@pytest.fixture(scope="module")
def places(town: Town) -> dict[str, str]:
    """Let two people know each other, talk, post and owe each other something."""

    async def live() -> dict[str, str]:
        sandbox, now = town.house.sandbox, town.house.now
        people, company, member = sandbox.people, acts(town), acts(town).member(GUIDE)
        for person_id in ("p1", "p2", "p3"):
            company.add(people.get(person_id), member.code, now)
        for person_id in ("p1", "p2"):
            company.accept(GUIDE, people.get(person_id), now)
        person = people.get("p1")
        company.add_tags("等级", ["金卡", "银卡"], now)
        tag = company.tag_groups()[0][1][0][0]
        company.tag(GUIDE, person, [tag], [], now)
        company.say(GUIDE, person, "林姐您好，给您留了一件 M 码。", now)
        company.write(person, GUIDE, "好呀，周六过来", now)
        card = Message(
            "miniprogrampage", "秋冬新品", (), None, now, appid="wx1", pagepath="pages/a"
        )
        company.send(GUIDE, person, [card], now)
        company.post(GUIDE, "周末上新，三色到齐。", [], now)
        post = company.moments(person, now)[0]
        company.like(person, post.moment_id, GUIDE, now)
        company.comment(person, post.moment_id, GUIDE, "有 L 码吗？", now)
        group = company.open_group(GUIDE, "会员群", [person], now)
        company.say_in_group(GUIDE, group.chat_id, "周六手冲体验", now)
        link = Attachment("link", link=Link("清单", "", "提前三天", "https://example.com/"))
        early = now - timedelta(minutes=1)
        moments = sandbox.others.the(WecomHost).house.desk.moments
        moment = moments.order(Content(Text("圣诞礼盒开售"), [link]), early, senders=(GUIDE,))
        lines = (("商品", "龙井茶 50g"), ("金额", "¥39.90"))
        news = Message("news", "新品到店", (("", "满减"),), "https://example.com/", now)
        for message in (Message("template", "订单支付成功通知", lines, None, now), news):
            people.deliver(person, message)
        people.text(person.phone_number, Message("sms", "【活水】482913", (), None, now))
        return {
            "group": group.chat_id,
            "number": person.phone_number,
            "customer": people.external_userid(person),
            "moment": moment.moment_id,
        }

    return town.run(live())


def held(browser: Browser, language: str = "zh", script: bool = True) -> Window:
    """Open a window in which both phones are in somebody's hand."""
    opened = window(browser, language=language, script=script)
    for name, value in (
        ("sandbox_person", "p1"),
        ("sandbox_guide", GUIDE),
        ("sandbox_language", language),
    ):
        opened.context.add_cookies([{"name": name, "value": value, "url": HOSTS.phone}])
    return opened


@pytest.fixture(scope="module")
def windows(browser: Browser) -> Iterator[dict[str, Window]]:
    """One window for each language, for all pages."""
    opened = {language: held(browser, language) for language in ("zh", "en")}
    yield opened
    for each in opened.values():
        each.close()


@pytest.fixture
def looking(browser: Browser, places: dict[str, str]) -> Iterator[Page]:
    """A window of one's own."""
    opened = held(browser)
    yield opened.page
    opened.close()


@pytest.mark.parametrize(
    "language,name", [("zh", name) for name in PAGES] + [("en", name) for name in IN_ENGLISH]
)
def test_a_page_of_a_phone_is_open_to_everybody(
    windows: dict[str, Window], places: dict[str, str], language: str, name: str
) -> None:
    opened = windows[language]
    page = opened.page
    opened.said.clear()
    page.set_viewport_size({"width": PHONE_WIDTH, "height": 812})
    page.emulate_media(color_scheme="light")
    answer = page.goto(HOSTS.phone + PAGES[name].format(**places), wait_until="load")
    assert answer is not None
    assert answer.status == 200
    assert faults(page) == [], "light, on a phone"
    for width in (320, PHONE_WIDTH, DESK_WIDTH):
        assert sideways(page, width) == "", width
    assert faults(page) == [], "light, on a desk"
    darken(page)
    assert faults(page, ["color-contrast"]) == [], "dark"
    assert opened.said == []


def test_both_phones_lie_side_by_side_and_the_left_one_changes_hands(looking: Page) -> None:
    looking.set_viewport_size({"width": DESK_WIDTH, "height": 900})
    looking.goto(f"{HOSTS.phone}/phone/both")
    shopper, guide = (looking.frame_locator("iframe").nth(place) for place in (0, 1))
    assert shopper.locator("h1").inner_text() == "林晓"
    assert guide.locator("h1").inner_text() == "张敏"
    assert faults(looking) == []
    looking.select_option("select[name=as]", "p2")
    looking.get_by_role("button", name="切换人物").click()
    shopper.get_by_role("heading", name="周航").wait_for()


def test_what_the_guide_writes_appears_on_the_shoppers_phone_by_itself(looking: Page) -> None:
    looking.set_viewport_size({"width": DESK_WIDTH, "height": 900})
    looking.goto(f"{HOSTS.phone}/phone/both")
    shopper, guide = (looking.frame_locator("iframe").nth(place) for place in (0, 1))
    shopper.get_by_role("link", name="张敏").click()
    guide.get_by_role("link", name="林晓").click()
    guide.get_by_role("textbox", name="说点什么").fill("周六见")
    guide.get_by_role("button", name="发送").click()
    shopper.get_by_text("周六见").wait_for()


def test_a_message_is_written_with_the_keyboard_alone(looking: Page) -> None:
    looking.goto(f"{HOSTS.phone}/phone/chats/guide/{GUIDE}")
    looking.keyboard.press("Tab")
    assert looking.evaluate("document.activeElement.className") == "skip"
    field = looking.get_by_role("textbox", name="说点什么")
    for _press in range(12):
        if field.evaluate("each => each === document.activeElement"):
            break
        looking.keyboard.press("Tab")
    looking.keyboard.type("键盘写的")
    looking.keyboard.press("Enter")
    looking.get_by_text("键盘写的").wait_for()


def test_a_phone_without_a_line_says_so_and_holds_back_what_needs_one(looking: Page) -> None:
    looking.goto(f"{HOSTS.phone}/phone/chats/guide/{GUIDE}")
    looking.context.set_offline(True)
    looking.get_by_text("网络断开").wait_for()
    assert looking.get_by_role("button", name="发送").is_disabled()
    looking.context.set_offline(False)
    looking.get_by_text("网络断开").wait_for(state="hidden")
    assert looking.get_by_role("button", name="发送").is_enabled()


def test_without_a_script_people_still_write_and_scan(
    browser: Browser, places: dict[str, str]
) -> None:
    opened = held(browser, script=False)
    page = opened.page
    page.goto(f"{HOSTS.phone}/phone/chats/guide/{GUIDE}")
    page.get_by_role("textbox", name="说点什么").fill("没有脚本")
    page.get_by_role("button", name="发送").click()
    assert page.get_by_text("没有脚本").is_visible()
    page.goto(f"{HOSTS.phone}/phone/camera")
    page.get_by_role("button", name="李薇").click()
    assert page.get_by_role("heading", name="李薇").is_visible()
    opened.close()


def test_the_keys_of_the_pay_sheet_write_the_password(town: Town, looking: Page) -> None:
    async def order() -> str:
        sandbox = town.house.sandbox
        asked = PrepayRequest(
            sandbox.credentials["official_account"]["appid"],
            sandbox.credentials["pay"]["mchid"],
            "龙井茶 50g",
            "T20261122-0009",
            f"{SHOP}/hooks/wechat-pay",
            Amount(3_990),
        )
        prepay = sandbox.payments.prepay(asked, "NATIVE", town.house.now)
        return f"weixin://wxpay/bizpayurl?pr={prepay.scan_code}"

    code = town.run(order())
    looking.goto(f"{HOSTS.phone}/phone/camera")
    looking.get_by_role("textbox", name="粘贴码里的内容").fill(code)
    looking.get_by_role("button", name="打开").click()
    for key in "12345670":
        looking.get_by_role("button", name=key, exact=True).click()
    looking.get_by_role("button", name="删除一位").click()
    looking.get_by_role("button", name="6", exact=True).click()
    assert looking.locator("input[name=password]").input_value() == "123456"
    assert sideways(looking, 320) == ""
    assert faults(looking) == []
    looking.get_by_role("button", name="支付", exact=True).click()
    looking.get_by_role("heading", name="支付成功").wait_for()
    looking.goto(f"{HOSTS.phone}/phone/wallet")
    assert looking.get_by_text("−¥39.90").is_visible()
