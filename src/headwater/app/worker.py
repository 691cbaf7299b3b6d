"""The worker: hands facts to reactions, does what is due, and keeps the clocks."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import logging
import pkgutil
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import headwater
import headwater.app.reactions  # It hears of new customers by being imported.
from headwater.app import metrics
from headwater.app.ads import purchases
from headwater.app.ads.audiences import take_out_withdrawn
from headwater.app.pushes import LISTENERS
from headwater.base import events, ids, limits
from headwater.base.db import SYSTEM
from headwater.base.errors import Forged, Trouble
from headwater.base.jobs import Jobs
from headwater.connect import heard
from headwater.connect.errors import NotAuthorised
from headwater.connect.mini_program.shipping import wait_before
from headwater.connect.official_account.windows import kept as kept_windows
from headwater.gate import due as gate_due
from headwater.guides import due as guides_due
from headwater.increment import due as increment_due
from headwater.insight import due as insight_due
from headwater.program import due as program_due
from headwater.reach import due as reach_due
from headwater.trade import due as trade_due
from headwater.trade import shipping
from headwater.web.hooks.pushes import JOB as PUSH_JOB
from headwater.web.kit.building import Building

log = logging.getLogger(__name__)

IDLE_SECONDS = 0.25
TROUBLE_SECONDS = 2.0
# Jobs of one worker that may wait for the outside side by side.
JOBS_AT_ONCE = 4
# Packages that are no rooms of the business, and react to nothing.
UPSTAIRS = {"app", "cli", "sandbox", "web", "world"}
Run = Callable[[Building, datetime], Awaitable[Any]]


def load_reactions() -> None:
    """Import every room's reactions, so that facts find whom to tell."""
    for room in pkgutil.iter_modules(headwater.__path__, "headwater."):
        if room.name.rpartition(".")[2] in UPSTAIRS:
            continue
        if room.ispkg and importlib.util.find_spec(f"{room.name}.reactions") is not None:
            importlib.import_module(f"{room.name}.reactions")


def clocks(*without: str) -> Jobs:
    """Say what jobs there are, and what the clock makes each room do, but for rooms named."""
    jobs = Jobs()
    jobs.kind(purchases.JOB, purchases.tell)
    jobs.kind(PUSH_JOB, LISTENERS.work, hopeless=(Forged,))
    jobs.kind(
        shipping.JOB, _upload_shipping, shipping.ATTEMPTS_MOST, wait_before, shipping.HOPELESS
    )
    for name, seconds, run in _calls():
        if name.partition(".")[0] not in without:
            jobs.every(name, timedelta(seconds=seconds), run)
    return jobs


async def work(building: Building, stop: asyncio.Event, jobs: Jobs | None = None) -> None:
    """Work until told to stop; trouble with the database is waited out.

    Facts, jobs and clocks are worked off side by side: a provider that hangs holds up the job or
    the clock that asks it, and never the facts that others wait for. Several jobs go on at once,
    and what the clock calls often does not wait behind what it calls once a night.
    """
    load_reactions()
    known = clocks() if jobs is None else jobs
    async with asyncio.TaskGroup() as group:
        group.create_task(_repeat(stop, lambda: _hear(building)))
        for _lane in range(JOBS_AT_ONCE):
            group.create_task(_repeat(stop, lambda: _do(building, known, most=1)))
        group.create_task(_repeat(stop, lambda: _wind(building, known, hurried=True)))
        group.create_task(_repeat(stop, lambda: _wind(building, known, hurried=False)))


async def _repeat(stop: asyncio.Event, turn: Callable[[], Awaitable[int]]) -> None:
    while not stop.is_set():
        try:
            did = await turn()
        except Trouble as trouble:
            log.warning("the worker waits: %s", trouble)
            await _pause(stop, TROUBLE_SECONDS)
            continue
        if not did:
            await _pause(stop, IDLE_SECONDS)


async def work_once(building: Building, jobs: Jobs) -> int:
    """Do one round of everything; tell how much there was besides what the clock asked for."""
    did = await _hear(building) + await _do(building, jobs)
    await _wind(building, jobs)
    return did


async def _hear(building: Building) -> int:
    """Hand facts to reactions; a round that starts anywhere leaves no bucket behind."""
    pool, now = building.pool, building.now()
    did = await events.work_off(pool, now, from_bucket=secrets.randbelow(ids.BUCKETS))
    if did == 0:
        did = await events.work_off(pool, now)
    return did + await events.work_off_missed(pool, now)


