"""What a shopper and a guide say to each other before the pictures of their phones are taken."""

from __future__ import annotations

from typing import Any

import click
from playwright.sync_api import Page

# Who serves whom on the two phones, and what they say.
GUIDE = "zhangmin"
TALK = (
    (
        "guide",
        "林姐您好，我是人民广场店的张敏。您上次带走的针织衫到了新色雾蓝，给您留了一件 M 码。",
    ),
    ("shopper", "好呀，周六下午过来试"),
    ("guide", "没问题，到店直接找我就行，给您备好手冲。"),
    ("shopper", "辛苦啦，另外帮我看看冷萃咖啡豆还有吗？"),
)
SIDE_BY_SIDE = f"left=/phone/chats/guide/{GUIDE}&right=/phone/guide/workbench"
POST = "周末上新：雾蓝、燕麦、炭灰三色到齐，来店里摸摸看。"
TASK = "双十二会员专场，提前三天开抢，回复「清单」看全部好物。"


def meet(page: Page, wechat: str, known: dict[str, Any]) -> None:
    """Let a shopper and a guide meet, talk and post; two tasks wait for the guide."""
    for person in ("p2", "p1"):
        page.goto(f"{wechat}/phone?as={person}")
        page.goto(f"{wechat}/phone/guide?as={GUIDE}")
        page.goto(f"{wechat}/phone/camera")
        page.locator(f"input[value$='/{GUIDE}'] ~ button").click()
        page.goto(f"{wechat}/phone/guide/customers")
        if page.get_by_role("button", name="通过").count():
            page.get_by_role("button", name="通过").first.click()
    page.goto(f"{wechat}/phone/guide")
    page.locator("#chats a[href*='/chat']", has_text="林晓").click()
    chats = {"guide": page.url, "shopper": f"{wechat}/phone/chats/guide/{GUIDE}"}
    # A demo that was started before still has what they said.
    if not page.get_by_text(TALK[0][1]).count():
        for who, words in TALK:
            write(page, chats[who], words)
        write(page, f"{wechat}/phone/guide/moments", POST)
        order_tasks(page, known)


def write(page: Page, address: str, words: str) -> None:
    """Type into the one field that a page of the phone has for it."""
    page.goto(address)
    page.locator("main input[name=words], .composer input[name=text]").first.fill(words)
    page.keyboard.press("Enter")
    page.wait_for_load_state("networkidle")


def order_tasks(page: Page, known: dict[str, Any]) -> None:
    """Ask, as the brand's server would, for a broadcast and for a moment."""
    base = known["base_url"]
    asked = {"corpid": known["corpid"], "corpsecret": known["contact_secret"]}
    token = page.request.get(f"{base}/cgi-bin/gettoken", params=asked).json()["access_token"]
    words = {"text": {"content": TASK}}
    for path, body in (
        ("add_msg_template", {"chat_type": "single", "sender": GUIDE, "allow_select": True}),
        ("add_moment_task", {"visible_range": {"sender_list": {"user_list": [GUIDE]}}}),
    ):
        address = f"{base}/cgi-bin/externalcontact/{path}?access_token={token}"
        answer = page.request.post(address, data=body | words).json()
        if answer["errcode"] != 0:
            raise click.ClickException(f"{path}: {answer}")
    page.wait_for_timeout(3_000)
