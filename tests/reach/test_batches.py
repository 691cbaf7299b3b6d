"""Several contents: who hears is drawn before, what they hear is learned batch by batch."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests import make_audience as make
from tests.make_audience import APP, NOON, Place, day

from headwater.base import ids
from headwater.base.db import SYSTEM, Db, Pool
from headwater.base.errors import BadInput
from headwater.gate import messages, rules
from headwater.gate.rules import Channel
from headwater.increment import arms, readings
from headwater.increment.errors import Why
from headwater.increment.statistics.bandit import Rules
from headwater.increment.statistics.pooled.contents import Taught
from headwater.reach import batches, campaigns, due, lessons, merging, segments
from headwater.reach.campaigns import Campaign, Draft
from headwater.reach.contents import Content

FIRST = Content("好久不见", "Long time no see", "回来看看", "Come and see", "/")
SECOND = Content("新品到了", "New things came", "看看新品", "See what is new", "/")
THIRD = Content("想念您", "We miss you", "来坐坐", "Drop in", "/")
LAPSED = {"is": "lapsed", "days": 30}
PEOPLE = 1_200
SALT = "campaign:a test"


@dataclass(frozen=True)
class Scene:
    """A brand with lapsed members, and a campaign of three contents in four batches."""

    where: Place
    members: list[UUID]
    plan: Draft


@dataclass(frozen=True)
class Worker:
    """What the clock's calls need."""

    pool: Pool


async def scene(db: Db, count: int = 60) -> Scene:
    where = await make.place(db)
    await rules.open_channel(db, Channel("official_account", "open_id", APP), NOON)
    members = await make.members(db, where, count)
    await make.consent(db, members, day(-1))
    await make.follow(db, members)
    await make.orders(db, where, [(member, 1000, day(-60)) for member in members])
    segment = await segments.draft(db, segments.Draft(where.brand_id, "流失", LAPSED), NOON)
    plan = Draft(
        where.brand_id, "召回", segment.id, "official_account", FIRST, 0.2,
        others=(SECOND, THIRD), batch_count=4, batch_days=3,
    )  # fmt: skip
    return Scene(where, members, plan)


async def launched(db: Db, here: Scene) -> Campaign:
    # The same id draws the same arms and contents in every run.
    with ids.seeded("a campaign in batches"):
        drafted = await campaigns.draft(db, here.plan, NOON)
    return (await campaigns.launch(db, drafted.id, NOON)).campaign


async def drawn(db: Db, campaign: Campaign) -> list[tuple[UUID, int, int, float]]:
    """Read what was written down: who, in which batch, which content, by which chance."""
    rows = await db.raw.fetch(
        "SELECT member_id, batch_no, content_no, propensity FROM reach.choices"
        " WHERE campaign_id = $1 ORDER BY member_id",
        campaign.id,
    )
    return [tuple(row) for row in rows]


async def buy(db: Db, here: Scene, campaign: Campaign, gain_fen: dict[int, int], at: float) -> None:
    """Let the newest batch buy; days differ, and a content may bring some more."""
    newest = (await batches.sent(db, campaign.id))[-1].batch_no
    bought = [
        (who, 2_000 + 700 * newest + ids.bucket_of(who) % 1_000 + gain_fen.get(content, 0), day(at))
        for who, batch, content, _chance in await drawn(db, campaign)
        if batch == newest
    ]
    await make.orders(db, here.where, bought)


def counted(progress: campaigns.Progress) -> Counter[str]:
    return Counter({f"{each.state} {each.reason}".strip(): each.messages
                    for each in progress.messages})  # fmt: skip


@given(st.lists(st.uuids(), min_size=1, max_size=40, unique=True), st.integers(1, 12))
def test_a_members_batch_and_content_are_drawn_alike_at_every_try(
    who: list[UUID], count: int
) -> None:
    shares = {"1": 0.2, "2": 0.7, "3": 0.1}
    once = batches.chosen(Rules(("1", "2", "3")), shares, SALT, who)
    assert once == batches.chosen(Rules(("1", "2", "3")), shares, SALT, who)
    assert {each.member_id for each in once} == set(who)
    assert all(each.propensity == shares[str(each.content_no)] for each in once)
    assert all(1 <= batches.batch_of(SALT, each, count) <= count for each in who)


