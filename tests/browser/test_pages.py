"""Every page in a real browser: axe finds nothing, nothing overflows, nothing complains."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from tests.browser.town import Town
from tests.browser.window import DESK_WIDTH, PHONE_WIDTH, Window, darken, faults, sideways, window
from tests.house import SHOP

pytestmark = pytest.mark.browser

# Who looks at it, and where it lies; {names} are places that the town's past has made.
PAGES = {
    "home": ("visitor", "/"),
    "departments": ("visitor", "/departments"),
    "category": ("visitor", "/shelf/dairy"),
    "search": ("visitor", "/search?q=牛奶"),
    "search without result": ("visitor", "/search?q=qqqzzz"),
    "product": ("visitor", "{product}"),
    "stores": ("visitor", "/stores"),
    "login": ("visitor", "/login"),
    "deals": ("visitor", "/deals"),
    "deals of a member": ("member", "/deals"),
    "empty cart": ("visitor", "/cart"),
    "cart": ("member", "/cart"),
    "checkout": ("member", "/checkout"),
    "order": ("member", "{order}"),
    "refunded order": ("member", "{refunded}"),
    "refund": ("member", "{order}/refund"),
    "orders": ("member", "/orders"),
    "me": ("member", "/me"),
    "my data": ("member", "/me/data"),
    "erasure": ("member", "/me/erasure"),
    "not found": ("member", "/products/00000000-0000-8000-8000-000000000000"),
    "scan and go": ("visitor", "/scango"),
    "visit": ("member", "{visit}"),
    "pass": ("member", "{pass}"),
    "guide login": ("visitor", "/guide/login"),
    "today": ("guide", "/guide"),
    "customers": ("guide", "/guide/customers"),
    "customer": ("guide", "{customer}"),
    "shares": ("guide", "/guide/shares"),
    "share": ("guide", "{share}"),
    "earnings": ("guide", "/guide/earnings"),
    "exits": ("guide", "/guide/exits"),
    "console login": ("visitor", "/console/login"),
    "scoreboard": ("operator", "/console/scoreboard"),
    "experiments": ("operator", "/console/experiments"),
    "archived experiments": ("operator", "/console/experiments?stage=archived"),
    "experiment": ("operator", "{experiment}"),
    "reading": ("operator", "{reading}"),
    "plan in the ledger": ("operator", "{plan_row}"),
    "plan an experiment": ("operator", "/console/experiments/plan"),
    "channels": ("operator", "{channels}"),
    "channels of few campaigns": ("operator", "/console/channels"),
    "begin a programme": ("operator", "/console/programs/new"),
    "programme being drawn": ("operator", "{drawing}"),
    "honesty": ("operator", "/console/honesty"),
    "no waves": ("operator", "/console/waves"),
    "no history of stores": ("operator", "/console/waves/plan"),
    "waves": ("operator", "{waves}"),
    "plan of waves": ("operator", "{waves_plan}"),
    "wave": ("operator", "{wave}"),
    "wave under way": ("operator", "{wave_running}"),
    "picked stores": ("operator", "{wave_picked}"),
    "planned wave": ("operator", "{wave_planned}"),
    "row of a wave": ("operator", "{wave_row}"),
    "plan of a wave": ("operator", "{wave_plan_row}"),
    "segments": ("operator", "/console/segments"),
    "new segment": ("operator", "/console/segments/new"),
    "campaigns": ("operator", "/console/campaigns"),
    "campaign": ("operator", "{campaign}"),
    "campaign of several contents": ("operator", "{contents}"),
    "new campaign": ("operator", "/console/campaigns/new"),
    "console orders": ("operator", "/console/orders"),
    "console members": ("operator", "/console/members"),
    "console products": ("operator", "/console/products"),
    "console product": ("operator", "/console{product}"),
    "sales": ("operator", "/console/deals"),
    "new sale": ("operator", "/console/deals/new"),
    "console stores": ("operator", "/console/stores"),
    "console stock": ("operator", "/console/stock"),
    "ads": ("admin", "/console/ads"),
    "system": ("admin", "/console/system"),
    "jobs": ("admin", "/console/system/jobs"),
}
IN_ENGLISH = (
    "home", "product", "deals of a member", "cart", "checkout", "order", "earnings", "scoreboard",
    "campaign", "campaign of several contents", "new campaign", "experiments", "experiment",
    "reading", "plan an experiment", "honesty",
    "waves", "plan of waves", "wave", "planned wave", "row of a wave", "channels",
)  # fmt: skip
ON_DESKS = (
    "scoreboard",
    "campaign",
    "campaign of several contents",
    "new segment",
    "console orders",
    "experiment",
    "reading",
)
LANGUAGES = [("zh", name) for name in PAGES] + [("en", name) for name in IN_ENGLISH]
# What the browser itself writes when a page answers with an error that we asked for.
EXPECTED = {"not found": ["the server responded with a status of 404"]}


@pytest.fixture(scope="module")
def windows(town: Town, browser: Browser) -> Iterator[dict[tuple[str, str], Window]]:
    """Open one window for each who looks, and keep it for all pages."""
    opened: dict[tuple[str, str], Window] = {}
    for language in ("zh", "en"):
        opened["visitor", language] = window(browser, town.visitor(), language=language)
        opened["member", language] = window(browser, town.shopper(), language=language)
        for role in ("guide", "operator", "admin"):
            carried = town.employee(role)
            opened[role, language] = window(browser, carried, language=language)
    yield opened
    for each in opened.values():
        each.close()


@pytest.mark.parametrize("language,name", LANGUAGES)
def test_a_page_is_open_to_everybody(
    town: Town, windows: dict[tuple[str, str], Window], language: str, name: str
) -> None:
    who, path = PAGES[name]
    looking = windows[who, language]
    page = looking.page
    looking.said.clear()
    page.set_viewport_size({"width": PHONE_WIDTH, "height": 812})
    page.emulate_media(color_scheme="light")
    answer = page.goto(f"{SHOP}{path.format(**town.paths)}", wait_until="load")
    assert answer is not None
    assert answer.status == (404 if name in EXPECTED else 200)
    assert faults(page) == [], "light, on a phone"
    for width in (320, PHONE_WIDTH, DESK_WIDTH):
        assert sideways(page, width) == "", width
    if name in ON_DESKS:
        assert faults(page) == [], "light, on a desk"
    # Only colours change with the theme.
    darken(page)
    assert faults(page, ["color-contrast"]) == [], "dark"
    said = [each for each in looking.said if not any(one in each for one in EXPECTED.get(name, []))]
    assert said == []
