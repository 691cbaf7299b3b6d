"""The pages of open.weixin.qq.com in a browser: whose phone is this, and back to the shop."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from headwater.sandbox.hosts import Ground
from headwater.sandbox.people import NoSuchPerson, Person
from headwater.sandbox.phone.pages import PERSON_COOKIE, SHOWN, chosen_person, remember
from headwater.sandbox.weixin.oauth import BadLogin, LoginRequest, WebLogin, origin

PATH = "/connect/oauth2/authorize"


class LoginPages:
    """The login address: straight on when the phone knows its owner."""

    def __init__(self, ground: Ground, login: WebLogin) -> None:
        self._login = login
        self._people = ground.people
        self._pages = ground.pages
        self._now = ground.now

    def routes(self) -> list[BaseRoute]:
        """The pages and what they look like."""
        return [
            Route(PATH, self._ask, methods=["GET"]),
            Route(PATH, self._create, methods=["POST"]),
            self._pages.static,
        ]

    async def _ask(self, request: Request) -> Response:
        """Ask who is holding the phone, unless the phone already knows."""
        try:
            asked = self._login.read(dict(request.query_params))
        except BadLogin as error:
            return self._pages.show(request, "sorry.html", 400, why=str(error), back=None)
        try:
            person = chosen_person(request, self._people)
        except NoSuchPerson:
            return self._choose(request, asked)
        # Somebody who only glances sees the page as a snapshot, under a virtual open id.
        return self._back(asked, person, "snapshot" in request.query_params)

    def _choose(self, request: Request, asked: LoginRequest) -> Response:
        query = dict(request.query_params)
        find = query.pop("find", "").strip()
        return self._pages.show(
            request,
            "authorize.html",
            people=self._people.matching(find, SHOWN),
            find=find,
            action=PATH,
            fields=query,
            link=f"{PATH}?{request.url.query}&as=",
            query=request.url.query,
            forms_to=origin(asked.redirect_uri),
        )

    async def _create(self, request: Request) -> Response:
        """Someone new takes the phone."""
        try:
            asked = self._login.read(dict(request.query_params))
        except BadLogin as error:
            return self._pages.show(request, "sorry.html", 400, why=str(error), back=None)
        form = await request.form()
        nickname = str(form.get("nickname", "")).strip()[:32]
        return self._back(asked, self._people.create(nickname or "新朋友"))

    def _back(self, asked: LoginRequest, person: Person, is_snapshot: bool = False) -> Response:
        address = self._login.grant(asked, person, self._now(), is_snapshot)
        return remember(RedirectResponse(address, 302), PERSON_COOKIE, person.id)
