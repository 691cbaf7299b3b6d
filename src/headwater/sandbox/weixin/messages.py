"""The former name of what people do in the chat, kept until the phone uses `acts` itself."""

from __future__ import annotations

from datetime import datetime

from headwater.sandbox.people import Person
from headwater.sandbox.weixin.acts import Acts


class Messages:
    """Two acts under their former names."""

    def __init__(self, acts: Acts) -> None:
        self._acts = acts

    def hear(self, person: Person, words: str, now: datetime) -> None:
        """The person writes to the account."""
        self._acts.say(person, words, now)

    def follow(self, person: Person, follows: bool, now: datetime) -> Person:
        """The person follows, or leaves."""
        return self._acts.follow(person, now) if follows else self._acts.unfollow(person, now)
