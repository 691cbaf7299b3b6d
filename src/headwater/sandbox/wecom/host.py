"""The qyapi host's door: checks every call, does one verb, answers 200 with a number."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec
import segno
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from headwater.sandbox.hosts import Ground, Host, Others, Telling
from headwater.sandbox.phone.pages import GUIDE_COOKIE, remember
from headwater.sandbox.wecom.acts import Acts
from headwater.sandbox.wecom.api import Answer, Api, Call, File
from headwater.sandbox.wecom.company.login import BadLogin
from headwater.sandbox.wecom.company.media import content_type
from headwater.sandbox.wecom.errors import WecomError
from headwater.sandbox.wecom.house import House
from headwater.sandbox.wecom.side_doors import WecomSideDoors

LONGEST_FILE = 24 * 1024 * 1024
SCAN_PAGE = "/wwlogin/sso/login"


class WecomHost(Host):
    """qyapi.weixin.qq.com, and the two login pages that belong to other hosts of the platform."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self.house = House(ground)

    @property
    def acts(self) -> Acts:
        """What people do."""
        return self.house.acts

    def app(self) -> Starlette:
        """The host as an ASGI application."""
        methods = ["GET", "POST"]
        return Starlette(
            routes=[
                *(Route(one.path, self._door(one), methods=methods) for one in self.house.apis()),
                Route("/connect/oauth2/authorize", self._log_in, methods=["GET"]),
                Route(SCAN_PAGE, self._log_in, methods=["GET"]),
                Route("/wwpic/{name}", self._picture, methods=["GET"]),
                self._ground.pages.static,
            ]
        )

    def side_doors(self) -> Sequence[BaseRoute]:
        """What no API can do: see `side_doors`."""
        return WecomSideDoors(self._ground, self.house).routes()

    def take_due(self, now: datetime) -> Sequence[Telling]:
        """Transfers that were not refused happen, then events leave."""
        self.house.desk.transfers.settle_due(now)
        return self.house.callbacks.take_due(now)

    def _door(self, api: Api) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            now, ip = self._ground.now(), _address(request)
            try:
                with self.house.rates.under_way(api.path):
                    said = self._said(api, await _call(request, api, now), request.method, ip)
            except WecomError as error:
                return _json(error.body(ip, now))
            if self._ground.faults.spends("wecom_hang_next"):
                hang = self._ground.faults.drawn("hang_seconds") / self._ground.speed
                await asyncio.sleep(hang)
                return Response("Bad Gateway", 502)
            return _json({"errcode": 0, "errmsg": "ok", **said})

        return answer

    def _said(self, api: Api, call: Call, method: str, ip: str) -> Answer:
        self._count(api, ip, call.now)
        app = ""
        if api.right != "none":
            token = call.query.get("access_token", "")
            app = self.house.tokens.check(token, api.right, call.now)
            if self.house.allowed is not None and ip not in self.house.allowed:
                raise WecomError(60020)
        if method != api.method:
            raise WecomError(43001 if api.method == "GET" else 43002)
        if self._ground.faults.spends("wecom_fail_next"):
            raise WecomError(-1)
        if self._ground.faults.spends("wecom_busy_next"):
            raise WecomError(45033)
        return api.verb(replace(call, app=app))

    def _count(self, api: Api, ip: str, now: datetime) -> None:
        rates = self.house.rates
        rates.count("api_a_minute", api.path, now)
        rates.count("api_an_hour", api.path, now)
        rates.count("address_a_minute", ip, now)
        rates.count("address_an_hour", ip, now)

    async def _log_in(self, request: Request) -> Response:
        """Ask which member is at the phone, unless the phone already knows."""
        query = dict(request.query_params)
        try:
            asked = self.house.login.read(query, by_scan=request.url.path == SCAN_PAGE)
        except BadLogin as error:
            return self._page(request, 400, members=(), why=str(error))
        userid = query.get("as") or request.cookies.get(GUIDE_COOKIE, "")
        try:
            address = self.house.login.grant(asked, userid, self._ground.now())
        except WecomError:
            return self._page(request, 200, members=self.acts.staff(), why="")
        return remember(RedirectResponse(address, 302), GUIDE_COOKIE, userid)

    def _page(self, request: Request, status: int, **values: Any) -> Response:
        link = f"{request.url.path}?{request.url.query}&as="
        plain = {"side": "guide", "link": link}
        return self._ground.pages.show(request, "guide_authorize.html", status, **plain | values)

    async def _picture(self, request: Request) -> Response:
        """The picture of a contact way's code, or an uploaded file by its id."""
        name = request.path_params["name"]
        way = self.house.desk.ways.behind(name)
        if way is not None:
            code = segno.make(self.house.desk.ways.code(way), error="m")
            return Response(code.svg_inline(scale=8).encode(), media_type="image/svg+xml")
        medium = self.house.media.find(name)
        if medium is None:
            return Response("not found", 404)
        headers = {"X-Content-Type-Options": "nosniff"}
        return Response(medium.content, headers=headers, media_type=content_type(medium))


def plug(ground: Ground, others: Others) -> WecomHost:
    """The WeCom host of this sandbox."""
    return WecomHost(ground)


async def _call(request: Request, api: Api, now: datetime) -> Call:
    query = dict(request.query_params)
    if not api.takes_file or request.method != "POST":
        return Call(query, await request.body(), "", now)
    return Call(query, b"", "", now, await _file(request))


async def _file(request: Request) -> File | None:
    """The file in the field that the platform reads."""
    try:
        async with request.form(max_files=1, max_fields=8) as form:
            field = form.get("media") or next(iter(form.values()), None)
            if isinstance(field, UploadFile):
                return File(field.filename or "", await field.read(LONGEST_FILE))
    except HTTPException:
        raise WecomError(44001) from None
    return None


def _address(request: Request) -> str:
    return request.client.host if request.client is not None else "127.0.0.1"


def _json(said: Answer) -> Response:
    return Response(msgspec.json.encode(said), media_type="application/json; charset=UTF-8")
