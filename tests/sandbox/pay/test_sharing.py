"""Profit sharing: who may receive, how much, when it is done, and what must come back first."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from tests.sandbox.merchant import Town

SHARING = "/v3/profitsharing"
OAEP = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)
MALL = "1900000109"


def sealed(town: Town, words: str) -> str:
    """Encrypted with the platform's key, as names must travel."""
    key = load_pem_public_key(town.pay["platform_public_key_pem"].encode())
    assert isinstance(key, RSAPublicKey)
    return base64.b64encode(key.encrypt(words.encode(), OAEP)).decode()


async def receiver(town: Town, account: str = MALL, **changes: Any) -> Any:
    body = {
        "appid": town.account["appid"],
        "type": "MERCHANT_ID",
        "account": account,
        "name": sealed(town, "华夏商场"),
        "relation_type": "PARTNER",
    }
    return await town.post(f"{SHARING}/receivers/add", body | changes)


async def sold(town: Town, total: int = 10_000, is_shared: bool = True) -> str:
    """A paid order of which a part may go to others; gives the platform's number."""
    amount = {"total": total, "currency": "CNY"}
    await town.paid(amount=amount, settle_info={"profit_sharing": is_shared})
    order = town.sandbox.payments.find("T20261122-0001")
    assert order.transaction_id is not None
    return order.transaction_id


async def share(town: Town, transaction: str, amount: int, number: str = "S1", **more: Any) -> Any:
    part = {"type": "MERCHANT_ID", "account": MALL, "amount": amount, "description": "联营分成"}
    body = {
        "transaction_id": transaction,
        "out_order_no": number,
        "receivers": [part],
        "unfreeze_unsplit": False,
    }
    return await town.post(f"{SHARING}/orders", body | more)


async def give_back(town: Town, amount: int, number: str = "B1", **more: Any) -> Any:
    body = {
        "out_order_no": "S1",
        "out_return_no": number,
        "return_mchid": MALL,
        "amount": amount,
        "description": "用户退款",
    }
    return await town.post(f"{SHARING}/return-orders", body | more)


async def unsplit(town: Town, transaction: str) -> int:
    answer = await town.get(f"{SHARING}/transactions/{transaction}/amounts")
    return int(answer.json()["unsplit_amount"])


async def test_a_share_is_taken_in_then_finished(town: Town) -> None:
    assert (await receiver(town)).json()["account"] == MALL
    transaction = await sold(town)
    asked = (await share(town, transaction, 2_000)).json()
    assert (asked["state"], asked["receivers"][0]["result"]) == ("PROCESSING", "PENDING")
    town.clock.move(seconds=2)
    answer = await town.get(f"{SHARING}/orders/S1?transaction_id={transaction}")
    town.believes(answer.headers, answer.content)
    assert answer.json()["state"] == "FINISHED"
    assert answer.json()["receivers"][0]["result"] == "SUCCESS"
    assert await unsplit(town, transaction) == 10_000 - 60 - 2_000


async def test_asking_again_shares_once_and_with_changes_not_at_all(town: Town) -> None:
    await receiver(town)
    transaction = await sold(town)
    first, again = await share(town, transaction, 2_000), await share(town, transaction, 2_000)
    assert first.json() == again.json()
    assert (await share(town, transaction, 2_001)).json()["code"] == "INVALID_REQUEST"
    assert await unsplit(town, transaction) == 7_940


async def test_three_tenths_of_an_order_are_the_limit(town: Town) -> None:
    await receiver(town)
    transaction = await sold(town)
    assert (await share(town, transaction, 3_001)).json()["code"] == "RULE_LIMIT"
    assert (await share(town, transaction, 3_000)).status_code == 200
    assert (await share(town, transaction, 1, "S2")).json()["code"] == "RULE_LIMIT"


async def test_only_who_was_added_receives(town: Town) -> None:
    transaction = await sold(town)
    assert "接收方" in (await share(town, transaction, 100)).json()["message"]
    await receiver(town)
    gone = {"appid": town.account["appid"], "type": "MERCHANT_ID", "account": MALL}
    assert (await town.post(f"{SHARING}/receivers/delete", gone)).status_code == 200
    assert (await share(town, transaction, 100)).json()["code"] == "INVALID_REQUEST"
    await receiver(town)
    assert (await share(town, transaction, 100)).status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        {"name": "华夏商场"},
        {"name": None},
        {"relation_type": "FRIEND"},
        {"relation_type": "CUSTOM"},
        {"relation_type": "CUSTOM", "custom_relation": "x" * 11},
        {"type": "NOBODY"},
        {"account": "x" * 65},
        {"appid": "wxdeadbeefdeadbeef"},
    ],
)
async def test_a_receiver_out_of_bounds_is_refused(town: Town, change: dict[str, Any]) -> None:
    assert (await receiver(town, **change)).json()["code"] == "PARAM_ERROR"


