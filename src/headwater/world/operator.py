"""The operator: somebody at HQ who recalls members through the console, as people do."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

import httpx2

from headwater.world import forms
from headwater.world.doors import TurnedAway
from headwater.world.wanted import Rollout

_CHOICES = re.compile(r'<option value="([0-9a-f-]{36})"[^>]*>([^<]*)<')


@dataclass(frozen=True)
class Recall:
    """What the operator has in mind: whom to recall, with which words, leaving how many alone."""

    name: str
    rule: dict[str, str]
    holdout_percent: int
    window_days: int
    title_zh: str
    body_zh: str
    title_en: str
    body_en: str
    # What the coupon that comes with it says; none where it is empty.
    coupon: str = ""


def _coupon(page: str, label: str) -> str:
    """Find the coupon that says so in the list of the page."""
    for value, said in _CHOICES.findall(page):
        if label in said:
            return str(value)
    raise LookupError(f"there is no coupon that says {label}")


@dataclass
class Operator:
    """Logs in, puts a segment together, writes a campaign and launches it."""

    shop: str
    login: str
    password: str
    client: httpx2.AsyncClient

    async def recall(self, wanted: Recall, pass_time: Callable[[], Awaitable[None]]) -> str:
        """Launch a recall and give the address of its page."""
        await self._log_in()
        segment = await self._segment(wanted)
        campaign = await self._campaign(wanted, segment)
        page = await self.client.get(f"{self.shop}{campaign}")
        launch = forms.form_to(page.text, "/launch")
        await self._send(launch, launch.filled())
        await pass_time()
        return campaign

    async def roll_out(self, wanted: Rollout, moved_in: date) -> str:
        """Plan waves of stores, launch them after a second look, and give where their page is.

        The week in which the tills moved in has holes that no store made; it is compared with none.
        """
        await self._log_in()
        monday = moved_in - timedelta(days=moved_in.weekday())
        asked = {
            "sizes": ",".join(str(each) for each in wanted.sizes),
            "wave_weeks": str(wanted.wave_weeks),
            "kind": wanted.kind,
            "strata": wanted.strata,
            "salt": wanted.code,
            "since_on": monday.isoformat(),
            "until_on": (monday + timedelta(days=6)).isoformat(),
            "note": "收银换系统，这一周的单不全",
        }
        page = await self.client.get(f"{self.shop}/console/waves/plan?{urlencode(asked)}")
        try:
            draw = forms.form_to(page.text, "/console/waves")
        except LookupError as nothing:
            raise TurnedAway("there is no draw of such waves to write down") from nothing
        names = {"name_zh": wanted.name, "name_en": wanted.name_en, "rollout_code": wanted.code}
        written = await self._send(draw, draw.filled(**names))
        page = await self.client.get(f"{self.shop}{written}")
        launch = forms.form_to(page.text, "/launch")
        await self._send(launch, launch.filled(confirm="yes"))
        return written

    async def _log_in(self) -> None:
        page = await self.client.get(f"{self.shop}/console/login")
        form = forms.form_to(page.text, "/console/login")
        await self._send(form, form.filled(login=self.login, password=self.password))

    async def _segment(self, wanted: Recall) -> str:
        page = await self.client.get(f"{self.shop}/console/segments/new")
        form = forms.form_to(page.text, "/console/segments")
        unticked = {name: "" for name in form.fields if name.startswith(("on_", "not_"))}
        values = form.filled(**unticked, name=wanted.name) | wanted.rule
        values.pop("step", None)
        return (await self._send(form, values)).rpartition("/")[2]

    async def _campaign(self, wanted: Recall, segment: str) -> str:
        page = await self.client.get(f"{self.shop}/console/campaigns/new?segment={segment}")
        form = forms.form_to(page.text, "/console/campaigns")
        values = form.filled(
            offer=_coupon(page.text, wanted.coupon) if wanted.coupon else "",
            name=wanted.name,
            segment=segment,
            holdout=str(wanted.holdout_percent),
            window_days=str(wanted.window_days),
            title_zh=wanted.title_zh,
            body_zh=wanted.body_zh,
            title_en=wanted.title_en,
            body_en=wanted.body_en,
        )
        return await self._send(form, values)

    async def _send(self, form: forms.Form, values: dict[str, str]) -> str:
        """Send a form and give where it leads; anything but onwards is a refusal."""
        answer = await self.client.post(f"{self.shop}{form.action}", data=values)
        if answer.status_code != 303:
            raise TurnedAway(f"{form.action} answered {answer.status_code}: {answer.text[-1500:]}")
        return answer.headers["location"]
