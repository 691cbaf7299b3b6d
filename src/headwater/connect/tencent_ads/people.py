"""Who may be named to an advertiser's platform: only those who said yes, and only as hashes.

Uploading even a hashed phone number is processing of personal data under the PIPL, so these types
can be made from a consent that is in force and in no other way.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Final, Protocol

from headwater.base.errors import BadInput

_MAINLAND: Final = re.compile(r"(?:\+86)?(1[0-9]{10})")


class ConsentInForce(Protocol):
    """What the business kept of a member's yes or no; the latest one counts."""

    @property
    def purpose(self) -> str:
        """What for."""
        ...

    @property
    def is_granted(self) -> bool:
        """Whether they said yes."""
        ...

    @property
    def text_version(self) -> str:
        """Which words they read."""
        ...

    @property
    def said_at(self) -> datetime:
        """When they said so."""
        ...


@dataclass(frozen=True)
class AdIdentity:
    """The ids by which a platform may know a person; never shown, and hashed where it is possible.

    Open id and union id count only together with the app that they belong to.
    """

    phone: str | None = field(default=None, repr=False)
    openid: str | None = field(default=None, repr=False)
    unionid: str | None = field(default=None, repr=False)
    appid: str | None = None

    def __post_init__(self) -> None:
        if not (self.phone or self.openid or self.unionid):
            raise BadInput("identity", "a phone, an open id or a union id")
        if (self.openid or self.unionid) and not self.appid:
            raise BadInput("appid", "an open id or union id belongs to an app")
        if self.phone is not None and not _MAINLAND.fullmatch(self.phone):
            raise BadInput("phone", "a mainland mobile number of eleven digits")

    @property
    def phone_sha256(self) -> str | None:
        """The hash of the eleven digits alone, as the platform makes it."""
        if self.phone is None:
            return None
        digits = self.phone.removeprefix("+86")
        return hashlib.sha256(digits.encode()).hexdigest()


@dataclass(frozen=True)
class _Proved:
    """A person with the consent as proof beside the identity."""

    consent: ConsentInForce
    identity: AdIdentity

    purpose: ClassVar[str]
    is_yes: ClassVar[bool]

    def __post_init__(self) -> None:
        if self.consent.purpose != self.purpose:
            raise BadInput("consent", f"must be for {self.purpose}")
        if self.consent.is_granted is not self.is_yes:
            said = "a yes" if self.is_yes else "a no"
            raise BadInput("consent", f"the latest word must be {said}")


@dataclass(frozen=True)
class MeasuredPerson(_Proved):
    """Somebody whose buying may be told to the platform, so that an ad's effect can be read."""

    purpose: ClassVar[str] = "measurement"
    is_yes: ClassVar[bool] = True


@dataclass(frozen=True)
class AudiencePerson(_Proved):
    """Somebody who may be put into an audience, so that ads find them or leave them alone."""

    purpose: ClassVar[str] = "marketing"
    is_yes: ClassVar[bool] = True


@dataclass(frozen=True)
class WithdrawnPerson(_Proved):
    """Somebody who took their yes back: naming them once more, to take them out, is their wish."""

    purpose: ClassVar[str] = "marketing"
    is_yes: ClassVar[bool] = False
