"""What the company asks of the guide, and what the guide sends and posts by own will."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from headwater.sandbox.phone.guide.desk import show
from headwater.sandbox.phone.talks import attached
from headwater.sandbox.phone.world import World, cannot, go, text_of
from headwater.sandbox.wecom.acts import Task
from headwater.sandbox.wecom.company.staff import Member
from headwater.sandbox.wecom.corp import CannotDo

LIST_AT = "/phone/guide/tasks"
ONE_AT = LIST_AT + "/{kind}/{id}"
POSTS_AT = "/phone/guide/moments"


class Tasks:
    """Pages of tasks and of the guide's own messages."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._acts = world.company

    def routes(self) -> list[Route]:
        """Tasks to confirm or to ignore, own broadcasts, own moments."""
        served = self._world.served
        return [
            Route(LIST_AT, served(self._list), methods=["GET"]),
            Route(ONE_AT, served(self._one), methods=["GET"]),
            Route(ONE_AT + "/confirmation", served(self._confirm), methods=["POST"]),
            Route(ONE_AT + "/refusal", served(self._ignore), methods=["POST"]),
            Route("/phone/guide/broadcasts", served(self._compose), methods=["GET"]),
            Route("/phone/guide/broadcasts", served(self._broadcast), methods=["POST"]),
            Route(POSTS_AT, served(self._posts), methods=["GET"]),
            Route(POSTS_AT, served(self._post), methods=["POST"]),
            Route(POSTS_AT + "/{moment_id}/answers", served(self._answer), methods=["POST"]),
        ]

    async def _list(self, request: Request, guide: Member) -> Response:
        tasks = self._acts.tasks(guide.userid)
        waiting = [one for one in tasks if one.state == "waiting"]
        done = [one for one in tasks if one.state != "waiting"]
        return show(
            self._world, request, "tasks.html", guide, waiting=waiting, done=done, tab="tasks"
        )

    async def _one(self, request: Request, guide: Member) -> Response:
        task = self._task(request, guide)
        if task is None:
            return cannot(self._world, request, "guide")
        shown = attached(self._world, task.attachments)
        return show(self._world, request, "task.html", guide, task=task, shown=shown)

    async def _confirm(self, request: Request, guide: Member) -> Response:
        task, form, now = self._task(request, guide), await request.form(), self._world.now()
        if task is None:
            return cannot(self._world, request, "guide")
        chosen = {one for one in form.getlist("customer") if isinstance(one, str)}
        only = [one for one in task.customers if one.id in chosen]
        everybody = not task.may_choose or len(only) == len(task.customers)
        try:
            to = None if everybody else only
            self._acts.confirm(guide.userid, task.kind, task.id, now, to)
        except CannotDo:
            return cannot(self._world, request, "guide")
        return go(f"{LIST_AT}/{task.kind}/{task.id}")

    async def _ignore(self, request: Request, guide: Member) -> Response:
        given = request.path_params
        try:
            self._acts.ignore(guide.userid, given["kind"], given["id"], self._world.now())
        except CannotDo:
            return cannot(self._world, request, "guide")
        return go(LIST_AT)

    async def _compose(self, request: Request, guide: Member) -> Response:
        customers = [one for one in self._acts.customers(guide.userid) if one.standing == "friend"]
        return show(self._world, request, "compose.html", guide, customers=customers)

    async def _broadcast(self, request: Request, guide: Member) -> Response:
        form, now = await request.form(), self._world.now()
        chosen = {one for one in form.getlist("customer") if isinstance(one, str)}
        words = text_of(form, "words", 2_000)
        persons = [
            one.person
            for one in self._acts.customers(guide.userid)
            if one.external_userid in chosen
        ]
        if not persons or not words:
            return cannot(self._world, request, "guide")
        try:
            self._acts.broadcast(guide.userid, persons, words, now)
        except CannotDo:
            return cannot(self._world, request, "guide")
        return go("/phone/guide")

    async def _posts(self, request: Request, guide: Member) -> Response:
        world = self._world
        found = [
            (
                moment.moment_id,
                moment.content.words,
                attached(world, moment.content.attachments),
                post.posted_at or moment.made_at,
                len(post.likes),
                [(self._name(one.who, one.is_staff), one.words) for one in post.comments],
            )
            for moment, post in self._acts.posts(guide.userid)
        ]
        return show(world, request, "posts.html", guide, posts=found)

    async def _post(self, request: Request, guide: Member) -> Response:
        words = text_of(await request.form(), "words", 2_000)
        try:
            if words:
                self._acts.post(guide.userid, words, [], self._world.now())
        except CannotDo:
            return cannot(self._world, request, "guide")
        return go(POSTS_AT)

    async def _answer(self, request: Request, guide: Member) -> Response:
        moment_id, words = request.path_params["moment_id"], text_of(await request.form(), "text")
        try:
            if words:
                self._acts.answer_comment(guide.userid, moment_id, words, self._world.now())
        except CannotDo:
            return cannot(self._world, request, "guide")
        return go(POSTS_AT)

    def _task(self, request: Request, guide: Member) -> Task | None:
        given = request.path_params
        tasks = self._acts.tasks(guide.userid)
        return next(
            (one for one in tasks if (one.kind, one.id) == (given["kind"], given["id"])), None
        )

    def _name(self, who: str, is_staff: bool) -> str:
        return self._world.staff_name(who) if is_staff else self._world.people.get(who).nickname