def test_contents_are_drawn_by_their_chances_and_batches_evenly() -> None:
    who = [ids.named("drawn", str(number)) for number in range(10_000)]
    shares = {"1": 0.1, "2": 0.85, "3": 0.05}
    contents = Counter(
        each.content_no for each in batches.chosen(Rules(("1", "2", "3")), shares, SALT, who)
    )
    for name, share in shares.items():
        assert contents[int(name)] / len(who) == pytest.approx(share, abs=0.015)
    sizes = Counter(batches.batch_of(SALT, each, 4) for each in who)
    assert all(size / len(who) == pytest.approx(0.25, abs=0.02) for size in sizes.values())


async def test_the_launch_answers_the_held_out_and_the_first_batch_follows(db: Db) -> None:
    here = await scene(db)
    await make.consent(db, here.members[:5], day(-0.5), is_granted=False)
    campaign = await launched(db, here)
    assert campaign.experiment_id is not None
    before = await campaigns.progress(db, campaign.id)
    sizes = {each.arm: each.members for each in before.arms}
    assert counted(before) == {"refused held_out": sizes["holdout"], "refused no_consent": 5}

    sent = await batches.send_next(db, campaign.id, NOON)
    choices = await drawn(db, campaign)
    after = counted(await campaigns.progress(db, campaign.id))
    treated = set(await arms.treated(db, campaign.experiment_id))
    assert 0 < sent == len(choices) == after["planned"] < sizes["treated"]
    assert {who for who, _batch, _content, _chance in choices} <= treated
    assert all(chance == pytest.approx(1 / 3) for *_, chance in choices)
    said = {1: FIRST, 2: SECOND, 3: THIRD}
    for who, _batch, content, _chance in choices:
        (message,) = await messages.of_member(db, who)
        assert message.content["title"] == said[content].title_zh


async def test_a_batch_that_is_sent_again_is_sent_once(db: Db) -> None:
    here = await scene(db)
    campaign = await launched(db, here)
    await batches.send_next(db, campaign.id, NOON)
    choices, progress = await drawn(db, campaign), await campaigns.progress(db, campaign.id)
    assert await batches.send_next(db, campaign.id, day(2.9)) == 0
    assert await drawn(db, campaign) == choices
    assert await campaigns.progress(db, campaign.id) == progress
    assert len(await batches.sent(db, campaign.id)) == 1


async def test_two_workers_send_a_batch_once(own_pool: Pool) -> None:
    async with own_pool.transaction(SYSTEM) as db:
        campaign = await launched(db, await scene(db))
    await asyncio.gather(*(due.send_batches(Worker(own_pool), NOON) for _ in range(3)))
    async with own_pool.transaction(SYSTEM) as db:
        sent = await batches.sent(db, campaign.id)
        assert len(sent) == 1
        assert sent[0].member_count == len(await drawn(db, campaign))


async def test_all_treated_hear_once_over_all_batches_and_nobody_else_does(db: Db) -> None:
    here = await scene(db)
    campaign = await launched(db, here)
    assert campaign.experiment_id is not None
    for number in range(5):
        await batches.send_next(db, campaign.id, day(3 * number))
    choices = await drawn(db, campaign)
    assert [each.batch_no for each in await batches.sent(db, campaign.id)] == [1, 2, 3, 4]
    assert [who for who, *_ in choices] == sorted(await arms.treated(db, campaign.experiment_id))
    assert await due_ids(db, 13) == []


async def due_ids(db: Db, at: float) -> list[UUID]:
    return await batches.due(db, day(at))


async def test_a_stopped_campaign_sends_no_further_batch(db: Db) -> None:
    here = await scene(db)
    campaign = await launched(db, here)
    await batches.send_next(db, campaign.id, NOON)
    await campaigns.stop(db, campaign.id, day(1))
    assert await due_ids(db, 3) == []
    assert await batches.send_next(db, campaign.id, day(3)) == 0


