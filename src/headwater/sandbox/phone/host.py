"""The phone's door: choose a person, read messages, write, scan, pay; plain forms, no script."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlencode

from starlette.applications import Starlette
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from headwater.sandbox.credentials import read_private
from headwater.sandbox.hosts import Ground, Host, Others
from headwater.sandbox.pay.host import PayHost
from headwater.sandbox.people import NoSuchPerson, People, Person
from headwater.sandbox.phone.pages import PERSON_COOKIE, SHOWN, Pages, chosen_person, remember
from headwater.sandbox.phone.sheet import BadSheet, NobodyHolds, Sheet, Sheets
from headwater.sandbox.weixin.host import WeixinHost
from headwater.sandbox.weixin.messages import Messages
from headwater.sandbox.weixin.oauth import origin

LONGEST_WORDS = 600


class PhoneHost(Host):
    """A simulated WeChat in the browser."""

    def __init__(
        self,
        sheets: Sheets,
        people: People,
        messages: Messages,
        pages: Pages,
        names: tuple[str, str],
        now: Callable[[], datetime],
    ) -> None:
        # The side doors hang here: the phone is the host that no merchant's client calls.
        self.more: tuple[BaseRoute, ...] = ()
        self._sheets = sheets
        self._people = people
        self._messages = messages
        self._pages = pages
        self._merchant_name, self._account_name = names
        self._now = now

    def app(self) -> Starlette:
        """The host as an ASGI application, with the side doors of all hosts."""
        return Starlette(
            routes=[
                Route("/", self._root, methods=["GET"]),
                Route("/phone", self._home, methods=["GET"]),
                Route("/phone/people", self._choose, methods=["GET"]),
                Route("/phone/people", self._create, methods=["POST"]),
                Route("/phone/texts", self._texts, methods=["GET"]),
                Route("/phone/words", self._write, methods=["POST"]),
                Route("/phone/following", self._follow, methods=["POST"]),
                Route("/phone/scan", self._scan, methods=["POST"]),
                Route("/phone/pay", self._sheet, methods=["GET"]),
                Route("/phone/pay", self._decide, methods=["POST"]),
                self._pages.static,
                *self.more,
            ]
        )

    async def _root(self, request: Request) -> Response:
        return RedirectResponse("/phone", 303)

    async def _home(self, request: Request) -> Response:
        person = self._holder(request)
        if person is None:
            return await self._choose(request)
        if "as" in request.query_params:
            return remember(RedirectResponse("/phone", 303), PERSON_COOKIE, person.id)
        return self._pages.show(
            request,
            "home.html",
            person=person,
            account_name=self._account_name,
            messages=self._people.messages(person)[-SHOWN:],
            texts=self._people.texts(person.phone_number)[: -SHOWN - 1 : -1],
        )

    async def _choose(self, request: Request) -> Response:
        find = request.query_params.get("find", "").strip()
        return self._pages.show(
            request,
            "people.html",
            people=self._people.matching(find, SHOWN),
            find=find,
            action="/phone/people",
            fields={},
            link="/phone?as=",
            numbers=self._people.strange_numbers()[: -SHOWN - 1 : -1],
        )

    async def _texts(self, request: Request) -> Response:
        number = request.query_params.get("number", "")
        texts = self._people.texts(number)[: -SHOWN - 1 : -1]
        return self._pages.show(request, "texts.html", number=number, texts=texts)

    async def _create(self, request: Request) -> Response:
        form = await request.form()
        person = self._people.create(_field(form, "nickname").strip()[:32] or "新朋友")
        return remember(RedirectResponse("/phone", 303), PERSON_COOKIE, person.id)

    async def _write(self, request: Request) -> Response:
        person, text = self._holder(request), _field(await request.form(), "text").strip()
        if person is not None and text and person.follows:
            self._messages.hear(person, text[:LONGEST_WORDS], self._now())
        return RedirectResponse("/phone", 303)

    async def _follow(self, request: Request) -> Response:
        person, follows = self._holder(request), _field(await request.form(), "follows")
        if person is not None and follows in ("yes", "no"):
            self._messages.follow(person, follows == "yes", self._now())
        return RedirectResponse("/phone", 303)

    async def _scan(self, request: Request) -> Response:
        code = _field(await request.form(), "code")
        return self._shown(request, {"code": code})

    async def _sheet(self, request: Request) -> Response:
        given = dict(request.query_params)
        person = self._holder(request)
        if given.pop("as", None) is not None and person is not None:
            again = RedirectResponse(f"/phone/pay?{urlencode(given)}", 303)
            return remember(again, PERSON_COOKIE, person.id)
        return self._shown(request, given)

    def _shown(self, request: Request, given: dict[str, str]) -> Response:
        try:
            sheet = self._sheets.open(given, self._holder(request), self._now())
        except NobodyHolds as error:
            return self._ask_who(request, given, error)
        except BadSheet as error:
            return self._sorry(request, error)
        return self._pages.show(
            request,
            "sheet.html",
            order=sheet.order,
            person=sheet.person,
            fields=sheet.fields,
            merchant_name=self._merchant_name,
            forms_to=origin(sheet.return_url or ""),
        )

    async def _decide(self, request: Request) -> Response:
        form, now = await request.form(), self._now()
        given = {name: _field(form, name) for name in form}
        try:
            sheet = self._sheets.open(given, self._holder(request), now)
            outcome = self._sheets.decide(
                sheet, given.get("decision", ""), given.get("password", ""), now
            )
        except BadSheet as error:
            return self._sorry(request, error)
        return self._left(request, sheet, outcome)

    def _left(self, request: Request, sheet: Sheet, outcome: str) -> Response:
        if sheet.return_url is not None:
            return RedirectResponse(sheet.return_url, 303)
        return self._pages.show(
            request,
            "done.html",
            outcome=outcome,
            order=sheet.order,
            merchant_name=self._merchant_name,
        )

    def _ask_who(self, request: Request, given: dict[str, str], error: NobodyHolds) -> Response:
        """Let the phone be handed to somebody, and lead back to the sheet."""
        find = given.pop("find", "").strip()
        return self._pages.show(
            request,
            "people.html",
            400,
            people=self._people.matching(find, SHOWN),
            find=find,
            action="/phone/pay",
            fields=given,
            link=f"/phone/pay?{urlencode(given)}&as=",
            numbers=(),
            why=error.why,
        )

    def _sorry(self, request: Request, error: BadSheet) -> Response:
        return self._pages.show(request, "sorry.html", 400, why=error.why, back=error.return_url)

    def _holder(self, request: Request) -> Person | None:
        try:
            return chosen_person(request, self._people)
        except NoSuchPerson:
            return None


def plug(ground: Ground, others: Others) -> PhoneHost:
    """The phone of this sandbox."""
    pay, account = ground.credentials["pay"], ground.credentials["official_account"]
    key = read_private(pay["merchant_private_key_pem"]).public_key()
    sheets = Sheets(others.the(PayHost).payments, ground.people, key)
    messages = others.the(WeixinHost).messages
    names = (pay["merchant_name"], account["name"])
    return PhoneHost(sheets, ground.people, messages, ground.pages, names, ground.now)


def _field(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""
