"""Side doors of the ads host: permission without a browser, ads shown, what the platform knows."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.routing import BaseRoute, Route

from headwater.sandbox.ads.actions import Actions
from headwater.sandbox.ads.audiences import Audiences
from headwater.sandbox.ads.grants import Grants
from headwater.sandbox.ads.reports import Reports
from headwater.sandbox.hosts import Ground
from headwater.sandbox.side_doors import Answer, Url, Verb, door, read

Count = Annotated[int, Meta(ge=0, le=1_000_000_000)]
Number = Annotated[int, Meta(ge=1, le=9_999_999_999)]


class Agreed(msgspec.Struct, forbid_unknown_fields=True):
    """The advertiser agrees without a browser."""

    redirect_uri: Url


class Shown(msgspec.Struct, forbid_unknown_fields=True):
    """Ads were shown; with a person, that person clicked and comes with the click's id."""

    adgroup_id: Number
    channel_id: Number = 1
    creative_id: Number = 1
    views: Count = 1
    clicks: Count = 0
    cost_fen: Count = 0
    person_id: str = ""


class AdsSideDoors:
    """What happens at the platform, without a platform."""

    def __init__(
        self,
        ground: Ground,
        grants: Grants,
        actions: Actions,
        audiences: Audiences,
        reports: Reports,
    ) -> None:
        self._ground = ground
        self._grants = grants
        self._actions = actions
        self._audiences = audiences
        self._reports = reports

    def routes(self) -> list[BaseRoute]:
        """All of them, under /_sandbox/ads."""
        return [
            self._route("/grants", self._agree, "POST"),
            self._route("/expired-tokens", self._expire, "POST"),
            self._route("/shows", self._show, "POST"),
            self._route("/actions", self._list_actions, "GET"),
            self._route("/audiences", self._list_audiences, "GET"),
        ]

    def _route(self, path: str, verb: Verb, method: str) -> Route:
        return Route("/ads" + path, door(verb, self._ground.now), methods=[method])

    def _agree(self, request: Request, body: bytes, now: datetime) -> Answer:
        code = self._grants.agree(read(body, Agreed).redirect_uri, now)
        return 201, {"authorization_code": code}

    def _expire(self, request: Request, body: bytes, now: datetime) -> Answer:
        self._grants.expire(now)
        return 200, {}

    def _show(self, request: Request, body: bytes, now: datetime) -> Answer:
        asked = read(body, Shown)
        if asked.person_id:
            self._ground.people.get(asked.person_id)
        made = self._reports.show(now, **msgspec.structs.asdict(asked))
        return 201, {"click_id": made.id}

    def _list_actions(self, request: Request, body: bytes, now: datetime) -> Answer:
        return 200, {"actions": self._actions.everything()}

    def _list_audiences(self, request: Request, body: bytes, now: datetime) -> Answer:
        found = [
            {
                "audience_id": one.id,
                "name": one.name,
                "person_ids": sorted(self._audiences.members(one.id, now)),
            }
            for one in self._audiences.everything()
        ]
        return 200, {"audiences": found}
