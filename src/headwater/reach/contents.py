"""Contents: said once in both languages, rendered for each channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import msgspec

from headwater.base.errors import BadInput
from headwater.base.text import LANGUAGES, Text

CONTENTS_MOST: Final = 10
TITLE_MOST: Final = 40
BODY_MOST: Final = 400


@dataclass(frozen=True)
class Content:
    """What is said, in Chinese and in English, and where a tap leads."""

    title_zh: str
    title_en: str
    body_zh: str
    body_en: str
    path: str = "/"

    def written(self) -> dict[str, str]:
        """Write it down as it lies in the campaign's row."""
        return asdict(self)


def read(given: Any) -> Content:
    """Read a content as the console or a row gives it, and name the field that is wrong."""
    try:
        content = msgspec.convert(given, Content)
    except msgspec.ValidationError as error:
        raise BadInput("content", str(error)) from error
    for field, most in (("title", TITLE_MOST), ("body", BODY_MOST)):
        for language in LANGUAGES:
            name = f"{field}_{language}"
            if not 1 <= len(getattr(content, name).strip()) <= most:
                raise BadInput(name, f"must have 1 to {most} characters")
    if not content.path.startswith("/") or content.path.startswith("//"):
        raise BadInput("path", "must begin with one slash: it leads into our own shop")
    return content


def read_all(given: Sequence[Any]) -> list[Content]:
    """Read the contents of a campaign; what is wrong with the second is named with its number."""
    if not 1 <= len(given) <= CONTENTS_MOST:
        raise BadInput("others", "too_many")
    found: list[Content] = []
    for number, each in enumerate(given, 1):
        try:
            content = read(each)
        except BadInput as wrong:
            field = wrong.field if number == 1 else f"{wrong.field}_{number}"
            raise BadInput(field, wrong.why) from wrong
        if content in found:
            raise BadInput(f"title_zh_{number}", "said_twice")
        found.append(content)
    return found


def renditions(
    content: Content, channel: str, coupon: Text | None = None
) -> Mapping[str, Mapping[str, Any]]:
    """Render for a channel, in each language; the sender maps it to the platform's own fields."""
    return {language: _rendered(content, channel, coupon, language) for language in LANGUAGES}


def _rendered(content: Content, channel: str, coupon: Text | None, language: str) -> dict[str, Any]:
    title = Text(content.title_zh, content.title_en).said_in(language)
    body = Text(content.body_zh, content.body_en).said_in(language)
    gift = coupon.said_in(language) if coupon else ""
    if channel == "sms":
        return {"kind": "recall", "text": _joined(title, body, gift), "url": content.path}
    return {
        "kind": "recall",
        "title": title,
        "body": _joined(body, gift),
        "coupon": gift,
        "url": content.path,
    }


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)
