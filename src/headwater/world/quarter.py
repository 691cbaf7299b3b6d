"""A quarter: days pass, people buy by habit, some are reached, and some buy more because of it."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from headwater.world import tills
from headwater.world.doors import Thing
from headwater.world.guide import Guide
from headwater.world.heart import lives as living
from headwater.world.heart.effects import WORD_OF_MOUTH, Causes, Day, Effect
from headwater.world.heart.habits import Array
from headwater.world.heart.lives import Lives, Visits
from headwater.world.people import World
from headwater.world.tills import Return
from headwater.world.truth import ONLINE, Truth, reached_of
from headwater.world.wanted import Push, Wanted

log = logging.getLogger(__name__)

OPENS: Final = timedelta(hours=9)
CLOSES: Final = timedelta(hours=22)
NIGHT: Final = timedelta(hours=23)
SHELVES: Final = ("/", "/search?q=milk", "/search?q=面包", "/search?q=fruit", "/departments")
LEAK: Final = "leak"
STORES: Final = "store"
LINES_ONLINE: Final = 3


@dataclass(frozen=True)
class Plan:
    """What happens in a quarter: who lives, what is asked, and who launches what is planned."""

    wanted: Wanted
    lives: Lives
    starts_at: datetime
    launch: Callable[[Push], Awaitable[str]]


@dataclass(frozen=True)
class _Bought:
    """An order on the phone that will be brought back."""

    who: int
    number: str
    sale: int


@dataclass
class _State:
    world: World
    plan: Plan
    truth: Truth
    causes: Causes
    usual: Visits
    shelf: Sequence[Thing]
    places: list[str]
    till: list[tuple[Visits, Array]] = field(default_factory=list)
    back: dict[int, list[_Bought]] = field(default_factory=lambda: defaultdict(list))
    brought: dict[int, list[tuple[Return, int, int]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    @property
    def wanted(self) -> Wanted:
        return self.plan.wanted

    def morning(self, day: int) -> datetime:
        return self.plan.starts_at + timedelta(days=day)


async def live(world: World, plan: Plan) -> tuple[Truth, Causes]:
    """Let a world run from the first morning to the last night, and tell the truth about it.

    What anybody would buy anyway is drawn before anything is done to them; what reaches a person
    adds visits of their own, so that the truth is known order by order.
    """
    state = _begun(world, plan)
    world.set_clock(plan.starts_at + OPENS)
    state.shelf = await _shelf(state)
    for day in range(plan.wanted.days):
        world.progress("days", day, plan.wanted.days)
        await _one_day(state, day)
    await _end(state)
    world.progress("days", plan.wanted.days, plan.wanted.days)
    return state.truth, state.causes


def _begun(world: World, plan: Plan) -> _State:
    wanted, lives = plan.wanted, plan.lives
    causes = Causes(lives.people, wanted.seed, wanted.overlap, wanted.interference)
    for push in wanted.pushes:
        causes.know(push.effect)
    strengths = _strengths(wanted, len(world.guides))
    for colleague, strength in zip(world.guides, strengths, strict=True):
        causes.know(_guides_effect(wanted, f"guide {colleague.login}", strength))
    causes.know(_guides_effect(wanted, LEAK, 1.0))
    for change in wanted.changes:
        days = wanted.days
        causes.know(Effect(change.name, STORES, change.lift, change.growth, days, spread=0.0))
    names = list(causes.effects) + ([WORD_OF_MOUTH] if wanted.interference else [])
    truth = Truth(wanted, lives.people, lives.habits.store_codes, causes=names)
    truth.started_at = plan.starts_at
    truth.would_have_fen = np.zeros(lives.people)
    return _State(world, plan, truth, causes, lives.usual(), [], names)


def _strengths(wanted: Wanted, guides: int) -> Array:
    """Draw how good each guide truly is; it lies about one and stays."""
    noise = np.random.default_rng([wanted.seed, 20])
    return np.maximum(1 + wanted.guides.spread * noise.standard_normal(guides), 0.0)


def _guides_effect(wanted: Wanted, name: str, strength: float) -> Effect:
    work = wanted.guides
    lift = work.lift * float(strength)
    return Effect(name, "guide", lift, work.growth, work.lasts_days, spread=0.5)


async def _one_day(state: _State, day: int) -> None:
    world, wanted = state.world, state.wanted
    world.set_clock(state.morning(day) + OPENS)
    for push in wanted.pushes:
        if push.week * 7 == day:
            await _launch(state, push, day)
    for change in wanted.changes:
        if change.week * 7 == day:
            state.causes.reach(change.name, _at_home(state, change.stores), day)
    if day and day % 7 == 1 and (day // 7) % wanted.guides.every_weeks == 0:
        await _guides_work(state, day)
    if day == 2 and wanted.leak:
        await _leak(state, day)
    today = state.causes.today(day)
    visits, needs = _visits(state, day, today)
    _would_have(state, day, today)
    state.till.append((visits.only(~visits.is_online), needs[~visits.is_online]))
    await _on_the_phone(state, day, visits.only(visits.is_online), needs[visits.is_online])
    world.set_clock(state.morning(day) + CLOSES)
    await world.pass_time()
    if day % 7 == 6 or day == wanted.days - 1:
        await _week_ends(state, day)


async def _launch(state: _State, push: Push, day: int) -> None:
    world = state.world
    state.truth.pages[push.effect.name] = await state.plan.launch(push)
    await world.pass_time()
    phones = world.told(state.morning(day))
    heard = [at for at, person in enumerate(world.people) if person.person_id in phones]
    state.causes.reach(push.effect.name, heard, day)
    log.info("%s reached %s people", push.effect.name, len(heard))


async def _guides_work(state: _State, day: int) -> None:
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


async def _leak(state: _State, day: int) -> None:
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


def _at_home(state: _State, codes: Sequence[str]) -> Array:
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


def _visits(state: _State, day: int, today: Day) -> tuple[Visits, Array]:
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


def _would_have(state: _State, day: int, today: Day) -> None:
    """Note what today's lift would be worth to each, had all been reached as those who were."""
    expected = state.plan.lives.expected_fen(day)
    mean = float((expected * today.lift).sum() / max(expected.sum(), 1.0))
    state.truth.would_have_fen += expected * mean


async def _on_the_phone(state: _State, day: int, visits: Visits, needs: Array) -> None:
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


async def _buy(state: _State, visits: Visits, place: int, needs: int, at: datetime) -> None:
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
        state.back[day + after].append(_Bought(who, placed["number"], sale))


def _on_the_shelf(state: _State, basket: int, seed: int) -> list[tuple[Thing, int]]:
    """Fill a basket off one store's shelf, about as many pieces as the habit has."""
    noise = np.random.default_rng(seed)
    first = state.shelf[int(noise.integers(len(state.shelf)))]
    here = [each for each in state.shelf if each.store_id == first.store_id]
    lines = min(int(noise.integers(1, LINES_ONLINE + 1)), len(here))
    places = noise.choice(len(here), size=lines, replace=False)
    return [(here[int(each)], int(1 + noise.poisson(0.4))) for each in places]


async def _week_ends(state: _State, day: int) -> None:
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


async def _hand_over(state: _State, day: int, visits: Visits, needs: Array) -> None:
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


async def _end(state: _State) -> None:
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


async def _shelf(state: _State) -> list[Thing]:
    visitor = await state.world.at_the_door(0, state.plan.starts_at + OPENS)
    shelf = await visitor.look_around(list(SHELVES))
    if not shelf:
        raise LookupError("there is nothing on the shelf to buy")
    return shelf
