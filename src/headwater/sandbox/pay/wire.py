"""How the pay host writes moments and bodies, and reads bodies strictly."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import TypeVar

import msgspec

from headwater.sandbox.pay.errors import PayError, bad_parameter

SHANGHAI = timezone(timedelta(hours=8))
Body = TypeVar("Body")

_PLACE = re.compile(r" - at `\$\.?(.*)`$")


def wire_time(moment: datetime) -> str:
    """RFC 3339 in the platform's own zone, to the second."""
    return moment.astimezone(SHANGHAI).isoformat(timespec="seconds")


def read(body: bytes, body_type: type[Body]) -> Body:
    """The body as its fields are documented, or PARAM_ERROR that names the field."""
    try:
        return msgspec.json.decode(body, type=body_type)
    except msgspec.ValidationError as error:
        text = str(error)
        place = _PLACE.search(text)
        field = "/" + place[1].replace(".", "/") if place else "/"
        raise bad_parameter(field, _PLACE.sub("", text)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise PayError(400, "PARAM_ERROR", "请求体不是合法的 JSON") from None
