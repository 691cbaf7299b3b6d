"""The COS host's door: both signatures, objects whole, lists, and uploads from forms."""

from __future__ import annotations

import re
import secrets
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from headwater.sandbox.cos import aws, forms, native
from headwater.sandbox.cos.asked import Asked, Keys, asked_by, place_of
from headwater.sandbox.cos.errors import CosError, denied
from headwater.sandbox.cos.objects import LARGEST_BYTES, Object, Objects
from headwater.sandbox.hosts import Ground, Host, Others

METHODS = ["GET", "HEAD", "PUT", "DELETE", "POST", "OPTIONS"]
# What a reader may ask to be told instead of what was kept, each as response-….
ASKED_BACK = (
    *("cache-control", "content-disposition", "content-encoding"),
    *("content-language", "content-type", "expires"),
)


class CosHost(Host):
    """<bucket>.cos.<region>.myqcloud.com; nothing is readable without a signature."""

    def __init__(self, ground: Ground) -> None:
        given = ground.credentials["cos"]
        self.objects = Objects()
        self._keys = Keys(given["secret_id"], given["secret_key"], given["bucket"], given["region"])
        self._now = ground.now

    def app(self) -> Starlette:
        """The host as an ASGI application."""
        return Starlette(routes=[Route("/{key:path}", self._answer, methods=METHODS)])

    async def _answer(self, request: Request) -> Response:
        request_id = secrets.token_hex(12)
        try:
            answer = await self._answered(request)
        except CosError as error:
            content = error.body(request.url.path, request_id)
            answer = Response(content, error.status, media_type="application/xml")
        answer.headers["x-cos-request-id"] = request_id
        answer.headers["x-amz-request-id"] = request_id
        # Browsers upload straight from the shop's pages, so the bucket lets every origin ask.
        answer.headers["Access-Control-Allow-Origin"] = "*"
        answer.headers["Access-Control-Expose-Headers"] = "ETag"
        return answer

    async def _answered(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            asked_for = request.headers.get("access-control-request-headers", "*")
            methods = ", ".join(METHODS)
            return Response(
                headers={
                    "Access-Control-Allow-Methods": methods,
                    "Access-Control-Allow-Headers": asked_for,
                }
            )
        if request.method == "POST":
            return await self._form(request)
        asked = await asked_by(request, self._now())
        self._check(asked)
        bucket, key = place_of(asked, self._keys.bucket)
        if bucket != self._keys.bucket:
            raise CosError(404, "NoSuchBucket", "The specified bucket does not exist.")
        return self._done(asked, key)

    def _check(self, asked: Asked) -> None:
        if aws.is_meant(asked):
            aws.check(asked, self._keys)
        elif native.is_meant(asked):
            native.check(asked, self._keys)
        else:
            raise denied("Access Denied.")

    def _done(self, asked: Asked, key: str) -> Response:
        if asked.method == "PUT":
            kept = self.objects.put(key, asked.body, asked.headers, asked.now)
            return Response(headers={"ETag": kept.etag})
        if asked.method == "DELETE":
            self.objects.delete(key)
            return Response(status_code=204)
        if not key:
            listing = self.objects.listed(self._keys.bucket, asked.given)
            return Response(listing, media_type="application/xml")
        return shown(asked, self.objects.get(key))

    async def _form(self, request: Request) -> Response:
        try:
            async with request.form(max_part_size=LARGEST_BYTES) as form:
                fields = {name.lower(): one for name, one in form.items() if isinstance(one, str)}
                file = form.get("file")
                content = await file.read() if isinstance(file, UploadFile) else b""
                name = file.filename or "" if isinstance(file, UploadFile) else ""
        except HTTPException as error:
            raise CosError(400, "MalformedPOSTRequest", error.detail) from None
        forms.check(fields, len(content), self._keys, self._now())
        key = fields.get("key", "").replace("${filename}", name)
        kept = self.objects.put(key, content, fields, self._now())
        status = fields.get("success_action_status", "204")
        where = {"ETag": kept.etag, "Location": "/" + quote(key)}
        return Response(status_code=int(status) if status in ("200", "201") else 204, headers=where)


def shown(asked: Asked, found: Object) -> Response:
    """The object, a piece of it, or only what is known of it."""
    headers = found.shown()
    for name in ASKED_BACK:
        if value := asked.given.get("response-" + name, ""):
            headers[name] = _in_a_header(value)
    content, status = found.content, 200
    wanted = re.fullmatch(r"bytes=([0-9]+)-([0-9]*)", asked.headers.get("range", ""))
    if wanted is not None:
        first, size = int(wanted[1]), len(content)
        last = min(int(wanted[2] or size), size - 1)
        if first >= size:
            raise CosError(416, "InvalidRange", "The range is outside of the object.")
        content, status = content[first : last + 1], 206
        headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    answer = Response(content, status, headers={**headers, "Accept-Ranges": "bytes"})
    if asked.method == "HEAD":
        answer.body = b""
    return answer


def _in_a_header(text: str) -> str:
    """A text as a header carries it: bytes of UTF-8, and never the end of a line."""
    if not text.isprintable():
        raise CosError(400, "InvalidArgument", "A header cannot hold this.")
    return text.encode().decode("latin-1")


def plug(ground: Ground, others: Others) -> CosHost:
    """The bucket of this sandbox."""
    return CosHost(ground)
