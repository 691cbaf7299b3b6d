"""The pages of waves: drawn on the brand's own weeks, written down, launched, stopped and read."""

from __future__ import annotations

import random
import re
from datetime import date, timedelta
from uuid import UUID

import httpx2
from tests import make
from tests.doors import desks
from tests.house import House

from headwater.base import ids
from headwater.base.db import SYSTEM
from headwater.base.times import business_day, day_start
from headwater.increment.rollouts import rollouts, wishes
from headwater.pricing import offers

STORES, WEEKS = 16, 45


async def sold(house: House) -> UUID:
    """Let many stores sell for most of a year, each at its own level."""
    # A fixed seed: the stores differ, the test does not.
    chance = random.Random(7)
    brand = await desks.brand(house)
    first = business_day(house.now) - timedelta(weeks=WEEKS)
    async with house.building.transaction(SYSTEM) as db:
        stores = [brand.east, brand.west]
        stores += [await make.shop(db, beside=brand.east) for _each in range(STORES - 2)]
        rows = [
            (store.store_id, first + timedelta(days=day), 10, 10,
             round((60_000 + 4_000 * place) * chance.uniform(0.85, 1.15)), 0)
            for place, store in enumerate(stores)
            for day in range(7 * WEEKS)
        ]  # fmt: skip
        await db.raw.executemany(
            "INSERT INTO insight.daily_sales (store_id, day, orders, units, paid_fen,"
            " refunded_fen) VALUES ($1, $2, $3, $4, $5, $6)",
            rows,
        )
    return brand.east.brand_id


def plan_of(brand_id: UUID, **asked: str) -> str:
    """The address of a plan."""
    given = {"sizes": "8", "wave_weeks": "4", **asked}
    return f"/console/waves/plan?brand={brand_id}&" + "&".join(
        f"{name}={value}" for name, value in given.items()
    )


def start_of(house: House) -> date:
    """The Monday after the next, so that a launch is in time."""
    return wishes.next_monday(house.now) + timedelta(days=7)


async def written(
    client: httpx2.AsyncClient, house: House, brand_id: UUID, **changes: str
) -> httpx2.Response:
    """Look at a plan, and write down the draw that it shows."""
    seen = plan_of(brand_id, starts_on=start_of(house).isoformat(), salt="spring")
    page = (await client.get(seen)).text
    print_ = re.findall(r'name="fingerprint" value="([0-9a-f]{64})"', page)[0]
    fields = {
        "brand": str(brand_id), "choice": "drawn", "sizes": "8", "wave_weeks": "4",
        "starts_on": start_of(house).isoformat(), "salt": "spring", "kind": "paired",
        "strata": "none", "fingerprint": print_, "name_zh": "扫码购", "name_en": "Scan and go",
        "rollout_code": ids.code().lower(), **changes,
    }  # fmt: skip
    return await desks.send(client, seen, "/console/waves", **fields)


async def test_a_wave_is_drawn_its_power_told_and_nothing_is_seen_where_nothing_was(
    house: House,
) -> None:
    brand_id = await sold(house)
    async with desks.desk(house, "analyst") as client:
        one = (await client.get(plan_of(brand_id, salt="spring"))).text
        again = (await client.get(plan_of(brand_id, salt="spring"))).text
        other = (await client.get(plan_of(brand_id, salt="autumn"))).text
        alone = (await client.get(plan_of(brand_id, sizes="1"))).text
    printed = [re.findall(r"[0-9a-f]{64}", each)[0] for each in (one, again, other)]
    assert printed[0] == printed[1] != printed[2]
    assert one.count("第 1 波") == 8
    assert 'class="histogram"' in one
    assert 'class="curve"' in one
    seen = re.search(r"真实效果到 ([\d.]+)%", one)
    assert seen is not None
    assert 0 < float(seen[1]) < 20
    assert "下不了结论" in alone
    assert 'class="histogram"' not in alone
    # An analyst may rehearse; writing a plan down is another right.
    assert 'id="save"' not in one


async def test_without_a_history_of_stores_there_are_words(house: House) -> None:
    brand = await desks.brand(house)
    async with desks.desk(house, "analyst") as client:
        page = await client.get(f"/console/waves/plan?brand={brand.east.brand_id}")
        empty = await client.get(f"/console/waves?brand={brand.east.brand_id}")
    assert page.status_code == 200
    assert "每周都有销售" in page.text
    assert "还没有计划过波次" in empty.text


async def test_what_is_wrong_is_said_beside_its_field_in_both_languages(house: House) -> None:
    brand_id = await sold(house)
    wrong = {
        "sizes": ("8,x", "每一波至少一家店", "at least one store a wave"),
        "starts_on": ("2020-01-06", "已经开始了", "has begun already"),
        "wave_weeks": ("99", "太大", "too large"),
        "forbidden": ("NO-SUCH", "没有这个店号", "a store that there is not"),
        "choice": ("chosen", "没有这个选项", "not one of the choices"),
        "until_on": ("2026-13-45", "从哪天", "From"),
    }
    async with desks.desk(house, "operator") as client:
        for name, (value, chinese, english) in wrong.items():
            at = plan_of(brand_id, **{name: value})
            page = await client.get(at)
            spoken = await client.get(at, headers={"accept-language": "en"})
            assert (page.status_code, spoken.status_code) == (422, 422), name
            assert chinese in page.text, name
            assert english in spoken.text, name


