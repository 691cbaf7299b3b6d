"""The pay sheet in the browser: opened by a shop or a scanned code, decided by a person."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from headwater.sandbox.phone.pages import PERSON_COOKIE, SHOWN, remember
from headwater.sandbox.phone.sheet import BadSheet, NobodyHolds, Sheet
from headwater.sandbox.phone.world import World, text_of
from headwater.sandbox.weixin.oauth import origin


class Paying:
    """The sheet's pages."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[Route]:
        """Where the sheet opens and where the decision goes."""
        return [
            Route("/phone/pay", self._sheet, methods=["GET"]),
            Route("/phone/pay", self._decide, methods=["POST"]),
        ]

    def open(self, request: Request, given: dict[str, str]) -> Response:
        """Show the sheet, or say why it cannot open."""
        world = self._world
        try:
            sheet = world.sheets.open(given, world.holder(request), world.now())
        except NobodyHolds as error:
            return self._ask_who(request, given, error)
        except BadSheet as error:
            return self._sorry(request, error)
        return world.show(
            request,
            "sheet.html",
            order=sheet.order,
            person=sheet.person,
            fields=sheet.fields,
            merchant_name=world.merchant_name,
            forms_to=origin(sheet.return_url or ""),
        )

    async def _sheet(self, request: Request) -> Response:
        given = {name: value for name, value in request.query_params.items() if name != "lang"}
        if "redirect_url" in given:
            # An H5 order leaves the way back to whoever opens its address.
            given.setdefault("return_url", given.pop("redirect_url"))
        person = self._world.holder(request)
        if given.pop("as", None) is not None and person is not None:
            again = RedirectResponse(f"/phone/pay?{urlencode(given)}", 303)
            return remember(again, PERSON_COOKIE, person.id)
        return self.open(request, given)

    async def _decide(self, request: Request) -> Response:
        world, form = self._world, await request.form()
        given = {name: text_of(form, name, 4_096) for name in form}
        now = world.now()
        try:
            sheet = world.sheets.open(given, world.holder(request), now)
            decision, password = given.get("decision", ""), given.get("password", "")
            outcome = world.sheets.decide(sheet, decision, password, now)
        except BadSheet as error:
            return self._sorry(request, error)
        return self._left(request, sheet, outcome)

    def _left(self, request: Request, sheet: Sheet, outcome: str) -> Response:
        if sheet.return_url is not None:
            return RedirectResponse(sheet.return_url, 303)
        return self._world.show(
            request,
            "done.html",
            outcome=outcome,
            order=sheet.order,
            merchant_name=self._world.merchant_name,
        )

    def _ask_who(self, request: Request, given: dict[str, str], error: NobodyHolds) -> Response:
        """Let the phone be handed to somebody, and lead back to the sheet."""
        find = given.pop("find", "").strip()
        return self._world.show(
            request,
            "people.html",
            400,
            people=self._world.people.matching(find, SHOWN),
            find=find,
            action="/phone/pay",
            fields=given,
            link=f"/phone/pay?{urlencode(given)}&as=",
            numbers=(),
            why=error.why,
        )

    def _sorry(self, request: Request, error: BadSheet) -> Response:
        return self._world.show(request, "sorry.html", 400, why=error.why, back=error.return_url)
