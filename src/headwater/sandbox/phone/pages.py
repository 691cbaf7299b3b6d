"""How the sandbox's few pages are rendered: strict templates, a strict policy, two languages."""

from __future__ import annotations

import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import jinja2
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from headwater.sandbox.pay.wire import SHANGHAI
from headwater.sandbox.people import People, Person

HERE = Path(__file__).parent
PERSON_COOKIE = "sandbox_person"
LANGUAGE_COOKIE = "sandbox_language"
SHOWN = 20
LANGUAGES = ("zh", "en")
Answer = TypeVar("Answer", bound=Response)


class Pages:
    """Renders the sandbox's pages; they run no script at all."""

    def __init__(self) -> None:
        self._wording = tomllib.loads((HERE / "wording.toml").read_text(encoding="utf-8"))
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(HERE / "templates"),
            undefined=jinja2.StrictUndefined,
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters |= {"yuan": yuan, "clock": clock, "hue": hue}
        self.static = Mount("/_static", StaticFiles(directory=HERE / "static"))

    def show(self, request: Request, template: str, status: int = 200, **values: Any) -> Response:
        """A page in the reader's language; `forms_to` is the one foreign place forms may end at."""
        language = language_of(request)
        words = {name: said[language] for name, said in self._wording.items()}
        forms_to = values.pop("forms_to", None) or ""
        html = self._templates.get_template(template).render(
            **values, words=words, language=language
        )
        answer = Response(html, status, media_type="text/html")
        answer.headers["Content-Security-Policy"] = (
            "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
            f"frame-ancestors 'none'; form-action 'self' {forms_to}".rstrip()
        )
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["Referrer-Policy"] = "no-referrer"
        answer.headers["Cache-Control"] = "no-store"
        return remember(answer, LANGUAGE_COOKIE, language)


def language_of(request: Request) -> str:
    """Chinese, unless the reader asked for English here or before."""
    asked = request.query_params.get("lang") or request.cookies.get(LANGUAGE_COOKIE)
    return asked if asked in LANGUAGES else LANGUAGES[0]


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


def hue(person: Person) -> int:
    """One of six colours, the same for a person every time."""
    return sum(person.id.encode()) % 6
