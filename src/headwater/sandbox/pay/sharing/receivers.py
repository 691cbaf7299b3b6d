"""Receivers of shares: somebody must be added before an order's money may go there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from headwater.sandbox.hosts import Ground
from headwater.sandbox.pay.errors import bad_parameter, invalid_request

Kind = Literal["MERCHANT_ID", "PERSONAL_OPENID"]
Account = Annotated[str, Meta(min_length=1, max_length=64)]
Relation = Literal[
    "STORE",
    "STAFF",
    "STORE_OWNER",
    "PARTNER",
    "HEADQUARTER",
    "BRAND",
    "DISTRIBUTOR",
    "USER",
    "SUPPLIER",
    "CUSTOM",
]
Open = Callable[[str, str], str]


class ReceiverRequest(msgspec.Struct):
    """The body of receivers/add; the name is encrypted with the platform's key."""

    appid: Annotated[str, Meta(min_length=1, max_length=32)]
    type: Kind
    account: Account
    relation_type: Relation
    name: Annotated[str, Meta(max_length=1_024)] | None = None
    custom_relation: Annotated[str, Meta(max_length=10)] | None = None
    sub_mchid: Annotated[str, Meta(max_length=32)] | None = None


class ReceiverGone(msgspec.Struct):
    """The body of receivers/delete."""

    appid: Annotated[str, Meta(min_length=1, max_length=32)]
    type: Kind
    account: Account
    sub_mchid: Annotated[str, Meta(max_length=32)] | None = None


@dataclass(frozen=True)
class Receiver:
    """Somebody who may be given a part; `is_there` says whether they still are."""

    kind: str
    account: str
    relation: str
    name: str | None
    is_there: bool = True


class Receivers:
    """Everybody who was added, by kind and account."""

    def __init__(self, ground: Ground) -> None:
        known = ground.credentials
        self._appids = tuple(known[one]["appid"] for one in ("official_account", "mini_program"))
        self._journal = ground.journal
        self._all: dict[tuple[str, str], Receiver] = {}
        for row in ground.journal.rows("receiver", Receiver):
            self._all[row.kind, row.account] = row

    def add(self, asked: ReceiverRequest, opened: Open) -> dict[str, Any]:
        """Adding somebody again changes nothing."""
        self._check_appid(asked.appid)
        if asked.type == "MERCHANT_ID" and asked.name is None:
            raise bad_parameter("/name", "is required for a merchant")
        if asked.relation_type == "CUSTOM" and not asked.custom_relation:
            raise bad_parameter("/custom_relation", "is required for CUSTOM")
        name = None if asked.name is None else opened("/name", asked.name)
        self._save(Receiver(asked.type, asked.account, asked.relation_type, name))
        said: dict[str, Any] = msgspec.to_builtins(asked)
        shown = ("type", "account", "name", "relation_type", "custom_relation")
        return {field: said[field] for field in shown if said[field] is not None}

    def remove(self, asked: ReceiverGone) -> dict[str, Any]:
        """Removing somebody; what they were given stays theirs."""
        self._check_appid(asked.appid)
        known = self._all.get((asked.type, asked.account))
        if known is not None:
            self._save(Receiver(known.kind, known.account, known.relation, known.name, False))
        return {"type": asked.type, "account": asked.account}

    def require(self, kind: str, account: str) -> None:
        """Refuse a share to somebody who was never added."""
        known = self._all.get((kind, account))
        if known is None or not known.is_there:
            raise invalid_request("分账接收方关系不存在，请检查参数中每个接收方的关系")

    def _check_appid(self, appid: str) -> None:
        if appid not in self._appids:
            raise bad_parameter("/appid", "is not bound to the merchant")

    def _save(self, receiver: Receiver) -> None:
        self._all[receiver.kind, receiver.account] = receiver
        self._journal.write("receiver", receiver)
