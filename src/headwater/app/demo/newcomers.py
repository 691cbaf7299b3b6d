"""Newcomers of a simulated world: members and their half-year, as another system's files."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from headwater.members.imports import member_id
from headwater.sandbox import Sandbox
from headwater.world import tills
from headwater.world.heart.lives import Lives
from headwater.world.people import Person
from headwater.world.tills import Newcomer

# As many days of past as the product looks back for what it knew before.
PAST_DAYS = 26 * 7
# Past orders come in files of so many days.
DAYS_A_FILE = 28
ALLOWING = 0.9

TakeIn = Callable[[str, Path], Awaitable[None]]


@dataclass(frozen=True)
class Past:
    """The half-year before a quarter: how everybody lived, and the first who is new to us."""

    lives: Lives
    first: int
    days: int
    starts_at: datetime
    folder: Path


def create(
    sandbox: Sandbox, numbers: range, joined_at: datetime, seed: int
) -> tuple[list[Person], list[Newcomer]]:
    """Give newcomers a phone each; they follow the service account, and most may be spoken to."""
    noise = np.random.default_rng([seed, 30])
    appid = sandbox.credentials["official_account"]["appid"]
    people, newcomers = [], []
    for number in numbers:
        external_id, phone, name = f"new-{number}", f"198{number:08d}", f"新朋友{number}"
        one = sandbox.people.create(name, phone)
        allows = bool(noise.random() < ALLOWING)
        open_id = sandbox.people.openid(one, appid)
        people.append(Person(one.id, external_id, str(member_id(external_id))))
        newcomers.append(Newcomer(external_id, name, phone, open_id, joined_at, allows))
    return people, newcomers


async def settle(
    past: Past, people: Sequence[Person], newcomers: Sequence[Newcomer], take_in: TakeIn
) -> None:
    """Take newcomers in with all that they bought in the half-year before."""
    file = past.folder / "members.csv"
    tills.write_members(file, newcomers)
    await take_in(tills.MEMBERS, file)
    codes = [person.external_id for person in people]
    visits = past.lives.until(past.days).usual()
    visits = visits.only(visits.who >= past.first)
    for first in range(0, past.days, DAYS_A_FILE):
        part = visits.only((visits.day >= first) & (visits.day < first + DAYS_A_FILE))
        if len(part):
            file = past.folder / f"past-{first:03}.csv"
            since = past.starts_at - timedelta(days=past.days)
            tills.write_orders(file, part, past.lives.habits, codes, since)
            await take_in(tills.ORDERS, file)
