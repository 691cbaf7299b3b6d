"""What the clock does over a campaign's life: drawn, launched, sent, counted, read and closed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests import make_audience as make
from tests.make_audience import APP, KEYS, NOON, day

from headwater.base.crypto import Keys
from headwater.base.db import SYSTEM, Db, Pool
from headwater.base.settings import Settings
from headwater.gate import due as gate
from headwater.gate import rules
from headwater.gate.rules import Channel
from headwater.increment import arms, ledger, readings
from headwater.increment import due as increment
from headwater.insight import due as insight
from headwater.insight import lake
from headwater.program import due as program
from headwater.program import programs
from headwater.program.programs import Plan
from headwater.program.scoreboard import scoreboard
from headwater.reach import campaigns, segments
from headwater.reach import due as reach
from headwater.reach.contents import Content

WORDS = Content("好久不见", "Long time no see", "回来看看", "Come and see")


@dataclass
class Postbox:
    """A channel that keeps what it was given."""

    got: list[str] = field(default_factory=list)

    async def send(self, address: str, content: Mapping[str, Any], once_key: str) -> str:
        self.got.append(address)
        return once_key


@dataclass(frozen=True)
class Worker:
    """What the clock's calls need of a building."""

    pool: Pool
    keys: Keys
    settings: Settings
    senders: Mapping[str, Postbox]


async def prepared(db: Db) -> tuple[Any, list[Any], Any, Any]:
    where = await make.place(db)
    await rules.open_channel(db, Channel("official_account", "open_id", APP), NOON)
    members = await make.members(db, where, 300, joined_at=day(-90))
    await make.consent(db, members, day(-1))
    await make.follow(db, members)
    await make.orders(db, where, [(m, 900 + n % 50, day(-60)) for n, m in enumerate(members)])
    begun = await programs.begin(
        db,
        Plan("growth", where.brand_id, "增长", "Growth", date(2026, 6, 1), 0.2, 28, is_pilot=True),
        NOON,
    )
    lapsed = {"is": "lapsed", "days": 30}
    segment = await segments.draft(db, segments.Draft(where.brand_id, "流失", lapsed), NOON)
    draft = campaigns.Draft(where.brand_id, "召回", segment.id, "official_account", WORDS, 0.3)
    campaign = await campaigns.draft(db, draft, NOON)
    await campaigns.approve(db, campaign.id)
    return where, members, begun, campaign


async def test_the_clock_carries_a_campaign_from_approval_to_its_verdict(
    own_pool: Pool, tmp_path: Path
) -> None:
    box = Postbox()
    worker = Worker(own_pool, KEYS, Settings(tmp_path), {"official_account": box})
    async with own_pool.transaction(SYSTEM) as db:
        where, members, begun, campaign = await prepared(db)
        await make.members(db, where, 5, joined_at=NOON, batch="new")

    assert await program.draw_newcomers(worker, day(0.1)) == 5
    assert await reach.launch_approved(worker, NOON) == 1
    assert await gate.send(worker, NOON) == len(box.got) > 0
    assert await gate.sweep(worker, day(1)) == 0

    async with own_pool.transaction(SYSTEM) as db:
        held = {each.member_id for each in await arms.held_out(db, members, NOON)}
        assert {f"open-{m}" for m in members if m not in held} == set(box.got)
        await make.lines(
            db,
            where,
            await make.orders(
                db, where,
                [(m, 900 + n % 50 + (0 if m in held else 90), day(2))
                 for n, m in enumerate(members)],
            ),
            "MILK",
        )  # fmt: skip

    assert await insight.count_today(worker, day(2)) == 1
    assert await insight.count_lately(worker, day(2)) == 1
    assert await insight.export_days(worker, day(3)) == 1
    assert await insight.export_again(worker, day(3)) == 1
    assert await increment.read_all(worker, day(10)) == 2
    assert await reach.close_over(worker, day(28)) == 1
    assert await increment.read_all(worker, day(28)) == 2
    assert await increment.read_all(worker, day(28) + timedelta(days=36)) == 0

    async with own_pool.transaction(SYSTEM) as db:
        board = await scoreboard(db, begun.id, day(28))
        assert [e.row_count for e in await lake.exports(db)] == [300]
        assert await ledger.verify(db) is None
        assert (await campaigns.get(db, campaign.id)).state == "ended"
        assert await readings.latest(db, []) == {}
    assert board.total is not None
    for line in (board.total, *board.campaigns):
        assert line.reading is not None
        assert line.reading.state == "proven", line.experiment.code
        if line.experiment.kind == "campaign":
            # Arms are drawn anew in each run, so four standard errors and not an interval.
            found = line.reading.details["per_member"]
            assert abs(found["estimate"] - 90) < 4 * found["standard_error"]
