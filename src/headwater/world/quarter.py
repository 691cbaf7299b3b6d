"""A quarter: days pass, people buy by habit, some are reached, and some buy more because of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import numpy as np

from headwater.world import rolling, tills, touching
from headwater.world.doors import Thing
from headwater.world.heart import lives as living
from headwater.world.heart.effects import Causes, Day
from headwater.world.heart.habits import Array
from headwater.world.heart.lives import Visits
from headwater.world.people import World
from headwater.world.scene import Bought, Plan, State, begun
from headwater.world.tills import Return
from headwater.world.touching import OPENS
from headwater.world.truth import ONLINE, Truth, reached_of

CLOSES: Final = timedelta(hours=22)
NIGHT: Final = timedelta(hours=23)
SHELVES: Final = ("/", "/search?q=milk", "/search?q=面包", "/search?q=fruit", "/departments")
LINES_ONLINE: Final = 3


async def live(world: World, plan: Plan) -> tuple[Truth, Causes]:
    """Let a world run from the first morning to the last night, and tell the truth about it.

    What anybody would buy anyway is drawn before anything is done to them; what reaches a person
    adds visits of their own, so that the truth is known order by order.
    """
    state = begun(world, plan)
    world.set_clock(plan.starts_at + OPENS)
    state.shelf = await _shelf(state)
    for day in range(plan.wanted.days):
        world.progress("days", day, plan.wanted.days)
        await _one_day(state, day)
    await _end(state)
    world.progress("days", plan.wanted.days, plan.wanted.days)
    return state.truth, state.causes


async def _one_day(state: State, day: int) -> None:
    world, wanted = state.world, state.wanted
    world.set_clock(state.morning(day) + OPENS)
    await rolling.launch(state, day)
    await rolling.ask(state)
    for push in wanted.pushes:
        if push.week * 7 == day:
            await touching.launch(state, push, day)
    for change in wanted.changes:
        if change.week * 7 == day:
            state.causes.reach(change.name, touching.at_home(state, change.stores), day)
    if day and day % 7 == 1 and (day // 7) % wanted.guides.every_weeks == 0:
        await touching.guides_work(state, day)
    if day == 2 and wanted.leak:
        await touching.leak(state, day)
    today = state.causes.today(day)
    visits, needs = _visits(state, day, today)
    _would_have(state, day, today)
    in_stores = visits.only(~visits.is_online), needs[~visits.is_online]
    state.till.append(rolling.added(state, day, *in_stores))
    await _on_the_phone(state, day, visits.only(visits.is_online), needs[visits.is_online])
    world.set_clock(state.morning(day) + CLOSES)
    await world.pass_time()
    if day % 7 == 6 or day == wanted.days - 1:
        await _week_ends(state, day)


def _visits(state: State, day: int, today: Day) -> tuple[Visits, Array]:
    """Give the day's visits, the caused among them, and without what each would not be."""
    lives, noise = state.plan.lives, np.random.default_rng([state.wanted.seed, 23, day])
    usual = state.usual.only(state.usual.day == day)
    away = lives.kept_away(usual, today.lift)
    state.truth.driven_away_fen += int(lives.habits.fen[usual.basket[away]].sum())
    usual = usual.only(~away)
    shares = [today.shares[name] for name in state.places]
    caused = living.with_causes(lives.caused(day, today.lift), shares, noise)
    needs = np.zeros(len(caused), dtype=np.int64)
    for place, name in enumerate(state.places):
        marginal = today.marginal.get(name, today.shares[name])
        if len(caused):
            chance = marginal[caused.who] / today.lift[caused.who]
            needs |= (noise.random(len(caused)) < chance).astype(np.int64) << place
    both = living.joined([usual, caused])
    return both, np.concatenate([np.zeros(len(usual), dtype=np.int64), needs])


def _would_have(state: State, day: int, today: Day) -> None:
    """Note what today's lift would be worth to each, had all been reached as those who were."""
    expected = state.plan.lives.expected_fen(day)
    ours = today.lift - sum(today.shares[each.name] for each in state.wanted.changes)
    mean = float((expected * ours).sum() / max(expected.sum(), 1.0))
    state.truth.would_have_fen += expected * mean


async def _on_the_phone(state: State, day: int, visits: Visits, needs: Array) -> None:
    if not state.plan.lives.calendar.is_open[day]:
        state.truth.lost_to_outages += len(visits)
        return
    for place in np.argsort(visits.second, kind="stable").tolist():
        at = tills.moment(state.plan.starts_at, day, int(visits.second[place]))
        state.world.set_clock(at)
        await _buy(state, visits, place, int(needs[place]), at)
    for bought in state.back.pop(day, []):
        visitor = await state.world.at_the_door(bought.who, state.morning(day) + OPENS)
        if await visitor.bring_back(bought.number):
            sales = state.truth.sales
            sales.returned_fen[bought.sale] = sales.fen[bought.sale]


