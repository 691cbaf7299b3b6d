"""Template messages: service notices in approved forms; advertising is forbidden in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from headwater.connect.weixin_api import WeixinApp


class _Sent(msgspec.Struct):
    msgid: int


class _Template(msgspec.Struct):
    template_id: str
    title: str = ""
    content: str = ""


class _Templates(msgspec.Struct):
    template_list: list[_Template] = []


@dataclass(frozen=True)
class Template:
    """A form that the platform has approved for this account."""

    template_id: str
    title: str
    content: str


@dataclass(frozen=True)
class Templates:
    """The template messages of one official account."""

    app: WeixinApp

    async def send(
        self,
        openid: str,
        template_id: str,
        fields: Mapping[str, str],
        url: str | None,
        once_key: str | None = None,
    ) -> str:
        """Send one template message and give the message id.

        A repeat is a second message, unless both carry the same `once_key` within ten minutes.
        CannotReach means that the person does not follow the account. Whether the message
        arrived comes later as a push, TemplateFinished.
        """
        body: dict[str, Any] = {
            "touser": openid,
            "template_id": template_id,
            "data": {name: {"value": value} for name, value in fields.items()},
        }
        if url:
            body["url"] = url
        if once_key:
            body["client_msg_id"] = once_key
        sent = await self.app.post("/cgi-bin/message/template/send", body, _Sent)
        return str(sent.msgid)

    async def known(self) -> list[Template]:
        """List the forms that the account may use; asking again changes nothing."""
        wire = await self.app.get("/cgi-bin/template/get_all_private_template", _Templates)
        return [Template(each.template_id, each.title, each.content) for each in wire.template_list]