async def test_who_says_no_between_two_batches_gets_nothing_of_the_later(db: Db) -> None:
    here = await scene(db)
    campaign = await launched(db, here)
    await batches.send_next(db, campaign.id, NOON)
    heard = {who for who, *_ in await drawn(db, campaign)}
    await make.consent(db, here.members, day(1), is_granted=False)
    await batches.send_next(db, campaign.id, day(3))
    later = [who for who, *_ in await drawn(db, campaign) if who not in heard]
    assert later
    for who in later:
        (message,) = await messages.of_member(db, who)
        assert (message.state, message.reason) == ("refused", "no_consent")


async def test_a_better_content_is_sent_more_often_and_said_to_be_likely_at_the_end(
    db: Db,
) -> None:
    here = await scene(db, PEOPLE)
    campaign = await launched(db, here)
    for number in range(4):
        await batches.send_next(db, campaign.id, day(3 * number))
        await buy(db, here, campaign, {2: 400}, 3 * number + 1)
    shares = [each.shares[1] for each in await batches.sent(db, campaign.id)]
    assert shares[0] == pytest.approx(1 / 3)
    assert min(shares[1:]) > 0.7
    assert all(min(each.shares) >= 0.05 for each in await batches.sent(db, campaign.id))

    early = await lessons.of_campaign(db, campaign, day(11))
    assert early is not None
    assert early.found is None
    assert {each.word for each in early.contents} == {"open"}
    told = await lessons.of_campaign(db, campaign, day(12))
    assert told is not None
    assert isinstance(told.found, Taught)
    first, second, third = told.contents
    assert second.word == "likely"
    # Of what is sent least often too few may have heard for any word.
    assert {first.word, third.word} <= {"hardly", "too_few"}
    assert (first.is_selected, second.is_selected, third.is_selected) == (False, True, False)
    assert second.said is not None
    low, high = (told.found.mean * share for share in (second.said.low, second.said.high))
    assert low <= 400 * 2 / 3 <= high
    assert sum(each.members for each in told.contents) == len(await drawn(db, campaign))


async def test_a_campaign_that_is_over_lends_its_spread_to_the_brands_next(db: Db) -> None:
    here = await scene(db, 1_600)
    first = await launched(db, here)
    for number in range(4):
        await batches.send_next(db, first.id, day(3 * number))
        await buy(db, here, first, {2: 2_000}, 3 * number + 1)
    assert await batches.over(db, here.where.brand_id, day(11)) == []
    assert await batches.over(db, here.where.brand_id, day(12)) == [first.id]
    alone = await lessons.of_campaign(db, first, day(12))
    drafted = await campaigns.draft(db, here.plan, day(40))
    second = (await campaigns.launch(db, drafted.id, day(40))).campaign
    for number in range(4):
        await batches.send_next(db, second.id, day(40 + 3 * number))
        await buy(db, here, second, {}, 41 + 3 * number)
    assert set(await batches.over(db, here.where.brand_id, day(52))) == {first.id, second.id}
    both = await batches.outcomes_of(db, here.where.brand_id, [first.id, second.id], day(52))
    assert both == {each.id: await batches.outcomes(db, each, day(52)) for each in (first, second)}
    together = await lessons.of_campaign(db, second, day(52))
    assert alone is not None
    assert together is not None
    assert isinstance(alone.found, Taught)
    assert isinstance(together.found, Taught)
    assert (alone.found.campaigns, together.found.campaigns) == (1, 2)


async def test_the_campaigns_own_figure_is_all_contents_against_no_contact(db: Db) -> None:
    here = await scene(db, 600)
    campaign = await launched(db, here)
    assert campaign.experiment_id is not None
    for number in range(4):
        await batches.send_next(db, campaign.id, day(3 * number))
    treated = set(await arms.treated(db, campaign.experiment_id))
    await make.orders(
        db, here.where,
        [(who, 500 + n % 7 + 300 * (who in treated), day(13))
         for n, who in enumerate(here.members)],
    )  # fmt: skip
    row = await readings.read(db, campaign.experiment_id, day(28))
    assert row.treated_count == len(treated)
    assert row.estimate_fen == pytest.approx(300 * row.treated_count, rel=0.02)


