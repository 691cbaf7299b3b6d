"""The mini program as a whole: its subjects, and the addresses of its API."""

from __future__ import annotations

from datetime import datetime

from starlette.routing import Route

from headwater.sandbox.hosts import Ground
from headwater.sandbox.pay.payments import Payments
from headwater.sandbox.pay.refunds import Refunds
from headwater.sandbox.weixin.apps import MINI_PROGRAM, App
from headwater.sandbox.weixin.calls import Door, Verb
from headwater.sandbox.weixin.limits import Meters
from headwater.sandbox.weixin.program.codes import ProgramCodes
from headwater.sandbox.weixin.program.content import Checks
from headwater.sandbox.weixin.program.links import Links
from headwater.sandbox.weixin.program.logins import Logins
from headwater.sandbox.weixin.program.pages import ProgramPages
from headwater.sandbox.weixin.program.shipping.orders import PaidOrders
from headwater.sandbox.weixin.program.shipping.queries import Queries
from headwater.sandbox.weixin.program.shipping.settling import Settling
from headwater.sandbox.weixin.program.shipping.shipments import Shipping
from headwater.sandbox.weixin.program.subscriptions import Subscriptions
from headwater.sandbox.weixin.pushes.queue import Pushes


class Program:
    """Everything that only a mini program has."""

    def __init__(
        self,
        ground: Ground,
        app: App,
        pay: tuple[Payments, Refunds],
        pushes: Pushes,
        meters: Meters,
    ) -> None:
        self.app = app
        self.pages = ProgramPages()
        self.logins = Logins(ground, app, meters)
        self.codes = ProgramCodes(app, self.pages, meters)
        self.links = Links(ground, app, self.pages, meters)
        self.subscriptions = Subscriptions(ground, app, self.pages, pushes, meters)
        self.checks = Checks(ground, app, self.logins, pushes)
        self.orders = PaidOrders(ground, app, pay)
        self.shipping = Shipping(ground, app, self.orders)
        self.queries = Queries(app, self.orders, self.shipping)
        self._settling = Settling(ground, app, self.orders, self.shipping, pushes)

    def finish_due(self, now: datetime) -> None:
        """Do what the clock owes."""
        self.checks.finish_due(now)
        self._settling.finish_due(now)

    def routes(self, door: Door) -> list[Route]:
        """The program's API."""
        session = door.free("GET", "/sns/jscode2session", self.logins.session, is_text=True)
        return [
            session,
            *(
                door.api(method, path, verb, MINI_PROGRAM)
                for method, path, verb in (*self._verbs(), *self._orders())
            ),
        ]

    def _verbs(self) -> list[tuple[str, str, Verb]]:
        return [
            ("GET", "/wxa/checksession", self.logins.check_session),
            ("POST", "/wxa/business/getuserphonenumber", self.logins.phone_number),
            ("POST", "/wxa/getwxacodeunlimit", self.codes.unlimited),
            ("POST", "/wxa/getwxacode", self.codes.with_path),
            ("POST", "/cgi-bin/wxaapp/createwxaqrcode", self.codes.with_path),
            ("POST", "/wxa/generatescheme", self.links.scheme),
            ("POST", "/wxa/generate_urllink", self.links.url),
            ("POST", "/cgi-bin/message/subscribe/send", self.subscriptions.send),
            ("GET", "/wxaapi/newtmpl/gettemplate", self.subscriptions.everything),
            ("POST", "/wxa/msg_sec_check", self.checks.text),
            ("POST", "/wxa/media_check_async", self.checks.media),
        ]

    def _orders(self) -> list[tuple[str, str, Verb]]:
        start = "/wxa/sec/order/"
        companies = "/cgi-bin/express/delivery/open_msg/get_delivery_list"
        return [
            ("POST", start + "upload_shipping_info", self.shipping.upload),
            ("POST", start + "upload_combined_shipping_info", self.shipping.upload_combined),
            ("POST", start + "get_order", self.queries.one),
            ("POST", start + "get_order_list", self.queries.page),
            ("POST", start + "notify_confirm_receive", self.queries.remind),
            ("POST", start + "set_msg_jump_path", self.queries.jump_to),
            ("POST", start + "is_trade_managed", self.queries.is_managed),
            (
                "POST",
                start + "is_trade_management_confirmation_completed",
                self.queries.is_confirmed,
            ),
            ("POST", start + "opspecialorder", self.queries.special),
            ("POST", companies, self.queries.companies),
        ]
