"""The guide: somebody in a store who does what the page of the day proposes, or does not."""

from __future__ import annotations

import re
from dataclasses import dataclass

import httpx2

from headwater.world import forms
from headwater.world.doors import TurnedAway

_CUSTOMER = re.compile(r"/guide/customers/([0-9a-f-]{36})")


@dataclass
class Guide:
    """Logs in with the phone in the pocket, reads whom to contact, and shares the shop."""

    shop: str
    login: str
    password: str
    client: httpx2.AsyncClient

    async def arrive(self) -> None:
        """Log in; a session lasts a working day."""
        page = await self.client.get(f"{self.shop}/guide/login")
        form = forms.form_to(page.text, "/guide/login")
        await self._send(form, form.filled(login=self.login, password=self.password))

    async def proposed(self) -> list[str]:
        """Read whom the page of the day proposes, in its order."""
        page = await self.client.get(f"{self.shop}/guide")
        return list(dict.fromkeys(_CUSTOMER.findall(page.text)))

    async def share(self) -> str:
        """Make a link to the shop, and give its code."""
        page = await self.client.get(f"{self.shop}/guide/shares")
        form = forms.form_to(page.text, "shares")
        return (await self._send(form, form.fields | {"scene": "link"})).rpartition("/")[2]

    async def _send(self, form: forms.Form, values: dict[str, str]) -> str:
        answer = await self.client.post(f"{self.shop}{form.action}", data=values)
        if answer.status_code != 303:
            raise TurnedAway(f"{form.action} answered {answer.status_code}")
        return answer.headers["location"]
