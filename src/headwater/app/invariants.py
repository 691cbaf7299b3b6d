"""Invariants: what must hold in every room, asked of the data themselves; it changes nothing."""

from __future__ import annotations

from dataclasses import dataclass

from headwater.base import events, jobs
from headwater.base.db import Db
from headwater.base.sql import statements
from headwater.increment import ledger
from headwater.trade.states import TRANSITIONS

sql = statements(__file__)

CHECKS = (
    sql.stock_without_proof,
    sql.goods_against_state,
    sql.payment_against_state,
    sql.returned_money_not_owed,
    sql.lines_against_order,
    sql.refunds_against_order,
    sql.books_against_payments,
    sql.books_against_refunds,
    sql.coupons_against_orders,
)


@dataclass(frozen=True)
class _Broken:
    what: str


@dataclass(frozen=True)
class Backlog:
    """What lies before the workers, and what died and waits for a person."""

    facts: int
    missed: int
    jobs: int
    dead: int


async def check(db: Db) -> list[str]:
    """Name everything that does not hold, in a transaction of the system; a list that is empty.

    Between two statements others may commit, so a busy house asks in one snapshot
    (`SET TRANSACTION ISOLATION LEVEL REPEATABLE READ`, which `snapshot` does).
    """
    broken = [each.what for check in CHECKS for each in await db.all(check, _Broken)]
    declared = ["nothing to placed", *(f"{old} to {new}" for old, new in TRANSITIONS)]
    log = await db.all(sql.log_against_state, _Broken, declared=declared)
    torn = await ledger.verify(db)
    ledger_says = [f"increment: row {torn.place} of the ledger: {torn.why}"] if torn else []
    return broken + [each.what for each in log] + ledger_says


async def snapshot(db: Db) -> None:
    """Let all that follows in this transaction be read at one moment; call it first."""
    db.round_trips += 1
    await db.raw.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


async def backlog(db: Db) -> Backlog:
    """Count what is still to be worked off; only `dead` wants a person."""
    facts = await events.waiting(db)
    work = await jobs.count(db)
    return Backlog(facts.facts, facts.missed, work.waiting, facts.dead + work.dead)
