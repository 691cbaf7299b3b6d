"""What a push may tell: one kind for each thing that people or the platform did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any


@dataclass(frozen=True)
class Followed:
    """A person follows the account, perhaps by scanning a code that carries a scene."""

    scene: str | None


@dataclass(frozen=True)
class Unfollowed:
    """A person follows the account no more."""


@dataclass(frozen=True)
class Scanned:
    """A follower scanned a code of ours."""

    scene: str


@dataclass(frozen=True)
class MenuPressed:
    """A person pressed a menu button that tells us so; `result` is what the button scanned."""

    key: str
    result: str | None


@dataclass(frozen=True)
class MenuOpened:
    """A person opened a page or a mini program from the menu."""

    address: str


@dataclass(frozen=True)
class Said:
    """A person wrote; `choice` names the entry of a menu message, if that is what they tapped."""

    message_id: str
    words: str
    choice: str | None


@dataclass(frozen=True)
class Sent:
    """A person sent something that is not words: a picture, a voice, a card, a place."""

    message_id: str
    form: str
    media_id: str | None
    fields: Mapping[str, Any]


@dataclass(frozen=True)
class ChatEntered:
    """A person opened the mini program's customer service."""

    session_from: str


class Delivery(Enum):
    """What became of a template message."""

    ARRIVED = "arrived"
    BLOCKED = "blocked"
    FAILED = "failed"


@dataclass(frozen=True)
class TemplateFinished:
    """The platform says what became of a template message."""

    message_id: str
    delivery: Delivery
    status_word: str


@dataclass(frozen=True)
class MassFinished:
    """The platform says what became of a mass send; `status_word` is its own, and may be new."""

    mass_id: str
    is_sent: bool
    status_word: str
    chosen: int
    sent: int
    failed: int


@dataclass(frozen=True)
class PublishFinished:
    """The platform says what became of an article's publication."""

    publish_id: str
    status: int
    article_id: str | None
    addresses: tuple[str, ...]


@dataclass(frozen=True)
class Choice:
    """One template and whether the person allows a message in it."""

    template_id: str
    is_accepted: bool


@dataclass(frozen=True)
class AuthorisationsGiven:
    """A person was asked for subscriptions: each yes is one message that may be sent."""

    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class AuthorisationsTakenBack:
    """A person changed subscriptions in WeChat's own settings; a no ends what was left."""

    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class SubscriptionSent:
    """What became of one subscription message; an error number of 0 is an arrival."""

    template_id: str
    message_id: str
    error: int
    status_word: str


@dataclass(frozen=True)
class SubscriptionsSent:
    """The platform says what became of subscription messages."""

    messages: tuple[SubscriptionSent, ...]


@dataclass(frozen=True)
class ShippingWanted:
    """An order was paid two days ago and its shipping is not uploaded: its money stays frozen."""

    transaction_id: str
    out_trade_no: str
    paid_at: datetime | None


@dataclass(frozen=True)
class ShippingServiceWanted:
    """The platform asks us to connect to its shipping service at all."""

    words: str


@dataclass(frozen=True)
class OrderSettling:
    """An order's money will be ours at a moment, or is: then `settled_at` is there."""

    transaction_id: str
    out_trade_no: str
    expected_at: datetime | None
    received_at: datetime | None
    is_received_by_hand: bool
    settled_at: datetime | None


@dataclass(frozen=True)
class MediaChecked:
    """The platform has looked at a picture or a sound; the word may be one that is new to us."""

    trace_id: str
    suggestion: str
    label: int
    error: int


@dataclass(frozen=True)
class Unknown:
    """Something that we have no word for, with everything it said."""

    kind: str
    fields: Mapping[str, Any]


Happened = (
    Followed
    | Unfollowed
    | Scanned
    | MenuPressed
    | MenuOpened
    | Said
    | Sent
    | ChatEntered
    | TemplateFinished
    | MassFinished
    | PublishFinished
    | AuthorisationsGiven
    | AuthorisationsTakenBack
    | SubscriptionsSent
    | ShippingWanted
    | ShippingServiceWanted
    | OrderSettling
    | MediaChecked
    | Unknown
)


@dataclass(frozen=True)
class Push:
    """One push: to which account, from whom, when, and what happened.

    The platform sends a push up to three times. `once_key` is the same for each copy, however it
    was sealed, and is what one remembers in order to act once.
    """

    account: str
    openid: str
    sent_at: datetime
    once_key: str
    happened: Happened
