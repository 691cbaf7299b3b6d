"""Signed cookies: what a browser carries for us, and cannot change."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from itsdangerous import BadData, Signer, TimestampSigner, URLSafeTimedSerializer
from starlette.requests import HTTPConnection
from starlette.responses import Response

NONCE = "form"
# Two servers' clocks may differ by so much before a cookie from the future is refused.
CLOCKS_DIFFER_SECONDS = 60
# Of browsers seen lately; a signature is checked anew for one that comes back after many others.
COOKIES_KEPT = 8192


def seal(keys: Sequence[str], purpose: str, payload: Any, now: datetime) -> str:
    """Sign a payload for one purpose; a cookie of another purpose never opens as this one."""
    return str(_serializer(keys, purpose, now).dumps(payload))


def unseal(
    keys: Sequence[str], purpose: str, text: str | None, max_age_seconds: int, now: datetime
) -> Any | None:
    """The payload, or nothing where the signature is not ours or is too old."""
    if not text or len(text) > 4096:
        return None
    try:
        payload, signed_at = _opened(tuple(keys), purpose, text)
    except BadData:
        return None
    age = now.timestamp() - signed_at
    return payload if age + CLOCKS_DIFFER_SECONDS >= 0 and age <= max_age_seconds else None


def put(
    response: Response, name: str, value: str, *, is_secure: bool, max_age_seconds: int | None
) -> None:
    """Give a cookie that scripts cannot read and other sites cannot send with a form."""
    response.set_cookie(
        cookie_name(name, is_secure),
        value,
        max_age=max_age_seconds,
        path="/",
        secure=is_secure,
        httponly=True,
        samesite="lax",
    )


def read(connection: HTTPConnection, name: str, *, is_secure: bool) -> str | None:
    """The raw text of one of our cookies."""
    return connection.cookies.get(cookie_name(name, is_secure))


def drop(response: Response, name: str, *, is_secure: bool) -> None:
    """Take a cookie back."""
    response.delete_cookie(
        cookie_name(name, is_secure), path="/", secure=is_secure, httponly=True, samesite="lax"
    )


def cookie_name(name: str, is_secure: bool) -> str:
    """Over TLS the prefix lets the browser itself refuse the cookie from a sibling host."""
    return f"__Host-{name}" if is_secure else name


def new_nonce() -> str:
    """A fresh value that one browser keeps for its forms."""
    return secrets.token_urlsafe(18)


def form_token(keys: Sequence[str], nonce: str) -> str:
    """What a form carries: the nonce in the cookie, signed, so that nobody else can write one."""
    return _form_signer(keys).sign(nonce).decode()


def is_form_token(keys: Sequence[str], nonce: str | None, token: str | None) -> bool:
    """Whether a form's token was written by us for this very browser."""
    if not nonce or not token:
        return False
    try:
        signed = _form_signer(keys).unsign(token).decode()
    except BadData:
        return False
    return secrets.compare_digest(signed.encode(), nonce.encode())


def _form_signer(keys: Sequence[str]) -> Signer:
    return Signer(_oldest_first(keys), salt="headwater.form")


@lru_cache(maxsize=COOKIES_KEPT)
def _opened(keys: tuple[str, ...], purpose: str, text: str) -> tuple[Any, float]:
    """Check a signature once for each cookie: a browser sends the same one with every request.

    What is not ours raises, and is not kept: nobody can fill this with cookies of their own make.
    Its age is judged anew each time.
    """
    payload, signed_at = _reader(keys, purpose).loads(text, return_timestamp=True)
    return payload, signed_at.timestamp()


@cache
def _reader(keys: tuple[str, ...], purpose: str) -> URLSafeTimedSerializer:
    """Make what opens cookies of one purpose, once: every request asks for it."""
    return URLSafeTimedSerializer(_oldest_first(keys), salt=f"headwater.{purpose}")


def _serializer(keys: Sequence[str], purpose: str, now: datetime) -> URLSafeTimedSerializer:
    class SignerAt(TimestampSigner):
        """A signer whose clock is the caller's."""

        def get_timestamp(self) -> int:
            return int(now.timestamp())

    return URLSafeTimedSerializer(_oldest_first(keys), salt=f"headwater.{purpose}", signer=SignerAt)


def _oldest_first(keys: Sequence[str]) -> list[str]:
    """We name the signing key first; the library wants it last."""
    if not keys or any(len(key) < 16 for key in keys):
        raise ValueError("a signing key needs at least 16 characters")
    return list(reversed(keys))
