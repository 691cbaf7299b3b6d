"""The mini program on the phone: where it opened, the codes it gets, what it may send."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from headwater.sandbox.people import SERVICE, Person
from headwater.sandbox.phone.shopper.account import SERVICE_AT
from headwater.sandbox.phone.talks import conversation
from headwater.sandbox.phone.world import World, go, text_of
from headwater.sandbox.weixin.acts import CannotAct

LONGEST_PATH = 1_024
MOST_ASKED = 3


class Programs:
    """Pages of the brand's mini program, as far as a browser can show them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._acts = world.weixin

    def routes(self) -> list[Route]:
        """The program, its permissions, its orders."""
        held = self._world.held
        return [
            Route("/phone/program", held(self._program), methods=["GET"]),
            Route("/phone/program/phone-code", held(self._phone_code), methods=["POST"]),
            Route("/phone/program/receipts", held(self._receive), methods=["POST"]),
            Route(SERVICE_AT, held(self._service), methods=["GET"]),
            Route(SERVICE_AT, held(self._write), methods=["POST"]),
            Route(SERVICE_AT + "/entering", held(self._enter), methods=["POST"]),
            Route("/phone/subscriptions", held(self._subscriptions), methods=["GET"]),
            Route("/phone/subscriptions", held(self._answer), methods=["POST"]),
            Route("/phone/subscriptions/end", held(self._give_up), methods=["POST"]),
        ]

    async def _program(self, request: Request, person: Person, phone_code: str = "") -> Response:
        world, now, given = self._world, self._world.now(), request.query_params
        path, query = (given.get(name, "")[:LONGEST_PATH] for name in ("path", "query"))
        try:
            visit = self._acts.open_program(person, path, query, None, now)
        except CannotAct as error:
            return world.show(request, "sorry.html", 409, why=str(error), back=None)
        orders = [
            (one, f"order_state_{self._acts.program.order_state(one, now)}")
            for one in self._acts.program.orders(person)
        ]
        return world.show(
            request,
            "program.html",
            name=world.program_name,
            visit=visit,
            phone_code=phone_code,
            orders=orders,
            shop=world.shop,
        )

    async def _phone_code(self, request: Request, person: Person) -> Response:
        """The getPhoneNumber button: the code that the brand's server trades for the number."""
        return await self._program(
            request, person, self._acts.phone_code(person, self._world.now())
        )

    async def _receive(self, request: Request, person: Person) -> Response:
        number = text_of(await request.form(), "number", 64)
        try:
            self._acts.program.receive(person, number, self._world.now())
        except CannotAct as error:
            return self._world.show(request, "sorry.html", 409, why=str(error), back=None)
        return go("/phone/program")

    async def _enter(self, request: Request, person: Person) -> Response:
        """The button that opens the program's customer service, which the merchant hears."""
        path = text_of(await request.form(), "path", LONGEST_PATH)
        self._acts.program.enter_service(person, path, self._world.now())
        return go(SERVICE_AT)

    async def _service(self, request: Request, person: Person) -> Response:
        world, name = self._world, self._world.program_name
        world.read(person, SERVICE)
        return world.show(
            request,
            "chat.html",
            name=name,
            back="/phone",
            said=conversation(world, person, SERVICE, (name, "program", "program")),
            tools=(),
            menu=(),
            action=SERVICE_AT,
            barred=None,
        )

    async def _write(self, request: Request, person: Person) -> Response:
        words = text_of(await request.form(), "text")
        if words:
            self._acts.program.say_to_service(person, words, self._world.now())
        return go(SERVICE_AT)

    async def _subscriptions(self, request: Request, person: Person) -> Response:
        """What the person lets through; with `ask`, the sheet on which a program asks for it."""
        left, templates = self._acts.accepted(person), self._acts.program.templates()
        asked = [one for one in request.query_params.getlist("ask") if one in templates]
        return self._world.show(
            request,
            "subscriptions.html",
            rows=[(number, one, left.get(number, 0)) for number, one in templates.items()],
            asked=[(number, templates[number]) for number in asked[:MOST_ASKED]],
            name=self._world.program_name,
            ask_all="/phone/subscriptions?" + urlencode([("ask", one) for one in templates]),
        )

    async def _answer(self, request: Request, person: Person) -> Response:
        form = await request.form()
        asked = [one for one in form.getlist("asked") if isinstance(one, str)]
        accepted = set(form.getlist("accept")) if text_of(form, "answer") == "allow" else set()
        choices = {one: one in accepted for one in asked}
        try:
            if choices:
                self._acts.subscribe(person, choices, self._world.now())
        except CannotAct as error:
            return self._world.show(request, "sorry.html", 409, why=str(error), back=None)
        return go("/phone/subscriptions")

    async def _give_up(self, request: Request, person: Person) -> Response:
        number = text_of(await request.form(), "template", 128)
        if number in self._acts.program.templates():
            self._acts.program.unsubscribe(person, number, self._world.now())
        return go("/phone/subscriptions")