async def test_of_equal_contents_on_unequal_days_none_is_called_likely(db: Db) -> None:
    here = await scene(db, PEOPLE)
    campaign = await launched(db, here)
    for number in range(4):
        await batches.send_next(db, campaign.id, day(3 * number))
        await buy(db, here, campaign, {}, 3 * number + 1)
    told = await lessons.of_campaign(db, campaign, day(12))
    assert told is not None
    assert not any(each.word == "likely" for each in told.contents)


async def test_where_nobody_bought_shares_stay_even_and_words_stay_out(db: Db) -> None:
    here = await scene(db)
    campaign = await launched(db, here)
    for number in range(4):
        await batches.send_next(db, campaign.id, day(3 * number))
    told = await lessons.of_campaign(db, campaign, day(12))
    assert told is not None
    assert isinstance(told.found, Why)
    assert {each.word for each in told.contents} == {"too_few"}
    shares = [share for each in told.sendings for share in each.shares]
    assert shares == pytest.approx([1 / 3] * 12, abs=0.05)


async def test_what_came_back_steers_as_if_it_had_not_been_bought(db: Db) -> None:
    here = await scene(db, 400)
    campaign = await launched(db, here)
    await batches.send_next(db, campaign.id, NOON)
    bought = [(who, 5_000, day(1)) for who, _batch, content, _ in await drawn(db, campaign)
              if content == 1]  # fmt: skip
    await make.orders(db, here.where, bought, refunded_fen=5_000)
    (batch,) = await batches.outcomes(db, campaign, day(3))
    assert {each.sums for each in batch.outcomes.values()} == {(0,)}


async def test_of_two_accounts_of_one_person_the_earlier_choice_stays(db: Db) -> None:
    here = await scene(db)
    campaign = await launched(db, here)
    for number in range(2):
        await batches.send_next(db, campaign.id, day(3 * number))
    known = {who: (batch, content) for who, batch, content, _ in await drawn(db, campaign)}
    early = next(who for who, (batch, _content) in known.items() if batch == 1)
    late = next(who for who, (batch, _content) in known.items() if batch == 2)
    for _twice in range(2):
        await merging.follow(db, late, early)
    after = {who: (batch, content) for who, batch, content, _ in await drawn(db, campaign)}
    assert after == {who: each for who, each in known.items() if who != early} | {
        late: known[early]
    }
    for number in (2, 3):
        await batches.send_next(db, campaign.id, day(3 * number))
    assert sum(who == late for who, *_ in await drawn(db, campaign)) == 1


async def test_one_content_is_sent_at_the_launch_as_ever(db: Db) -> None:
    here = await scene(db)
    here = replace(here, plan=replace(here.plan, others=(), batch_count=1))
    campaign = await launched(db, here)
    progress = await campaigns.progress(db, campaign.id)
    sizes = {each.arm: each.members for each in progress.arms}
    assert counted(progress)["planned"] == sizes["treated"]
    assert await due_ids(db, 0) == []
    assert await drawn(db, campaign) == []
    assert await lessons.of_campaign(db, campaign, day(12)) is None


@pytest.mark.parametrize(
    "change,field",
    [
        ({"others": (replace(SECOND, title_en=" "),)}, "title_en_2"),
        ({"others": (SECOND, replace(THIRD, body_zh="长" * 401))}, "body_zh_3"),
        ({"others": (SECOND, SECOND)}, "title_zh_3"),
        ({"others": (FIRST,)}, "title_zh_2"),
        ({"others": tuple(replace(SECOND, title_zh=str(n)) for n in range(10))}, "others"),
        ({"channel": "ads"}, "others"),
        ({"batch_count": 0}, "batch_count"),
        ({"batch_count": 13}, "batch_count"),
        ({"others": ()}, "batch_count"),
        ({"batch_days": 0}, "batch_days"),
        ({"batch_days": 8}, "batch_days"),
    ],
)
async def test_contents_and_batches_that_cannot_work_are_refused(
    db: Db, change: dict[str, object], field: str
) -> None:
    here = await scene(db, 1)
    with pytest.raises(BadInput) as refused:
        await campaigns.draft(db, replace(here.plan, **change), NOON)  # type: ignore[arg-type]
    assert refused.value.field == field
