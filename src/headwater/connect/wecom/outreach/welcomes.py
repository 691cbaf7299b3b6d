"""The welcome: one message, within twenty seconds after somebody became a customer.

developer.work.weixin.qq.com/document/path/92599
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from headwater.base.times import Clock
from headwater.connect.wecom import bounds
from headwater.connect.wecom.api import Nothing, WecomApi
from headwater.connect.wecom.errors import WelcomeSpent
from headwater.connect.wecom.outreach.content import Content


@dataclass(frozen=True)
class WelcomeTicket:
    """The right to send one welcome, and until when it lasts."""

    code: str = field(repr=False)
    until: datetime

    @classmethod
    def of(cls, code: str, came_at: datetime) -> WelcomeTicket:
        """Count the twenty seconds from the moment that the push names."""
        return cls(code, came_at + timedelta(seconds=bounds.WELCOME_SECONDS))


class Welcomes:
    """Greets those who have just become customers."""

    def __init__(self, api: WecomApi, now: Clock) -> None:
        self._api = api
        self._now = now

    async def send(self, ticket: WelcomeTicket, content: Content) -> None:
        """Send the one welcome of this ticket; a repeat after success is WelcomeSpent.

        NotReached means that nothing was sent and that it may be tried again at once, as long as
        the ticket lasts. After Trouble a repeat is safe too, since a ticket sends only once.
        """
        said = content.wire()
        if self._now() >= ticket.until:
            raise WelcomeSpent("too_late", "the twenty seconds are over")
        path = "/cgi-bin/externalcontact/send_welcome_msg"
        await self._api.post(path, {"welcome_code": ticket.code, **said}, Nothing)
