"""Returns of shares: what a receiver gives back, so that the shopper can have it again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from headwater.sandbox.credentials import digits
from headwater.sandbox.hosts import Ground
from headwater.sandbox.pay.bills.funds import Flow
from headwater.sandbox.pay.errors import PayError, bad_parameter, invalid_request
from headwater.sandbox.pay.sharing.shares import FINISH_SECONDS, Number, Share, Shares, Words
from headwater.sandbox.pay.wire import wire_time


class ReturnRequest(msgspec.Struct):
    """The body of a return: from one merchant who received, under one share."""

    out_return_no: Number
    return_mchid: Annotated[str, Meta(min_length=1, max_length=32)]
    amount: Annotated[int, Meta(ge=1)]
    description: Words
    order_id: str | None = None
    out_order_no: str | None = None
    sub_mchid: str | None = None


@dataclass(frozen=True)
class Return:
    """Money that a receiver gave back."""

    out_return_no: str
    return_id: str
    out_order_no: str
    mchid: str
    amount_fen: int
    words: str
    made_at: datetime
    finishes_at: datetime


class Returns:
    """All returns by the merchant's number."""

    def __init__(self, ground: Ground, shares: Shares) -> None:
        self._seed = ground.seed
        self._finish_after = timedelta(seconds=FINISH_SECONDS / ground.speed)
        self._shares = shares
        self._journal = ground.journal
        self._all: dict[str, Return] = {}
        for row in ground.journal.rows("return", Return):
            self._put(row)

    def ask(self, asked: ReturnRequest, now: datetime) -> Return:
        """Give back a part of a share; the same number again is the same request."""
        if (asked.order_id is None) == (asked.out_order_no is None):
            raise bad_parameter("/out_order_no", "give order_id or out_order_no, one of them")
        share = self._share(asked)
        known = self._all.get(asked.out_return_no)
        if known is not None:
            same = (known.out_order_no, known.mchid, known.amount_fen)
            if same != (share.out_order_no, asked.return_mchid, asked.amount):
                raise invalid_request("商户回退单号重复，且参数与之前请求不一致")
            return known
        if asked.amount > self._left_fen(share, asked.return_mchid):
            raise invalid_request("回退金额超过接收方在该分账单中收到的金额")
        made = Return(
            out_return_no=asked.out_return_no,
            return_id="31" + digits(self._seed, 28, "return", asked.out_return_no),
            out_order_no=share.out_order_no,
            mchid=asked.return_mchid,
            amount_fen=asked.amount,
            words=asked.description,
            made_at=now,
            finishes_at=now + self._finish_after,
        )
        self._put(made)
        self._journal.write("return", made)
        return made

    def find(self, out_return_no: str, out_order_no: str) -> Return:
        """The return under the merchant's two numbers."""
        known = self._all.get(out_return_no)
        if known is None or known.out_order_no != out_order_no:
            raise PayError(404, "RESOURCE_NOT_EXISTS", "回退单不存在")
        return known

    def flows(self) -> Iterator[Flow]:
        """Returns as movements of the merchant's account."""
        for one in self._all.values():
            share = self._shares.find(one.out_order_no)
            yield Flow(
                one.made_at,
                one.return_id,
                share.transaction_id,
                "分账回退",
                one.amount_fen,
                one.words,
                one.out_return_no,
            )

    def shown(self, one: Return, now: datetime) -> dict[str, Any]:
        """The return as the answer and the query carry it."""
        is_over = now >= one.finishes_at
        finished = {"finish_time": wire_time(one.finishes_at)} if is_over else {}
        return {
            "order_id": self._shares.find(one.out_order_no).order_id,
            "out_order_no": one.out_order_no,
            "out_return_no": one.out_return_no,
            "return_id": one.return_id,
            "return_mchid": one.mchid,
            "amount": one.amount_fen,
            "description": one.words,
            "result": "SUCCESS" if is_over else "PROCESSING",
            "create_time": wire_time(one.made_at),
            **finished,
        }

    def _share(self, asked: ReturnRequest) -> Share:
        if asked.out_order_no is not None:
            return self._shares.find(asked.out_order_no)
        return self._shares.find_id(asked.order_id or "")

    def _left_fen(self, share: Share, mchid: str) -> int:
        given = sum(
            part.amount_fen
            for part in share.parts
            if (part.kind, part.account) == ("MERCHANT_ID", mchid)
        )
        back = [one for one in self._all.values() if one.out_order_no == share.out_order_no]
        return given - sum(one.amount_fen for one in back if one.mchid == mchid)

    def _put(self, one: Return) -> None:
        self._all[one.out_return_no] = one
        returned = self._shares.returned_fen
        returned[one.out_order_no] = returned.get(one.out_order_no, 0) + one.amount_fen
