"""Pictures: what a brand shows of its products and of itself, put in by whoever runs the shop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from headwater.base import crypto, ids
from headwater.base.db import Db
from headwater.base.errors import BadInput
from headwater.catalog import pictures, products
from headwater.catalog.pictures import Picture, Subject
from headwater.connect.object_storage import ObjectStorage
from headwater.connect.object_storage import pictures as drawing
from headwater.web.console.desk import Desk, desk_of, own_brand, path_id
from headwater.web.kit import forms
from headwater.web.kit.building import Building
from headwater.web.kit.doors import Door, Staff, may
from headwater.web.kit.forms import read_form
from headwater.web.kit.media.bodies import read_file

door = Door()

WRITE = may("products.write")
KINDS: Final = ("image/jpeg", "image/png", "image/webp")
_UPLOAD: Final = "picture.upload"
# A slow line and a person who looks away; the address itself ends sooner.
_TICKET_SECONDS: Final = 3_600


@dataclass(frozen=True)
class Shown:
    """What a picture is of, and the page on which one sees it."""

    kind: Subject
    id: UUID
    page: str

    @property
    def key(self) -> str:
        """Names it in a ticket, which is good for nothing else."""
        return f"{self.kind}:{self.id}"


@door.post("/console/products/{product_id}/picture/address", WRITE, name="console:picture.address")
async def product_address(request: Request, building: Building, who: Staff) -> Response:
    """Say where a browser puts the picture of a product by itself."""
    return await _address(request, building, who, "product")


@door.post("/console/products/{product_id}/picture", WRITE, name="console:picture")
async def product_picture(request: Request, building: Building, who: Staff) -> Response:
    """Show a product's new picture, however it came."""
    return await _take(request, building, who, "product")


@door.post("/console/products/{product_id}/picture/removal", WRITE, name="console:picture.remove")
async def no_product_picture(request: Request, building: Building, who: Staff) -> Response:
    """Go back to the drawing that stands for a product without a picture."""
    return await _remove(request, building, who, "product")


@door.post("/console/brands/{brand_id}/picture/address", WRITE, name="console:banner.address")
async def brand_address(request: Request, building: Building, who: Staff) -> Response:
    """Say where a browser puts the picture of a brand by itself."""
    return await _address(request, building, who, "brand")


@door.post("/console/brands/{brand_id}/picture", WRITE, name="console:banner")
async def brand_picture(request: Request, building: Building, who: Staff) -> Response:
    """Show a brand's new picture, however it came."""
    return await _take(request, building, who, "brand")


@door.post("/console/brands/{brand_id}/picture/removal", WRITE, name="console:banner.remove")
async def no_brand_picture(request: Request, building: Building, who: Staff) -> Response:
    """Show no picture of the brand any more."""
    return await _remove(request, building, who, "brand")


def may_show_pictures_of(desk: Desk, brand_id: UUID) -> bool:
    """Whether somebody may change what this brand shows; they need all of it, and the right."""
    walls = desk.staff.member.walls("products.write")
    is_all = walls.kind == "company" or brand_id in walls.brand_ids
    return desk.staff.member.may("products.write") and is_all


async def _address(request: Request, building: Building, who: Staff, kind: Subject) -> Response:
    fields = await read_form(request)
    content_type = forms.text(fields, "content_type")
    if content_type not in KINDS:
        raise BadInput("picture", "not_a_picture")
    size = forms.whole(fields, "size", least=1, most=drawing.LARGEST_BYTES)
    async with building.transaction(who.walls) as db:
        shown = await _shown(db, who, request, kind)
    name = f"incoming-{ids.code(26).lower()}"
    upload = building.storage.upload(name, content_type, size, building.now())
    ticket = crypto.sign(building.keys, _UPLOAD, {"name": name, "of": shown.key})
    return JSONResponse(
        {"url": upload.url, "method": upload.method, "headers": dict(upload.headers),
         "ticket": ticket}
    )  # fmt: skip


async def _take(request: Request, building: Building, who: Staff, kind: Subject) -> Response:
    """Draw the upload anew and show it; what was shown before is let go after the commit."""
    fields, content = await read_file(request, "picture", drawing.LARGEST_BYTES)
    async with building.transaction(who.walls) as db:
        shown = await _shown(db, who, request, kind)
    stem = f"{kind}-{shown.id.hex}-{ids.code(8).lower()}"
    if fields.get("ticket"):
        name = _incoming(building, fields["ticket"], shown)
        names = await drawing.take_in(building.storage, name, stem)
    elif content:
        names = await drawing.keep(building.storage, content, stem)
    else:
        raise BadInput("picture", "missing")
    async with building.transaction(who.walls) as db:
        await _shown(db, who, request, kind)
        before = await pictures.put(db, (kind, shown.id), names, who.id, building.now())
    await _let_go(building.storage, before)
    return RedirectResponse(shown.page, 303)


async def _remove(request: Request, building: Building, who: Staff, kind: Subject) -> Response:
    await read_form(request)
    async with building.transaction(who.walls) as db:
        shown = await _shown(db, who, request, kind)
        before = await pictures.remove(db, shown.id)
    await _let_go(building.storage, before)
    return RedirectResponse(shown.page, 303)


async def _shown(db: Db, who: Staff, request: Request, kind: Subject) -> Shown:
    """What the address names; it must be of a brand of which one has all."""
    desk = await desk_of(db, who)
    if kind == "brand":
        brand = own_brand(desk, path_id(request, "brand_id"))
        return Shown(kind, brand.id, "/console/stores")
    product = await products.one(db, path_id(request, "product_id"))
    own_brand(desk, product.brand_id)
    return Shown(kind, product.id, f"/console/products/{product.id}")


def _incoming(building: Building, ticket: str, shown: Shown) -> str:
    """The name that we gave out for exactly this; a ticket for something else is Forged."""
    said = crypto.read_signed(building.keys, _UPLOAD, ticket, _TICKET_SECONDS)
    if said.get("of") != shown.key:
        raise BadInput("picture", "wrong")
    return str(said["name"])


async def _let_go(storage: ObjectStorage, before: Picture | None) -> None:
    for name in before.names if before else ():
        await storage.delete(name)
