"""The camera: any code that lies around, is pasted, or is on a picture."""

from __future__ import annotations

import asyncio
import io
from dataclasses import dataclass
from urllib.parse import urlencode

import segno
import zxingcpp
from PIL import Image
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from headwater.sandbox.pay.payments import SCAN_PREFIX
from headwater.sandbox.people import Person
from headwater.sandbox.phone.pages import yuan
from headwater.sandbox.phone.shopper.account import led_to
from headwater.sandbox.phone.world import World, go, text_of
from headwater.sandbox.wecom.corp import CannotDo
from headwater.sandbox.weixin.acts import CannotAct

LONGEST_CODE = 4_096
LARGEST_PICTURE_BYTES = 8_000_000
MOST_PIXELS = 40_000_000
MOST_CODES = 12
GROUP_CODE = "https://work.weixin.qq.com/gm/"


@dataclass(frozen=True)
class Code:
    """A code that lies around, drawn as one would see it."""

    name: str
    note: str
    content: str

    @property
    def drawn(self) -> str:
        """The code as a picture on its own white plate."""
        plate: str = segno.make(self.content, error="m").svg_data_uri(
            border=4, dark="#000", light="#fff"
        )
        return plate


class CannotSee(Exception):
    """No code can be read in this picture; the name is the sentence to say."""


class Camera:
    """Pages of the camera."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[Route]:
        """The view through the camera, and what was seen by it."""
        held = self._world.held
        return [
            Route("/phone/camera", held(self._view), methods=["GET"]),
            Route("/phone/camera", held(self._scanned), methods=["POST"]),
            Route("/phone/camera/picture", held(self._pictured), methods=["POST"]),
            Route("/phone/scan", held(self._view), methods=["GET"]),
        ]

    async def _view(self, request: Request, person: Person, why: str | None = None) -> Response:
        return self._world.show(
            request,
            "camera.html",
            400 if why else 200,
            codes=self._codes(request),
            why=why,
        )

    async def _scanned(self, request: Request, person: Person) -> Response:
        code = text_of(await request.form(), "code", LONGEST_CODE)
        return await self._opened(request, person, code)

    async def _pictured(self, request: Request, person: Person) -> Response:
        words = self._world.pages.words(request)
        async with request.form(max_files=1, max_part_size=LARGEST_PICTURE_BYTES) as form:
            picture = form.get("picture")
            content = await picture.read() if isinstance(picture, UploadFile) else b""
        try:
            code = await asyncio.to_thread(seen_on, content)
        except CannotSee as error:
            return await self._view(request, person, words[str(error)])
        return await self._opened(request, person, code)

    async def _opened(self, request: Request, person: Person, code: str) -> Response:
        try:
            return await self._led(request, person, code)
        except (CannotDo, CannotAct):
            why = self._world.pages.words(request)["code_over"]
            return await self._view(request, person, why)

    async def _led(self, request: Request, person: Person, code: str) -> Response:
        words = self._world.pages.words(request)
        if code.startswith("weixin://wxpay/"):
            return go(f"/phone/pay?{urlencode({'code': code})}")
        added = self._met(person, code)
        if added is not None:
            return go(added)
        led = led_to(self._world.weixin.scan(person, code, self._world.now()))
        if led is not None:
            return go(led)
        return await self._view(request, person, words["unknown_code"])

    def _codes(self, request: Request) -> list[Code]:
        """The codes around: those that ask for money first."""
        words, found = self._world.pages.words(request), []
        now = self._world.now()
        for order in reversed(self._world.payments.everything()):
            is_open = order.state == "NOTPAY" and (
                order.expires_at is None or order.expires_at > now
            )
            if order.trade_type == "NATIVE" and is_open:
                note = f"{words['pay_code']} · {yuan(order.total_fen)}"
                content = SCAN_PREFIX + order.prepays[-1].scan_code
                found.append(Code(order.description, note, content))
        return found[:MOST_CODES] + self._doors_to_people(words)

    def _doors_to_people(self, words: dict[str, str]) -> list[Code]:
        """Codes of contact ways, of groups, and of each guide's own card."""
        company, found = self._world.company, []
        for way in company.ways()[-MOST_CODES:]:
            note = f"{words['way_code']} · {way.state}" if way.state else words["way_code"]
            found.append(Code(way.remark or words["way_code"], note, way.code))
        for member in company.staff()[:MOST_CODES]:
            for chat in company.owned_groups(member.userid):
                found.append(Code(chat.name, words["group_code"], GROUP_CODE + chat.chat_id))
            found.append(Code(member.name, words["guide_code"], member.code))
        return found

    def _met(self, person: Person, code: str) -> str | None:
        """Where one comes to know somebody through a code; None if it is not such a code."""
        company, now = self._world.company, self._world.now()
        if code.startswith(GROUP_CODE):
            chat_id = code.removeprefix(GROUP_CODE)
            company.join(person, chat_id, now)
            return f"/phone/chats/group/{chat_id}"
        if code in {*(way.code for way in company.ways()), *(one.code for one in company.staff())}:
            added = company.add(person, code, now)
            return f"/phone/chats/guide/{added.userid}"
        return None


def seen_on(content: bytes) -> str:
    """The first code on a picture; a picture too large, or of something else, is refused."""
    if not content or len(content) > LARGEST_PICTURE_BYTES:
        raise CannotSee("no_picture")
    try:
        with Image.open(io.BytesIO(content)) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise CannotSee("no_picture")
            grey = picture.convert("L")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise CannotSee("no_picture") from error
    codes = zxingcpp.read_barcodes(grey)
    if not codes:
        raise CannotSee("no_code_seen")
    return str(codes[0].text)
