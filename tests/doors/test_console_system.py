"""The back office: what failed to the end is tried again, what waits for a person is seen to."""

from __future__ import annotations

from tests import make
from tests.doors import desks
from tests.house import House

from headwater.base import backlog, ids, jobs
from headwater.base.db import SYSTEM
from headwater.trade import incidents
from headwater.trade.incidents import Report


async def test_a_dead_job_is_listed_and_tried_again(house: House) -> None:
    async with house.building.transaction(SYSTEM) as db:
        await jobs.enqueue(db, "nobody knows how", {}, house.now)
    for _try in range(jobs.ATTEMPTS_MOST):
        await house.jobs.work_off(house.building.pool, house.building, house.now)
        house.wait(hours=1)
    async with house.building.transaction(SYSTEM) as db:
        dead = next(each for each in await jobs.dead(db) if each.kind == "nobody knows how")
    async with desks.desk(house, "admin") as client:
        page = await client.get("/console/system")
        assert "nobody knows how" in page.text
        retry = f"/console/system/jobs/{dead.id}/retry"
        assert (await desks.send(client, "/console/system", retry)).status_code == 303
        assert (await desks.send(client, "/console/system", retry)).status_code == 404
    async with house.building.transaction(SYSTEM) as db:
        assert dead.id not in {each.id for each in await jobs.dead(db)}


async def test_an_incident_is_seen_to_once(house: House) -> None:
    brand = await desks.brand(house)
    someone = (await desks.customers(house, brand.east, 1))[0]
    async with house.building.transaction(SYSTEM) as db:
        milk = await make.item(db, brand.east, 1_990, 50)
    order = await desks.bought(house, someone, brand.east, milk)
    details = {"asked_fen": 1_990, "paid_fen": 1_900}
    async with house.building.transaction(SYSTEM) as db:
        await incidents.report(db, Report(order, "wrong_amount", "once", details), house.now)
        found = next(each for each in await incidents.unsolved(db) if each.order_id == order)
    async with desks.desk(house, "admin") as client:
        page = await client.get("/console/system")
        assert "应为 ¥19.90" in page.text
        assert "实付 ¥19.00" in page.text
        solve = f"/console/system/incidents/{found.id}/solve"
        assert (await desks.send(client, "/console/system", solve)).status_code == 303
        assert (await desks.send(client, "/console/system", solve)).status_code == 404


async def test_an_unknown_reaction_is_not_found(house: House) -> None:
    async with desks.desk(house, "admin") as client:
        answer = await desks.send(
            client, "/console/system", "/console/system/reactions/retry",
            fact_id=str(ids.new(0)), reaction="nobody",
        )  # fmt: skip
    assert answer.status_code == 404


async def test_the_books_show_themselves_balanced_to_the_company_only(house: House) -> None:
    brand = await desks.brand(house)
    someone = (await desks.customers(house, brand.east, 1))[0]
    async with house.building.transaction(SYSTEM) as db:
        milk = await make.item(db, brand.east, 1_990, 50)
    await desks.bought(house, someone, brand.east, milk)
    async with desks.desk(house, "finance") as client:
        whole = await client.get("/console/books")
    async with desks.desk(house, "finance", "brand", brand.east.brand_id) as client:
        part = await client.get("/console/books")
    assert "借贷相等" in whole.text
    assert "门店销售" in whole.text
    assert "只有看全集团的岗位能看" in part.text
    assert "门店销售" not in part.text


async def test_the_jobs_page_says_what_waits_and_gives_a_kind_another_try(house: House) -> None:
    kind = f"nobody's {ids.code()}"
    async with house.building.transaction(SYSTEM) as db:
        for number in range(2):
            await jobs.enqueue(db, kind, {"secret": "13800138000"}, house.now, key=str(number))
    for _try in range(jobs.ATTEMPTS_MOST):
        await house.jobs.work_off(house.building.pool, house.building, house.now)
        house.wait(hours=1)
    async with desks.desk(house, "admin") as client:
        page = await client.get("/console/system/jobs", params={"kind": kind})
        assert page.status_code == 200
        assert page.text.count("已放弃") >= 3, "in the head, and on each of the two rows"
        assert "13800138000" not in page.text, "a body may name people"
        retry = "/console/system/jobs/retry"
        sent = await desks.send(client, "/console/system/jobs", retry, kind=kind)
        assert sent.status_code == 303
        again = await desks.send(client, "/console/system/jobs", retry, kind=kind)
        assert again.status_code == 404
    async with house.building.transaction(SYSTEM) as db:
        counted = next(each for each in await backlog.kinds(db, house.now) if each.kind == kind)
    assert (counted.due, counted.dead) == (2, 0)


async def test_the_jobs_page_says_that_nobody_works(house: House) -> None:
    async with house.building.transaction(SYSTEM) as db:
        await jobs.enqueue(db, f"late {ids.code()}", {}, house.now)
    house.wait(minutes=7)
    async with desks.desk(house, "admin") as client:
        assert "工作进程是否在运行" in (await client.get("/console/system/jobs")).text
        for address in ("?page=0", "?page=x", "?kind=%00", "?page=200"):
            assert (await client.get(f"/console/system/jobs{address}")).status_code == 200


async def test_only_who_runs_the_system_sees_its_jobs(house: House) -> None:
    async with desks.desk(house, "operator") as client:
        assert (await client.get("/console/system/jobs")).status_code == 403
