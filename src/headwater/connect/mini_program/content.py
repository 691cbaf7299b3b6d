"""Checks of what people write and upload, which the platform demands wherever others see it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

import msgspec

from headwater.base.errors import BadInput
from headwater.connect.sending import Identifier
from headwater.connect.weixin_api import WeixinApp

TEXT_CHARACTERS: Final = 2500

_VERSION: Final = 2


class Place(Enum):
    """Where others will see it."""

    PROFILE = 1
    COMMENT = 2
    FORUM = 3
    SOCIAL_LOG = 4


class Form(Enum):
    """What is uploaded."""

    SOUND = 1
    PICTURE = 2


class Suggestion(Enum):
    """What the platform suggests, also in the push MediaChecked.

    A word that it adds tomorrow reads as UNKNOWN, so that a person looks.
    """

    FINE = "pass"
    REVIEW = "review"
    RISKY = "risky"
    UNKNOWN = ""

    @classmethod
    def _missing_(cls, value: object) -> Suggestion:
        return cls.UNKNOWN


@dataclass(frozen=True)
class Verdict:
    """What the platform says of some words; the label is its own number for the kind of risk."""

    suggestion: Suggestion
    label: int
    trace_id: str


class _Result(msgspec.Struct):
    suggest: str
    label: int = 0


class _Checked(msgspec.Struct):
    result: _Result
    trace_id: str = ""


class _Begun(msgspec.Struct):
    trace_id: Identifier


@dataclass(frozen=True)
class Content:
    """The checks of one mini program.

    The person must have been in it within two hours; otherwise VisitTooOld.
    """

    app: WeixinApp

    async def check_text(
        self, openid: str, text: str, place: Place, title: str = "", nickname: str = ""
    ) -> Verdict:
        """Check what somebody wrote; a repeat checks again and may find otherwise."""
        if not 1 <= len(text) <= TEXT_CHARACTERS:
            raise BadInput("text", f"from 1 to {TEXT_CHARACTERS} characters")
        body: dict[str, Any] = {
            "openid": openid,
            "scene": place.value,
            "version": _VERSION,
            "content": text,
        }
        body |= {"title": title} if title else {}
        body |= {"nickname": nickname} if nickname else {}
        wire = await self.app.post("/wxa/msg_sec_check", body, _Checked)
        return Verdict(Suggestion(wire.result.suggest), wire.result.label, wire.trace_id)

    async def check_media(self, openid: str, url: str, form: Form, place: Place) -> str:
        """Have a picture or a sound looked at, and give the number of the check.

        The answer comes within half an hour as a push, MediaChecked. A repeat begins another check.
        """
        body = {
            "openid": openid,
            "media_url": url,
            "media_type": form.value,
            "scene": place.value,
            "version": _VERSION,
        }
        return (await self.app.post("/wxa/media_check_async", body, _Begun)).trace_id
