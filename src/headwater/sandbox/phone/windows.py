"""What opens inside the phone: pages of the web; and both phones side by side."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from headwater.sandbox.people import Person
from headwater.sandbox.phone.pages import PERSON_COOKIE, remember
from headwater.sandbox.phone.world import World, go
from headwater.sandbox.weixin.oauth import origin

LONGEST_URL = 2_048
MOST_PEOPLE = 50


class Windows:
    """Pages with something else's page inside."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[Route]:
        """The phone's browser and the desk with both phones."""
        return [
            Route("/phone/web", self._world.held(self._web), methods=["GET"]),
            Route("/phone/both", self._both, methods=["GET"]),
            Route("/phone/both/person", self._hand_over, methods=["GET"]),
        ]

    async def _web(self, request: Request, person: Person) -> Response:
        """A page of the brand stands in the phone; anybody else's is only linked."""
        world, url = self._world, request.query_params.get("url", "")[:LONGEST_URL]
        place = origin(url)
        if place is None:
            words = world.pages.words(request)
            return world.show(request, "sorry.html", 400, why=words["bad_address"], back=None)
        return world.show(
            request,
            "web.html",
            url=url,
            host=urlsplit(url).netloc,
            is_ours=world.shows(place),
            frames=world.frames(),
        )

    async def _hand_over(self, request: Request) -> Response:
        """The left phone changes hands."""
        person = self._world.holder(request)
        answer = go("/phone/both")
        return answer if person is None else remember(answer, PERSON_COOKIE, person.id)

    async def _both(self, request: Request) -> Response:
        world = self._world
        person = world.holder(request)
        return world.show(
            request,
            "both.html",
            side="both",
            person=person,
            people=world.people.matching("", MOST_PEOPLE),
            left=_inside(request, "left", "/phone"),
            right=_inside(request, "right", "/phone/guide"),
            frames="'self'",
        )


def _inside(request: Request, name: str, plain: str) -> str:
    """Which page a phone on the desk begins with; only pages of the phones."""
    asked = request.query_params.get(name, "")
    return asked if asked == "/phone" or asked.startswith("/phone/") else plain
