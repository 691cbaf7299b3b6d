"""Notices of WeChat Pay: from raw bytes to a fact that one may believe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import msgspec

from headwater.base.errors import Forged, Trouble
from headwater.connect.sending import Fen, Identifier, moment_or_none, understood
from headwater.connect.wechat_pay.keys import ALLOWED_SKEW_SECONDS, PlatformKeys
from headwater.connect.wechat_pay.signing import WechatPayCredentials, decrypt_with_any
from headwater.connect.wechat_pay.states import (
    WHOM,
    RefundStatus,
    TradeState,
    Transaction,
    must_be_ours,
    payment_state,
)

REMEMBERED_MOST: Final = 50_000


@dataclass(frozen=True)
class PaymentNotice:
    """The provider says how a payment ended."""

    notice_id: str
    out_trade_no: str
    transaction_id: str
    amount_fen: int
    payer_openid: str | None
    paid_at: datetime
    trade_state: TradeState
    state_word: str
    attach: str = ""


@dataclass(frozen=True)
class RefundNotice:
    """The provider says how a refund ended."""

    notice_id: str
    out_refund_no: str
    out_trade_no: str
    refund_id: str
    amount_fen: int
    refund_status: RefundStatus
    status_word: str
    refunded_at: datetime | None


class _Resource(msgspec.Struct):
    algorithm: str
    ciphertext: str
    nonce: str
    associated_data: str | None = None
    original_type: str | None = None


class _Envelope(msgspec.Struct):
    id: Identifier
    event_type: str
    resource_type: str
    resource: _Resource


class _RefundedAmount(msgspec.Struct):
    refund: Fen
    total: Fen


class _RefundResource(msgspec.Struct):
    """A refund inside a notice, which says refund_status where the query says status."""

    mchid: str
    out_refund_no: Identifier
    out_trade_no: Identifier
    refund_id: Identifier
    refund_status: Identifier
    amount: _RefundedAmount
    success_time: str = ""


class ReplayMemory:
    """The messages of the last minutes that were acted upon, so that none is acted upon twice.

    A message is known by its notice id, its moment and its nonce. WeChat's own repeats carry a new
    moment and a new nonce, and so does a copy whose first telling failed here: both are heard. As
    many are kept as fit; the memory is one process's, and the business is idempotent without it.
    """

    def __init__(self, most: int = REMEMBERED_MOST) -> None:
        self._most = most
        self._forget_at: dict[tuple[str, str, str], datetime] = {}

    def __len__(self) -> int:
        return len(self._forget_at)

    def knows(self, notice_id: str, headers: Mapping[str, str], now: datetime) -> bool:
        """Say whether this very message was acted upon; one whose signature is stale is gone."""
        forget_at = self._forget_at.get(_message(notice_id, headers))
        return forget_at is not None and forget_at > now

    def remember(self, notice_id: str, headers: Mapping[str, str], now: datetime) -> None:
        """Keep a verified message that was acted upon; keeping it twice is keeping it once."""
        while self._forget_at and next(iter(self._forget_at.values())) <= now:
            self._drop_oldest()
        # A message from the edge of the future is fresh for twice the allowed skew.
        stale_at = now + timedelta(seconds=2 * ALLOWED_SKEW_SECONDS + 1)
        self._forget_at.setdefault(_message(notice_id, headers), stale_at)
        while len(self._forget_at) > self._most:
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        del self._forget_at[next(iter(self._forget_at))]


def _message(notice_id: str, headers: Mapping[str, str]) -> tuple[str, str, str]:
    found = {name.lower(): value for name, value in headers.items()}
    return notice_id, found.get("wechatpay-timestamp", ""), found.get("wechatpay-nonce", "")


def read_notice(
    credentials: WechatPayCredentials,
    keys: PlatformKeys,
    headers: Mapping[str, str],
    raw_body: bytes,
    now: datetime,
) -> PaymentNotice | RefundNotice:
    """Believe a notice only after signature, clock, seal, merchant and app agree.

    The same notice reads the same every time it comes, and it comes often: whoever acts on it
    keeps `notice_id`, `transaction_id` or `out_refund_no` under a unique key.
    """
    keys.verify(headers, raw_body, now)
    envelope = understood(_Envelope, raw_body, WHOM)
    opened = _open(credentials, envelope)
    # Profit sharing tells of itself as a TRANSACTION too, so the original type has the last word.
    inside = (envelope.event_type.partition(".")[0], envelope.resource.original_type)
    if inside in (("TRANSACTION", "transaction"), ("TRANSACTION", None)):
        return _payment_notice(credentials, envelope.id, opened)
    if inside in (("REFUND", "refund"), ("REFUND", None)):
        return _refund_notice(credentials, envelope.id, opened)
    raise Trouble(f"{WHOM} sent a kind of notice that we do not know")


def _open(credentials: WechatPayCredentials, envelope: _Envelope) -> bytes:
    resource = envelope.resource
    if envelope.resource_type != "encrypt-resource" or resource.algorithm != "AEAD_AES_256_GCM":
        raise Trouble(f"{WHOM} sealed a notice in a way that we do not know")
    return decrypt_with_any(
        credentials.apiv3_keys,
        resource.nonce,
        resource.ciphertext,
        resource.associated_data or "",
    )


def _payment_notice(
    credentials: WechatPayCredentials, notice_id: str, opened: bytes
) -> PaymentNotice:
    wire = understood(Transaction, opened, WHOM)
    must_be_ours("merchant", credentials.mchid, wire.mchid)
    if wire.appid not in credentials.appids:
        raise Forged(why="the message is about another app")
    state = payment_state(wire)
    if state.transaction_id is None or state.amount_fen is None or state.paid_at is None:
        raise Trouble(f"{WHOM} sent a payment notice without amount, number or moment")
    return PaymentNotice(
        notice_id=notice_id,
        out_trade_no=state.out_trade_no,
        transaction_id=state.transaction_id,
        amount_fen=state.amount_fen,
        payer_openid=state.openid,
        paid_at=state.paid_at,
        trade_state=state.state,
        state_word=state.state_word,
        attach=state.attach,
    )


def _refund_notice(
    credentials: WechatPayCredentials, notice_id: str, opened: bytes
) -> RefundNotice:
    """Read a refund; its resource names the merchant but no app."""
    wire = understood(_RefundResource, opened, WHOM)
    must_be_ours("merchant", credentials.mchid, wire.mchid)
    return RefundNotice(
        notice_id=notice_id,
        out_refund_no=wire.out_refund_no,
        out_trade_no=wire.out_trade_no,
        refund_id=wire.refund_id,
        amount_fen=wire.amount.refund,
        refund_status=RefundStatus(wire.refund_status),
        status_word=wire.refund_status,
        refunded_at=moment_or_none(wire.success_time, WHOM),
    )