async def _buy(state: State, visits: Visits, place: int, needs: int, at: datetime) -> None:
    who, day = int(visits.who[place]), int(visits.day[place])
    visitor = await state.world.at_the_door(who, at)
    basket = _on_the_shelf(state, int(visits.basket[place]), int(visits.seed[place]))
    placed = await visitor.order(basket)
    if placed is None:
        state.truth.sold_out += 1
        return
    await visitor.pay(placed["number"])
    cause = int(visits.cause[place])
    sale = state.truth.sales.add(who, day, cause, placed["payable_fen"], ONLINE, needs)
    after = int(visits.returns_after[place])
    if after:
        state.back[day + after].append(Bought(who, placed["number"], sale))


def _on_the_shelf(state: State, basket: int, seed: int) -> list[tuple[Thing, int]]:
    """Fill a basket off one store's shelf, about as many pieces as the habit has."""
    noise = np.random.default_rng(seed)
    first = state.shelf[int(noise.integers(len(state.shelf)))]
    here = [each for each in state.shelf if each.store_id == first.store_id]
    lines = min(int(noise.integers(1, LINES_ONLINE + 1)), len(here))
    places = noise.choice(len(here), size=lines, replace=False)
    return [(here[int(each)], int(1 + noise.poisson(0.4))) for each in places]


async def _week_ends(state: State, day: int) -> None:
    """Hand the week's receipts and returns over, as tills do, and let the night's work be done."""
    world = state.world
    world.set_clock(state.morning(day) + NIGHT)
    visits = living.joined([each for each, _needs in state.till])
    needs = np.concatenate([each for _visits, each in state.till])
    state.till.clear()
    if len(visits):
        await _hand_over(state, day, visits, needs)
    due = [each for at in sorted(state.brought) if at <= day for each in state.brought.pop(at)]
    if due:
        file = world.folder / f"returns-{day + 1:03}.csv"
        tills.write_returns(file, [each for each, _sale, _fen in due])
        await world.take_in(tills.RETURNS, file)
        for _return, sale, fen in due:
            state.truth.sales.returned_fen[sale] += fen
    if day < state.wanted.days - 1:
        await world.night()


async def _hand_over(state: State, day: int, visits: Visits, needs: Array) -> None:
    habits = state.plan.lives.habits
    codes = [person.external_id for person in state.world.people]
    file = state.world.folder / f"orders-{day + 1:03}.csv"
    sold = tills.write_orders(file, visits, habits, codes, state.plan.starts_at)
    await state.world.take_in(tills.ORDERS, file)
    for place, number in enumerate(sold.order_ids):
        basket, who = int(visits.basket[place]), int(visits.who[place])
        on, cause = int(visits.day[place]), int(visits.cause[place])
        store, fen = int(habits.store[basket]), int(sold.fen[place])
        sale = state.truth.sales.add(who, on, cause, fen, store, int(needs[place]))
        after = int(visits.returns_after[place])
        if after and habits.things[basket, 0] != habits.things[basket, 1]:
            quantity = int(sold.quantities[place, 0])
            item = habits.thing_codes[habits.things[basket, 0]]
            at = tills.moment(state.plan.starts_at, on + after, 15 * 3600)
            amount = quantity * int(habits.prices_fen[basket, 0])
            brought = Return(number, codes[who], item, quantity, at)
            state.brought[on + after].append((brought, sale, amount))


async def _end(state: State) -> None:
    """Ask who was left alone, and let the evening come on which the quarter is read."""
    world, truth = state.world, state.truth
    held = await world.held_out([person.member_id for person in world.people])
    truth.held_out = np.array([person.member_id in held for person in world.people])
    truth.would_have_fen = np.where(truth.held_out, truth.would_have_fen, 0.0)
    if truth.held_out.any():
        # The mean above is over everybody; of those who are treated it is so much more.
        truth.would_have_fen /= 1 - truth.held_out.mean()
    truth.reached = reached_of(state.causes)
    truth.ended_at = state.morning(state.wanted.days)
    world.set_clock(truth.ended_at + NIGHT)
    await world.night()


async def _shelf(state: State) -> list[Thing]:
    visitor = await state.world.at_the_door(0, state.plan.starts_at + OPENS)
    shelf = await visitor.look_around(list(SHELVES))
    if not shelf:
        raise LookupError("there is nothing on the shelf to buy")
    return shelf
