"""Conversations as a phone shows them: who is speaking, what leads where, what is unread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from headwater.sandbox.people import Message, Person
from headwater.sandbox.phone.world import World

OWN = ("own", "own_image")
LONGEST_TALK = 200
Face = tuple[str, str, str | None]


@dataclass(frozen=True)
class Talk:
    """One line in the list of conversations."""

    name: str
    id: str
    drawn: str | None
    preview: str
    at: datetime | None
    count: int
    href: str


@dataclass(frozen=True)
class Said:
    """One message as it is drawn: on one side, with a face, leading somewhere or nowhere."""

    kind: str
    title: str
    lines: tuple[tuple[str, str], ...]
    arrived_at: datetime
    mine: bool
    face: Face
    to: str | None
    picture: str | None


def drawn(
    world: World, rows: Sequence[Message], faces: tuple[Face, Face], is_owners_phone: bool = True
) -> list[Said]:
    """The messages between two; `faces` are the phone owner's and the other one's."""
    mine, theirs = faces
    found = []
    for row in rows:
        is_mine = (row.kind in OWN) == is_owners_phone
        face = mine if is_mine else theirs
        to, picture = leads_to(world, row), pictured(world, row)
        found.append(
            Said(row.kind, row.title, row.lines, row.arrived_at, is_mine, face, to, picture)
        )
    return found


def conversation(world: World, person: Person, chat: str, other: Face) -> list[Said]:
    """The latest of what was said between the phone's owner and another."""
    rows = world.people.messages(person, chat)[-LONGEST_TALK:]
    return drawn(world, rows, ((person.nickname, person.id, None), other))


def leads_to(world: World, message: Message) -> str | None:
    """Where a touch on the message leads within the phone."""
    if message.pagepath is not None:
        path, _, query = message.pagepath.partition("?")
        given = {"appid": message.appid or "", "path": path, "query": query}
        return f"/phone/program?{urlencode(given)}"
    return web_page(message.url)


def web_page(url: str | None) -> str | None:
    """The phone's own browser at this address; other kinds of address lead nowhere."""
    if url is None or not url.startswith(("http://", "https://")):
        return None
    return f"/phone/web?{urlencode({'url': url})}"


def pictured(world: World, message: Message) -> str | None:
    """Where the picture of a message lies."""
    return world.media(message.media_id) if message.media_id else None


def preview(rows: Sequence[Message], nothing: str) -> tuple[str, datetime | None]:
    """The last message in a few words, and when it came."""
    if not rows:
        return nothing, None
    last = rows[-1]
    return last.title or "…", last.arrived_at
