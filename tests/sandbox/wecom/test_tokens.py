"""Tokens, rights and limits of the WeCom host, and how it says no."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta

import pytest
from tests.sandbox.merchant import NOON
from tests.sandbox.wecom.company import Company

from headwater.sandbox.wecom.errors import WecomError
from headwater.sandbox.wecom.limits import AT_ONCE, LIMITS, Rates

ERRMSG = re.compile(
    r"invalid access_token, hint: \[[0-9]{25}\], from ip: [0-9.]+, "
    r"more info at https://open\.work\.weixin\.qq\.com/devtool/query\?e=40014"
)


async def gettoken(company: Company, corpid: str, secret: str) -> int:
    query = {"corpid": corpid, "corpsecret": secret}
    answer = await company.http.get(company.wecom["base_url"] + "/cgi-bin/gettoken", params=query)
    return int(answer.json()["errcode"])


async def test_the_same_token_comes_again_while_it_lives(company: Company) -> None:
    first = await company.token()
    company.clock.move(seconds=7_199)
    assert await company.token() == first
    assert await company.token("secret") != first
    company.clock.move(seconds=1)
    assert await company.token() != first


@pytest.mark.parametrize(
    "corpid, secret, errcode",
    [("", "x", 41002), ("x", "", 41004), ("wwnobody", "x", 40013)],
)
async def test_a_token_needs_the_right_company(
    company: Company, corpid: str, secret: str, errcode: int
) -> None:
    assert await gettoken(company, corpid, secret) == errcode


async def test_a_wrong_secret_is_an_invalid_credential(company: Company) -> None:
    assert await gettoken(company, company.wecom["corpid"], "wrong") == 40001


async def test_a_token_dies_on_its_second(company: Company) -> None:
    token = await company.token()
    url = company.wecom["base_url"] + "/cgi-bin/user/get"
    query = {"access_token": token, "userid": "zhangmin"}
    company.clock.move(seconds=7_199)
    assert (await company.http.get(url, params=query)).json()["errcode"] == 0
    company.clock.move(seconds=1)
    assert (await company.http.get(url, params=query)).json()["errcode"] == 42001


async def test_a_refusal_reads_as_the_platform_writes_it(company: Company) -> None:
    url = company.wecom["base_url"] + "/cgi-bin/user/get"
    said = (await company.http.get(url, params={"access_token": "never"})).json()
    assert ERRMSG.fullmatch(said["errmsg"])
    assert (await company.http.get(url)).json()["errcode"] == 41001


async def test_a_token_may_die_early(company: Company) -> None:
    await company.side("PUT", "/misbehaviour", {"wecom_tokens_die_next": 1})
    assert (await company.get("user/get", userid="zhangmin"))["errcode"] == 42001
    assert (await company.get("user/get", userid="zhangmin"))["errcode"] == 0
    token = await company.token()
    await company.side("POST", "/wecom/expired-tokens")
    assert await company.token() != token


async def test_each_app_has_its_own_rights(company: Company) -> None:
    query = {"userid": "zhangmin"}
    assert (await company.get("externalcontact/list", "secret", **query))["errcode"] == 48002
    assert (await company.get("get_jsapi_ticket", "contact_secret"))["errcode"] == 48002
    assert (await company.post("message/send", {}, "contact_secret"))["errcode"] == 48002
    assert (await company.get("user/get", "secret", **query))["errcode"] == 0


async def test_a_call_by_the_wrong_method_is_refused(company: Company) -> None:
    assert (await company.get("externalcontact/mark_tag"))["errcode"] == 43002
    assert (await company.post("externalcontact/list", {}))["errcode"] == 43001


async def test_a_body_that_is_no_json_is_refused(company: Company) -> None:
    said = await company.post("externalcontact/mark_tag", {"add_tag": "not a list"})
    assert said["errcode"] == 40058
    assert "Warning: wrong json format." in said["errmsg"]


async def test_only_listed_addresses_may_call(company: Company) -> None:
    await company.side("PUT", "/wecom/addresses", {"allowed": ["203.0.113.9"]})
    assert (await company.get("user/get", userid="zhangmin"))["errcode"] == 60020
    await company.side("PUT", "/wecom/addresses", {"allowed": None})
    assert (await company.get("user/get", userid="zhangmin"))["errcode"] == 0


@pytest.mark.parametrize("fault, errcode", [("wecom_fail_next", -1), ("wecom_busy_next", 45033)])
async def test_the_host_is_busy_when_asked_to_be(
    company: Company, fault: str, errcode: int
) -> None:
    url = company.wecom["base_url"] + "/cgi-bin/user/get"
    query = {"access_token": await company.token(), "userid": "zhangmin"}
    await company.side("PUT", "/misbehaviour", {fault: 1})
    assert (await company.http.get(url, params=query)).json()["errcode"] == errcode
    assert (await company.http.get(url, params=query)).json()["errcode"] == 0


async def test_an_answer_may_be_lost_after_its_effect(company: Company) -> None:
    await company.side("PUT", "/misbehaviour", {"wecom_hang_next": 1, "hang_seconds": 0})
    url = company.wecom["base_url"] + "/cgi-bin/gettoken"
    assert (await company.http.get(url)).status_code == 200  # a refusal is no effect to lose
    query = {"corpid": company.wecom["corpid"], "corpsecret": company.wecom["secret"]}
    assert (await company.http.get(url, params=query)).status_code == 502


COUNTED = [name for name in LIMITS if name not in ("reminders_a_day", "transfers_in_90_days")]


@pytest.mark.parametrize("name", COUNTED)
def test_a_limit_lets_its_last_call_pass_and_no_further(name: str) -> None:
    rates, limit = Rates(), LIMITS[name]
    for _ in range(limit.most):
        rates.count(name, "one", NOON)
    with pytest.raises(WecomError, match="45009"):
        rates.count(name, "one", NOON)
    rates.count(name, "another", NOON)
    length = timedelta(seconds=limit.per_seconds)
    with pytest.raises(WecomError, match="45009"):
        rates.count(name, "one", NOON + length - timedelta(seconds=1))
    rates.count(name, "one", NOON + length)


def test_as_many_calls_at_once_as_allowed_and_no_further() -> None:
    rates = Rates()
    held = [rates.under_way("/cgi-bin/user/get") for _ in range(AT_ONCE)]
    for one in held:
        one.__enter__()
    with pytest.raises(WecomError, match="45033"), rates.under_way("/cgi-bin/user/get"):
        pass
    with rates.under_way("/cgi-bin/user/list"):
        held[0].__exit__(None, None, None)
    with rates.under_way("/cgi-bin/user/get"):
        pass


def test_every_limit_says_where_and_when_it_was_read() -> None:
    for limit in LIMITS.values():
        assert limit.source.startswith("https://")
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", limit.as_of)


def signed(ticket: str, url: str) -> str:
    text = f"jsapi_ticket={ticket}&noncestr=n0nce&timestamp=1763784000&url={url}"
    return hashlib.sha1(text.encode()).hexdigest()


async def test_the_two_tickets_are_not_the_same_and_sign_their_own_call(company: Company) -> None:
    config = (await company.get("get_jsapi_ticket", "secret"))["ticket"]
    agent = (await company.get("ticket/get", "secret", type="agent_config"))["ticket"]
    assert config != agent
    assert (await company.get("get_jsapi_ticket", "secret"))["ticket"] == config
    page = {"url": "http://shop.test/guide#top", "noncestr": "n0nce", "timestamp": "1763784000"}
    for kind, ticket, other in (("config", config, agent), ("agentConfig", agent, config)):
        for used, is_good in ((ticket, True), (other, False)):
            given = {**page, "kind": kind, "signature": signed(used, "http://shop.test/guide")}
            answer = await company.side("POST", "/wecom/signatures", given)
            assert answer.json() == {"is_good": is_good}
    strange = await company.side(
        "POST", "/wecom/signatures", {**page, "kind": "config", "signature": "签"}
    )
    assert strange.json() == {"is_good": False}


async def test_a_ticket_of_another_type_is_refused(company: Company) -> None:
    assert (await company.get("ticket/get", "secret", type="jsapi"))["errcode"] == 40005


async def test_tickets_are_rationed_by_the_hour(company: Company) -> None:
    for _ in range(100):
        assert (await company.get("ticket/get", "secret", type="agent_config"))["errcode"] == 0
    assert (await company.get("ticket/get", "secret", type="agent_config"))["errcode"] == 45009
    company.clock.move(hours=1)
    assert (await company.get("ticket/get", "secret", type="agent_config"))["errcode"] == 0
