"""Touching people: campaigns are launched, guides do their tasks or do not, and something leaks."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import numpy as np

from headwater.world.guide import Guide
from headwater.world.heart.habits import Array
from headwater.world.scene import LEAK, State
from headwater.world.wanted import Push

log = logging.getLogger(__name__)

OPENS: Final = timedelta(hours=9)


async def launch(state: State, push: Push, day: int) -> None:
    """Launch a campaign, and see on whose phone it came."""
    world = state.world
    state.truth.pages[push.effect.name] = await state.plan.launch(push)
    await world.pass_time()
    phones = world.told(state.morning(day))
    heard = [at for at, person in enumerate(world.people) if person.person_id in phones]
    state.causes.reach(push.effect.name, heard, day)
    log.info("%s reached %s people", push.effect.name, len(heard))


async def guides_work(state: State, day: int) -> None:
    """Let guides read whom to contact, and let those customers open what they were sent."""
    world, work = state.world, state.wanted.guides
    noise = np.random.default_rng([state.wanted.seed, 21, day])
    placed = world.placed()
    now = state.morning(day) + OPENS
    for colleague in world.guides:
        if noise.random() >= work.obedience:
            continue
        guide = Guide(world.shop, colleague.login, colleague.password, world.clients())
        await guide.arrive()
        proposed = [placed[each] for each in await guide.proposed() if each in placed]
        chosen = proposed[: work.contacts]
        code = await guide.share() if chosen else ""
        for who in chosen:
            visitor = await world.at_the_door(who, now)
            await visitor.look_around([f"/?s={code}"])
        state.causes.reach(f"guide {colleague.login}", chosen, day)
        await guide.client.aclose()


async def leak(state: State, day: int) -> None:
    """Let a guide send links to anybody, those who should be left alone among them."""
    world = state.world
    if not world.guides:
        return
    noise = np.random.default_rng([state.wanted.seed, 22])
    count = round(state.wanted.leak * len(world.people))
    chosen = noise.choice(len(world.people), size=count, replace=False)
    first = world.guides[0]
    guide = Guide(world.shop, first.login, first.password, world.clients())
    await guide.arrive()
    code = await guide.share()
    for who in chosen.tolist():
        visitor = await world.at_the_door(who, state.morning(day) + OPENS)
        await visitor.look_around([f"/?s={code}"])
    state.causes.reach(LEAK, chosen, day)
    await guide.client.aclose()


def at_home(state: State, codes: Sequence[str]) -> Array:
    """Find who is at home in one of these stores: where most of their baskets come from."""
    habits, household = state.plan.lives.habits, state.plan.lives.household
    wanted = {habits.store_codes.index(code) for code in codes}
    at_home = np.array(
        [
            int(np.bincount(habits.store[first:last]).argmax()) in wanted
            for first, last in zip(habits.starts, habits.starts[1:], strict=False)
        ]
    )
    return np.flatnonzero(at_home[household])
