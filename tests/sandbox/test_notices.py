"""Notices: sealed, signed, repeated until answered, and misbehaving when asked to."""

from __future__ import annotations

import base64
import json
from datetime import timedelta

import pytest
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from tests.sandbox.merchant import NOON, Town
from tests.sandbox.merchant import town as new_town

from headwater.sandbox.pay.notices import WAITS_SECONDS
from headwater.sandbox.pay.signing import seal


async def misbehave(town: Town, **faults: object) -> None:
    assert (await town.side("PUT", "/misbehaviour", faults)).status_code == 200


async def deliver(town: Town) -> int:
    return await town.sandbox.deliver_due(town.clock())


def test_a_sealed_resource_opens_only_untouched() -> None:
    key = "sandbox-apiv3-key-32-bytes-long!"
    sealed = seal(key, "门店😀".encode(), "transaction")
    opener = AESGCM(key.encode())
    raw = base64.b64decode(sealed["ciphertext"])
    nonce = sealed["nonce"].encode()
    assert len(nonce) == 12
    assert opener.decrypt(nonce, raw, b"transaction").decode() == "门店😀"
    with pytest.raises(InvalidTag):
        opener.decrypt(nonce, raw[:-1] + bytes([raw[-1] ^ 1]), b"transaction")
    with pytest.raises(InvalidTag):
        opener.decrypt(nonce, raw, b"refund")


async def test_the_merchant_hears_of_a_payment_once(town: Town) -> None:
    await town.paid(attach="门店😀")
    assert await deliver(town) == 1
    headers, body = town.shop.heard[0]
    outside = json.loads(body)
    assert outside["event_type"] == "TRANSACTION.SUCCESS"
    assert outside["resource_type"] == "encrypt-resource"
    assert 1 <= len(outside["id"]) <= 36
    assert outside["create_time"] == "2026-11-22T12:00:00+08:00"
    assert headers["wechatpay-serial"] == town.pay["platform_public_key_id"]
    said = town.notice()
    assert (said["out_trade_no"], said["trade_state"]) == ("T20261122-0001", "SUCCESS")
    assert said["amount"]["total"] == 3_990
    assert said["attach"] == "门店😀"
    town.clock.move(days=2)
    assert await deliver(town) == 0
    assert len(town.shop.heard) == 1


async def test_a_changed_notice_is_not_believed(town: Town) -> None:
    await town.paid()
    await deliver(town)
    headers, body = town.shop.heard[0]
    with pytest.raises(InvalidSignature):
        town.believes(headers, body.replace("支付成功".encode(), "支付失败".encode()))


async def test_a_notice_unanswered_follows_the_documented_schedule(town: Town) -> None:
    town.shop.status = 500
    await town.paid()
    await deliver(town)
    for tried, wait in enumerate(WAITS_SECONDS, start=1):
        town.clock.move(seconds=wait - 1)
        await deliver(town)
        assert len(town.shop.heard) == tried
        town.clock.move(seconds=1)
        await deliver(town)
        assert len(town.shop.heard) == tried + 1
    assert sum(WAITS_SECONDS) == timedelta(hours=24, minutes=4).total_seconds()
    town.clock.move(days=7)
    await deliver(town)
    assert len(town.shop.heard) == 16


async def test_every_try_is_signed_for_its_own_moment(town: Town) -> None:
    town.shop.status = 503
    await town.paid()
    await deliver(town)
    town.clock.move(seconds=15)
    await deliver(town)
    first, second = (headers["wechatpay-timestamp"] for headers, _ in town.shop.heard)
    assert int(second) - int(first) == 15
    assert town.notice(0) == town.notice(1)


async def test_speed_shortens_the_schedule() -> None:
    async with new_town(speed=10) as town:
        town.shop.status = 500
        await town.paid()
        await deliver(town)
        town.clock.move(seconds=1.5)
        await deliver(town)
        assert len(town.shop.heard) == 2


async def test_copies_come_about_a_second_apart_with_one_id(town: Town) -> None:
    await misbehave(town, duplicates=4)
    await town.paid()
    for heard in range(1, 6):
        await deliver(town)
        assert len(town.shop.heard) == heard
        town.clock.move(seconds=1)
    assert len({json.loads(body)["id"] for _, body in town.shop.heard}) == 1


async def test_a_probe_comes_first_and_is_not_to_be_believed(town: Town) -> None:
    await misbehave(town, probe_next=1)
    await town.paid()
    assert await deliver(town) == 1
    (probe, body), (true, _) = town.shop.heard
    assert probe["wechatpay-signature"].startswith("WECHATPAY/SIGNTEST/")
    with pytest.raises(InvalidSignature):
        town.believes(probe, body)
    assert not true["wechatpay-signature"].startswith("WECHATPAY/SIGNTEST/")
    town.notice(1)


async def test_a_lost_notice_never_comes_but_the_query_knows(town: Town) -> None:
    await misbehave(town, drop_next=1)
    await town.paid()
    town.clock.move(days=2)
    assert await deliver(town) == 0
    path = f"/v3/pay/transactions/out-trade-no/T20261122-0001?mchid={town.pay['mchid']}"
    assert (await town.get(path)).json()["trade_state"] == "SUCCESS"
    await town.paid("T20261122-0002")
    assert await deliver(town) == 1


async def test_a_late_notice_is_late(town: Town) -> None:
    await misbehave(town, delay_seconds=40)
    await town.paid()
    town.clock.move(seconds=39)
    assert await deliver(town) == 0
    town.clock.move(seconds=1)
    assert await deliver(town) == 1


async def test_in_the_week_of_a_rotation_both_serials_arrive(town: Town) -> None:
    await misbehave(town, notices_signed_with="both", duplicates=15)
    await town.paid()
    town.clock.move(seconds=15)
    assert await deliver(town) == 16
    serials = {headers["wechatpay-serial"] for headers, _ in town.shop.heard}
    assert serials == {
        town.pay["platform_public_key_id"],
        town.pay["platform_certificate_serial"],
    }


async def test_a_shop_that_is_not_there_is_tried_again(town: Town) -> None:
    # Port 9 of this machine refuses: nobody runs the discard service any more.
    await town.paid(notify_url="http://127.0.0.1:9/hooks")
    assert await deliver(town) == 0
    (notice,) = town.sandbox.notices.everything()
    assert (notice.state, notice.due_at) == ("waiting", NOON + timedelta(seconds=15))


async def test_a_server_error_has_no_effect(town: Town) -> None:
    await misbehave(town, fail_next=1)
    answer = await town.post("/v3/pay/transactions/jsapi", town.body())
    assert (answer.status_code, answer.json()["code"]) == (500, "SYSTEM_ERROR")
    assert town.sandbox.payments.everything() == []
    assert await town.prepay()


async def test_a_broken_line_comes_after_the_effect(town: Town) -> None:
    await misbehave(town, hang_next=1, hang_seconds=0)
    answer = await town.post("/v3/pay/transactions/jsapi", town.body())
    assert answer.status_code == 502
    assert "wechatpay-signature" not in answer.headers
    assert len(town.sandbox.payments.everything()) == 1


async def test_misbehaviour_that_nobody_knows_is_refused(town: Town) -> None:
    for wrong in ({"explode": 1}, {"duplicates": -1}, {"drop_next": "many"}):
        assert (await town.side("PUT", "/misbehaviour", wrong)).status_code == 422
    assert (await town.side("GET", "/misbehaviour")).json()["duplicates"] == 0
