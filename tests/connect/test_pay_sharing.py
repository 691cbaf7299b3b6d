"""Profit sharing and smart guide: what is said, what is sealed, and the return before a refund."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA1
from hypothesis import given, settings
from hypothesis import strategies as some
from tests.connect.provider import KEY_ID, Provider, key_named

from headwater.base.errors import BadInput, Forged, Refusal, Trouble
from headwater.connect.errors import ProviderRefused
from headwater.connect.wechat_pay import (
    AccountKind,
    GiveBack,
    GuideChanges,
    NewGuide,
    PartResult,
    Receiver,
    RefundState,
    RefundStatus,
    Relation,
    ReturnResult,
    Share,
    WechatPay,
)

OAEP = padding.OAEP(mgf=padding.MGF1(SHA1()), algorithm=SHA1(), label=None)
STORE = Receiver(AccountKind.MERCHANT, "1900000109", "人民广场店")
GUIDE = Receiver(AccountKind.PERSON, "o-guide", "李四")
BACK = GiveBack("RT-1", "PS-1", "1900000109", 60, "退货")


def unsealed(text: str) -> str:
    return key_named("new").decrypt(base64.b64decode(text), OAEP).decode()


def sealed_for_us(text: str) -> str:
    key = key_named("merchant").public_key()
    return base64.b64encode(key.encrypt(text.encode(), OAEP)).decode()


def order(**changes: Any) -> dict[str, Any]:
    part = {
        "type": "MERCHANT_ID",
        "account": "1900000109",
        "amount": 60,
        "description": "门店分成",
        "result": "SUCCESS",
        "detail_id": "36001",
        "create_time": "2026-11-22T12:00:00+08:00",
        "finish_time": "2026-11-22T12:01:00+08:00",
    }
    return {
        "transaction_id": "4200001",
        "out_order_no": "PS-1",
        "order_id": "3008",
        "state": "FINISHED",
        "receivers": [part],
    } | changes


def returned(**changes: Any) -> dict[str, Any]:
    return {
        "order_id": "3008",
        "out_order_no": "PS-1",
        "out_return_no": "RT-1",
        "return_id": "3009",
        "return_mchid": "1900000109",
        "amount": 60,
        "description": "退货",
        "result": "SUCCESS",
        "create_time": "2026-11-22T12:00:00+08:00",
    } | changes


async def test_a_receivers_name_is_sealed_and_the_key_is_named() -> None:
    provider = Provider()
    provider.will(200, {"type": "MERCHANT_ID", "account": "1900000109", "relation_type": "STORE"})
    await provider.client().profit_sharing().add_receiver(STORE, Relation.STORE)
    said = provider.body()
    assert provider.asked[0].url.path == "/v3/profitsharing/receivers/add"
    assert provider.asked[0].headers["Wechatpay-Serial"] == KEY_ID
    assert unsealed(said.pop("name")) == "人民广场店"
    assert said == {
        "appid": "wx1234567890abcdef",
        "type": "MERCHANT_ID",
        "account": "1900000109",
        "relation_type": "STORE",
    }


async def test_a_partner_names_the_merchant_for_whom_it_speaks() -> None:
    provider = Provider()
    sharing = provider.client().profit_sharing("1900000200", "wx-of-sub")
    provider.will(200, {})
    await sharing.delete_receiver(GUIDE)
    said = provider.body()
    assert (said["sub_mchid"], said["sub_appid"]) == ("1900000200", "wx-of-sub")
    assert provider.asked[0].url.path == "/v3/profitsharing/receivers/delete"
    provider.will(200, order())
    await sharing.query("PS-1", "4200001")
    assert provider.asked[1].url.query == b"sub_mchid=1900000200&transaction_id=4200001"
    provider.will(200, returned())
    await sharing.give_back(BACK)
    assert provider.body()["sub_mchid"] == "1900000200"


@pytest.mark.parametrize(
    "receiver,relation,custom",
    [
        (Receiver(AccountKind.MERCHANT, "1900000109"), Relation.STORE, ""),
        (STORE, Relation.OTHER, ""),
        (STORE, Relation.OTHER, "x" * 11),
        (STORE, Relation.STORE, "房东"),
        (Receiver(AccountKind.PERSON, ""), Relation.STAFF, ""),
        (Receiver(AccountKind.PERSON, "o" * 65), Relation.STAFF, ""),
    ],
)
async def test_a_receiver_that_cannot_be_one_is_not_sent(
    receiver: Receiver, relation: Relation, custom: str
) -> None:
    provider = Provider()
    with pytest.raises(BadInput):
        await provider.client().profit_sharing().add_receiver(receiver, relation, custom)
    assert provider.asked == []


async def test_a_relation_of_our_own_has_up_to_ten_characters() -> None:
    provider = Provider()
    provider.will(200, {})
    await provider.client().profit_sharing().add_receiver(STORE, Relation.OTHER, "房" * 10)
    assert provider.body()["custom_relation"] == "房" * 10


async def test_money_is_shared_in_fen_under_one_number() -> None:
    provider = Provider()
    provider.will(200, order())
    unnamed = Receiver(AccountKind.MERCHANT, "1900000110")
    shares = [Share(unnamed, 40, "门店分成"), Share(GUIDE, 20, "导购奖励")]
    state = await provider.client().profit_sharing().share("PS-1", "4200001", shares, False)
    said = provider.body()
    assert (said["out_order_no"], said["unfreeze_unsplit"]) == ("PS-1", False)
    assert said["receivers"][0] == {
        "type": "MERCHANT_ID",
        "account": "1900000110",
        "amount": 40,
        "description": "门店分成",
    }
    assert unsealed(said["receivers"][1]["name"]) == "李四"
    assert state.is_finished
    assert (state.parts[0].result, state.parts[0].amount_fen) == (PartResult.DONE, 60)


@pytest.mark.parametrize("count,fits", [(0, False), (1, True), (50, True), (51, False)])
async def test_up_to_fifty_receive_at_once(count: int, fits: bool) -> None:
    provider = Provider()
    provider.will(200, order(receivers=None, state="PROCESSING"))
    shares = [Share(Receiver(AccountKind.PERSON, f"o-{at}"), 1, "奖励") for at in range(count)]
    asked = provider.client().profit_sharing().share("PS-1", "4200001", shares, True)
    if fits:
        assert (await asked).is_finished is False
        return
    with pytest.raises(BadInput):
        await asked


async def test_a_name_that_is_too_long_to_be_sealed_is_called_a_name() -> None:
    longest = Receiver(AccountKind.PERSON, "o-1", "x" * 214)
    provider = Provider()
    provider.will(200, order())
    sharing = provider.client().profit_sharing()
    await sharing.share("PS-1", "4200001", [Share(longest, 1, "奖励")], True)
    too_long = replace(longest, name="x" * 215)
    with pytest.raises(BadInput) as refused:
        await sharing.share("PS-1", "4200001", [Share(too_long, 1, "奖励")], True)
    assert refused.value.field == "name"


@pytest.mark.parametrize(
    "share", [Share(GUIDE, 0, "奖励"), Share(GUIDE, 1, ""), Share(GUIDE, 1, "x" * 81)]
)
async def test_a_part_that_cannot_be_one_is_not_sent(share: Share) -> None:
    provider = Provider()
    with pytest.raises(BadInput):
        await provider.client().profit_sharing().share("PS-1", "4200001", [share], True)
    assert provider.asked == []


async def test_a_description_may_have_eighty_characters() -> None:
    provider = Provider()
    provider.will(200, order())
    await provider.client().profit_sharing().unfreeze("PS-1", "4200001", "完" * 80)
    assert provider.asked[0].url.path == "/v3/profitsharing/orders/unfreeze"
    with pytest.raises(BadInput):
        await provider.client().profit_sharing().unfreeze("PS-1", "4200001", "完" * 81)


@pytest.mark.parametrize("other", [{"out_order_no": "PS-2"}, {"transaction_id": "4200002"}])
async def test_a_genuine_answer_about_another_sharing_is_refused(other: dict[str, str]) -> None:
    provider = Provider()
    provider.will(200, order(**other))
    with pytest.raises(Forged):
        await provider.client().profit_sharing().query("PS-1", "4200001")


async def test_results_added_tomorrow_are_unknown_and_keep_their_word() -> None:
    provider = Provider()
    part = order()["receivers"][0] | {"result": "TELEPORTED"}
    provider.will(200, order(receivers=[part]))
    state = await provider.client().profit_sharing().query("PS-1", "4200001")
    assert (state.parts[0].result, state.parts[0].result_word) == (
        PartResult.UNKNOWN,
        "TELEPORTED",
    )


async def test_what_is_left_to_share_is_asked_by_transaction() -> None:
    provider = Provider()
    provider.will(200, {"transaction_id": "4200001", "unsplit_amount": 140})
    assert await provider.client().profit_sharing().left_fen("4200001") == 140
    assert provider.asked[0].url.path == "/v3/profitsharing/transactions/4200001/amounts"
    provider.will(200, {"transaction_id": "4200002", "unsplit_amount": 140})
    with pytest.raises(Forged):
        await provider.client().profit_sharing().left_fen("4200001")


async def test_a_return_is_asked_and_asked_about_under_its_number() -> None:
    provider = Provider()
    provider.will(200, returned(result="PROCESSING"))
    sharing = provider.client().profit_sharing()
    assert (await sharing.give_back(BACK)).result is ReturnResult.PROCESSING
    assert provider.body()["return_mchid"] == "1900000109"
    provider.will(200, returned())
    assert (await sharing.query_return("RT-1", "PS-1")).result is ReturnResult.DONE
    target = b"/v3/profitsharing/return-orders/RT-1?out_order_no=PS-1"
    assert provider.asked[1].url.raw_path == target


@pytest.mark.parametrize(
    "result,kind", [("PROCESSING", Trouble), ("FAILED", ProviderRefused), ("NEW", Trouble)]
)
async def test_nothing_is_refunded_before_every_part_is_back(
    result: str, kind: type[Exception]
) -> None:
    provider, refunded = Provider(), Refunding()
    provider.will(200, returned())
    provider.will(200, returned(out_return_no="RT-2", result=result, fail_reason="BALANCE"))
    backs = [BACK, GiveBack("RT-2", "PS-1", "1900000110", 20, "退货")]
    with pytest.raises(kind):
        await provider.client().profit_sharing().refund_after(backs, refunded)
    assert refunded.times == 0


async def test_a_refund_follows_when_every_part_is_back_also_the_second_time() -> None:
    provider, refunded = Provider(), Refunding()
    for times in (1, 2):
        provider.will(200, returned())
        state = await provider.client().profit_sharing().refund_after([BACK], refunded)
        assert (state.out_refund_no, refunded.times) == ("RF-1", times)


class Refunding:
    """Counts how often a refund was asked for."""

    def __init__(self) -> None:
        self.times = 0

    async def __call__(self) -> RefundState:
        self.times += 1
        return RefundState("RF-1", "R1", "503", 60, RefundStatus.PROCESSING, "PROCESSING", None)


NEW = NewGuide("ww123", "robert", "罗伯特", "13900000000", "https://qr", "https://face")


async def test_a_guide_is_registered_with_her_name_and_number_sealed() -> None:
    provider = Provider()
    provider.will(200, {"guide_id": "LLA3WJ6DSZ"})
    assert await provider.client().smart_guide.register(1234, NEW) == "LLA3WJ6DSZ"
    said = provider.body()
    assert unsealed(said.pop("name")) == "罗伯特"
    assert unsealed(said.pop("mobile")) == "13900000000"
    assert provider.asked[0].headers["Wechatpay-Serial"] == KEY_ID
    assert said == {
        "corpid": "ww123",
        "store_id": 1234,
        "userid": "robert",
        "qr_code": "https://qr",
        "avatar": "https://face",
    }


async def test_a_stores_guides_are_listed_and_their_names_opened() -> None:
    provider = Provider()
    known = {
        "guide_id": "LLA3",
        "store_id": 1234,
        "name": sealed_for_us("罗伯特"),
        "mobile": sealed_for_us("13900000000"),
        "userid": "robert",
    }
    provider.will(200, {"data": [known], "total_count": 11, "limit": 10, "offset": 0})
    page = await provider.client().smart_guide.of_store(1234, "robert")
    assert provider.asked[0].url.query == b"store_id=1234&limit=10&offset=0&userid=robert"
    assert (page.total, page.guides[0].name, page.guides[0].mobile) == (
        11,
        "罗伯特",
        "13900000000",
    )
    provider.will(200, {"data": [known | {"name": "AAAA"}]})
    with pytest.raises(Forged):
        await provider.client().smart_guide.of_store(1234)


async def test_only_what_changed_of_a_guide_is_written() -> None:
    provider = Provider()
    provider.will(204)
    await provider.client().smart_guide.update("LLA3", GuideChanges(mobile="13900000001"))
    assert provider.asked[0].method == "PATCH"
    assert list(provider.body()) == ["mobile"]
    with pytest.raises(BadInput):
        await provider.client().smart_guide.update("LLA3", GuideChanges())


async def test_an_order_is_assigned_to_its_guide_before_it_is_paid() -> None:
    provider = Provider()
    provider.will(204)
    await provider.client().smart_guide.assign("LLA3", "R20261122-0001")
    assert provider.asked[0].url.path == "/v3/smartguide/guides/LLA3/assign"
    assert provider.body() == {"out_trade_no": "R20261122-0001"}


@pytest.mark.parametrize(
    "ask",
    [
        lambda guides: guides.assign("../x", "R20261122-0001"),
        lambda guides: guides.assign("LLA3", "short"),
        lambda guides: guides.of_store(0),
        lambda guides: guides.register(1, NewGuide("ww1", "r", "名" * 22, "139", "q", "a")),
        lambda guides: guides.register(1, NewGuide("ww1", "r", "名", "1" * 33, "q", "a")),
        lambda guides: guides.register(1, NewGuide("ww1", "r", "", "139", "q", "a")),
        lambda guides: guides.register(1, NewGuide("ww1", "r", "名", "139", "q" * 1025, "a")),
    ],
)
async def test_a_guide_that_cannot_be_one_is_not_sent(
    ask: Callable[[Any], Awaitable[Any]],
) -> None:
    provider = Provider()
    with pytest.raises(BadInput):
        await ask(provider.client().smart_guide)
    assert provider.asked == []


_values = some.recursive(
    some.none() | some.booleans() | some.integers() | some.text(),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=120, deadline=None)
@given(name=some.sampled_from(sorted({*order(), *returned()})), value=_values)
async def test_no_strange_value_crashes_the_readers(name: str, value: Any) -> None:
    provider, client = shared()
    sharing = client.profit_sharing()
    for answer, ask in (
        (order(), sharing.query("PS-1", "4200001")),
        (returned(), sharing.query_return("RT-1", "PS-1")),
        ({"transaction_id": "4200001", "unsplit_amount": 1}, sharing.left_fen("4200001")),
        ({"data": [{"guide_id": "1", "store_id": 1}]}, client.smart_guide.of_store(1)),
    ):
        provider.will(200, answer | {name: value})
        try:
            await ask
        except (Refusal, Trouble):
            continue


@cache
def shared() -> tuple[Provider, WechatPay]:
    """Load the keys once for all examples."""
    provider = Provider()
    return provider, provider.client()
