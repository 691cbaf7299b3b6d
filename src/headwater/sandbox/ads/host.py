"""The ads host's door: the page where an advertiser agrees, tokens, and the calls of v3.0."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import jinja2
import msgspec
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from headwater.sandbox.ads.actions import Actions
from headwater.sandbox.ads.api import Answer, Api, Call, File
from headwater.sandbox.ads.audiences import MOST_FILE_BYTES, Audiences
from headwater.sandbox.ads.crowd import Crowd
from headwater.sandbox.ads.errors import AdsError
from headwater.sandbox.ads.grants import BadLogin, Grants
from headwater.sandbox.ads.reports import Reports
from headwater.sandbox.ads.side_doors import AdsSideDoors
from headwater.sandbox.hosts import Ground, Host, Others
from headwater.sandbox.phone.pages import language_of

VERSION = "/v3.0/"
AUTHORIZE = "/oauth/authorize"


class AdsHost(Host):
    """api.e.qq.com, and the page of developers.e.qq.com where permission is given."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self.grants = Grants(ground)
        crowd = Crowd(ground)
        self.actions = Actions(ground, self.grants, crowd)
        self.audiences = Audiences(ground, crowd)
        self.reports = Reports(ground, self.actions)
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
            undefined=jinja2.StrictUndefined,
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def app(self) -> Starlette:
        """The host as an ASGI application."""
        subjects = (self.actions, self.audiences, self.reports)
        apis = [api for subject in subjects for api in subject.apis()]
        return Starlette(
            routes=[
                Route(AUTHORIZE, self._ask, methods=["GET"]),
                Route(AUTHORIZE, self._agree, methods=["POST"]),
                Route("/oauth/token", self._token, methods=["GET"]),
                *(Route(VERSION + one.path, self._door(one), methods=[one.method]) for one in apis),
                self._ground.pages.static,
            ]
        )

    def side_doors(self) -> Sequence[BaseRoute]:
        """What no API can do: see `side_doors`."""
        found = (self.grants, self.actions, self.audiences, self.reports)
        return AdsSideDoors(self._ground, *found).routes()

    def _door(self, api: Api) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            now = self._ground.now()
            try:
                self.grants.check(dict(request.query_params), now)
                self.grants.count(api.path, api.method == "GET", now)
                self._misbehave()
                said = api.verb(await self._call(request, api, now))
            except AdsError as error:
                return _json(error.body)
            if self._ground.faults.spends("ads_hang_next"):
                hang = self._ground.faults.drawn("hang_seconds") / self._ground.speed
                await asyncio.sleep(hang)
                return Response("Bad Gateway", 502)
            return _json({"code": 0, "message": "", "message_cn": "", "data": said})

        return answer

    def _misbehave(self) -> None:
        if self._ground.faults.spends("ads_fail_next"):
            raise AdsError(10000)
        if self._ground.faults.spends("ads_frequency_next"):
            raise AdsError(11017)

    async def _call(self, request: Request, api: Api, now: datetime) -> Call:
        query = dict(request.query_params)
        fields, file, body = query, None, b""
        if api.takes_file:
            fields, file = await _form(request)
        elif api.method == "POST":
            body = await request.body()
        self._check_account(fields, body)
        return Call(query, fields, body, self.grants.account_id, now, file)

    def _check_account(self, fields: dict[str, str], body: bytes) -> None:
        """The account stands in the body, in the query, or in the form with a file."""
        if body:
            try:
                asked = msgspec.json.decode(body)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                raise AdsError(18001, "body") from None
            given = asked.get("account_id") if isinstance(asked, dict) else None
        else:
            given = fields.get("account_id")
        if given is None:
            raise AdsError(18001, "account_id")
        if str(given) != str(self.grants.account_id):
            raise AdsError(11014)

    async def _ask(self, request: Request) -> Response:
        """Show whom the advertiser would let in."""
        try:
            self.grants.read(dict(request.query_params))
        except BadLogin as error:
            return self._page(request, 400, why=str(error))
        return self._page(request, 200, why="")

    async def _agree(self, request: Request) -> Response:
        """The advertiser agrees."""
        try:
            address, state = self.grants.read(dict(request.query_params))
        except BadLogin as error:
            return self._page(request, 400, why=str(error))
        code = self.grants.agree(address, self._ground.now())
        return RedirectResponse(self.grants.address(address, state, code), 302)

    def _page(self, request: Request, status: int, **values: Any) -> Response:
        html = self._templates.get_template("agree.html").render(
            **values,
            account_id=self.grants.account_id,
            action=f"{AUTHORIZE}?{request.url.query}",
            language=language_of(request),
        )
        policy = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"
        headers = {"Content-Security-Policy": policy, "Cache-Control": "no-store"}
        return Response(html, status, headers, media_type="text/html")

    async def _token(self, request: Request) -> Response:
        try:
            said = self.grants.trade(dict(request.query_params), self._ground.now())
        except AdsError as error:
            return _json(error.body)
        return _json({"code": 0, "message": "", "message_cn": "", "data": said})


def plug(ground: Ground, others: Others) -> AdsHost:
    """The ads host of this sandbox."""
    return AdsHost(ground)


async def _form(request: Request) -> tuple[dict[str, str], File | None]:
    try:
        async with request.form(max_files=1, max_fields=16) as form:
            fields = {name: value for name, value in form.items() if isinstance(value, str)}
            given = form.get("file")
            if isinstance(given, UploadFile):
                content = await given.read(MOST_FILE_BYTES + 1)
                return fields, File(given.filename or "", content)
    except HTTPException:
        raise AdsError(18001, "file") from None
    return fields, None


def _json(said: Answer) -> Response:
    headers = {"X-TSA-Trace-Id": secrets.token_hex(16)}
    return Response(msgspec.json.encode(said), headers=headers, media_type="application/json")
