"""Orders over the API: placed once, paid through the sandbox, settled by its notice."""

from __future__ import annotations

from tests.house import House


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
