"""The two applications of the brand on the weixin hosts, as the platform's console knows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from headwater.sandbox.credentials import Credentials, derive

Kind = Literal["official_account", "mini_program"]
OFFICIAL_ACCOUNT: Kind = "official_account"
MINI_PROGRAM: Kind = "mini_program"


@dataclass(frozen=True)
class App:
    """One application: who it is, and with what its pushes are signed and sealed."""

    kind: Kind
    appid: str
    secret: str
    name: str
    original_id: str
    token: str
    encoding_aes_key: str


def app_of(credentials: Credentials, kind: Kind) -> App:
    """The application in its part of the credentials; its original id follows from the seed."""
    part: dict[str, Any] = credentials[kind]
    return App(
        kind,
        part["appid"],
        part["secret"],
        part["name"],
        "gh_" + derive(credentials["seed"], "original id", kind).hex()[:12],
        part["token"],
        part["encoding_aes_key"],
    )
