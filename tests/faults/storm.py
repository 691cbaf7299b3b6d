"""A storm: many orders are bought and refunded while the sandbox does everything wrong at once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests import invariants
from tests.faults.comparison import Compared, compared
from tests.house import SHOP, House
from tests.shopper import Shelf, Shopper, number_of, shelf, shopper

from headwater.base.db import SYSTEM
from headwater.members import login
from headwater.members.login import Arrival
from headwater.sandbox.scenario import play, read_script
from headwater.sandbox.side_doors import stage_of
from headwater.trade import incidents

STORM = Path(__file__).parents[2] / "benchmarks" / "storm.toml"
PRICE_FEN = 1_990
MOST_TRIES = 60
CALM_MINUTES = 20
# A refund that waits for a person is looked at every hour, and the looking may fail, too.
HOURS_AFTER = 8


@dataclass
class Bought:
    """Somebody with an order, and what is to become of it."""

    someone: Shopper
    number: str
    pieces: int
    walks_away: bool
    is_paid: bool = False


@dataclass
class Storm:
    """What was bought, and what people met on the way."""

    house: House
    here: Shelf
    bought: list[Bought] = field(default_factory=list)
    met: Counter[str] = field(default_factory=Counter)
    waited: list[timedelta] = field(default_factory=list)

    async def passes(self, seconds: float, rounds: int = 3) -> None:
        """Let time go by, and everybody who owes something to the clock do it."""
        self.house.wait(seconds=seconds)
        await self.house.work(rounds)

    async def side(self, method: str, path: str, body: object = None) -> Any:
        """Use a side door of the sandbox."""
        doors = self.house.sandbox.credentials["side_doors"]["base_url"]
        async with self.house.sandbox.client() as client:
            answer = await client.request(method, doors + path, json=body)
        assert answer.is_success, answer.text
        return answer.json()


@dataclass(frozen=True)
class Outcome:
    """How things stand when the storm is over."""

    orders: int
    states: Counter[str]
    paid_fen: int
    refunded_fen: int
    met: Counter[str]
    faults: list[tuple[str, int, int]]
    compared: Compared
    broken: list[str]
    open_incidents: Counter[str]
    balances_fen: dict[str, int]

    @property
    def is_clear(self) -> bool:
        """Whether the books are at zero, no row differs and nothing that must hold is broken."""
        is_whole = self.states.keys() <= {"refunded", "closed"}
        books = [*self.balances_fen.values(), self.paid_fen - self.refunded_fen]
        return is_whole and not any(books) and not self.compared.differences and not self.broken

    @property
    def table(self) -> str:
        """Everything in words, for a person to read."""
        rows = [
            f"{self.orders} orders: {_listed(self.states)}",
            f"paid {_yuan(self.paid_fen)}, refunded {_yuan(self.refunded_fen)}",
            f"people met: {_listed(self.met)}",
            "the sandbox did:",
            *(f"  {name:26} {hits:5} of {chances}" for name, chances, hits in self.faults),
            f"its bill: {self.compared.rows} rows, {len(self.compared.differences)} differences",
            *(f"  {each}" for each in self.compared.differences),
            f"invariants broken: {len(self.broken)}",
            f"before a person: {_listed(self.open_incidents)}",
            f"balances in fen: {_listed(self.balances_fen)}",
        ]
        return "\n".join(rows)


async def weathered(house: House, count: int) -> Outcome:
    """Buy and refund so many orders, wait until the sky is clear, and count."""
    storm = Storm(house, await shelf(house, PRICE_FEN, stock=2 * count))
    await storm.side("POST", "/callbacks", {"official_account": f"{SHOP}/hooks/official-account"})
    play(read_script(STORM), house.sandbox.faults, stage_of(house.sandbox.ground))
    for number in range(count):
        async with shopper(house, accept="text/html") as someone:
            storm.bought.append(await _buys(storm, someone, number))
            await storm.passes(2)
            await _has_back(storm, storm.bought[-1], number)
    for _quarter in range(4 * CALM_MINUTES):
        await storm.passes(15, rounds=2)
    for _hour in range(HOURS_AFTER):
        await _a_person_settles_what_is_abnormal(storm)
        for _quarter in range(4):
            await storm.passes(900, rounds=2)
    return await _counted(storm)


async def _buys(storm: Storm, someone: Shopper, number: int) -> Bought:
    """Fill a cart, check out and pay on the phone, trying again after every trouble."""
    await _logs_in(storm, someone, number)
    pieces = 1 + number % 2
    await someone.sends(storm.here.line, quantity=pieces)
    order = number_of(await someone.checks_out(storm.here))
    one = Bought(someone, order, pieces, walks_away=number % 10 == 9)
    sheet = await _sheet(storm, one)
    if one.walks_away:
        return one
    await _approves(storm, sheet)
    one.is_paid = True
    if number % 2 == 0:
        answer = await someone.client.get(f"/orders/{order}/paid")
        storm.met[f"coming back {answer.status_code}"] += 1
    return one


async def _logs_in(storm: Storm, someone: Shopper, number: int) -> None:
    """Come in through WeChat as somebody new, starting anew whenever it has no time."""
    house = storm.house
    person = await storm.side("POST", "/people", {"nickname": f"顾客 {number}", "follows": False})
    for _try in range(MOST_TRIES):
        there = await someone.client.get("/login/wechat")
        asked = there.headers["location"].partition("#")[0]
        async with house.sandbox.client() as phone:
            granted = await phone.get(f"{asked}&as={person['id']}")
        back = urlsplit(granted.headers["location"])
        answer = await someone.client.get(f"{back.path}?{back.query}")
        storm.met[f"login {answer.status_code}"] += 1
        if answer.status_code == 303:
            break
        assert answer.status_code == 503, answer.text[:400]
        await storm.passes(5, rounds=1)
    async with house.building.transaction(SYSTEM) as db:
        arrival, keys = Arrival("official_account"), house.building.keys
        appid, open_id = house.building.appid, person["openid"]
        someone.member_id = await login.with_open_id(db, keys, appid, open_id, arrival, house.now)
    # Following makes the account tell us so, by a push that may come twice, late or never.
    await storm.side("PUT", f"/people/{person['id']}/following", {"follows": True})


async def _sheet(storm: Storm, one: Bought) -> str:
    """Open the pay sheet, however often it takes."""
    for _try in range(MOST_TRIES):
        opened = await one.someone.client.get(f"/orders/{one.number}/pay")
        storm.met[f"pay sheet {opened.status_code}"] += 1
        if opened.status_code == 303:
            return str(opened.headers["location"])
        assert opened.status_code == 503, opened.text[:400]
        await storm.passes(5, rounds=1)
    raise AssertionError(f"{one.number} could never be paid")


async def _approves(storm: Storm, sheet: str) -> None:
    """Type the password on the phone; whether the browser comes back is another matter."""
    parts = urlsplit(sheet)
    fields = {**dict(parse_qsl(parts.query)), "decision": "approve", "password": "123456"}
    async with storm.house.sandbox.client() as phone:
        decided = await phone.post(f"{parts.scheme}://{parts.netloc}{parts.path}", data=fields)
    assert decided.status_code == 303, decided.text[:400]


async def _has_back(storm: Storm, one: Bought, number: int) -> None:
    """Wait until the shop knows that the order is paid, and have everything back."""
    if one.walks_away:
        return
    begun = storm.house.now
    while (await one.someone.order(one.number)).state == "placed":
        assert storm.house.now - begun < timedelta(minutes=14), f"{one.number} was never paid here"
        await storm.passes(5, rounds=2)
    storm.waited.append(storm.house.now - begun)
    # Every third order of two pieces goes back piece by piece, faster than the provider likes.
    halves = [1, 1] if one.pieces == 2 and number % 3 == 0 else [one.pieces]
    for pieces in halves:
        await one.someone.sees(f"/orders/{one.number}/refund")
        answer = await one.someone.sends(
            f"/orders/{one.number}/refunds",
            refund_id=one.someone.hidden("refund_id"),
            quantity_1=pieces,
            reason="changed_mind",
        )
        assert answer.status_code == 303, answer.text[:400]
        storm.met["refund asked for"] += 1


async def _a_person_settles_what_is_abnormal(storm: Storm) -> None:
    """In the merchant's console somebody sends the money another way; its notice may be lost."""
    for refund in storm.house.sandbox.refunds.everything():
        if refund.status == "ABNORMAL":
            await storm.side("POST", f"/refunds/{refund.out_refund_no}", {"outcome": "SUCCESS"})
            storm.met["refund settled by a person"] += 1


async def _counted(storm: Storm) -> Outcome:
    house, bill = storm.house, await storm.side("GET", "/bill")
    states: Counter[str] = Counter()
    for one in storm.bought:
        states[(await one.someone.order(one.number)).state] += 1
    broken = await invariants.check_all(house.building.pool)
    async with house.building.transaction(SYSTEM) as db:
        seen = await compared(db, house)
        waiting = await incidents.unsolved(db, 1_000)
    return Outcome(
        orders=len(storm.bought),
        states=states,
        paid_fen=bill["paid_fen"],
        refunded_fen=bill["refunded_fen"],
        met=storm.met,
        faults=_faults(house),
        compared=seen,
        broken=broken,
        open_incidents=Counter(each.kind for each in waiting),
        balances_fen=seen.balances_fen,
    )


def _faults(house: House) -> list[tuple[str, int, int]]:
    return [
        (told["rule"].fault, told["occasions"], told["hits"])
        for told in house.sandbox.faults.told()
    ]


def _listed(counted: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counted.items())) or "nothing"


def _yuan(fen: int) -> str:
    return f"¥{fen // 100:,}.{fen % 100:02d}"