async def test_a_plan_is_written_down_launched_with_a_second_look_and_stopped(
    house: House,
) -> None:
    brand_id = await sold(house)
    async with desks.desk(house, "operator") as client:
        saved = await written(client, house, brand_id)
        assert saved.status_code == 303, saved.text
        at = saved.headers["location"]
        page = (await client.get(at)).text
        assert "启动后会发生什么" in page
        hasty = await desks.send(client, at, f"{at}/launch")
        assert hasty.status_code == 422
        done = await desks.send(client, at, f"{at}/launch", confirm="yes")
        assert done.status_code == 303
        after = (await client.get(at)).text
        assert "进行中" in after
        assert "账本第" in after
        twice = await desks.send(client, at, f"{at}/launch", confirm="yes")
        assert twice.status_code == 409
        early = await desks.send(client, at, f"{at}/readings")
        assert early.status_code == 303
        assert "还没到计划中的读数日" in (await client.get(at)).text
        listed = (await client.get(f"/console/waves?brand={brand_id}")).text
        assert "扫码购" in listed
        experiment = await client.get(at.replace("waves", "experiments"))
        assert experiment.headers["location"] == at
        assert (await desks.send(client, at, f"{at}/stop")).status_code == 303
        assert "已停止" in (await client.get(at)).text
    found = UUID(at.rpartition("/")[2])
    async with house.building.transaction(SYSTEM) as db:
        assert (await rollouts.get(db, found)).state == "stopped"


async def test_checkouts_in_started_stores_give_what_a_plan_says(house: House) -> None:
    brand_id = await sold(house)
    async with desks.desk(house, "operator") as client:
        half = await written(client, house, brand_id, off_floor="199")
        above = await written(client, house, brand_id, off_floor="10", off="10.01")
        hasty = await written(
            client, house, brand_id, off_floor="199", off="20",
            off_last_on=start_of(house).isoformat(),
        )  # fmt: skip
        saved = await written(client, house, brand_id, off_floor="199", off="20")
        at = saved.headers["location"]
        assert "满 ¥199.00 减 ¥20.00" in (await client.get(at)).text
        await desks.send(client, at, f"{at}/launch", confirm="yes")
    assert [each.status_code for each in (half, above, hasty, saved)] == [422, 422, 422, 303]
    assert "不能比满的多" in above.text
    assert "早于最后一波看完的那天" in hasty.text
    # What was typed stands there again.
    assert 'value="10.01"' in above.text
    house.wait(seconds=(day_start(start_of(house)) - house.now).total_seconds())
    async with house.building.transaction(SYSTEM) as db:
        places = await rollouts.places_of(db, UUID(at.rpartition("/")[2]))
        for place in places:
            shown = await offers.running(db, brand_id, place.store_id, house.now)
            assert [each.off_fen for each in shown] == ([2_000] if place.wave else [])


async def test_only_the_draw_that_was_seen_is_written_down(house: House) -> None:
    brand_id = await sold(house)
    async with desks.desk(house, "operator") as client:
        moved = await written(client, house, brand_id, fingerprint="0" * 64)
        nameless = await written(client, house, brand_id, name_en="")
        bad_code = await written(client, house, brand_id, rollout_code="A B")
        saved = await written(client, house, brand_id, rollout_code="twice")
        again = await written(client, house, brand_id, rollout_code="twice")
    assert (moved.status_code, nameless.status_code, bad_code.status_code) == (409, 422, 422)
    assert "请再看一遍" in moved.text
    assert "名称（英文）" in nameless.text
    assert (saved.status_code, again.status_code) == (303, 409)
    assert "twice" in again.text


async def test_interventions_are_added_and_faults_in_them_are_named(house: House) -> None:
    brand_id = await sold(house)
    async with desks.desk(house, "operator") as client:
        at = (await written(client, house, brand_id)).headers["location"]
        path = f"{at}/interventions"
        days = {"since_on": "2026-12-01", "until_on": "2026-12-03"}
        assert (await desks.send(client, at, path, **days, note="改造")).status_code == 303
        assert "改造" in (await client.get(at)).text
        back = await desks.send(client, at, path, since_on="2026-12-03", until_on="2026-12-01")
        strange = await desks.send(client, at, path, **days, units="NOWHERE")
    assert (back.status_code, strange.status_code) == (422, 422)
    assert "结束早于开始" in back.text
    assert "没有这个店号" in strange.text


async def test_only_who_has_the_whole_brand_moves_its_stores(house: House) -> None:
    brand_id = await sold(house)
    async with desks.desk(house, "operator") as client:
        at = (await written(client, house, brand_id)).headers["location"]
    async with house.building.transaction(SYSTEM) as db:
        elsewhere = await make.shop(db)
    async with desks.desk(house, "operator", "brand", elsewhere.brand_id) as stranger:
        assert (await stranger.get(at)).status_code == 404
        own = f"/console/waves/plan?brand={elsewhere.brand_id}"
        foreign = await desks.send(stranger, own, f"{at}/launch", confirm="yes")
        assert foreign.status_code == 404
    async with desks.desk(house, "chief") as reader:
        page = await reader.get(at)
        assert page.status_code == 200
        assert f'action="{at}/launch"' not in page.text
        assert (await reader.post(f"{at}/launch")).status_code == 403
