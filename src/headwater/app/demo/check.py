"""Walking the demo: the journeys of a shopper, a guide and HQ, through HTTP and nothing else."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import httpx2
import msgspec

from headwater.app.demo.prepare import Prepared
from headwater.base.errors import Trouble
from headwater.base.money import fen, yuan
from headwater.base.settings import Settings
from headwater.world import forms
from headwater.world.doors import Visitor
from headwater.world.operator import Operator, Recall

Say = Callable[[str], None]
PATIENCE_SECONDS = 60.0
VERDICTS = ("已证实", "证据不足", "未见增量", "有害")
_MONEY = re.compile(r"¥[0-9,]+\.[0-9]{2}")
_TOTAL = re.compile(r"净额 ([−-]?¥[0-9,.]+) 至 ([−-]?¥[0-9,.]+)")
_INTERVAL = re.compile(r"[0-9.]+% 区间 ([−-]?¥[0-9,.]+) 至 ([−-]?¥[0-9,.]+)")


@dataclass
class Walk:
    """One walk through the demo with the clients it needs."""

    shop: str
    phone: str
    prepared: Prepared
    say: Say

    async def shopper(self) -> None:
        """Look, lay into the cart, check out, pay on the phone, and see it paid."""
        async with _browser() as client:
            visitor = Visitor("p1", self.shop, self.phone, client)
            await visitor.log_in()
            things = await visitor.look_around(["/"])
            self.say(f"shopper    logged in through WeChat; {len(things)} things on the first page")
            await self._buy(client, things[0].store_id, things[0].variant_id, "shopper   ")

    async def guide(self) -> None:
        """Share the shop; a friend buys through it, and the credit says why."""
        async with _browser() as desk, _browser() as client:
            await self._staff(desk, "/guide/login", self.prepared.logins["guide"])
            share = forms.form_to((await desk.get(f"{self.shop}/guide/shares")).text, "shares")
            page = await _send(desk, self.shop, share, share.fields | {"scene": "link"})
            code = page.rpartition("/")[2]
            self.say(f"guide      shared the shop as {code}")
            await client.get(f"{self.shop}/?s={code}")
            friend = Visitor("p2", self.shop, self.phone, client)
            await friend.log_in()
            things = await friend.look_around([f"/?s={code}"])
            await self._buy(client, things[0].store_id, things[0].variant_id, "guide     ")

            async def is_credited() -> bool:
                shown = await desk.get(f"{self.shop}/guide/shares/{code}")
                return len(_MONEY.findall(shown.text)) > 0

            await _until(is_credited, "the guide's credit")
            earnings = await desk.get(f"{self.shop}/guide/earnings")
            self.say(f"guide      credited; earnings now show {_MONEY.findall(earnings.text)[:3]}")

    async def headquarters(self) -> None:
        """Launch a recall with a holdout, and open the scoreboard."""
        async with _browser() as desk:
            operator = Operator(
                self.shop, self.prepared.logins["operator"], self.prepared.password, desk
            )
            campaign = await operator.recall(_recall(), _nothing)

            async def is_running() -> bool:
                return "/stop" in (await desk.get(f"{self.shop}{campaign}")).text

            await _until(is_running, "the campaign's launch")
            self.say(f"hq         launched a recall with a holdout: {campaign}")
            board = await desk.get(f"{self.shop}/console/scoreboard")
            if board.status_code != 200:
                raise Trouble(f"the scoreboard answered {board.status_code}")
            words = [
                word for word in ("已证实", "证据不足", "未见增量", "有害") if word in board.text
            ]
            self.say(f"hq         the scoreboard says {', '.join(words) or 'nothing yet'}")
            await self._truth(desk)

    async def _truth(self, desk: httpx2.AsyncClient) -> None:
        """Hold what the product read against what the simulated world knows it caused."""
        known = msgspec.json.decode(Path(self.prepared.truth_file).read_bytes())
        for cause in known["causes"]:
            if cause["page"] is not None:
                page = await desk.get(f"{self.shop}{cause['page']}")
                found = _INTERVAL.search(page.text)
                self._judged(f"campaign {cause['name']}", found, cause["marginal"]["net_fen"])
        board = await desk.get(f"{self.shop}/console/scoreboard")
        caused_fen = known["programme"]["treated"]["caused"]["net_fen"]
        self._judged("the quarter's total", _TOTAL.search(board.text), caused_fen)
        for rolled in known["rollouts"]:
            await self._rolled(desk, rolled)
        share = known["programme"]["true_lift_share"]
        self.say(f"hq         truly it is {share:.1%} of what the treated would have bought anyway")

    async def _rolled(self, desk: httpx2.AsyncClient, rolled: dict[str, Any]) -> None:
        """Hold what waves of stores were read to bring against what they truly brought."""
        name = f"rollout {rolled['code']}"
        if rolled["page"] is None:
            self.say(f"hq         {name} could not be planned here")
            return
        page = await desk.get(f"{self.shop}{rolled['page']}")
        self._judged(name, _INTERVAL.search(page.text), rolled["caused"]["net_fen"])

    def _judged(self, what: str, found: re.Match[str] | None, true_fen: int) -> None:
        if found is None:
            self.say(f"hq         {what} has no interval yet")
            return
        low, high = (_fen(each) for each in found.groups())
        verdict = "covers" if low <= true_fen <= high else "misses"
        self.say(
            f"hq         {what} was read {found[1]} to {found[2]}, which {verdict} "
            f"the true {yuan(true_fen)}"
        )

    async def _buy(self, client: httpx2.AsyncClient, store: str, variant: str, who: str) -> None:
        page = await client.get(f"{self.shop}/cart")
        await client.post(
            f"{self.shop}/cart/{store}/{variant}",
            data={"quantity": "1", "form_token": _token(page.text)},
        )
        checkout = await client.get(f"{self.shop}/checkout?store={store}")
        form = forms.form_to(checkout.text, "/checkout")
        pay = await _send(client, self.shop, form, form.filled())
        number = pay.split("/")[2]
        self.say(f"{who} ordered {number}")
        await Visitor("", self.shop, self.phone, client).pay_as_payer(number)

        async def is_paid() -> bool:
            await client.get(f"{self.shop}/orders/{number}/paid")
            order = await client.get(f"{self.shop}/orders/{number}")
            return f"/orders/{number}/refund" in order.text

        await _until(is_paid, f"order {number} to be paid")
        self.say(f"{who} paid {number} on the phone; the notice settled it")

    async def _staff(self, client: httpx2.AsyncClient, path: str, login: str) -> None:
        form = forms.form_to((await client.get(f"{self.shop}{path}")).text, path)
        await _send(
            client, self.shop, form, form.filled(login=login, password=self.prepared.password)
        )


async def check(settings: Settings, prepared: Prepared, say: Say) -> None:
    """Walk every journey once and say what was done; what fails is raised."""
    phone = f"http://{settings.host}:{settings.sandbox_port + 3}"
    walk = Walk(settings.public_url, phone, prepared, say)
    await walk.shopper()
    await walk.guide()
    await walk.headquarters()
    say("All three journeys were walked.")


def _browser() -> httpx2.AsyncClient:
    return httpx2.AsyncClient(timeout=15.0, headers={"Accept-Language": "zh-CN"})


async def _send(
    client: httpx2.AsyncClient, shop: str, form: forms.Form, values: dict[str, Any]
) -> str:
    answer = await client.post(f"{shop}{form.action}", data=values)
    if answer.status_code != 303:
        raise Trouble(f"{form.action} answered {answer.status_code}")
    return answer.headers["location"]


async def _until(is_so: Callable[[], Awaitable[bool]], what: str) -> None:
    with anyio.move_on_after(PATIENCE_SECONDS):
        while not await is_so():  # noqa: ASYNC110 - other processes do it
            await anyio.sleep(0.3)
        return
    raise Trouble(f"waited in vain for {what}")


async def _nothing() -> None:
    """The real worker does what is due; nobody has to push."""


def _token(html: str) -> str:
    read, _links = forms.read(html)
    return next(form.fields["form_token"] for form in read if "form_token" in form.fields)


def _fen(shown: str) -> int:
    """Read an amount off the page, where whole yuan are shown without their fen."""
    amount = fen(shown.replace("¥", "").replace(",", "").lstrip("−-"))
    return -amount if shown[0] in "−-" else amount


def _recall() -> Recall:
    return Recall(
        name="检查用的召回",
        rule={"on_lapsed": "yes", "lapsed_days": "30", "how": "all"},
        holdout_percent=20,
        window_days=14,
        title_zh="给您留了一份",
        body_zh="好久没见到您，回来看看有什么新的。",
        title_en="We kept something for you",
        body_en="It has been a while; see what is new.",
    )
