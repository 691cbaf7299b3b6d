"""Where an act leads on the phone, or why it leads nowhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Led:
    """What opens next on the phone."""

    kind: Literal["account", "program", "page", "article", "nothing"]
    url: str = ""
    path: str = ""
    query: str = ""
    words: str = ""


class CannotAct(Exception):
    """The phone does not offer this just now; the message is for whoever holds it."""
