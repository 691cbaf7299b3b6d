"""Persons as a platform knows them: an open id under our key, so that no table shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from headwater.base import crypto, ids
from headwater.base.crypto import Keys

_PURPOSE: Final = "connect.person"


@dataclass(frozen=True)
class Person:
    """Somebody in one app; the same open id of the same app is always the same person."""

    index: bytes
    bucket: int


def person(keys: Keys, app_id: str, openid: str) -> Person:
    """Name a person by the keyed hash of what the platform calls them."""
    index = crypto.blind_index(keys, f"{app_id}\n{openid}", _PURPOSE)
    return Person(index, ids.hash_bucket(index))
