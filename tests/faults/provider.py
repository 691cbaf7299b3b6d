"""The provider's own hand: notices signed with its key, and whatever a forger makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import httpx2
import msgspec
from tests.house import House

from headwater.sandbox.credentials import read_private
from headwater.sandbox.pay.signing import seal, signed_headers
from headwater.sandbox.pay.wire import wire_time

PAYMENTS = "/hooks/wechat-pay/payments"


@dataclass(frozen=True)
class Notice:
    """A notice as it travels."""

    headers: Mapping[str, str]
    body: bytes

    def with_header(self, name: str, value: str) -> Notice:
        """The same notice with another header."""
        return replace(self, headers={**self.headers, name: value})


def notice(
    house: House, out_trade_no: str, signed_at: datetime | None = None, **changed: Any
) -> Notice:
    """Say that a try was paid, with the platform's key; `changed` puts other fields into it."""
    pay = house.sandbox.credentials["pay"]
    order = house.sandbox.payments.find(out_trade_no)
    paid = replace(
        order,
        state="SUCCESS",
        transaction_id=changed.pop("transaction_id", f"42{out_trade_no[-26:]}"),
        paid_at=house.now,
        payer_openid=order.openid or "o-somebody",
    )
    resource = house.sandbox.payments.shown(paid) | changed
    body = msgspec.json.encode(
        {
            "id": f"notice-{out_trade_no}",
            "create_time": wire_time(house.now),
            "resource_type": "encrypt-resource",
            "event_type": "TRANSACTION.SUCCESS",
            "summary": "支付成功",
            "resource": {
                "original_type": "transaction",
                **seal(pay["apiv3_key"], msgspec.json.encode(resource), "transaction"),
            },
        }
    )
    key = read_private(pay["only_the_sandbox_holds"]["platform_private_key_pem"])
    headers = signed_headers(pay["platform_public_key_id"], key, body, signed_at or house.now)
    return Notice({**headers, "Content-Type": "application/json"}, body)


async def tell(house: House, said: Notice, path: str = PAYMENTS) -> httpx2.Response:
    """Bring a notice to our door."""
    async with house.client() as client:
        return await client.post(path, content=said.body, headers=dict(said.headers))
