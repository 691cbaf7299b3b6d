"""The phones' door: two messengers in the browser, of a shopper and of a guide."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from headwater.sandbox.hosts import Ground, Host, Others
from headwater.sandbox.phone.guide.customers import Customers
from headwater.sandbox.phone.guide.desk import Desk
from headwater.sandbox.phone.guide.tasks import Tasks
from headwater.sandbox.phone.paying import Paying
from headwater.sandbox.phone.shopper.account import AccountPages
from headwater.sandbox.phone.shopper.camera import Camera
from headwater.sandbox.phone.shopper.chats import Chats
from headwater.sandbox.phone.shopper.friends import Friends
from headwater.sandbox.phone.shopper.mine import Mine
from headwater.sandbox.phone.shopper.moments import MomentPages
from headwater.sandbox.phone.shopper.programs import Programs
from headwater.sandbox.phone.windows import Windows
from headwater.sandbox.phone.world import World, go, make_world, text_of


class PhoneHost(Host):
    """A simulated WeChat, and the guide's WeCom beside it."""

    def __init__(self, world: World) -> None:
        # The side doors hang here: the phone is the host that no merchant's client calls.
        self.more: tuple[BaseRoute, ...] = ()
        self._world = world
        self._paying = Paying(world)

    def app(self) -> Starlette:
        """The host as an ASGI application, with the side doors of all hosts."""
        world = self._world
        subjects = (
            Chats(world),
            AccountPages(world),
            Friends(world),
            MomentPages(world),
            Mine(world),
            Camera(world),
            Programs(world),
            Windows(world),
            self._paying,
            Desk(world),
            Customers(world),
            Tasks(world),
        )
        return Starlette(
            routes=[
                Route("/", self._root, methods=["GET"]),
                Route("/phone/scan", self._scan, methods=["POST"]),
                *(route for subject in subjects for route in subject.routes()),
                world.pages.static,
                *self.more,
            ],
            exception_handlers={404: self._lost, 500: self._broken},
        )

    async def _root(self, request: Request) -> Response:
        return go("/phone")

    async def _lost(self, request: Request, error: Exception) -> Response:
        """Nothing is under this address."""
        if request.url.path.startswith("/_"):
            return Response("not found", 404)
        return self._sorry(request, 404, "not_here")

    async def _broken(self, request: Request, error: Exception) -> Response:
        """The sandbox itself failed: say so, and that going on does no harm."""
        return self._sorry(request, 500, "broken")

    def _sorry(self, request: Request, status: int, why: str) -> Response:
        words = self._world.pages.words(request)
        side = "guide" if request.url.path.startswith("/phone/guide") else "shopper"
        sorry = {"why": words[why], "back": None, "side": side}
        return self._world.show(request, "sorry.html", status, **sorry)

    async def _scan(self, request: Request) -> Response:
        return self._paying.open(request, {"code": text_of(await request.form(), "code", 4_096)})


def plug(ground: Ground, others: Others) -> PhoneHost:
    """The phones of this sandbox."""
    return PhoneHost(make_world(ground, others))
