"""What leaves for WeChat fits the fields of its template, which refuses anything longer."""

from __future__ import annotations

from typing import Any

import pytest
from tests.connect.weixin.brand import opened

from headwater.app.senders import OfficialAccountSender
from headwater.web.kit.building import Templates


@pytest.mark.parametrize(
    "content, lines",
    [
        (
            {"kind": "order_paid", "title": "订单已支付", "body": "¥1,234.50"},
            [["商品", "订单已支付"], ["金额", "¥1234.50"]],
        ),
        (
            {"kind": "recall", "title": "想你了", "body": "新茶到店，老客先尝" * 20},
            [["事项", "想你了"], ["说明", ("新茶到店，老客先尝" * 20)[:19] + "…"]],
        ),
        (
            {"kind": "refunded", "title": "Your refund is on its way", "body": "¥39.90"},
            [["原因", "Your refund is on i…"], ["退款金额", "¥39.90"]],
        ),
    ],
)
async def test_a_message_is_cut_to_what_its_fields_hold(
    content: dict[str, Any], lines: list[list[str]]
) -> None:
    async with opened() as brand:
        ids = brand.sandbox.credentials["official_account"]["template_ids"]
        templates = Templates(login_sms="1", **ids)
        sender = OfficialAccountSender(brand.account, templates, "http://shop.test")
        person = brand.sandbox.people.get("p2")
        appid = brand.sandbox.credentials["official_account"]["appid"]
        await sender.send(brand.sandbox.people.openid(person, appid), content, "once-1")
        (arrived,) = brand.sandbox.people.messages(person)
        assert sorted(map(list, arrived.lines)) == sorted(lines)
