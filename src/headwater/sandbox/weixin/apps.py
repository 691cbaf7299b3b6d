"""The two applications of the brand on the weixin hosts, as the platform's console knows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from headwater.sandbox.credentials import Credentials

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
    """The application in its part of the credentials."""
    part: dict[str, Any] = credentials[kind]
    return App(
        kind,
        part["appid"],
        part["secret"],
        part["name"],
        part["original_id"],
        part["token"],
        part["encoding_aes_key"],
    )
