"""From a push's fields to what happened; what we cannot place is Unknown, never lost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec

from headwater.base.errors import Forged
from headwater.connect.pushes import identity_of, read_fields, understood_fields
from headwater.connect.sending import Identifier
from headwater.connect.weixin_pushes import events, kinds
from headwater.connect.weixin_pushes.kinds import Happened, Push

# From 2001 to 2286: other numbers are not moments of ours.
_Seconds = Annotated[int, msgspec.Meta(ge=1_000_000_000, le=9_999_999_999)]


class _Envelope(msgspec.Struct, rename="pascal"):
    to_user_name: Identifier
    from_user_name: Identifier
    create_time: _Seconds
    msg_type: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    event: Annotated[str, msgspec.Meta(max_length=128)] = ""


def read_push(plain: bytes) -> Push:
    """Understand a push, in XML or JSON, after it was opened and believed.

    Reading again gives the same. Junk is Forged; a kind or a value that is new is Unknown.
    """
    return of_fields(read_fields(plain))


def of_fields(fields: Mapping[str, Any]) -> Push:
    """Understand the fields of a push; reading again gives the same, and junk is Forged."""
    envelope = understood_fields(_Envelope, fields)
    return Push(
        account=envelope.to_user_name,
        openid=envelope.from_user_name,
        sent_at=datetime.fromtimestamp(envelope.create_time, UTC),
        once_key=identity_of(fields),
        happened=_happened(envelope, fields),
    )


def _happened(envelope: _Envelope, fields: Mapping[str, Any]) -> Happened:
    is_event = envelope.msg_type == "event"
    name = envelope.event if is_event else envelope.msg_type
    read = (events.EVENTS if is_event else events.MESSAGES).get(name.lower())
    if read is not None:
        try:
            return read(fields)
        except Forged:
            # A known name whose fields have changed is still told, with all that it says.
            return kinds.Unknown(name, dict(fields))
    return kinds.Unknown(name, dict(fields))
