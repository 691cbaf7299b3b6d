"""Holdouts over the API: a system outside hears of whom we leave alone, within its scope."""

from __future__ import annotations

from uuid import UUID

import pytest
from tests import make
from tests.house import House

from headwater.base import ids
from headwater.base.db import SYSTEM
from headwater.base.errors import BadInput
from headwater.increment import arms, experiments
from headwater.increment.experiments import Experiment, Question
from headwater.members import merging
from headwater.stores import machines
from headwater.stores.errors import MachineExists, NoSuchMachine


async def key_of(house: House, brand_ids: list[UUID] | None = None) -> dict[str, str]:
    """Let a machine in, and give the header with which it asks."""
    async with house.building.transaction(SYSTEM) as db:
        key = await machines.add(db, ids.code(), ["holdouts.read"], brand_ids or [], house.now)
    return {"Authorization": f"Bearer {key}"}


async def drawn(house: House, member_ids: list[UUID]) -> Experiment:
    """Ask a question about these members, of whom half are left alone."""
    async with house.building.transaction(SYSTEM) as db:
        shop = await make.shop(db)
        question = Question("campaign", shop.brand_id, ids.code(), "召回", "Recall", 0.5, 28)
        asked = await experiments.launch(db, question, house.now)
        await arms.assign(db, asked.id, member_ids, house.now)
    return asked


async def test_a_system_outside_hears_of_what_and_until_when(house: House) -> None:
    members = [await house.member() for _ in range(8)]
    asked = await drawn(house, members)
    async with house.building.transaction(SYSTEM) as db:
        held = {each.member_id for each in await arms.held_out(db, members, house.now)}
    assert 0 < len(held) < 8
    async with house.client() as client:
        header = await key_of(house)
        for member in members:
            answer = await client.get(f"/api/holdouts/{member}", headers=header)
            said = answer.json()
            assert (answer.status_code, said["is_held_out"]) == (200, member in held)
            for each in said["of"]:
                assert each["experiment_id"] == str(asked.id)
                assert each["until_at"].startswith(asked.window_ends_at.isoformat()[:19])


async def test_an_id_that_was_given_up_is_answered_for_the_person(house: House) -> None:
    members = [await house.member() for _ in range(8)]
    await drawn(house, members)
    async with house.building.transaction(SYSTEM) as db:
        held = [each.member_id for each in await arms.held_out(db, members, house.now)]
        gone = await house.member()
        kept = await merging.join(db, held[0], gone, "test", house.now)
    given_up = gone if kept == held[0] else held[0]
    async with house.client() as client:
        header = await key_of(house)
        body = {"member_ids": [str(given_up), str(kept)]}
        said = (await client.post("/api/holdouts", json=body, headers=header)).json()
        alone = await client.get(f"/api/holdouts/{given_up}", headers=header)
    assert said["unknown"] == []
    assert [each["member_id"] for each in said["members"]] == body["member_ids"]
    assert said["members"][0]["of"] == said["members"][1]["of"]
    assert alone.json()["is_held_out"]


async def test_many_are_asked_at_once_and_strangers_are_named(house: House) -> None:
    members = [await house.member() for _ in range(6)]
    await drawn(house, members)
    nobody = ids.new_member()
    async with house.client() as client:
        header = await key_of(house)
        body = {"member_ids": [str(each) for each in [*members, nobody, members[0]]]}
        said = (await client.post("/api/holdouts", json=body, headers=header)).json()
        one = await client.get(f"/api/holdouts/{nobody}", headers=header)
    assert [each["member_id"] for each in said["members"]] == [str(each) for each in members]
    assert said["unknown"] == [str(nobody)]
    assert (one.status_code, one.json()["code"]) == (404, "member_gone")


async def test_a_machine_of_one_brand_hears_nothing_of_another(house: House) -> None:
    members = [await house.member() for _ in range(8)]
    asked = await drawn(house, members)
    body = {"member_ids": [str(each) for each in members]}
    async with house.client() as client:
        answers = []
        for brand_id in (asked.brand_id, ids.new()):
            header = await key_of(house, [brand_id])
            said = (await client.post("/api/holdouts", json=body, headers=header)).json()
            answers.append(any(each["is_held_out"] for each in said["members"]))
    assert answers == [True, False]


@pytest.mark.parametrize("header", ["", "Bearer ", "Bearer nonsense", "Basic abc"])
async def test_without_a_key_nothing_is_answered(house: House, header: str) -> None:
    async with house.client() as client:
        sent = {"Authorization": header} if header else {}
        one = await client.get(f"/api/holdouts/{ids.new_member()}", headers=sent)
        many = await client.post("/api/holdouts", json={"member_ids": []}, headers=sent)
    assert (one.status_code, many.status_code) == (401, 401)


async def test_a_key_that_ended_is_dead_at_once(house: House) -> None:
    name = ids.code()
    async with house.building.transaction(SYSTEM) as db:
        key = await machines.add(db, name, ["holdouts.read"], [], house.now)
        assert name in {each.name for each in await machines.every(db)}
        await machines.end(db, name, house.now)
        with pytest.raises(NoSuchMachine):
            await machines.end(db, name, house.now)
    async with house.client() as client:
        answer = await client.get(
            f"/api/holdouts/{ids.new_member()}", headers={"Authorization": f"Bearer {key}"}
        )
    assert answer.status_code == 401


async def test_a_machine_has_a_name_of_its_own_and_a_scope_that_exists(house: House) -> None:
    async with house.building.transaction(SYSTEM) as db:
        name = ids.code()
        await machines.add(db, name, ["holdouts.read"], [], house.now)
        with pytest.raises(MachineExists):
            await machines.add(db, name, ["holdouts.read"], [], house.now)
        for wrong in ([], ["everything"]):
            with pytest.raises(BadInput, match="permissions"):
                await machines.add(db, ids.code(), wrong, [], house.now)


@pytest.mark.parametrize("count", [0, 1_001])
async def test_nobody_and_too_many_are_refused(house: House, count: int) -> None:
    async with house.client() as client:
        body = {"member_ids": [str(ids.new_member()) for _ in range(count)]}
        answer = await client.post("/api/holdouts", json=body, headers=await key_of(house))
    assert (answer.status_code, answer.json()["field"]) == (422, "member_ids")


@pytest.mark.parametrize(
    "body",
    ["{", "[]", '{"member_ids": ["me"]}', '{"member_ids": 1}', '{"member_ids": ["\\u0000"]}'],
)
async def test_junk_is_refused_and_the_field_is_named(house: House, body: str) -> None:
    async with house.client() as client:
        answer = await client.post("/api/holdouts", content=body, headers=await key_of(house))
    assert answer.status_code == 422
