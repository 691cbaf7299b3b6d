"""The weixin host's door: the login page for browsers, JSON for the official account."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from headwater.sandbox.hosts import Ground, Host, Others
from headwater.sandbox.people import NoSuchPerson, Person
from headwater.sandbox.phone.pages import PERSON_COOKIE, SHOWN, chosen_person, remember
from headwater.sandbox.weixin.errors import WeixinError
from headwater.sandbox.weixin.messages import CustomRequest, Messages, TemplateRequest
from headwater.sandbox.weixin.oauth import BadLogin, LoginRequest, WebLogin, origin
from headwater.sandbox.weixin.side_doors import WeixinSideDoors
from headwater.sandbox.weixin.tokens import TokenRequest, Tokens

Verb = Callable[[Request, bytes, datetime], dict[str, Any]]
Body = TypeVar("Body")


class WeixinHost(Host):
    """open.weixin.qq.com and api.weixin.qq.com on one root: their paths do not meet."""

    def __init__(self, ground: Ground) -> None:
        account = ground.credentials["official_account"]
        self.messages = Messages(account["appid"], account["template_ids"], ground.people)
        self.tokens = Tokens(account["appid"], account["secret"])
        self._login = WebLogin(account["appid"], account["secret"], ground.people)
        self._doors = WeixinSideDoors(ground, self.messages, self.tokens)
        self._people = ground.people
        self._pages = ground.pages
        self._now = ground.now

    def app(self) -> Starlette:
        """The host as an ASGI application."""
        page = "/connect/oauth2/authorize"
        template, custom = "/cgi-bin/message/template/send", "/cgi-bin/message/custom/send"
        return Starlette(
            routes=[
                Route(page, self._ask, methods=["GET"]),
                Route(page, self._create, methods=["POST"]),
                Route("/sns/oauth2/access_token", self._door(self._trade), methods=["GET"]),
                Route("/sns/userinfo", self._door(self._about), methods=["GET"]),
                Route("/cgi-bin/stable_token", self._door(self._token), methods=["POST"]),
                Route(template, self._door(self._template), methods=["POST"]),
                Route(custom, self._door(self._custom), methods=["POST"]),
                self._pages.static,
            ]
        )

    def side_doors(self) -> list[Route]:
        """What people do in the chat."""
        return self._doors.routes()

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
        return self._back(asked, person)

    def _choose(self, request: Request, asked: LoginRequest) -> Response:
        query = dict(request.query_params)
        find = query.pop("find", "").strip()
        path = "/connect/oauth2/authorize"
        return self._pages.show(
            request,
            "authorize.html",
            people=self._people.matching(find, SHOWN),
            find=find,
            action=path,
            fields=query,
            link=f"{path}?{request.url.query}&as=",
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

    def _back(self, asked: LoginRequest, person: Person) -> Response:
        address = self._login.grant(asked, person, self._now())
        return remember(RedirectResponse(address, 302), PERSON_COOKIE, person.id)

    def _door(self, verb: Verb) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            body = await request.body()
            try:
                said = verb(request, body, self._now())
            except WeixinError as error:
                said = error.body
            return Response(msgspec.json.encode(said), media_type="application/json")

        return answer

    def _trade(self, request: Request, body: bytes, now: datetime) -> dict[str, Any]:
        return self._login.trade(dict(request.query_params), now)

    def _about(self, request: Request, body: bytes, now: datetime) -> dict[str, Any]:
        return self._login.about(dict(request.query_params), now)

    def _token(self, request: Request, body: bytes, now: datetime) -> dict[str, Any]:
        return self.tokens.stable(_read(body, TokenRequest), now)

    def _template(self, request: Request, body: bytes, now: datetime) -> dict[str, Any]:
        self.tokens.check(request.query_params.get("access_token", ""), now)
        return self.messages.send_template(_read(body, TemplateRequest), now)

    def _custom(self, request: Request, body: bytes, now: datetime) -> dict[str, Any]:
        self.tokens.check(request.query_params.get("access_token", ""), now)
        return self.messages.send_custom(_read(body, CustomRequest), now)


def plug(ground: Ground, others: Others) -> WeixinHost:
    """The weixin host of this sandbox."""
    return WeixinHost(ground)


def _read(body: bytes, body_type: type[Body]) -> Body:
    try:
        return msgspec.json.decode(body, type=body_type)
    except msgspec.ValidationError as error:
        raise WeixinError(47003, f"argument invalid! {error}") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise WeixinError(47001, "data format error") from None
