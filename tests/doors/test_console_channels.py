"""What campaigns of each channel are likely to bring, shown with its doubt and its rows."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import pytest
from tests import make_audience, make_campaigns
from tests.doors import desks
from tests.house import House
from tests.make_audience import Place

from headwater.base.db import SYSTEM
from headwater.increment.experiments import Experiment
from headwater.web.console import words

SIX = [("sms", each) for each in (0.05, 0.06, 0.04)] + [
    ("official_account", each) for each in (0.01, -0.05, 0.0)
]


TINY = "业绩太少，按每 100 元折算没有意义"


async def over(house: House, wanted: Sequence[tuple[str, float]]) -> tuple[UUID, list[Experiment]]:
    """Let campaigns of a brand be over and read, but one that nobody read."""
    brand = await desks.brand(house)
    shop = brand.east
    where = Place(f"channels {len(wanted)}", shop.brand_id, shop.region_id, shop.store_id)
    async with house.building.transaction(SYSTEM) as db:
        members = await make_audience.members(db, where, 300, house.now)
        asked = await make_campaigns.over(db, where, wanted, house.now, members)
        asked.append(
            await make_campaigns.launched(db, where, "没读", "sms", house.now, members[:50])
        )
    house.wait(days=make_campaigns.WINDOW_DAYS + 1)
    return shop.brand_id, asked


async def test_each_channel_stands_on_one_scale_with_the_rows_behind_it(house: House) -> None:
    brand_id, asked = await over(house, SIX)
    page = f"/console/channels?brand={brand_id}"
    async with desks.desk(house, "operator") as client:
        shown = await client.get(page)
        english = (await client.get(page, headers={"accept-language": "en"})).text
        beyond = await client.get(f"{page}&from=99")
        async with house.building.transaction(SYSTEM) as db:
            places = await db.raw.fetch(
                "SELECT DISTINCT ON (experiment_id) place, experiment_id FROM increment.readings"
                " WHERE entry = 'reading' AND experiment_id = ANY ($1)"
                " ORDER BY experiment_id, place DESC",
                [each.id for each in asked],
            )
    text = shown.text
    assert shown.status_code == 200
    assert all(word in text for word in ("短信", "服务号", "最好的概率", "下次同样的一场"))
    # Once behind the channel and once behind the campaign.
    for row in places:
        assert text.count(f"/experiments/{row['experiment_id']}/readings/{row['place']}") == 2
    assert text.count('class="zero"') == 2 + 1 + 6
    assert "没读" in text.partition("没有算进来的")[2]
    assert "渠道之间没有抽签" in text
    assert "Chance of being best" in english
    assert beyond.status_code == 200


async def test_of_four_campaigns_there_is_no_number(house: House) -> None:
    brand_id, _asked = await over(house, SIX[:4])
    async with desks.desk(house, "operator") as client:
        shown = (await client.get(f"/console/channels?brand={brand_id}")).text
    content = shown.partition("<main")[2]
    assert "现在 4 场，还差 1 场" in content
    assert "%" not in content


async def test_a_brand_without_campaigns_is_told_what_is_missing(house: House) -> None:
    brand = await desks.brand(house)
    async with desks.desk(house, "operator") as client:
        shown = (await client.get(f"/console/channels?brand={brand.east.brand_id}")).text
    assert "还没有读完的活动" in shown


@pytest.mark.parametrize(
    "shares, said",
    [
        ((0.6, 0.4, 0.8), ("¥60", "¥40 至 ¥80", False)),
        ((50.0, 40.0, 80.0), ("增量的 2.0%", f"1.2% 至 2.5%；{TINY}", True)),
        ((50.0, -10.0, 110.0), ("—", "业绩很少，增量的区间又含零，两者比不出来", True)),
    ],
)  # fmt: skip
def test_where_credit_is_tiny_it_is_said_as_a_share_of_increment(
    shares: tuple[float, float, float], said: tuple[str, str, bool]
) -> None:
    found = words.ratio(*shares)
    assert found is not None
    assert (found.said, found.doubt, found.is_turned) == said


def test_where_nothing_was_credited_there_is_no_ratio() -> None:
    assert words.ratio(None, None, None) is None
