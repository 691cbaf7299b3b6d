"""All subjects of the WeCom host, built once and put together."""

from __future__ import annotations

from headwater.sandbox.hosts import Ground
from headwater.sandbox.wecom.acts import Acts
from headwater.sandbox.wecom.acts.shown import Desk
from headwater.sandbox.wecom.api import Api
from headwater.sandbox.wecom.callbacks import Callbacks
from headwater.sandbox.wecom.company.inbox import Inbox
from headwater.sandbox.wecom.company.login import Login
from headwater.sandbox.wecom.company.media import Media
from headwater.sandbox.wecom.company.staff import Staff
from headwater.sandbox.wecom.contacts.broadcast_calls import BroadcastCalls
from headwater.sandbox.wecom.contacts.broadcasts import Broadcasts
from headwater.sandbox.wecom.contacts.customers import Customers
from headwater.sandbox.wecom.contacts.groups import GroupChats
from headwater.sandbox.wecom.contacts.moment_calls import MomentCalls
from headwater.sandbox.wecom.contacts.moments import Moments
from headwater.sandbox.wecom.contacts.relations import Relations
from headwater.sandbox.wecom.contacts.tags import Tags
from headwater.sandbox.wecom.contacts.transfers import Transfers
from headwater.sandbox.wecom.contacts.ways import Ways
from headwater.sandbox.wecom.contacts.welcomes import Welcomes
from headwater.sandbox.wecom.corp import Corp
from headwater.sandbox.wecom.limits import Rates
from headwater.sandbox.wecom.tokens import App, Tickets, Tokens


class House:
    """The company with its apps, its tokens and everything that can be asked of it."""

    def __init__(self, ground: Ground) -> None:
        wecom = ground.credentials["wecom"]
        self.rates = Rates()
        self.allowed: frozenset[str] | None = None
        """Addresses that may call, as typed into the console; none means that all may."""
        self.tokens = Tokens(wecom["corpid"], _apps(wecom), ground.faults)
        self.tickets = Tickets(self.rates, wecom["corpid"])
        self.callbacks = Callbacks(ground, wecom["corpid"], wecom["agentid"])
        self.media = Media(ground)
        self.corp = Corp(ground, Staff(ground), self.media, self.callbacks)
        self.login = Login(self.corp)
        self.desk = self._desk()
        self.acts = Acts(self.desk)

    def apis(self) -> list[Api]:
        """Every call of the platform that is simulated."""
        corp, desk = self.corp, self.desk
        subjects = (
            *(self.tokens, self.tickets, corp.staff, self.media, self.login, desk.inbox),
            Customers(corp, desk.relations, desk.tags),
            *(desk.tags, desk.ways, desk.welcomes, desk.transfers, desk.groups),
            BroadcastCalls(corp, desk.relations, desk.groups, desk.broadcasts),
            MomentCalls(corp, desk.relations, desk.tags, desk.moments),
        )
        return [api for subject in subjects for api in subject.apis()]

    def _desk(self) -> Desk:
        corp, relations = self.corp, Relations(self.corp)
        groups = GroupChats(corp)
        return Desk(
            corp=corp,
            relations=relations,
            welcomes=Welcomes(corp, relations),
            ways=Ways(corp, relations, self.rates),
            tags=Tags(corp, relations),
            groups=groups,
            broadcasts=Broadcasts(corp, relations, groups),
            moments=Moments(corp, relations),
            transfers=Transfers(corp, relations),
            inbox=Inbox(corp),
        )


def _apps(wecom: dict[str, object]) -> tuple[App, App]:
    """The app that guides use, and the one that the console lists for customer contact.

    Since December 2023 customer contact is called with the secret of a self-built app that is in
    the list of apps allowed to, no longer with a secret of the system.
    """
    return (
        App("app", str(wecom["secret"]), frozenset({"app"})),
        App("contacts", str(wecom["contact_secret"]), frozenset({"contacts"})),
    )
