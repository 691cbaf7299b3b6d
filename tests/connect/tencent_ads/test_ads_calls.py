"""Calls to Tencent Ads: what each one carries, how the permission lives on, what an error means."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.connect.tencent_ads.advertiser import KNOWN, NOON, Advertiser, empty, kept

from headwater.base import ids
from headwater.base.crypto import Keys
from headwater.base.db import Pool
from headwater.base.errors import BadInput, NotReached, Trouble
from headwater.connect.errors import LoginCodeSpent, NotAuthorised, ProviderRefused
from headwater.connect.tencent_ads import TencentAds
from headwater.connect.tencent_ads.actions import ActionSet
from headwater.connect.tencent_ads.grants import Grant, KeptGrant
from headwater.connect.token_rows import DatabaseRows


async def ask(advertiser: Advertiser) -> tuple[ActionSet, ...]:
    advertiser.will(list=[{"user_action_set_id": 7, "type": "WEB", "name": "官网"}])
    return await advertiser.ads.actions.sets()


async def test_every_call_carries_token_clock_and_a_new_nonce() -> None:
    advertiser = Advertiser()
    assert await ask(advertiser) == (ActionSet(7, "WEB", "官网"),)
    await ask(advertiser)
    assert len(advertiser.nonces) == 2
    query = advertiser.asked[-1].url.params
    assert (query["access_token"], query["account_id"]) == ("token-1", "5001")
    assert query["timestamp"] == str(int(NOON.timestamp()))
    assert advertiser.asked[-1].url.path == "/v3.0/user_action_sets/get"


def test_the_address_for_the_advertiser_carries_state() -> None:
    address = Advertiser().ads.grants.url("https://brand.example/ads?x=1", "st.ate")
    parts = urlsplit(address)
    assert (parts.netloc, parts.path) == ("developers.ads.example", "/oauth/authorize")
    assert parse_qs(parts.query) == {
        "client_id": ["1112"],
        "redirect_uri": ["https://brand.example/ads?x=1"],
        "state": ["st.ate"],
    }
    assert Advertiser().ads.grants.url("https://b", "x" * 512)


@pytest.mark.parametrize("state", ["", "x" * 513])
def test_a_state_that_would_be_cut_is_refused(state: str) -> None:
    with pytest.raises(BadInput):
        Advertiser().ads.grants.url("https://b", state)


async def test_a_code_becomes_a_lasting_permission() -> None:
    advertiser = Advertiser()
    advertiser.keeper = empty()
    ads = TencentAds(KNOWN, advertiser.keeper, advertiser.http, lambda: NOON)
    with pytest.raises(NotAuthorised):
        await ads.actions.sets()
    grant = await ads.grants.accept("c0de", "https://brand.example/ads")
    assert grant == Grant("refresh-1", NOON + timedelta(days=30))
    assert await advertiser.keeper.read() == grant
    with pytest.raises(LoginCodeSpent):
        await ads.grants.accept("used", "https://brand.example/ads")
    with pytest.raises(BadInput):
        await ads.grants.accept("", "https://brand.example/ads")


async def test_each_refresh_keeps_the_new_permission_before_its_token_is_used() -> None:
    advertiser = Advertiser()
    await ask(advertiser)
    assert await advertiser.keeper.read() == Grant("refresh-1", NOON + timedelta(days=30))
    advertiser.now = NOON + timedelta(seconds=86_400)
    await ask(advertiser)
    assert await advertiser.keeper.read() == Grant("refresh-2", advertiser.now + timedelta(days=30))
    assert advertiser.asked[-1].url.params["access_token"] == "token-2"


async def test_twenty_calls_at_once_refresh_once() -> None:
    advertiser = Advertiser()
    await asyncio.gather(*(ask(advertiser) for _ in range(20)))
    assert advertiser.paths().count("/oauth/token") == 1


@pytest.mark.parametrize("code", [11000, 11002])
async def test_a_token_that_ended_early_is_replaced_once(code: int) -> None:
    advertiser = Advertiser()
    await ask(advertiser)
    advertiser.dead["token-1"] = code
    await asyncio.gather(*(ask(advertiser) for _ in range(5)))
    assert advertiser.given == 2
    assert advertiser.asked[-1].url.params["access_token"] == "token-2"


async def test_a_permission_that_slept_for_thirty_days_asks_for_a_person() -> None:
    advertiser = Advertiser()
    advertiser.now = NOON + timedelta(days=30)
    with pytest.raises(NotAuthorised) as refused:
        await ask(advertiser)
    assert refused.value.provider_code == "no_grant"
    assert advertiser.asked == []


async def test_a_refresh_token_that_stays_the_same_need_not_be_repeated() -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        data = {"access_token": "t", "access_token_expires_in": 2_592_000}
        return httpx2.Response(200, json={"code": 0, "data": data})

    keeper = kept("kept", NOON + timedelta(days=1))
    http = httpx2.AsyncClient(transport=httpx2.MockTransport(answer))
    ads = TencentAds(KNOWN, keeper, http, lambda: NOON)
    issued = await ads.grants.issue(False)
    assert issued.expires_in == 86_400
    assert await keeper.read() == Grant("kept", NOON + timedelta(days=30))
    with pytest.raises(NotAuthorised):
        await TencentAds(KNOWN, empty(), http, lambda: NOON).grants.accept("c", "https://b")


@pytest.mark.parametrize(
    "code,outcome",
    [
        (10000, Trouble),
        (10001, Trouble),
        (11008, NotReached),
        (11017, NotReached),
        (11018, NotReached),
        (11019, NotReached),
        (11012, NotAuthorised),
        (11014, NotAuthorised),
        (11009, LoginCodeSpent),
        (31033, ProviderRefused),
    ],
)
async def test_each_code_becomes_a_word_of_ours(code: int, outcome: type[Exception]) -> None:
    advertiser = Advertiser()
    advertiser.will_refuse(code)
    with pytest.raises(outcome) as raised:
        await advertiser.ads.actions.sets()
    assert type(raised.value) is outcome
    assert len(advertiser.asked) == 2


@pytest.mark.parametrize(
    "junk",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b"\xff",
        {"code": 0},
        {"code": 0, "data": None},
        {"code": 0, "data": {"list": [{"user_action_set_id": 0}]}},
        {"code": 0, "data": {"list": [{"user_action_set_id": 2**63}]}},
        {"code": 0, "data": {"list": {}}},
        {"code": "0", "data": {"list": []}},
    ],
)
async def test_junk_is_trouble(junk: Any) -> None:
    advertiser = Advertiser()
    advertiser.answers.append(junk)
    with pytest.raises(Trouble):
        await advertiser.ads.actions.sets()


@settings(deadline=None)
@given(raw=st.binary(max_size=200) | st.from_regex(rb'\{"code":.{0,40}\}'))
async def test_no_answer_whatever_crashes_a_call(raw: bytes) -> None:
    advertiser = Advertiser()
    advertiser.answers.append(raw)
    try:
        await advertiser.ads.actions.sets()
    except (Trouble, ProviderRefused):
        return


async def test_a_question_is_asked_again_with_another_nonce_and_a_refresh_is_not() -> None:
    advertiser = Advertiser()
    await ask(advertiser)
    advertiser.silent = 1
    await ask(advertiser)
    nonces = [request.url.params["nonce"] for request in advertiser.asked[1:]]
    assert len(set(nonces)) == 3
    advertiser.silent = 1
    with pytest.raises(Trouble):
        await advertiser.ads.grants.issue(False)
    assert advertiser.asked[-1].url.path == "/oauth/token"
    assert advertiser.given == 1
    advertiser.silent = 1
    with pytest.raises(Trouble):
        await advertiser.ads.actions.create_set("WEB", "官网")
    assert len(advertiser.asked) == 6


async def test_no_secret_reaches_a_refusal_a_log_or_a_repr(
    caplog: pytest.LogCaptureFixture,
) -> None:
    advertiser = Advertiser()
    with caplog.at_level(logging.DEBUG):
        advertiser.will_refuse(31000, "what is token-1")
        with pytest.raises(ProviderRefused) as refused:
            await advertiser.ads.actions.sets()
    assert refused.value.provider_message == "what is …"
    assert "oauth/token" in caplog.text
    for secret in ("ads-s3cret", "token-1", "refresh-0"):
        assert secret not in caplog.text
    assert "ads-s3cret" not in repr(KNOWN)
    assert "refresh" not in repr(Grant("refresh-0", NOON)).replace("refresh_token", "")


async def test_a_permission_outlives_the_process_and_lies_sealed(pool: Pool) -> None:
    keys, account_id = Keys.drawn(), ids.new().int % 10**9 + 1
    grant = Grant("refresh-secret", NOON + timedelta(days=30))
    keeper = KeptGrant(DatabaseRows(pool, lambda: keys), account_id, lambda: NOON)
    assert await keeper.read() is None
    await keeper.keep(grant)
    await keeper.keep(grant)
    later = KeptGrant(DatabaseRows(pool, lambda: keys), account_id, lambda: NOON)
    assert await later.read() == grant
    stranger = KeptGrant(DatabaseRows(pool, Keys.drawn), account_id, lambda: NOON)
    assert await stranger.read() is None


async def test_two_who_keep_at_once_leave_one_whole_permission(pool: Pool) -> None:
    keys, account_id = Keys.drawn(), ids.new().int % 10**9 + 1
    keeper = KeptGrant(DatabaseRows(pool, lambda: keys), account_id, lambda: NOON)
    grants = [Grant(f"refresh-{number}", NOON + timedelta(days=30)) for number in range(5)]
    await asyncio.gather(*(keeper.keep(grant) for grant in grants))
    assert await keeper.read() in grants
