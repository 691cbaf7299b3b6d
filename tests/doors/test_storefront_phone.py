"""A phone is linked on one's own page, and two accounts of one person become one there."""

from __future__ import annotations

import re

from tests.doors import desks
from tests.house import House
from tests.shopper import shelf, shopper, texted

from headwater.base.db import SYSTEM
from headwater.members import login, members
from headwater.members.login import Arrival
from headwater.trade import orders

PROOF = re.compile(r'name="proof" value="([^"]+)"')


async def test_a_new_phone_is_linked_after_its_code(house: House) -> None:
    await shelf(house)
    async with shopper(house) as someone:
        member_id = await someone.logs_in()
        assert "关联手机号" in await someone.sees("/me/data")
        asked = await someone.sends("/me/phone/code", phone="138-1234-5601")
        wrong = await someone.sends("/me/phone", phone="13812345601", code="nope")
        await someone.sends("/me/phone/code", phone="13812345601")
        done = await someone.sends(
            "/me/phone", phone="13812345601", code=texted(house, "13812345601")
        )
    assert "验证码已发到" in asked.text
    assert (wrong.status_code, "验证码不对" in wrong.text) == (422, True)
    assert done.headers["location"] == "/me/data"
    async with house.building.transaction(SYSTEM) as db:
        assert (await members.one(db, member_id)).phone(house.building.keys) == "13812345601"


async def test_two_accounts_become_one_for_who_says_that_both_are_theirs(house: House) -> None:
    here, phone = await shelf(house), "13812345602"
    async with house.building.transaction(SYSTEM) as db:
        old = await login.with_phone(db, house.building.keys, phone, Arrival("test"), house.now)
    order_id = await desks.bought(house, old, here.shop, here.item)
    house.wait(minutes=1)
    async with shopper(house) as someone:
        new = await someone.logs_in()
        await someone.sends("/me/phone/code", phone=phone)
        looked = await someone.sends("/me/phone", phone=phone, code=texted(house, phone))
        found = PROOF.search(looked.text)
        assert found is not None
        unsure = await someone.sends("/me/phone/merge", proof=found[1])
        forged = await someone.sends("/me/phone/merge", proof=found[1] + "x", agreed="yes")
        async with house.building.transaction(SYSTEM) as db:
            assert {each.id for each in await orders.of_member(db, new)} == set()
        sent = await someone.sends("/me/phone/merge", proof=found[1], agreed="yes")
        await house.work()
        page = await someone.sees("/orders")
    assert "138****5602 已有一个会员账号" in looked.text
    assert unsure.status_code == forged.status_code == 422
    assert sent.headers["location"] == "/me/data"
    async with house.building.transaction(SYSTEM) as db:
        number = (await orders.one(db, order_id)).number
        assert await members.sessions_from(db, new) is None
    assert number in page or str(order_id) in page


async def test_a_proof_is_for_who_proved_it_and_not_for_long(house: House) -> None:
    await shelf(house)
    phone = "13812345603"
    async with house.building.transaction(SYSTEM) as db:
        await login.with_phone(db, house.building.keys, phone, Arrival("test"), house.now)
    async with shopper(house) as someone, shopper(house) as other:
        await someone.logs_in()
        await other.logs_in()
        await someone.sends("/me/phone/code", phone=phone)
        looked = await someone.sends("/me/phone", phone=phone, code=texted(house, phone))
        found = PROOF.search(looked.text)
        assert found is not None
        stolen = await other.sends("/me/phone/merge", proof=found[1], agreed="yes")
        house.wait(minutes=11)
        late = await someone.sends("/me/phone/merge", proof=found[1], agreed="yes")
    assert stolen.status_code == late.status_code == 422
