"""When an app may speak freely to a person: stretches of time that the person's acts open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from headwater.sandbox.people import Person
from headwater.sandbox.weixin.apps import App
from headwater.sandbox.weixin.errors import WeixinError

# What opens a window, for how long and for how many messages, as of 2026-11-22:
# developers.weixin.qq.com/doc/offiaccount/Customer_Service/Customer_Service_Messages.html and
# developers.weixin.qq.com/miniprogram/dev/framework/open-ability/customer-message/send.html
RULES: Mapping[tuple[str, str], tuple[timedelta, int]] = {
    ("official_account", "message"): (timedelta(hours=48), 5),
    ("official_account", "follow"): (timedelta(minutes=1), 3),
    ("official_account", "menu"): (timedelta(minutes=1), 3),
    ("official_account", "scan"): (timedelta(minutes=1), 3),
    ("mini_program", "message"): (timedelta(hours=48), 5),
    ("mini_program", "enter"): (timedelta(minutes=1), 2),
}


@dataclass
class Window:
    """A stretch of time in which the app may speak freely, so often and no more."""

    until: datetime
    left: int


class Windows:
    """All open windows of all people."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, str], list[Window]] = {}

    def open(self, app: App, person: Person, act: str, now: datetime) -> None:
        """The person did something that lets the app speak for a while."""
        length, left = RULES[app.kind, act]
        key = (app.appid, person.id)
        kept = [one for one in self._open.get(key, []) if one.until > now]
        self._open[key] = [*kept, Window(now + length, left)]

    def shut(self, app: App, person: Person) -> None:
        """The person left, so nothing may be said any more."""
        self._open.pop((app.appid, person.id), None)

    def spend(self, app: App, person: Person, now: datetime) -> None:
        """Use one message of a window, or refuse it."""
        windows = [one for one in self._open.get((app.appid, person.id), []) if one.until > now]
        if not windows:
            raise WeixinError(45015, "response out of time limit or subscription is canceled")
        usable = next((one for one in windows if one.left > 0), None)
        if usable is None:
            raise WeixinError(45047, "out of response count limit")
        usable.left -= 1
