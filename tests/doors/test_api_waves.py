"""Waves over the API: a system outside hears whether a store has started, within its scope."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from tests.doors import desks
from tests.doors.test_console_waves import sold, start_of
from tests.house import House

from headwater.base import ids
from headwater.base.db import SYSTEM
from headwater.base.times import day_start
from headwater.increment.rollouts import rollouts, switches
from headwater.increment.rollouts.rollouts import Place, Rollout
from headwater.increment.rollouts.wishes import Wish
from headwater.stores import machines


async def key_of(house: House, permission: str, brand_ids: list[UUID]) -> dict[str, str]:
    """Let a machine in, and give the header with which it asks."""
    async with house.building.transaction(SYSTEM) as db:
        key = await machines.add(db, ids.code(), [permission], brand_ids, house.now)
    return {"Authorization": f"Bearer {key}"}


async def launched(house: House) -> tuple[Rollout, list[Place]]:
    """Launch a wave of eight of sixteen stores."""
    brand_id = await sold(house)
    wish = Wish(brand_id, ids.code().lower(), "扫码购", "Scan and go", (8,), 4, start_of(house),
                "spring")  # fmt: skip
    async with house.building.transaction(SYSTEM) as db:
        planned = await rollouts.plan(db, wish, None, house.now)
        rollout = await rollouts.launch(db, planned.id, None, house.now)
        return rollout, await rollouts.places_of(db, rollout.id)


async def test_a_system_outside_hears_which_stores_have_started(house: House) -> None:
    rollout, places = await launched(house)
    header = await key_of(house, "waves.read", [rollout.brand_id])
    async with house.client() as client:
        before = (await client.get(f"/api/waves/{rollout.code}", headers=header)).json()
        house.wait(seconds=(day_start(rollout.starts_on) - house.now).total_seconds())
        after = (await client.get(f"/api/waves/{rollout.code}", headers=header)).json()
        for place in places[:3] + places[-3:]:
            at = f"/api/waves/{rollout.code}/stores/{place.store_id}"
            said = (await client.get(at, headers=header)).json()
            assert (said["is_on"], said["wave"]) == (place.wave == 1, place.wave)
            async with house.building.transaction(SYSTEM) as db:
                now = house.now
                code, store = rollout.code, place.store_id
                assert await switches.is_on(db, code, store, now) == said["is_on"]
                assert not await switches.is_on(db, code, store, now - timedelta(seconds=1))
    assert not any(each["is_on"] for each in before["stores"])
    assert sum(each["is_on"] for each in after["stores"]) == 8
    assert {each["store_code"] for each in after["stores"]} == {each.unit for each in places}


async def test_a_stop_switches_every_store_off(house: House) -> None:
    rollout, places = await launched(house)
    header = await key_of(house, "waves.read", [])
    house.wait(days=30)
    async with house.building.transaction(SYSTEM) as db:
        await rollouts.stop(db, rollout.id, None, house.now)
        assert not await switches.is_on(db, rollout.code, places[0].store_id, house.now)
    async with house.client() as client:
        said = (await client.get(f"/api/waves/{rollout.code}", headers=header)).json()
    assert not any(each["is_on"] for each in said["stores"])
    assert all(each["stopped_at"] for each in said["stores"])


async def test_strangers_and_unknown_codes_and_stores_are_refused(house: House) -> None:
    rollout, _places = await launched(house)
    elsewhere = await desks.brand(house)
    own = await key_of(house, "waves.read", [])
    asked = {
        f"/api/waves/{rollout.code}": [
            (await key_of(house, "waves.read", [elsewhere.east.brand_id]), 404),
            (await key_of(house, "holdouts.read", []), 403),
            ({}, 401),
        ],
        "/api/waves/no-such-code": [(own, 404)],
        f"/api/waves/{rollout.code}/stores/{ids.new()}": [(own, 404)],
        f"/api/waves/{rollout.code}/stores/{elsewhere.east.store_id}": [(own, 404)],
    }
    async with house.client() as client:
        for path, answers in asked.items():
            for header, status in answers:
                assert (await client.get(path, headers=header)).status_code == status, path
