"""A program is begun, ended and rotated from the desk, each with a second look and a right."""

from __future__ import annotations

from uuid import UUID

import httpx2
from tests import make
from tests.doors import desks
from tests.doors.test_console_increment import asked
from tests.house import House
from tests.shopper import PART

from headwater.base.db import SYSTEM
from headwater.increment import arms, experiments, ledger
from headwater.increment.experiments import Experiment
from headwater.program import due, programs
from headwater.program.programs import Program

NAMES = {"name_zh": "增量工程", "name_en": "Increment program", "confirmed": "yes"}


async def begun(client: httpx2.AsyncClient, brand_id: UUID, **fields: str) -> httpx2.Response:
    """Send the form that begins a program for a brand."""
    page = f"/console/programs/new?brand={brand_id}"
    sent = {"brand": str(brand_id), "holdout": "10", **NAMES, **fields}
    return await desks.send(client, page, "/console/programs", **sent)


async def drawn_by_the_worker(house: House) -> None:
    """Let the worker draw the holdouts that somebody asked for."""
    assert await due.draw_asked(house.building, house.now) > 0
    assert await due.draw_asked(house.building, house.now) == 0


async def of_brand(house: House, brand_id: UUID) -> list[tuple[Program, Experiment]]:
    """The programs of a brand with their running epochs."""
    async with house.building.transaction(SYSTEM) as db:
        every = [each for each in await programs.every(db) if each.brand_id == brand_id]
        return [(each, await experiments.get(db, each.experiment_id)) for each in every
                if each.experiment_id is not None]  # fmt: skip


async def test_a_program_is_weighed_then_begun_and_its_plan_says_what_it_could_see(
    house: House,
) -> None:
    brand = await desks.brand(house)
    people = await desks.customers(house, brand.east, 60)
    async with house.building.transaction(SYSTEM) as db:
        milk = await make.item(db, brand.east, 1_990, 500)
    for place, each in enumerate(people):
        await desks.bought(house, each, brand.east, milk, 1 + place % 3)
    house.wait(days=20)
    brand_id = brand.east.brand_id
    async with desks.desk(house, "operator") as client:
        weighed = (await client.get(f"/console/programs/new?brand={brand_id}&holdout=8")).text
        sent = await begun(client, brand_id, holdout="8")
        waiting = await client.get(sent.headers["location"])
        board = (await client.get(f"/console/scoreboard?brand={brand_id}")).text
        await drawn_by_the_worker(house)
        asked_again = await client.get(sent.headers["location"], headers=PART)
        shown = (await client.get(asked_again.headers["hx-redirect"])).text
        turned = await client.get(sent.headers["location"])
        again = (await client.get(f"/console/programs/new?brand={brand_id}")).text
    ((_program, question),) = await of_brand(house, brand_id)
    async with house.building.transaction(SYSTEM) as db:
        drawn = sum(each.members for each in await arms.count(db, question.id))
        plan = await ledger.plan_of(db, question.id)
    assert "留出 8%，182 天" in weighed
    assert "正在给全体会员抽签" in waiting.text
    assert "正在给全体会员抽签" in board
    assert turned.headers["location"] == asked_again.headers["hx-redirect"]
    assert float(question.holdout_share) == 0.08
    # A programme draws from everybody, so also from whom other tests made.
    assert drawn >= 60
    assert plan is not None
    assert plan.details["plan"]["foreseen"]["members"] == drawn
    assert f"{drawn} 人，五次里有四次能看出" in shown
    assert "这个品牌已有全程计划" in again


async def test_nothing_begins_without_a_name_a_second_look_or_within_bounds(house: House) -> None:
    brand = await desks.brand(house)
    await desks.customers(house, brand.east, 10)
    brand_id = brand.east.brand_id
    async with desks.desk(house, "operator") as client:
        nameless = await begun(client, brand_id, name_zh=" ")
        hasty = await begun(client, brand_id, confirmed="")
        greedy = await begun(client, brand_id, holdout="30")
        stranger = await begun(client, brand_id, brand=str(brand_id)[:-4] + "0000")
        pilot = await begun(client, brand_id, holdout="30", pilot="yes")
        twice = await begun(client, brand_id, name_zh="另一个")
    assert (nameless.status_code, "中文名称" in nameless.text) == (422, True)
    assert (hasty.status_code, "确认" in hasty.text) == (422, True)
    assert greedy.status_code == 422
    assert stranger.status_code == 404
    assert pilot.status_code == 303
    # Sent twice on one day it is the same program, under its first name.
    assert twice.headers["location"] == pilot.headers["location"]
    await drawn_by_the_worker(house)
    ((program, _question),) = await of_brand(house, brand_id)
    assert program.name_zh == "增量工程"


async def test_only_who_may_write_programs_sees_and_uses_the_doors(house: House) -> None:
    brand = await desks.brand(house)
    await desks.customers(house, brand.east, 10)
    async with desks.desk(house, "operator") as client:
        waiting = (await begun(client, brand.east.brand_id)).headers["location"]
        await drawn_by_the_worker(house)
        page = (await client.get(waiting)).headers["location"]
        own = (await client.get(page)).text
    async with desks.desk(house, "analyst") as client:
        other = (await client.get(page)).text
        denied = await client.get(f"/console/programs/new?brand={brand.east.brand_id}")
    async with desks.desk(house, "operator", "brand", (await desks.brand(house)).east.brand_id) as (
        client
    ):
        foreign = await client.get(page)
        unseen = await client.get(waiting)
    assert unseen.status_code == 404
    assert "结束实验" in own
    assert "结束实验" not in other
    assert denied.status_code == 403
    assert foreign.status_code == 404


async def test_an_experiment_is_ended_by_hand_and_says_so(house: House) -> None:
    experiment_id, _brand_id = await asked(house)
    page = f"/console/experiments/{experiment_id}"
    async with desks.desk(house, "operator") as client:
        hasty = await desks.send(client, page, f"{page}/end")
        running = (await client.get(page)).text
        await desks.send(client, page, f"{page}/end", confirmed="yes")
        ended = (await client.get(page)).text
    async with house.building.transaction(SYSTEM) as db:
        question = await experiments.get(db, experiment_id)
    assert hasty.status_code == 422
    assert "提前结束" not in running
    assert question.is_cut_short
    assert "提前结束" in ended
    assert 'id="end"' not in ended


async def test_a_program_rotates_when_its_half_year_is_over_and_not_before(house: House) -> None:
    brand = await desks.brand(house)
    await desks.customers(house, brand.east, 40)
    brand_id = brand.east.brand_id
    async with desks.desk(house, "operator") as client:
        waiting = (await begun(client, brand_id)).headers["location"]
        await drawn_by_the_worker(house)
        page = (await client.get(waiting)).headers["location"]
        early = await desks.send(client, page, f"{page}/rotation", confirmed="yes")
        assert early.headers["location"] == page
    house.wait(days=183)
    async with desks.desk(house, "operator") as client:
        due = (await client.get(page)).text
        rotated = await desks.send(client, page, f"{page}/rotation", confirmed="yes")
    ((_program, question),) = await of_brand(house, brand_id)
    assert "轮换对照组" in due
    assert question.epoch == 2
    assert rotated.headers["location"] == f"/console/experiments/{question.id}"
