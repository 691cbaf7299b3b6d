"""Permission, tokens and what every call to the ads host carries."""

from __future__ import annotations

import pytest
from tests.sandbox.ads.advertiser import BACK, Advertiser

from headwater.sandbox.ads import AdsHost
from headwater.sandbox.ads.errors import AdsError
from headwater.sandbox.ads.grants import MOST_A_MINUTE, MOST_WRITES_A_DAY


async def test_the_page_names_the_account_and_the_button_gives_a_code(brand: Advertiser) -> None:
    query = {"client_id": brand.ads["client_id"], "redirect_uri": BACK, "state": "s"}
    page = await brand.http.get(brand.ads["authorize_url"], params=query)
    assert str(brand.ads["account_id"]) in page.text
    said = await brand.by_code(await brand.agreed())
    assert said["data"]["authorizer_info"]["account_id"] == brand.ads["account_id"]
    assert said["data"]["access_token_expires_in"] == 86_400
    assert said["data"]["refresh_token_expires_in"] == 30 * 86_400


@pytest.mark.parametrize(
    "changes",
    [{"client_id": "1"}, {"redirect_uri": "javascript:1"}, {"state": "s" * 513}],
)
async def test_a_wrong_address_opens_no_page(brand: Advertiser, changes: dict[str, str]) -> None:
    query = {"client_id": brand.ads["client_id"], "redirect_uri": BACK, "state": "s" * 512}
    assert (await brand.http.post(brand.ads["authorize_url"], params=query)).status_code == 302
    answer = await brand.http.post(brand.ads["authorize_url"], params={**query, **changes})
    assert answer.status_code == 400


async def test_a_code_works_once_and_for_five_minutes(brand: Advertiser) -> None:
    code = await brand.agreed()
    brand.clock.move(seconds=299)
    assert (await brand.by_code(code))["code"] == 0
    assert (await brand.by_code(code))["code"] == 11013
    late = await brand.agreed()
    brand.clock.move(seconds=300)
    assert (await brand.by_code(late))["code"] == 11009
    assert (await brand.by_code("never"))["code"] == 11011


async def test_a_code_belongs_to_its_application_and_address(brand: Advertiser) -> None:
    code = await brand.agreed()
    assert (await brand.by_code(code, client_secret="wrong"))["code"] == 11007
    assert (await brand.by_code(code, redirect_uri="http://other.test/"))["code"] == 18001
    assert (await brand.by_code(code))["code"] == 0


async def test_a_token_lives_a_day_and_is_refreshed(brand: Advertiser) -> None:
    brand.clock.move(seconds=86_399)
    await brand.good("user_action_sets/get")
    brand.clock.move(seconds=1)
    assert (await brand.get("user_action_sets/get"))["code"] == 11000
    refreshed = await brand.trade(
        grant_type="refresh_token", refresh_token=brand.tokens["refresh_token"]
    )
    assert set(refreshed["data"]) == {"access_token", "access_token_expires_in"}
    brand.tokens["access_token"] = refreshed["data"]["access_token"]
    await brand.good("user_action_sets/get")


async def test_the_thirty_days_begin_anew_at_each_use(brand: Advertiser) -> None:
    refresh = {"grant_type": "refresh_token", "refresh_token": brand.tokens["refresh_token"]}
    for _ in range(2):
        brand.clock.move(days=29, hours=23)
        assert (await brand.trade(**refresh))["code"] == 0
    brand.clock.move(days=30)
    assert (await brand.trade(**refresh))["code"] == 11012
    assert (await brand.trade(grant_type="refresh_token", refresh_token="no"))["code"] == 11010
    assert (await brand.trade(grant_type="password"))["code"] == 18001


@pytest.mark.parametrize("seconds, code", [(300, 0), (-300, 0), (301, 12001), (-301, 12001)])
async def test_the_clock_may_differ_by_five_minutes(
    brand: Advertiser, seconds: int, code: int
) -> None:
    timestamp = str(int(brand.clock().timestamp()) + seconds)
    said = await brand.post("custom_audiences/add", audience(), timestamp=timestamp)
    assert said["code"] == code


def audience() -> dict[str, str]:
    return {"name": "金卡会员", "type": "CUSTOMER_FILE"}


async def test_a_nonce_is_used_once_and_has_32_characters_at_most(brand: Advertiser) -> None:
    for nonce, code in (("n" * 32, 0), ("n" * 32, 12002), ("n" * 33, 18001), ("", 12000)):
        assert (await brand.post("custom_audiences/add", audience(), nonce=nonce))["code"] == code


async def test_an_unknown_token_and_a_foreign_account_are_refused(brand: Advertiser) -> None:
    said = await brand.post("custom_audiences/add", audience(), access_token="never")
    assert said["code"] == 11002
    assert said["message"].startswith("Access token is invalid.")
    assert said["message_cn"].startswith("您的 access_token 无效")
    assert "data" not in said
    foreign = {**audience(), "account_id": 1}
    assert (await brand.post("custom_audiences/add", foreign))["code"] == 11014


@pytest.mark.parametrize(
    "fault, code",
    [("ads_fail_next", 10000), ("ads_frequency_next", 11017), ("ads_tokens_die_next", 11000)],
)
async def test_the_host_misbehaves_when_asked_to(brand: Advertiser, fault: str, code: int) -> None:
    await brand.side("PUT", "/misbehaviour", {fault: 1})
    assert (await brand.get("user_action_sets/get"))["code"] == code


async def test_an_answer_may_be_lost_after_its_effect(brand: Advertiser) -> None:
    await brand.side("PUT", "/misbehaviour", {"ads_hang_next": 1, "hang_seconds": 0})
    url, body = brand.url("custom_audiences/add"), {"account_id": brand.ads["account_id"]}
    lost = await brand.http.post(url, params=brand.common(), json={**body, **audience()})
    assert lost.status_code == 502
    assert len((await brand.good("custom_audiences/get"))["list"]) == 1


def test_calls_are_rationed_by_the_minute_and_by_the_day(brand: Advertiser) -> None:
    grants, clock = brand.sandbox.others.the(AdsHost).grants, brand.clock
    for minute in range(MOST_WRITES_A_DAY // MOST_A_MINUTE):
        for _ in range(MOST_A_MINUTE):
            grants.count("user_actions/add", False, clock())
        with pytest.raises(AdsError, match="11017" if minute < 9 else "110"):
            grants.count("user_actions/add", False, clock())
        clock.move(minutes=1)
    with pytest.raises(AdsError, match="11018"):
        grants.count("user_actions/add", False, clock())
    grants.count("custom_audiences/add", False, clock())
    clock.move(days=1)
    grants.count("user_actions/add", False, clock())
