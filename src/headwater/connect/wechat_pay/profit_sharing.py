"""Profit sharing: parts of an order's money go to others, and come back before a refund.

Rules: pay.weixin.qq.com/docs/merchant/products/profit-sharing/apilist.html, and the same under
partner. An order is shared only if it was asked for with `Extras(is_shared=True)`.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final
from urllib.parse import quote

import msgspec

from headwater.base.errors import BadInput, Trouble
from headwater.connect.errors import ProviderRefused
from headwater.connect.sending import Fen, Identifier, understood
from headwater.connect.wechat_pay.exchange import Line
from headwater.connect.wechat_pay.keys import Sealed
from headwater.connect.wechat_pay.orders import TRANSACTION_ID, checked, in_path
from headwater.connect.wechat_pay.sharing_states import (
    AccountKind,
    GiveBack,
    Receiver,
    Relation,
    ReturnResult,
    ReturnState,
    Share,
    SharingState,
    return_state,
    sharing_state,
)
from headwater.connect.wechat_pay.states import WHOM, RefundState, must_be_ours

MOST_RECEIVERS: Final = 50
DESCRIPTION_LENGTH: Final = 80
CUSTOM_RELATION_LENGTH: Final = 10

_NUMBER: Final = re.compile(r"[0-9A-Za-z_\-|*@]{1,64}")
_ACCOUNT: Final = re.compile(r"[!-~]{1,64}")
_ORDERS: Final = "/v3/profitsharing/orders"
_RETURNS: Final = "/v3/profitsharing/return-orders"


class _Left(msgspec.Struct):
    transaction_id: Identifier
    unsplit_amount: Fen


class ProfitSharing:
    """Shares the money of one merchant: ourselves, or a merchant under us as a partner."""

    def __init__(
        self, line: Line, sub_mchid: str | None = None, sub_appid: str | None = None
    ) -> None:
        self._line = line
        self._whose = {} if sub_mchid is None else {"sub_mchid": sub_mchid}
        self._sub_app = {} if sub_appid is None else {"sub_appid": sub_appid}

    async def add_receiver(self, receiver: Receiver, relation: Relation, custom: str = "") -> None:
        """Put somebody on the list of receivers; once on the list is enough for every order.

        Adding again leaves one receiver on the list. Names travel sealed.
        """
        if receiver.kind is AccountKind.MERCHANT and not receiver.name:
            raise BadInput("name", "a merchant's full name is required")
        if (relation is Relation.OTHER) != bool(custom) or len(custom) > CUSTOM_RELATION_LENGTH:
            raise BadInput("custom", "a word of up to ten characters, for other relations only")
        sealed = self._sealed({"name": receiver.name})
        body = self._account(receiver) | {"relation_type": relation.value}
        if custom:
            body["custom_relation"] = custom
        fields = {} if sealed is None else dict(sealed.fields)
        path = "/v3/profitsharing/receivers/add"
        await self._line.exchange("POST", path, body | fields, sealed)

    async def delete_receiver(self, receiver: Receiver) -> None:
        """Take somebody off the list; parts already shared stay theirs.

        Deleting who is not on the list is refused or done, and leaves the list the same.
        """
        path = "/v3/profitsharing/receivers/delete"
        await self._line.exchange("POST", path, self._account(receiver))

    async def share(
        self,
        out_order_no: str,
        transaction_id: str,
        shares: Sequence[Share],
        unfreezes_rest: bool,
    ) -> SharingState:
        """Share a paid order's money; the answer says accepted, a query says done.

        The number is the key: repeating it shares once. With `unfreezes_rest` what is left goes to
        the merchant, and the order cannot be shared any more.
        """
        if not 1 <= len(shares) <= MOST_RECEIVERS:
            raise BadInput("shares", f"from 1 to {MOST_RECEIVERS} receivers")
        named = {str(place): one.receiver.name for place, one in enumerate(shares)}
        sealed = self._sealed(named)
        names = {} if sealed is None else sealed.fields
        body = self._known(out_order_no, transaction_id) | {
            "appid": self._line.credentials.appid,
            "receivers": [_share(one, names.get(str(at))) for at, one in enumerate(shares)],
            "unfreeze_unsplit": unfreezes_rest,
        }
        raw = await self._line.exchange("POST", _ORDERS, body | self._sub_app, sealed)
        return sharing_state(raw, out_order_no, transaction_id)

    async def query(self, out_order_no: str, transaction_id: str) -> SharingState:
        """Ask how a sharing stands; asking changes nothing."""
        number = in_path(_NUMBER, "out_order_no", out_order_no)
        checked(TRANSACTION_ID, "transaction_id", transaction_id)
        asked = self._query({"transaction_id": transaction_id})
        raw = await self._line.exchange("GET", f"{_ORDERS}/{number}?{asked}")
        return sharing_state(raw, out_order_no, transaction_id)

    async def unfreeze(
        self, out_order_no: str, transaction_id: str, description: str
    ) -> SharingState:
        """End the sharing of an order: what is left goes to the merchant.

        The number is the key: repeating it unfreezes once. Unshared money thaws by itself after
        180 days; a refund of more than is frozen needs this first.
        """
        body = self._known(out_order_no, transaction_id)
        body["description"] = _description(description)
        raw = await self._line.exchange("POST", f"{_ORDERS}/unfreeze", body)
        return sharing_state(raw, out_order_no, transaction_id)

    async def left_fen(self, transaction_id: str) -> int:
        """Ask how much of an order's money is still frozen and unshared; it changes nothing."""
        number = in_path(TRANSACTION_ID, "transaction_id", transaction_id)
        path = f"/v3/profitsharing/transactions/{number}/amounts"
        left = understood(_Left, await self._line.exchange("GET", path), WHOM)
        must_be_ours("transaction", transaction_id, left.transaction_id)
        return left.unsplit_amount

    async def give_back(self, back: GiveBack) -> ReturnState:
        """Take a part back from a merchant who received it and agreed to returns.

        The number is the key: repeating it, with the same words, returns once, and a return that
        is still under way must be repeated under the same number only. People give nothing back;
        180 days after the sharing nobody does.
        """
        if back.amount_fen < 1:
            raise BadInput("amount_fen", "a return is at least one fen")
        body = self._whose | {
            "out_order_no": checked(_NUMBER, "out_order_no", back.out_order_no),
            "out_return_no": checked(_NUMBER, "out_return_no", back.out_return_no),
            "return_mchid": checked(_ACCOUNT, "from_mchid", back.from_mchid),
            "amount": back.amount_fen,
            "description": _description(back.description),
        }
        return return_state(await self._line.exchange("POST", _RETURNS, body), back.out_return_no)

    async def query_return(self, out_return_no: str, out_order_no: str) -> ReturnState:
        """Ask how a return stands; asking changes nothing."""
        number = in_path(_NUMBER, "out_return_no", out_return_no)
        checked(_NUMBER, "out_order_no", out_order_no)
        asked = self._query({"out_order_no": out_order_no})
        raw = await self._line.exchange("GET", f"{_RETURNS}/{number}?{asked}")
        return return_state(raw, out_return_no)

    async def refund_after(
        self, returns: Sequence[GiveBack], refund: Callable[[], Awaitable[RefundState]]
    ) -> RefundState:
        """Refund only when every receiver has given its part back, so that we never pay for them.

        A return under way is Trouble and a failed one is refused; either way nothing is refunded.
        Repeating the whole is harmless, since each return and the refund have their own numbers.
        """
        for back in returns:
            state = await self.give_back(back)
            if state.result is ReturnResult.FAILED:
                raise ProviderRefused(state.fail_reason or "FAILED", "the part did not come back")
            if state.result is not ReturnResult.DONE:
                raise Trouble(f"the return {back.out_return_no} is {state.result_word}")
        return await refund()

    def _known(self, out_order_no: str, transaction_id: str) -> dict[str, Any]:
        return self._whose | {
            "transaction_id": checked(TRANSACTION_ID, "transaction_id", transaction_id),
            "out_order_no": checked(_NUMBER, "out_order_no", out_order_no),
        }

    def _account(self, receiver: Receiver) -> dict[str, Any]:
        return self._whose | self._sub_app | {"appid": self._line.credentials.appid} | _to(receiver)

    def _query(self, asked: dict[str, str]) -> str:
        pairs = (self._whose | asked).items()
        return "&".join(f"{name}={quote(value, safe='')}" for name, value in pairs)

    def _sealed(self, fields: dict[str, str]) -> Sealed | None:
        given = {name: text for name, text in fields.items() if text}
        if not given:
            return None
        wanted = self._line.credentials.answer_serial
        try:
            return self._line.keys.seal(given, wanted, self._line.now())
        except BadInput as wrong:
            raise BadInput("name", wrong.why) from wrong


def _to(receiver: Receiver) -> dict[str, str]:
    account = checked(_ACCOUNT, "account", receiver.account)
    return {"type": receiver.kind.value, "account": account}


def _share(share: Share, sealed_name: str | None) -> dict[str, Any]:
    if share.amount_fen < 1:
        raise BadInput("amount_fen", "a part is at least one fen")
    named = {} if sealed_name is None else {"name": sealed_name}
    described = {"amount": share.amount_fen, "description": _description(share.description)}
    return _to(share.receiver) | named | described


def _description(text: str) -> str:
    if not 1 <= len(text) <= DESCRIPTION_LENGTH:
        raise BadInput("description", f"from 1 to {DESCRIPTION_LENGTH} characters")
    return text
