"""How the sandbox's pages are rendered: strict templates, a strict policy, two languages."""

from __future__ import annotations

import tomllib
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

import jinja2
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from headwater.sandbox.pay.wire import SHANGHAI
from headwater.sandbox.people import People, Person

HERE = Path(__file__).parent
PERSON_COOKIE = "sandbox_person"
GUIDE_COOKIE = "sandbox_guide"
LANGUAGE_COOKIE = "sandbox_language"
SHOWN = 20
LANGUAGES = ("zh", "en")
SHOPPER_TABS = (
    ("chats", "/phone", "chats"),
    ("contacts", "/phone/contacts", "contacts"),
    ("discover", "/phone/discover", "discover"),
    ("me", "/phone/me", "me"),
)
GUIDE_TABS = (
    ("chats", "/phone/guide", "chats"),
    ("customers", "/phone/guide/customers", "contacts"),
    ("tasks", "/phone/guide/tasks", "tasks"),
    ("workbench", "/phone/guide/workbench", "workbench"),
)
Answer = TypeVar("Answer", bound=Response)


@cache
def _read() -> tuple[dict[str, dict[str, str]], jinja2.Environment, dict[str, Any]]:
    """Read words and templates once, for however many sandboxes of one process."""
    said = tomllib.loads((HERE / "wording.toml").read_text(encoding="utf-8"))
    words = {
        language: {name: sentence[language] for name, sentence in said.items()}
        for language in LANGUAGES
    }
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters |= {"yuan": yuan, "clock": clock, "hour": hour, "hue": hue}
    templates.filters |= {"query": urlencode}
    templates.globals |= {"shopper_tabs": SHOPPER_TABS, "guide_tabs": GUIDE_TABS}
    parts = templates.get_template("_parts.html")
    return words, templates, {one: parts.make_module({"words": words[one]}) for one in LANGUAGES}


class Pages:
    """Renders the sandbox's pages; all of them work without their one script."""

    def __init__(self) -> None:
        self._words, self._templates, self._parts = _read()
        # The phone's own browser shows pages of the other hosts.
        self.framed_by = ""
        self.static = Mount("/_static", StaticFiles(directory=HERE / "static"))

    def words(self, request: Request) -> dict[str, str]:
        """The sentences in the reader's language."""
        return self._words[language_of(request)]

    def show(
        self, request: Request, template: str, status: int = 200, /, **values: Any
    ) -> Response:
        """A page in the reader's language.

        `forms_to` is the one foreign place that forms may end at, `frames` and `images` are the
        places that pages and pictures inside the page may come from.
        """
        language = language_of(request)
        named = ("forms_to", "frames", "images")
        forms_to, frames, images = (values.pop(name, None) or "" for name in named)
        plain = {"side": "shopper", "moment": None, "language_query": other_language(request)}
        html = self._templates.get_template(template).render(
            plain | values,
            words=self._words[language],
            ui=self._parts[language],
            language=language,
        )
        answer = Response(html, status, media_type="text/html")
        within = f"frame-src {frames}; " if frames else ""
        answer.headers["Content-Security-Policy"] = (
            "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
            f"img-src 'self' data: {images}; base-uri 'none'; {within}"
            f"frame-ancestors 'self' {self.framed_by}; form-action 'self' {forms_to}".rstrip()
        )
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["Referrer-Policy"] = "no-referrer"
        answer.headers["Cache-Control"] = "no-store"
        return remember(answer, LANGUAGE_COOKIE, language)


def language_of(request: Request) -> str:
    """Chinese, unless the reader asked for English here or before."""
    asked = request.query_params.get("lang") or request.cookies.get(LANGUAGE_COOKIE)
    return asked if asked in LANGUAGES else LANGUAGES[0]


def other_language(request: Request) -> str:
    """The query that shows the same page in the other language."""
    kept = {name: value for name, value in request.query_params.items() if name != "as"}
    return urlencode(kept | {"lang": "zh" if language_of(request) == "en" else "en"})


def chosen_person(request: Request, people: People) -> Person:
    """Whoever holds the phone: named in the address, or remembered by the browser."""
    named = request.query_params.get("as") or request.cookies.get(PERSON_COOKIE, "")
    return people.get(named)


def remember(answer: Answer, cookie: str, value: str) -> Answer:
    """Keep a choice in the browser; it opens no door, so it is not signed."""
    answer.set_cookie(cookie, value, path="/", httponly=True, samesite="lax")
    return answer


def yuan(fen: int) -> str:
    """Fen as people read money."""
    return f"¥{fen // 100:,}.{fen % 100:02d}"


def clock(moment: datetime) -> str:
    """A moment as a phone shows it."""
    return moment.astimezone(SHANGHAI).strftime("%m-%d %H:%M")


def hour(moment: datetime | None) -> str:
    """The time of day at the top of a phone."""
    return "" if moment is None else moment.astimezone(SHANGHAI).strftime("%H:%M")


def hue(someone: Person | str) -> int:
    """One of six colours, the same for somebody every time."""
    return sum((someone if isinstance(someone, str) else someone.id).encode()) % 6
