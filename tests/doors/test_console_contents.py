"""An operator lets a campaign try several contents, through the console's pages."""

from __future__ import annotations

import httpx2
import pytest
from tests.doors import desks
from tests.doors.test_console_campaigns import CAMPAIGN, segment_of
from tests.house import House

SECOND = {
    "title_zh_2": "新品到了",
    "body_zh_2": "来看看新品",
    "title_en_2": "New things came",
    "body_en_2": "Come and see what is new",
}


async def typed(
    client: httpx2.AsyncClient, house: House, brand: desks.Brand, **fields: str
) -> httpx2.Response:
    """Fill in the form of a new campaign, and send it."""
    segment = await segment_of(client, house, brand)
    return await desks.send(
        client, f"/console/campaigns/new?segment={segment}", "/console/campaigns",
        brand=str(brand.east.brand_id), segment=segment, **{**CAMPAIGN, **fields},
    )  # fmt: skip


@pytest.mark.parametrize(
    "fields,said,in_english",
    [
        ({**SECOND, "body_en_2": ""}, "正文（英文） 2：请填写", "Text (English) 2: please fill"),
        (
            {f"{name[:-1]}3": value for name, value in SECOND.items()},
            "标题（中文） 2：请填写",
            "Title (Chinese) 2: please fill",
        ),
        (
            {
                f"{name}_2": CAMPAIGN[name]
                for name in ("title_zh", "title_en", "body_zh", "body_en")
            },
            "和前面一种内容一样",
            "says the same as one before",
        ),
        (
            {**SECOND, "title_zh_2": "长" * 41},
            "标题（中文） 2：太长了",
            "(Chinese) 2: is too",
        ),
        ({**SECOND, "batch_count": "13"}, "分几批发：太大了", "Batches: is too large"),
        ({**SECOND, "batch_count": "x"}, "分几批发：请填写整数", "must be a whole number"),
        ({"batch_count": "2"}, "只有一种内容时写 1", "is 1 where there is one content"),
        (
            {**SECOND, "batch_count": "3", "batch_days": "5"},
            "批数乘以天数超过了观察期",
            "is longer than the window",
        ),
    ],
)
async def test_contents_that_cannot_work_are_refused_beside_what_was_typed(
    house: House, fields: dict[str, str], said: str, in_english: str
) -> None:
    brand = await desks.brand(house)
    async with desks.desk(house, "operator", "brand", brand.east.brand_id) as client:
        chinese = await typed(client, house, brand, **fields)
        client.headers["accept-language"] = "en"
        english = await typed(client, house, brand, **fields)
        listed = await client.get("/console/campaigns")
    assert (chinese.status_code, english.status_code) == (422, 422)
    assert said in chinese.text
    assert in_english in english.text
    if "body_zh_2" in fields:
        assert fields["body_zh_2"] in chinese.text
    assert CAMPAIGN["name"] not in listed.text
