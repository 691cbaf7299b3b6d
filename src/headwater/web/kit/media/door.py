"""The shop's own addresses of pictures: given out from storage, or led to where they lie."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from headwater.base.errors import BadInput, Forged, NotFound
from headwater.connect.object_storage import LARGEST_UPLOAD_BYTES
from headwater.web.kit.building import Building
from headwater.web.kit.doors import MACHINE, Door
from headwater.web.kit.media.bodies import raw_body

door = Door()

# Only what we drew ourselves is given out, and only as what it is.
KINDS: Final = {"jpg": "image/jpeg", "png": "image/png"}
# A name is never used for another picture; an address that is signed lives for an hour.
_FOR_EVER: Final = "public, max-age=31536000, immutable"
_FOR_A_WHILE: Final = "private, max-age=1800"


@door.get("/media/{name}", MACHINE, name="media")
async def show(request: Request, building: Building) -> Response:
    """Give out a picture, or say where the bucket does."""
    name = request.path_params["name"]
    kind = KINDS.get(name.rpartition(".")[2])
    if kind is None:
        raise NotFound
    try:
        if building.storage.origins:
            where = building.storage.url(name)
            return RedirectResponse(where, 302, {"Cache-Control": _FOR_A_WHILE})
        content = await building.storage.get(name)
    except BadInput:
        # A name that cannot be one names nothing.
        raise NotFound from None
    return Response(content, media_type=kind, headers={"Cache-Control": _FOR_EVER})


@door.put("/media/{name}", MACHINE, name="media:put")
async def take(request: Request, building: Building) -> Response:
    """Take what a browser sends to an address that was signed for exactly that."""
    content = await raw_body(request, LARGEST_UPLOAD_BYTES)
    try:
        await building.storage.take(
            request.path_params["name"],
            request.query_params,
            request.headers.get("content-type", ""),
            content,
            building.now(),
        )
    except BadInput:
        raise Forged(why="no upload has such a name") from None
    return Response(status_code=200)