async def _do(building: Building, jobs: Jobs, most: int = 20) -> int:
    """Do the jobs that are due; they may ask the outside, and wait for it."""
    return await jobs.work_off(building.pool, building, building.now(), most)


async def _wind(building: Building, jobs: Jobs, hurried: bool | None = None) -> int:
    """Run what the clock asks for; nothing more comes of asking twice, so it always pauses."""
    await jobs.tick(building.pool, building, building.now(), hurried)
    return 0


def _calls() -> list[tuple[str, float, Run]]:
    return [
        ("trade.ask_about_payments", 5, _ask_about_payments),
        ("trade.close_unpaid", 5, _close_unpaid),
        ("trade.send_money_back", 5, _send_money_back),
        ("guides.pay_out_frozen", 600, _pay_out_frozen),
        ("guides.catch_up_refunds", 600, _catch_up_refunds),
        ("guides.tell_exposures", 3600, _tell_exposures),
        ("program.draw_asked", 1, program_due.draw_asked),
        ("program.draw_newcomers", 3600, program_due.draw_newcomers),
        ("program.rotate", 3600, program_due.rotate),
        ("reach.launch_approved", 1, reach_due.launch_approved),
        ("reach.send_batches", 5, reach_due.send_batches),
        ("reach.close_over", 3600, reach_due.close_over),
        ("reach.send_nothing", 3600, _send_nothing),
        ("gate.send", 1, gate_due.send),
        ("gate.sweep", 60, gate_due.sweep),
        ("increment.read_all", 86_400, increment_due.read_all),
        ("increment.try_nothing", 86_400, increment_due.try_nothing),
        ("insight.count_today", 300, insight_due.count_today),
        ("insight.learn_preferences", 86_400, insight_due.learn_preferences),
        ("insight.count_lately", 86_400, insight_due.count_lately),
        ("insight.export_days", 3600, insight_due.export_days),
        ("insight.export_again", 86_400, insight_due.export_again),
        ("base.forget_old_limits", 3600, _forget_old_limits),
        ("connect.forget_old_pushes", 3600, _forget_old_pushes),
        ("connect.take_out_withdrawn", 3600, take_out_withdrawn),
        ("connect.keep_ads_alive", 86_400, _keep_ads_alive),
        ("connect.tell_of_traffic", 600, _tell_of_traffic),
    ]


async def _upload_shipping(building: Building, body: Any) -> None:
    await shipping.upload(building.pay, building.program, body, building.now())


async def _ask_about_payments(building: Building, now: datetime) -> None:
    await trade_due.ask_about_payments(building.pool, building.pay, now)


async def _close_unpaid(building: Building, now: datetime) -> None:
    await trade_due.close_unpaid(building.pool, building.pay, now)


async def _send_money_back(building: Building, now: datetime) -> None:
    await trade_due.send_money_back(building.pool, building.pay, now)


async def _pay_out_frozen(building: Building, now: datetime) -> None:
    await guides_due.pay_out_frozen(building.pool, now)


async def _catch_up_refunds(building: Building, now: datetime) -> None:
    await guides_due.catch_up_refunds(building.pool, now)


async def _tell_exposures(building: Building, now: datetime) -> None:
    await guides_due.tell_exposures(building.pool, now)


async def _send_nothing(building: Building, now: datetime) -> None:
    await reach_due.send_nothing(building, now, building.settings.placebo_one_in)


async def _forget_old_limits(building: Building, now: datetime) -> None:
    async with building.transaction(SYSTEM) as db:
        await limits.forget_old(db, now)


async def _forget_old_pushes(building: Building, now: datetime) -> None:
    async with building.transaction(SYSTEM) as db:
        await heard.forget_old(db, now)
        await kept_windows.forget_old(db, now)


async def _keep_ads_alive(building: Building, now: datetime) -> None:
    """Use the advertiser's permission once a day, since it ends thirty days after its last use."""
    if building.ads is None:
        return
    try:
        await building.ads.audiences.list()
    except NotAuthorised:
        log.info("the advertiser has not authorised us at Tencent Ads, or no longer does")


async def _tell_of_traffic(building: Building, now: datetime) -> None:
    """A worker has no door at which a machine could ask, so it says in its log what it counted."""
    for sentence in metrics.summary(building.traffic):
        log.info("outside %s", sentence)


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
