"""Moments as the shopper sees them: posts of guides, likes, words below them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from headwater.sandbox.people import Person
from headwater.sandbox.phone.talks import Shown, attached
from headwater.sandbox.phone.world import World, cannot, go, text_of
from headwater.sandbox.wecom.contacts.moments import Reaction
from headwater.sandbox.wecom.corp import CannotDo

POST_AT = "/phone/moments/{moment_id}/{userid}"
LONGEST_COMMENT = 200
MOST_POSTS = 50


@dataclass(frozen=True)
class Post:
    """One post with everything that is drawn of it."""

    moment_id: str
    userid: str
    name: str
    words: str
    shown: tuple[Shown, ...]
    at: datetime
    is_liked: bool
    likes: tuple[str, ...]
    comments: tuple[tuple[str, str], ...]


class MomentPages:
    """The feed."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._acts = world.company

    def routes(self) -> list[Route]:
        """The feed and what is done under a post."""
        held = self._world.held
        return [
            Route("/phone/moments", held(self._feed), methods=["GET"]),
            Route(POST_AT + "/like", held(self._like), methods=["POST"]),
            Route(POST_AT + "/comment", held(self._comment), methods=["POST"]),
        ]

    async def _feed(self, request: Request, person: Person) -> Response:
        world = self._world
        seen = self._acts.moments(person, world.now())[:MOST_POSTS]
        posts = [
            Post(
                one.moment_id,
                one.userid,
                world.staff_name(one.userid),
                one.words,
                attached(world, one.attachments),
                one.at,
                any(like.who == person.id for like in one.likes),
                tuple(self._name(like) for like in one.likes),
                tuple((self._name(each), each.words) for each in one.comments),
            )
            for one in seen
        ]
        return world.show(request, "moments.html", posts=posts, person=person)

    async def _like(self, request: Request, person: Person) -> Response:
        given = request.path_params
        try:
            self._acts.like(person, given["moment_id"], given["userid"], self._world.now())
        except CannotDo:
            return cannot(self._world, request, "shopper")
        return go("/phone/moments")

    async def _comment(self, request: Request, person: Person) -> Response:
        given, words = request.path_params, text_of(await request.form(), "text", LONGEST_COMMENT)
        moment, userid, now = given["moment_id"], given["userid"], self._world.now()
        try:
            if words:
                self._acts.comment(person, moment, userid, words, now)
        except CannotDo:
            return cannot(self._world, request, "shopper")
        return go("/phone/moments")

    def _name(self, reaction: Reaction) -> str:
        if reaction.is_staff:
            return self._world.staff_name(reaction.who)
        return self._world.people.get(reaction.who).nickname
