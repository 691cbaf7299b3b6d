"""Smart guide: registered with encrypted names, assigned before the payment."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from tests.sandbox.merchant import Town, read_key
from tests.sandbox.pay.test_sharing import OAEP, sealed

from headwater.sandbox.pay.host import PayHost

GUIDES = "/v3/smartguide/guides"


async def registered(town: Town, userid: str = "xiaolin", **changes: Any) -> Any:
    body = {
        "corpid": "ww0000000000000001",
        "store_id": 1_234,
        "userid": userid,
        "name": sealed(town, "林导购"),
        "mobile": sealed(town, "13900000001"),
        "qr_code": "https://open.work.weixin.qq.com/wwopen/userQRCode?vcode=1",
        "avatar": "https://wework.qpic.cn/wwhead/1",
    }
    return await town.post(GUIDES, body | changes)


def opened(town: Town, cipher: str) -> str:
    """What the platform encrypted for the merchant."""
    key = read_key(town.pay["merchant_private_key_pem"])
    return key.decrypt(base64.b64decode(cipher), OAEP).decode()


def host(town: Town) -> PayHost:
    return town.sandbox.others.the(PayHost)


async def test_a_guide_is_found_by_store_and_opens_with_the_merchants_key(town: Town) -> None:
    guide_id = (await registered(town)).json()["guide_id"]
    assert (await registered(town)).json()["guide_id"] == guide_id
    answer = await town.get(f"{GUIDES}?store_id=1234")
    town.believes(answer.headers, answer.content)
    assert answer.json()["total_count"] == 1
    (found,) = answer.json()["data"]
    assert (found["guide_id"], found["userid"]) == (guide_id, "xiaolin")
    assert (opened(town, found["name"]), opened(town, found["mobile"])) == ("林导购", "13900000001")
    assert (await town.get(f"{GUIDES}?store_id=4321")).json()["data"] == []


async def test_ten_guides_are_listed_at_once(town: Town) -> None:
    for number in range(11):
        await registered(town, f"guide{number}")
    assert len((await town.get(f"{GUIDES}?store_id=1234&limit=10")).json()["data"]) == 10
    assert len((await town.get(f"{GUIDES}?store_id=1234&offset=10")).json()["data"]) == 1
    for query in ("store_id=1234&limit=11", "store_id=1234&limit=0", "limit=5", "store_id=x"):
        assert (await town.get(f"{GUIDES}?{query}")).json()["code"] == "PARAM_ERROR"


async def test_a_card_changes_and_the_rest_stays(town: Town) -> None:
    guide_id = (await registered(town)).json()["guide_id"]
    path = f"{GUIDES}/{guide_id}"
    content = f'{{"name":"{sealed(town, "林店长")}"}}'.encode()
    headers = town.signed("PATCH", path, content)
    assert (await town.send("PATCH", path, content, headers)).status_code == 204
    (found,) = (await town.get(f"{GUIDES}?store_id=1234")).json()["data"]
    assert (opened(town, found["name"]), opened(town, found["mobile"])) == ("林店长", "13900000001")


@pytest.mark.parametrize("minutes, is_shown", [(-1, True), (0, True), (1, False)])
async def test_the_receipt_shows_who_was_assigned_before_the_payment(
    town: Town, minutes: int, is_shown: bool
) -> None:
    guide_id = (await registered(town)).json()["guide_id"]
    paid_at = town.clock.move(minutes=10)
    town.clock.move(minutes=minutes)
    path = f"{GUIDES}/{guide_id}/assign"
    assert (await town.post(path, {"out_trade_no": "T-000001"})).status_code == 204
    card = host(town).guides.on_receipt("T-000001", paid_at)
    assert (card is not None) == is_shown


async def test_nobody_is_assigned_who_is_not_registered(town: Town) -> None:
    answer = await town.post(f"{GUIDES}/nobody/assign", {"out_trade_no": "T-000001"})
    assert (answer.status_code, answer.json()["code"]) == (404, "RESOURCE_NOT_EXISTS")


async def test_a_name_in_the_clear_is_refused(town: Town) -> None:
    answer = await registered(town, name="林导购")
    assert answer.json()["detail"]["field"] == "/name"
