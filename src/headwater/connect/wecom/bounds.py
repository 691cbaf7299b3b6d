"""How long and how many WeCom allows: dated facts in one place, held before anything is sent.

Read in November 2026 from the pages named; WeCom changes them without notice.
"""

from __future__ import annotations

from collections.abc import Sized
from typing import Final

from headwater.base.errors import BadInput

DAY_SECONDS: Final = 86_400

USER_ID_CHARACTERS: Final = 64  # document/path/90195; "exceed max length 64" means one id
BATCH_USERS: Final = 100  # document/path/96316, batch/get_by_user
BATCH_CUSTOMERS: Final = 100
REMARK_CHARACTERS: Final = 20  # document/path/92115, externalcontact/remark
DESCRIPTION_CHARACTERS: Final = 150
COMPANY_CHARACTERS: Final = 20
TAG_NAME_CHARACTERS: Final = 30  # document/path/92117

WAY_STATE_CHARACTERS: Final = 30  # document/path/96311, contact ways
WAY_REMARK_CHARACTERS: Final = 30
WAY_TEMPORARY_SECONDS: Final = 14 * DAY_SECONDS
WAYS_PAGE: Final = 1_000
WAYS_SPAN_SECONDS: Final = 90 * DAY_SECONDS

ATTACHMENTS: Final = 9  # document/path/92135 and 92599
TEXT_BYTES: Final = 4_000
LINK_TITLE_BYTES: Final = 128
LINK_DESCRIPTION_BYTES: Final = 512
URL_BYTES: Final = 2_048
MINI_PROGRAM_TITLE_BYTES: Final = 64
WELCOME_SECONDS: Final = 20

BROADCAST_CUSTOMERS: Final = 10_000  # document/path/92135
BROADCAST_GROUPS: Final = 2_000
BROADCASTS_PAGE: Final = 100  # document/path/93338
BROADCASTS_SPAN_SECONDS: Final = 31 * DAY_SECONDS
TASKS_PAGE: Final = 1_000
REMINDERS_PER_DAY: Final = 3  # document/path/97610; counted by the server

MOMENT_TEXT_CHARACTERS: Final = 2_000  # document/path/96351
MOMENT_IMAGES: Final = 9
MOMENT_USERS: Final = 100_000
MOMENTS_PAGE: Final = 20  # document/path/93333
MOMENT_CUSTOMERS_PAGE: Final = 1_000
MOMENT_SENT_PAGE: Final = 5_000

TRANSFERS: Final = 100  # document/path/96325 and 96331
TRANSFER_WORDS_CHARACTERS: Final = 200
UNASSIGNED_PAGE: Final = 1_000
GROUPS_PAGE: Final = 1_000  # document/path/92120
GROUP_OWNERS: Final = 100
GROUP_TRANSFERS: Final = 100

MESSAGE_USERS: Final = 1_000  # document/path/90236
MESSAGE_BYTES: Final = 2_048
CARD_TITLE_CHARACTERS: Final = 128
CARD_TEXT_CHARACTERS: Final = 512
CARD_BUTTON_CHARACTERS: Final = 4
REPEAT_CHECK_SECONDS: Final = 4 * 3_600

MEDIA_LEAST_BYTES: Final = 5  # document/path/90253; the size must be above
MEDIA_BYTES: Final = {
    "image": 10 * 1_048_576,
    "voice": 2 * 1_048_576,
    "video": 10 * 1_048_576,
    "file": 20 * 1_048_576,
}
MEDIA_SECONDS: Final = 3 * DAY_SECONDS

ARCHIVE_PAGE: Final = 1_000  # document/path/91774


def characters(field: str, text: str, most: int) -> str:
    """Let a text pass that WeCom would take, counted in characters."""
    if len(text) > most:
        raise BadInput(field, f"at most {most} characters")
    return text


def in_bytes(field: str, text: str, most: int) -> str:
    """Let a text pass that WeCom would take, counted in bytes of UTF-8."""
    if len(text.encode("utf-8", "replace")) > most:
        raise BadInput(field, f"at most {most} bytes")
    return text


def count(field: str, items: Sized, most: int, least: int = 1) -> None:
    """Refuse a list that is too short or too long for one call."""
    if not least <= len(items) <= most:
        raise BadInput(field, f"from {least} to {most}")


def number(field: str, value: int, most: int, least: int = 1) -> int:
    """Let a number pass that lies within what WeCom takes."""
    if not least <= value <= most:
        raise BadInput(field, f"from {least} to {most}")
    return value


def user_ids(field: str, ids: tuple[str, ...], most: int, least: int = 1) -> list[str]:
    """Check how many staff are named, and that each name is one that can exist."""
    count(field, ids, most, least)
    for each in ids:
        if not each:
            raise BadInput(field, "no id may be empty")
        characters(field, each, USER_ID_CHARACTERS)
    return list(ids)
