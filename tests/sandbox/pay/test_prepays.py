"""Prepays of every kind: each field at its limit and one beyond."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.sandbox.merchant import NOON, Town

PATHS = {kind: f"/v3/pay/transactions/{kind}" for kind in ("jsapi", "native", "app", "h5")}
SCENE = {"payer_client_ip": "127.0.0.1", "h5_info": {"type": "Wap"}}
PREFIX = "https://shop.test/"


def body(town: Town, kind: str, **changes: Any) -> dict[str, Any]:
    """The smallest body that this kind takes."""
    plain = town.body(**changes)
    if kind != "jsapi" and "payer" not in changes:
        del plain["payer"]
    if kind == "h5" and "scene_info" not in changes:
        plain["scene_info"] = SCENE
    return plain


def limits() -> list[tuple[str, int, Any]]:
    """Fields of text with their longest length, and how to put a text into the body."""
    goods = {"merchant_goods_id": "g1", "quantity": 1, "unit_price": 3_990}

    def detail(**more: str) -> dict[str, Any]:
        return {"detail": {"goods_detail": [{**goods, **more}]}}

    def store(**more: str) -> dict[str, Any]:
        return {"scene_info": {"payer_client_ip": "::1", "store_info": {"id": "s", **more}}}

    return [
        ("description", 127, lambda text: {"description": text}),
        ("out_trade_no", 32, lambda text: {"out_trade_no": text}),
        ("attach", 128, lambda text: {"attach": text}),
        ("goods_tag", 32, lambda text: {"goods_tag": text}),
        ("notify_url", 255, lambda text: {"notify_url": PREFIX + text[len(PREFIX) :]}),
        ("goods_name", 256, lambda text: detail(goods_name=text)),
        ("merchant_goods_id", 32, lambda text: detail(merchant_goods_id=text)),
        ("store_info/id", 32, lambda text: store(id=text)),
        ("store_info/name", 256, lambda text: store(name=text)),
        ("area_code", 32, lambda text: store(area_code=text)),
        ("address", 512, lambda text: store(address=text)),
        ("invoice_id", 32, lambda text: {"detail": {"invoice_id": text}}),
    ]


@pytest.mark.parametrize("field, most, put", limits(), ids=[one[0] for one in limits()])
async def test_a_text_is_taken_at_its_limit_and_refused_one_beyond(
    town: Town, field: str, most: int, put: Any
) -> None:
    beyond = await town.post(PATHS["jsapi"], town.body() | put("x" * (most + 1)))
    assert (beyond.status_code, beyond.json()["code"]) == (400, "PARAM_ERROR")
    assert field.rpartition("/")[2] in beyond.json()["detail"]["field"]
    assert town.sandbox.payments.everything() == []
    assert (await town.post(PATHS["jsapi"], town.body() | put("x" * most))).status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        {"detail": {"goods_detail": []}},
        {"detail": {"goods_detail": [{"merchant_goods_id": "g", "quantity": 0, "unit_price": 1}]}},
        {"detail": {"goods_detail": [{"merchant_goods_id": "g", "quantity": 1, "unit_price": -1}]}},
        {"detail": {"goods_detail": [{"quantity": 1, "unit_price": 1}]}},
        {"detail": {"cost_price": 1.5}},
        {"scene_info": {"payer_client_ip": "nowhere"}},
        {"scene_info": {"device_id": "till 1"}},
        {"settle_info": {"profit_sharing": "Y"}},
        {"support_fapiao": "true"},
    ],
)
async def test_a_nested_field_out_of_bounds_is_refused(town: Town, change: dict[str, Any]) -> None:
    answer = await town.post(PATHS["jsapi"], town.body(**change))
    assert (answer.status_code, answer.json()["code"]) == (400, "PARAM_ERROR")


@pytest.mark.parametrize(
    "asked, given",
    [(59, 60), (60, 60), (61, 61), (7_776_000, 7_776_000), (7_776_001, 7_776_000), (None, 604_800)],
)
async def test_an_end_too_near_or_too_far_is_moved(
    town: Town, asked: int | None, given: int
) -> None:
    end = None if asked is None else (NOON + timedelta(seconds=asked)).isoformat()
    await town.prepay(time_expire=end)
    order = town.sandbox.payments.find("T20261122-0001")
    assert order.expires_at == NOON + timedelta(seconds=given)


@pytest.mark.parametrize(
    "url, status",
    [
        ("https://shop.example.com/hooks/pay", 200),
        ("http://127.0.0.1:8100/hooks/pay", 200),
        ("http://[::1]:8100/hooks/pay", 200),
        ("http://10.1.2.3/hooks/pay", 200),
        ("http://localhost:8100/hooks/pay", 200),
        ("http://shop:8100/hooks/pay", 200),
        ("http://shop.example.com/hooks/pay", 400),
        ("http://8.8.8.8/hooks/pay", 400),
        ("https://shop.test/hooks/pay?order=1", 400),
        ("https://shop.test/hooks/pay#top", 400),
        ("https://:443/hooks", 400),
        ("https://shop.test:port/hooks", 400),
        ("//shop.test/hooks", 400),
    ],
)
async def test_a_notice_goes_over_https_or_stays_in_ones_own_network(
    town: Town, url: str, status: int
) -> None:
    assert (await town.post(PATHS["jsapi"], town.body(notify_url=url))).status_code == status


async def test_the_mini_program_has_its_own_payers(town: Town) -> None:
    mine = town.sandbox.credentials["mini_program"]["appid"]
    person = town.sandbox.people.get("p1")
    openid = town.sandbox.people.openid(person, mine)
    assert openid != town.openid()
    of_account = await town.post(PATHS["jsapi"], town.body(appid=mine))
    assert of_account.json()["detail"]["field"] == "/payer/openid"
    prepaid = await town.post(PATHS["jsapi"], town.body(appid=mine, payer={"openid": openid}))
    paid = await town.side("POST", "/payments", {"prepay_id": prepaid.json()["prepay_id"]})
    assert (paid.json()["appid"], paid.json()["payer"]) == (mine, {"openid": openid})


async def test_an_app_pays_with_a_prepay_id_and_h5_with_an_address_of_the_phone(
    town: Town,
) -> None:
    app = await town.post(PATHS["app"], body(town, "app"))
    paid = {"prepay_id": app.json()["prepay_id"], "person_id": "p2"}
    assert (await town.side("POST", "/payments", paid)).json()["trade_type"] == "APP"
    h5 = await town.post(PATHS["h5"], body(town, "h5", out_trade_no="H5-000001"))
    url = h5.json()["h5_url"]
    assert url.startswith(town.sandbox.credentials["phone"]["base_url"] + "/phone/pay?")
    code = parse_qs(urlsplit(url).query)["code"][0]
    scanned = await town.side("POST", "/payments", {"code_url": code, "person_id": "p2"})
    assert scanned.json()["trade_type"] == "MWEB"


async def test_h5_must_say_where_the_payer_sits(town: Town) -> None:
    for scene in (None, {"payer_client_ip": "127.0.0.1"}):
        answer = await town.post(PATHS["h5"], body(town, "h5", scene_info=scene))
        assert answer.json()["code"] == "PARAM_ERROR"
        assert "scene_info" in answer.json()["detail"]["field"]


async def test_the_device_comes_back_with_the_order(town: Town) -> None:
    scene = {"payer_client_ip": "127.0.0.1", "device_id": "till 1"}
    await town.prepay(scene_info=scene)
    path = f"/v3/pay/transactions/out-trade-no/T20261122-0001?mchid={town.pay['mchid']}"
    assert (await town.get(path)).json()["scene_info"] == {"device_id": "till 1"}


async def test_another_way_to_pay_is_another_order(town: Town) -> None:
    await town.prepay()
    answer = await town.post(PATHS["native"], body(town, "native"))
    assert answer.json()["message"] == "201 商户订单号重复"
