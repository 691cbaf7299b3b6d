"""Orders over the API: placed once, paid through the sandbox, settled by its notice."""

from __future__ import annotations

from datetime import timedelta

from tests import make
from tests.house import House

from headwater.base.db import SYSTEM
from headwater.members import members


async def test_nobody_places_an_order_without_a_login(house: House) -> None:
    async with house.client() as client:
        answer = await client.post("/api/orders", json={})
    assert answer.status_code == 401
    assert answer.json()["code"] == "not_logged_in"


async def test_a_bad_field_is_named(house: House) -> None:
    async with house.client() as client:
        await house.log_in(client, await house.member())
        answer = await client.post("/api/orders", json={"store_id": "here"})
    assert answer.status_code == 422
    assert answer.json()["field"] == "store_id"


async def test_a_login_that_was_ended_elsewhere_orders_nothing(house: House) -> None:
    async with house.building.transaction(SYSTEM) as db:
        where = await make.shop(db)
        thing = await make.item(db, where)
    member_id = await house.member()
    body = {
        "store_id": str(where.store_id),
        "lines": [{"variant_id": str(thing.variant_id), "quantity": 1}],
    }
    async with house.client() as client:
        await house.log_in(client, member_id)
        before = await client.post("/api/orders", json=body)
        async with house.building.transaction(SYSTEM) as db:
            await members.end_sessions(db, member_id, house.now + timedelta(seconds=2))
        after = await client.post("/api/orders", json=body)
    assert before.status_code == 201
    assert after.status_code == 401