async def test_a_name_needs_the_key_it_names(town: Town) -> None:
    headers = {"Wechatpay-Serial": "PUB_KEY_ID_UNKNOWN"}
    body = {
        "appid": town.account["appid"],
        "type": "MERCHANT_ID",
        "account": MALL,
        "name": sealed(town, "华夏商场"),
        "relation_type": "PARTNER",
    }
    answer = await town.post(f"{SHARING}/receivers/add", body, **headers)
    assert answer.json()["detail"]["field"] == "Wechatpay-Serial"


async def test_an_order_that_is_not_for_sharing_is_not_shared(town: Town) -> None:
    await receiver(town)
    transaction = await sold(town, is_shared=False)
    assert (await share(town, transaction, 100)).json()["message"] == "非分账订单不支持分账"


async def test_what_was_let_go_cannot_be_shared(town: Town) -> None:
    await receiver(town)
    transaction = await sold(town)
    body = {"transaction_id": transaction, "out_order_no": "U1", "description": "完结"}
    assert (await town.post(f"{SHARING}/orders/unfreeze", body)).status_code == 200
    assert await unsplit(town, transaction) == 0
    assert (await share(town, transaction, 100)).json()["code"] == "INVALID_REQUEST"


async def test_fifty_receivers_at_once_are_the_limit(town: Town) -> None:
    await receiver(town)
    transaction = await sold(town)
    part = {"type": "MERCHANT_ID", "account": MALL, "amount": 1, "description": "分成"}
    answer = await share(town, transaction, 1, receivers=[part] * 51)
    assert answer.json()["code"] == "PARAM_ERROR"
    assert (await share(town, transaction, 1, receivers=[part] * 50)).status_code == 200


async def test_fifty_requests_for_an_order_are_the_limit(town: Town) -> None:
    await receiver(town)
    transaction = await sold(town)
    for number in range(50):
        assert (await share(town, transaction, 1, f"S{number}")).status_code == 200
    assert (await share(town, transaction, 1, "S50")).json()["code"] == "RULE_LIMIT"


async def test_a_share_comes_back_and_no_fen_more(town: Town) -> None:
    await receiver(town)
    transaction = await sold(town)
    await share(town, transaction, 2_000)
    assert (await give_back(town, 2_001)).json()["code"] == "INVALID_REQUEST"
    assert (await give_back(town, 500)).json()["result"] == "PROCESSING"
    assert (await give_back(town, 500)).status_code == 200
    assert (await give_back(town, 501)).json()["code"] == "INVALID_REQUEST"
    assert (await give_back(town, 1_501, "B2")).json()["code"] == "INVALID_REQUEST"
    assert (await give_back(town, 1_500, "B2", return_mchid="1900000110")).status_code == 400
    town.clock.move(seconds=2)
    answer = await town.get(f"{SHARING}/return-orders/B1?out_order_no=S1")
    assert (answer.json()["result"], answer.json()["amount"]) == ("SUCCESS", 500)
    assert await unsplit(town, transaction) == 10_000 - 60 - 1_500


async def test_a_share_must_come_back_before_its_money_is_refunded(town: Town) -> None:
    await receiver(town)
    await share(town, await sold(town), 2_000)
    body = {
        "out_trade_no": "T20261122-0001",
        "out_refund_no": "R1",
        "amount": {"refund": 10_000, "total": 10_000, "currency": "CNY"},
    }
    refused = await town.post("/v3/refund/domestic/refunds", body)
    assert (refused.status_code, refused.json()["code"]) == (403, "NOT_ENOUGH")
    await give_back(town, 2_000)
    assert (await town.post("/v3/refund/domestic/refunds", body)).status_code == 200


async def test_an_unknown_share_or_return_is_not_there(town: Town) -> None:
    for path in ("/orders/S1?transaction_id=42", "/return-orders/B1?out_order_no=S1"):
        answer = await town.get(SHARING + path)
        assert (answer.status_code, answer.json()["code"]) == (404, "RESOURCE_NOT_EXISTS")
    assert (await share(town, "4200000", 1)).status_code == 404
