"""What every door of one installation shares: its name, its keys and its safe headers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from headwater.web.kit import wording


@dataclass(frozen=True)
class Site:
    """The name over the doors, the keys of their cookies, and where they may send people.

    The first key signs; the others still open what they once signed, so that keys can rotate.
    Pages stand in no frame but those of `framed_by`: the sandbox's phones, on a laptop. Pictures
    may lie at the hosts of `pictures_from`, and are put there by the browser itself.
    """

    keys: tuple[str, ...]
    name: str = "活水"
    is_secure: bool = False
    origins: tuple[str, ...] = ()
    form_hosts: tuple[str, ...] = ()
    framed_by: tuple[str, ...] = ()
    pictures_from: tuple[str, ...] = ()
    logins: Mapping[str, str] = field(
        default_factory=lambda: {"/guide": "/guide/login", "/console": "/console/login"}
    )

    def login_for(self, path: str) -> str:
        """The login page of the door that a path belongs to."""
        for door, login in self.logins.items():
            if path == door or path.startswith(door + "/"):
                return login
        return "/login"


def site_of(connection: HTTPConnection) -> Site:
    """The site that the wiring has put into `app.state.site`."""
    site: Site = connection.app.state.site
    return site


class SafeHeaders:
    """Adds to each answer what keeps foreign scripts, frames and forms out.

    Plain ASGI, since it stands in front of the hot paths. A page that needs more (the camera page
    compiles WebAssembly) sets its own Content-Security-Policy, which is left as it is.
    """

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self.app = app
        named = safe_headers(site).items()
        self.policy, *self.others = [(key.encode(), value.encode()) for key, value in named]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and complete the head of its answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        wording.listen(scope)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = list(message.get("headers", ()))
                if not any(name == self.policy[0] for name, _value in given):
                    given.append(self.policy)
                message = {**message, "headers": [*given, *self.others]}
            await send(message)

        await self.app(scope, receive, send_with_headers)


def safe_headers(site: Site) -> dict[str, str]:
    """The headers of every answer, the policy first."""
    headers = {
        "content-security-policy": content_policy(site),
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "permissions-policy": "camera=(self), geolocation=(self), microphone=()",
    }
    if site.is_secure:
        headers["strict-transport-security"] = "max-age=31536000"
        headers["cross-origin-opener-policy"] = "same-origin"
    return headers


def content_policy(site: Site, script_extra: str = "") -> str:
    """What a page may load: our own files, and nothing written into the page itself."""
    rules = [
        "default-src 'self'",
        " ".join(["img-src 'self' data:", *site.pictures_from]),
        "style-src 'self'",
        f"script-src 'self' {script_extra}".strip(),
        " ".join(["frame-ancestors", *(site.framed_by or ["'none'"])]),
        "base-uri 'none'",
        "object-src 'none'",
        " ".join(["form-action 'self'", *site.form_hosts]),
    ]
    if site.pictures_from:
        rules.append(" ".join(["connect-src 'self'", *site.pictures_from]))
    return "; ".join(rules)
