"""Our hooks as the simulated platform finds them: checked, told sealed or half open, told twice."""

from __future__ import annotations

from typing import Literal

import pytest
from tests.house import SHOP, House

from headwater.base.db import SYSTEM
from headwater.connect.pushes import unsealed
from headwater.sandbox.people import Person
from headwater.sandbox.weixin.apps import Kind
from headwater.sandbox.weixin.host import WeixinHost
from headwater.sandbox.weixin.pushes.checks import complaint
from headwater.sandbox.weixin.pushes.queue import Mode, Settings

HOOKS: dict[Kind, str] = {
    "official_account": f"{SHOP}/hooks/official-account",
    "mini_program": f"{SHOP}/hooks/mini-program",
}


def host(house: House) -> WeixinHost:
    """The simulated platform, told where our hooks are."""
    house.sandbox.ground.callbacks.set({str(kind): url for kind, url in HOOKS.items()})
    weixin = house.sandbox.others.the(WeixinHost)
    sealed = {"official_account": Settings(), "mini_program": Settings(format="json")}
    weixin.pushes.configure({kind: sealed[kind] for kind in HOOKS})
    return weixin


async def left(house: House, words: str) -> int:
    """How many jobs speak of these words; they lie there sealed."""
    async with house.building.transaction(SYSTEM) as db:
        found = await db.raw.fetch(
            "SELECT body->>'sealed' AS sealed FROM base.jobs WHERE kind = 'connect.push'"
        )
    told = [unsealed(house.building.keys, each["sealed"]) for each in found]
    return sum(words in str(each) for each in told)


def somebody(house: House) -> Person:
    return house.sandbox.people.get("p2")


@pytest.mark.parametrize("kind", list(HOOKS))
async def test_the_console_takes_our_address(house: House, kind: Kind) -> None:
    weixin = host(house)
    outgoing = house.sandbox.ground.outgoing
    assert await complaint(outgoing, weixin.apps[kind], HOOKS[kind], house.now) is None


@pytest.mark.parametrize("mode", ["compatible", "sealed"])
@pytest.mark.parametrize("form", ["xml", "json"])
async def test_what_is_pushed_is_heard_once(
    house: House, mode: Mode, form: Literal["xml", "json"]
) -> None:
    weixin = host(house)
    weixin.pushes.configure(
        {"official_account": Settings(mode), "mini_program": Settings(mode, form)}
    )
    house.sandbox.faults.push_duplicates = 2
    words = f"有货吗 {mode} {form}"
    weixin.acts.say(somebody(house), f"{words} account", house.now)
    weixin.acts.program.say_to_service(somebody(house), f"{words} program", house.now)
    house.sandbox.faults.push_duplicates = 0
    for _ in range(4):
        house.wait(seconds=1)
        await house.sandbox.deliver_due(house.now)
    told = [one for one in weixin.pushes.everything() if words in str(one.fields)]
    assert [one.state for one in told] == ["heard"] * 6
    assert await left(house, f"{words} account") == 1
    assert await left(house, f"{words} program") == 1


async def test_what_comes_open_although_we_share_a_key_is_not_believed(house: House) -> None:
    weixin = host(house)
    weixin.pushes.configure({"official_account": Settings("plain")})
    weixin.acts.say(somebody(house), "谁都能读", house.now)
    for _ in range(3):
        await house.sandbox.deliver_due(house.now)
        house.wait(seconds=5)
    assert weixin.pushes.everything()[-1].state == "given up"
    assert await left(house, "谁都能读") == 0


async def test_what_is_heard_is_worked_off(house: House) -> None:
    weixin = host(house)
    template_id = next(iter(weixin.acts.program.templates()))
    choices: dict[str, bool] = {template_id: True}
    weixin.acts.subscribe(somebody(house), choices, house.now)
    weixin.acts.unfollow(somebody(house), house.now)
    weixin.acts.follow(somebody(house), house.now)
    await house.work()
    # What other tests left in this database may be worked off as well, and be told about.
    acts = ("subscribe_msg_popup_event", "unsubscribe", "subscribe")
    told = [each for each in weixin.pushes.everything() if each.fields.get("Event") in acts][-3:]
    assert [one.fields["Event"] for one in told] == list(acts)
    assert {one.state for one in told} == {"heard"}
    assert await left(house, "subscribe_msg_popup_event") == 0
