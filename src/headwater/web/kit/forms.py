"""Forms: read once, only from our own pages, with words for what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from urllib.parse import urlsplit

from starlette.requests import Request

from headwater.base.errors import BadInput
from headwater.base.times import SHANGHAI
from headwater.web.kit import cookies
from headwater.web.kit.errors import ForeignForm
from headwater.web.kit.site import Site, site_of

SAFE = {"GET", "HEAD", "OPTIONS"}


async def read_form(request: Request) -> dict[str, str]:
    """The text fields of a form that one of our own pages has sent.

    A field that comes twice keeps its last value; `read_list` reads fields that may come often.
    """
    form = await request.form(max_files=0, max_fields=200)
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    check_own(request, fields.get("form_token"))
    for name, value in fields.items():
        # PostgreSQL's text cannot hold it, and in a form nobody types it.
        if "\0" in name or "\0" in value:
            raise BadInput(name.replace("\0", ""), "malformed")
    return fields


async def read_list(request: Request, name: str) -> list[str]:
    """All values of one field, from a form that `read_form` has accepted."""
    form = await request.form()
    return [value for value in form.getlist(name) if isinstance(value, str)]


def check_own(request: Request, token: str | None) -> None:
    """Refuse a request that changes something unless it comes from our own page."""
    site = site_of(request)
    nonce = cookies.read(request, cookies.NONCE, is_secure=site.is_secure)
    if not is_own_origin(request.headers, site) or not cookies.is_form_token(
        site.keys, nonce, token
    ):
        raise ForeignForm


def is_own_origin(headers: Mapping[str, str], site: Site) -> bool:
    """Whether a browser says that one of our pages asks; servers and old browsers say nothing."""
    if headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        return False
    origin = headers.get("origin")
    if origin is None:
        return True
    return origin in site.origins or urlsplit(origin).netloc == headers.get("host")


def text(fields: Mapping[str, str], name: str, *, longest: int = 200) -> str:
    """A field that must hold something, without the spaces around it."""
    value = fields.get(name, "").strip()
    if not value:
        raise BadInput(name, "missing")
    if len(value) > longest:
        raise BadInput(name, "too_long")
    return value


def whole(fields: Mapping[str, str], name: str, *, least: int, most: int) -> int:
    """A field that must hold a whole number within bounds."""
    value = text(fields, name, longest=20)
    if not value.removeprefix("-").isascii() or not value.removeprefix("-").isdigit():
        raise BadInput(name, "not_a_number")
    number = int(value)
    if number < least:
        raise BadInput(name, "too_small")
    if number > most:
        raise BadInput(name, "too_large")
    return number


def moment(fields: Mapping[str, str], name: str) -> datetime:
    """A day and a time on the shop's clock, as a browser's field sends them."""
    day, _t, clock = text(fields, name, longest=20).partition("T")
    try:
        typed = datetime.combine(date.fromisoformat(day), time.fromisoformat(clock), SHANGHAI)
        return typed.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadInput(name, "not_a_moment") from error


def fen(fields: Mapping[str, str], name: str) -> int:
    """An amount typed in yuan, to the fen and never through a float."""
    value = text(fields, name, longest=20).removeprefix("¥").replace(",", "")
    yuan, _dot, cents = value.partition(".")
    if not (yuan.isascii() and yuan.isdigit()) or len(yuan) > 10:
        raise BadInput(name, "not_money")
    if _dot and not (cents.isascii() and cents.isdigit() and len(cents) <= 2):
        raise BadInput(name, "not_money")
    return int(yuan) * 100 + int(cents.ljust(2, "0") or 0)
