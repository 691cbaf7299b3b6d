"""Template messages to followers, and the event that says how each one ended."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec

from headwater.sandbox.credentials import TEMPLATES
from headwater.sandbox.people import Message, People
from headwater.sandbox.weixin.account.users import Followers
from headwater.sandbox.weixin.calls import Call
from headwater.sandbox.weixin.errors import WeixinError, done
from headwater.sandbox.weixin.limits import Meters
from headwater.sandbox.weixin.pushes.queue import Pushes
from headwater.sandbox.weixin.speaking.fields import check_given

SAME_MESSAGE = timedelta(minutes=10)


class Value(msgspec.Struct):
    value: str
    color: str | None = None


class Program(msgspec.Struct):
    appid: str
    pagepath: str = ""


class TemplateRequest(msgspec.Struct):
    """The body of template/send."""

    touser: str
    template_id: str
    data: dict[str, Value]
    url: str | None = None
    miniprogram: Program | None = None
    client_msg_id: str | None = None


class Templates:
    """The account's templates and what was sent by them."""

    def __init__(
        self,
        template_ids: dict[str, str],
        people: People,
        followers: Followers,
        pushes: Pushes,
        meters: Meters,
    ) -> None:
        self._names = {template_id: name for name, template_id in template_ids.items()}
        self._people = people
        self._followers = followers
        self._pushes = pushes
        self._meters = meters
        self._sent: dict[tuple[str, str], tuple[datetime, int]] = {}
        self._count = 0

    def send(self, call: Call) -> dict[str, Any]:
        """message/template/send: the same client_msg_id within ten minutes arrives once."""
        asked = call.read(TemplateRequest)
        person = self._followers.follower(asked.touser)
        name = self._names.get(asked.template_id)
        if name is None:
            raise WeixinError(40037, "invalid template_id")
        check_given(TEMPLATES[name][1], {each: one.value for each, one in asked.data.items()})
        key = (person.id, asked.client_msg_id or "")
        before = self._sent.get(key)
        if asked.client_msg_id and before is not None and call.now - before[0] < SAME_MESSAGE:
            return done(msgid=before[1])
        self._meters.spend("template.day", call.app.appid, call.now)
        self._people.deliver(person, _message(asked, name, call.now))
        self._count += 1
        self._sent[key] = (call.now, self._count)
        said = {"Event": "TEMPLATESENDJOBFINISH", "MsgID": self._count, "Status": "success"}
        self._pushes.event(call.app, asked.touser, said, call.now)
        return done(msgid=self._count)

    def everything(self, call: Call) -> dict[str, Any]:
        """template/get_all_private_template: what the account may send."""
        listed = []
        for template_id, name in self._names.items():
            title, labels = TEMPLATES[name]
            content = "\n".join(f"{label}:{{{{{key}.DATA}}}}" for key, label in labels.items())
            listed.append(
                {
                    "template_id": template_id,
                    "title": title,
                    "primary_industry": "消费品",
                    "deputy_industry": "消费品",
                    "content": content,
                    "example": "",
                }
            )
        return {"template_list": listed}


def _message(asked: TemplateRequest, name: str, now: datetime) -> Message:
    title, labels = TEMPLATES[name]
    lines = tuple((labels.get(one, one), field.value) for one, field in asked.data.items())
    program = asked.miniprogram
    return Message(
        "template",
        title,
        lines,
        asked.url,
        now,
        template_id=asked.template_id,
        client_id=asked.client_msg_id,
        appid=program.appid if program else None,
        pagepath=program.pagepath if program else None,
    )
