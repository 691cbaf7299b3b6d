"""A browser for stories: it clicks links that are there and fills in forms as they stand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin

import httpx2
from tests.house import SHOP, House

VOID_TYPES = {"submit", "button", "image", "reset", "file"}


@dataclass
class Form:
    """A form with what its fields hold before anybody types."""

    action: str
    method: str
    values: dict[str, str] = field(default_factory=dict)
    # What may be filled in: a name, and for buttons, boxes and lists the values there are.
    names: dict[str, set[str]] = field(default_factory=dict)


class Page(HTMLParser):
    """What somebody sees: words, links and forms."""

    def __init__(self, address: str, html: str) -> None:
        super().__init__()
        self.address = address
        self.html = html
        self.links: list[str] = []
        self.forms: list[Form] = []
        self._by_id: dict[str, Form] = {}
        self._orphans: list[tuple[str, dict[str, str]]] = []
        self._open: Form | None = None
        self._list = ""
        self._text = ""
        self.feed(html)
        for owner, control in self._orphans:
            if owner in self._by_id:
                self._take(self._by_id[owner], control)

    def form(self, action: str, names: Iterable[str] = ()) -> Form:
        """The first form whose action has these words in it, and which has these fields."""
        for each in self.forms:
            if action in each.action and each.names.keys() >= set(names):
                return each
        there = [(each.action, sorted(each.names)) for each in self.forms]
        raise AssertionError(f"{self.address} has no form {action} {list(names)}: {there}")

    def link(self, words: str) -> str:
        """The first link whose address has these words in it."""
        for each in self.links:
            if words in each:
                return urljoin(self.address, each)
        raise AssertionError(f"{self.address} has no link with {words}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note links, forms and their controls."""
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif tag == "form":
            self._open = Form(
                given.get("action") or self.address, given.get("method", "get").lower()
            )
            self.forms.append(self._open)
            if "id" in given:
                self._by_id[given["id"]] = self._open
        elif tag in ("input", "button", "select", "textarea") and given.get("name"):
            self._control(tag, given)
        elif tag == "option" and self._list and self._open is not None:
            self._option(self._open, given)

    def handle_endtag(self, tag: str) -> None:
        """Close what was open."""
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._list = ""
        elif tag == "textarea":
            self._text = ""

    def handle_data(self, data: str) -> None:
        """Keep what a text area holds."""
        if self._text and self._open is not None:
            self._open.values[self._text] += data

    def _control(self, tag: str, given: dict[str, str]) -> None:
        control = {**given, "tag": tag}
        if "form" in given:
            self._orphans.append((given["form"], control))
        elif self._open is not None:
            self._take(self._open, control)

    def _take(self, form: Form, control: dict[str, str]) -> None:
        name, kind = control["name"], control.get("type", "")
        allowed = form.names.setdefault(name, set())
        if control["tag"] == "select":
            self._list = name
        elif control["tag"] == "textarea":
            self._text = name
            form.values[name] = ""
        elif control["tag"] == "button" or kind in VOID_TYPES:
            allowed.add(control.get("value", ""))
        elif kind in ("checkbox", "radio"):
            allowed.add(control.get("value", "on"))
            if "checked" in control:
                form.values[name] = control.get("value", "on")
        else:
            form.values[name] = control.get("value", "")

    def _option(self, form: Form, given: dict[str, str]) -> None:
        value = given.get("value", "")
        form.names[self._list].add(value)
        if "selected" in given or self._list not in form.values:
            form.values[self._list] = value


@dataclass
class Browser:
    """One person's browser; it keeps cookies and follows where it is led, to the phone as well."""

    client: httpx2.AsyncClient
    page: Page

    async def opens(self, address: str, status: int = 200) -> Page:
        """Open an address."""
        return self._see(await self.client.get(address), status)

    async def clicks(self, words: str) -> Page:
        """Follow the link whose address has these words in it."""
        return await self.opens(self.page.link(words))

    async def fills(self, action: str, status: int = 200, /, **typed: object) -> Page:
        """Fill in the form with this action and send it; only what the form has can be typed."""
        form = self.page.form(action, typed)
        for name, value in typed.items():
            choices = form.names[name]
            assert not choices or str(value) in choices, f"{name} is one of {choices}"
        body = form.values | {name: str(value) for name, value in typed.items()}
        address = urljoin(self.page.address, form.action)
        if form.method == "get":
            return self._see(await self.client.get(address, params=body), status)
        return self._see(await self.client.post(address, data=body), status)

    def _see(self, answer: httpx2.Response, status: int) -> Page:
        assert answer.status_code == status, f"{answer.url}: {answer.status_code} {answer.text}"
        self.page = Page(urldefrag(str(answer.url)).url, answer.text)
        return self.page


@asynccontextmanager
async def browser(house: House, language: str = "zh") -> AsyncIterator[Browser]:
    """Let somebody sit down with a browser that reaches the shop and the simulated WeChat."""
    mounts = {**house.sandbox.transports(), SHOP: httpx2.ASGITransport(house.app)}
    async with httpx2.AsyncClient(
        mounts=mounts,
        base_url=SHOP,
        follow_redirects=True,
        headers={"Accept": "text/html", "Accept-Language": language},
    ) as client:
        yield Browser(client, Page(SHOP, ""))
