"""Channels are drawn together from every campaign that was read; what was not is named."""

from __future__ import annotations

import pytest
from tests import make_audience as make
from tests import make_campaigns
from tests.make_audience import NOON, day

from headwater.base.db import Db
from headwater.increment import experiments
from headwater.increment.honesty import placebos
from headwater.increment.programs import lifts
from headwater.program import channels

END = day(make_campaigns.WINDOW_DAYS)
SMS = [("sms", each) for each in (0.05, 0.06, 0.04)]
PUSHED = [("official_account", each) for each in (0.01, -0.05, 0.0)]


async def test_each_campaign_comes_towards_its_channel_and_losers_take_part(db: Db) -> None:
    where = await make.place(db)
    members = await make.members(db, where, 400)
    asked = await make_campaigns.over(db, where, SMS + PUSHED, NOON, members)

    found = await channels.of_brand(db, where.brand_id, END)

    by_name = {each.channel: each for each in found.channels}
    assert set(by_name) == {"sms", "official_account"}
    assert {row.experiment_id for row in by_name["sms"].rows} == {each.id for each in asked[:3]}
    assert by_name["sms"].lift.value > by_name["official_account"].lift.value
    for each in found.channels:
        assert each.lift.low < each.lift.value < each.lift.high
        wide = each.following.high - each.following.low
        assert wide > each.lift.high - each.lift.low
    raws = [each.reading.lift_share or 0.0 for each in found.campaigns]
    drawn = [each.expected.value for each in found.campaigns if each.expected]
    assert len(drawn) == 6
    assert max(drawn) - min(drawn) < max(raws) - min(raws)
    assert min(raws) < 0
    chances = [each.best_chance or 0.0 for each in found.channels]
    assert sum(chances) == pytest.approx(1.0)
    assert found.to_rank == {}


async def test_a_lift_is_worked_out_again_from_the_sums_of_its_row(db: Db) -> None:
    where = await make.place(db)
    members = await make.members(db, where, 300)
    await make_campaigns.over(db, where, [("sms", 0.2)], NOON, members)
    (one,) = (await lifts.of_brand(db, where.brand_id, END)).read
    assert one.reading.lift_share is not None
    assert one.reading.lift_low_share is not None
    assert one.lift.value == pytest.approx(one.reading.lift_share, abs=0.03)
    # The row's interval allows for two looks, so that it is a little wider than one look's.
    own = (one.reading.lift_share - one.reading.lift_low_share) / 1.96
    assert 0.8 * own / 1.2 < one.lift.standard_error < own


async def test_with_four_campaigns_there_are_words_and_no_number(db: Db) -> None:
    where = await make.place(db)
    members = await make.members(db, where, 300)
    await make_campaigns.over(db, where, SMS + PUSHED[:1], NOON, members)
    found = await channels.of_brand(db, where.brand_id, END)
    assert (found.average, found.channels, found.lacking) == (None, [], 1)
    assert [each.expected for each in found.campaigns] == [None] * 4


async def test_a_channel_of_two_campaigns_is_shown_and_not_ranked(db: Db) -> None:
    where = await make.place(db)
    members = await make.members(db, where, 300)
    await make_campaigns.over(db, where, SMS + PUSHED[:2], NOON, members)
    found = await channels.of_brand(db, where.brand_id, END)
    assert [each.best_chance for each in found.channels] == [None, None]
    assert found.to_rank == {"official_account": 1}
    assert not found.is_ranked


async def test_what_takes_no_part_is_named_with_its_reason_and_placebos_are_not(db: Db) -> None:
    where = await make.place(db)
    members = await make.members(db, where, 300)
    (read,) = await make_campaigns.over(db, where, [("sms", 0.1)], NOON, members)
    few = await make_campaigns.launched(db, where, "few", "sms", NOON, members[:40])
    cut = await make_campaigns.launched(db, where, "cut", "sms", NOON, members)
    await experiments.end(db, cut.id, day(3))
    late = await make_campaigns.launched(db, where, "late", "sms", day(1), members)
    await placebos.launch(db, where.brand_id, "p", members, NOON)
    await make_campaigns.read(db, [few], END)

    found = await lifts.of_brand(db, where.brand_id, END)
    later = await lifts.of_brand(db, where.brand_id, day(60))

    assert [each.experiment.id for each in found.read] == [read.id]
    reasons = {each.experiment.id: each.why for each in found.left_out}
    assert reasons == {few.id: "not_readable", cut.id: "cut_short"}
    assert found.running == 1
    assert later.running == 0
    assert {each.experiment.id: each.why for each in later.left_out}[late.id] == "not_read"
