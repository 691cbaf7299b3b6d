"""Conversations as a phone shows them: who is speaking, what leads where, what is unread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from headwater.sandbox.people import Message, Person
from headwater.sandbox.phone.world import OWN, World
from headwater.sandbox.wecom.content import Attachment, Content, messages

LONGEST_TALK = 200
# What is not looked at but listened to or opened.
HEARD = ("voice", "video", "file", "music")
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


@dataclass(frozen=True)
class Shown:
    """Something that hangs on a post or a task: a picture, or a card that leads somewhere."""

    kind: str
    title: str
    to: str | None
    picture: str | None


def drawn(
    world: World,
    rows: Sequence[Message],
    faces: tuple[Face, Face],
    mine: Sequence[bool] | None = None,
) -> list[Said]:
    """The messages between two; `faces` are the phone owner's and the other one's.

    `mine` says which are the owner's; without it, those are that the shopper wrote.
    """
    own, theirs = faces
    found = []
    for number, row in enumerate(rows):
        is_mine = row.kind in OWN if mine is None else mine[number]
        face = own if is_mine else theirs
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
    return None if message.kind == "image" else web_page(message.url)


def web_page(url: str | None) -> str | None:
    """The phone's own browser at this address; other kinds of address lead nowhere."""
    if url is None or not url.startswith(("http://", "https://")):
        return None
    return f"/phone/web?{urlencode({'url': url})}"


def pictured(world: World, message: Message) -> str | None:
    """Where the picture of a message lies."""
    if message.kind == "image" and message.url:
        return world.own_picture(message.url)
    if message.kind in HEARD or not message.media_id:
        return None
    return world.media(message.media_id)


def attached(world: World, attachments: Sequence[Attachment]) -> tuple[Shown, ...]:
    """What hangs on a post or a task, each as it would arrive in a chat."""
    found = []
    for message in messages(Content(attachments=list(attachments)), world.now()):
        to, picture = leads_to(world, message), pictured(world, message)
        found.append(Shown(message.kind, message.title, to, picture))
    return tuple(found)


def preview(rows: Sequence[Message], nothing: str) -> tuple[str, datetime | None]:
    """The last message in a few words, and when it came."""
    if not rows:
        return nothing, None
    last = rows[-1]
    return last.title or "[…]", last.arrived_at
