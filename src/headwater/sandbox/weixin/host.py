"""The weixin host: login pages for browsers, the API of both apps, pushes, what people do."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.routing import Route

from headwater.sandbox.hosts import Ground, Host, Others, Telling
from headwater.sandbox.pay.host import PayHost
from headwater.sandbox.pay.payments import Payments
from headwater.sandbox.pay.refunds import Refunds
from headwater.sandbox.people import ACCOUNT, SERVICE, Message, NoSuchPerson
from headwater.sandbox.weixin.account.account import Account
from headwater.sandbox.weixin.account.acts import AccountActs
from headwater.sandbox.weixin.acts import Acts
from headwater.sandbox.weixin.apps import MINI_PROGRAM, OFFICIAL_ACCOUNT, Kind, app_of
from headwater.sandbox.weixin.calls import Call, Door
from headwater.sandbox.weixin.errors import WeixinError, done
from headwater.sandbox.weixin.limits import Meters
from headwater.sandbox.weixin.media import Media
from headwater.sandbox.weixin.oauth import WebLogin
from headwater.sandbox.weixin.program.acts import ProgramActs
from headwater.sandbox.weixin.program.program import Program
from headwater.sandbox.weixin.program.side_doors import ProgramSideDoors
from headwater.sandbox.weixin.pushes.queue import Push, Pushes
from headwater.sandbox.weixin.pushes.replies import Reply
from headwater.sandbox.weixin.side_doors import WeixinSideDoors
from headwater.sandbox.weixin.speaking.custom import Custom
from headwater.sandbox.weixin.speaking.windows import Windows
from headwater.sandbox.weixin.tokens import Keyring, TokenRequest, Tokens
from headwater.sandbox.weixin.web.login_pages import LoginPages
from headwater.sandbox.weixin.web.reading import Reading

HERE = "127.0.0.1"
OUT_OF_ORDER = "该公众号提供的服务出现故障，请稍后再试"


class WeixinHost(Host):
    """open, api and mp.weixin.qq.com on one root: their paths do not meet."""

    def __init__(self, ground: Ground, pay: tuple[Payments, Refunds]) -> None:
        self._ground = ground
        kinds: tuple[Kind, ...] = (OFFICIAL_ACCOUNT, MINI_PROGRAM)
        self.apps = {kind: app_of(ground.credentials, kind) for kind in kinds}
        account = self.apps[OFFICIAL_ACCOUNT]
        self._meters = meters = Meters()
        self.keyring = Keyring([Tokens(one, meters) for one in self.apps.values()], ground.faults)
        self.media = Media(ground.credentials[OFFICIAL_ACCOUNT]["api_base_url"], ground.journal)
        self.windows = Windows()
        self.pushes = Pushes(ground, self.apps, self._reply, self._fault)
        self.login = WebLogin(ground, account)
        self.account = Account(ground, account, self.pushes, self.media, meters)
        self.program = Program(ground, self.apps[MINI_PROGRAM], pay, self.pushes, meters)
        self.acts = Acts(
            AccountActs(ground, self.account, self.pushes, self.windows, self.media),
            ProgramActs(ground, self.program, self.pushes, self.windows),
            self.program,
        )
        self._custom = Custom(ground.people, self.windows, self.media)
        self._door = Door(ground, self.keyring, meters)

    def app(self) -> Starlette:
        """The host as an ASGI application."""
        return Starlette(
            routes=[
                *LoginPages(self._ground, self.login).routes(),
                *self._shared_routes(),
                *self.account.routes(self._door),
                *self.program.routes(self._door),
                *Reading(self.account.publishing).routes(),
                *WeixinSideDoors(self._ground, self).own_routes(),
            ]
        )

    def side_doors(self) -> list[Route]:
        """What people do, and what only the sandbox's owner may."""
        of_program = ProgramSideDoors(self._ground, self.program, self.acts.program)
        return [*WeixinSideDoors(self._ground, self).routes(), *of_program.routes()]

    def take_due(self, now: datetime) -> list[Telling]:
        """Finish what was asked for a moment ago; then the pushes whose time has come."""
        self.account.finish_due(now)
        self.program.finish_due(now)
        return self.pushes.take_due(now)

    def _shared_routes(self) -> list[Route]:
        """What both apps have, and what needs no API token."""
        door, media = self._door, self.media
        return [
            door.free("GET", "/sns/oauth2/access_token", self.login.trade, is_text=True),
            door.free("GET", "/sns/oauth2/refresh_token", self.login.refresh, is_text=True),
            door.free("GET", "/sns/auth", self.login.check, is_text=True),
            door.free("GET", "/sns/userinfo", self.login.about, is_text=True),
            door.free("GET", "/cgi-bin/token", self._plain_token),
            door.free("POST", "/cgi-bin/stable_token", self._stable_token),
            door.api("POST", "/cgi-bin/clear_quota", self._clear_quota),
            door.api("GET", "/cgi-bin/get_api_domain_ip", lambda call: {"ip_list": [HERE]}),
            door.api("GET", "/cgi-bin/getcallbackip", lambda call: {"ip_list": [HERE]}),
            door.api("GET", "/cgi-bin/ticket/getticket", self._ticket, OFFICIAL_ACCOUNT),
            door.api("POST", "/cgi-bin/message/custom/send", self._custom.send),
            door.api("POST", "/cgi-bin/message/custom/typing", self._custom.typing),
            door.api("POST", "/cgi-bin/media/upload", media.upload),
            door.api("GET", "/cgi-bin/media/get", media.fetch),
            door.api("POST", "/cgi-bin/media/uploadimg", media.upload_image, OFFICIAL_ACCOUNT),
            *(
                door.api(method, f"/cgi-bin/material/{path}", verb, OFFICIAL_ACCOUNT)
                for method, path, verb in (
                    ("POST", "add_material", media.add_material),
                    ("POST", "get_material", media.get_material),
                    ("POST", "del_material", media.delete_material),
                    ("GET", "get_materialcount", media.count_material),
                    ("POST", "batchget_material", media.list_material),
                )
            ),
        ]

    def _plain_token(self, call: Call) -> dict[str, Any]:
        asked = msgspec.convert(
            {name: call.query.get(name, "") for name in ("grant_type", "appid", "secret")},
            TokenRequest,
        )
        return self.keyring.trusted(asked).plain(call.now)

    def _stable_token(self, call: Call) -> dict[str, Any]:
        asked = call.read(TokenRequest)
        return self.keyring.trusted(asked).stable(asked, call.now)

    def _clear_quota(self, call: Call) -> dict[str, Any]:
        if call.read(TokenRequest).appid != call.app.appid:
            raise WeixinError(40013, "invalid appid")
        self._meters.clear(call.app.appid, call.now)
        return done()

    def _ticket(self, call: Call) -> dict[str, Any]:
        return self.keyring.of(call.app).ticket(call.query.get("type", ""), call.now)

    def _reply(self, push: Push, reply: Reply | None, now: datetime) -> None:
        """The merchant answered at once: the words stand in the chat, outside of any window."""
        if reply is None or reply.kind == "transfer_customer_service":
            return
        try:
            person = self._ground.people.behind(push.openid, self.apps[push.kind].appid)
        except NoSuchPerson:
            # The platform's own assistant told this; nobody reads an answer to it.
            return
        chat = ACCOUNT if push.kind == OFFICIAL_ACCOUNT else SERVICE
        first = reply.articles[0] if reply.articles else None
        message = Message(
            reply.kind,
            first.title if first else reply.text,
            tuple((one.title, one.description) for one in reply.articles),
            first.url if first else None,
            now,
            media_id=reply.media_id,
        )
        self._ground.people.deliver(person, message, chat)

    def _fault(self, push: Push, reply: Reply | None, now: datetime) -> None:
        """Nobody answered a person who wrote or pressed: the platform says so in the chat."""
        is_asked = push.fields.get("MsgType") != "event" or push.fields.get("Event") == "CLICK"
        if push.kind != OFFICIAL_ACCOUNT or not is_asked:
            return
        person = self._ground.people.behind(push.openid, self.apps[push.kind].appid)
        self._ground.people.deliver(person, Message("system", OUT_OF_ORDER, (), None, now))


def plug(ground: Ground, others: Others) -> WeixinHost:
    """The weixin host of this sandbox."""
    pay = others.the(PayHost)
    return WeixinHost(ground, (pay.payments, pay.refunds))
