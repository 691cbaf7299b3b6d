"""Calls to WeCom: whose token goes along, what an error means, and what never reaches a log."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.connect.wecom.company import HINT, KNOWN, Company

from headwater.base.errors import BadInput, NotReached, Trouble
from headwater.connect.errors import NotAuthorised, ProviderRefused, UnknownToProvider
from headwater.connect.wecom.api import Page, every, told
from headwater.connect.wecom.errors import NotACustomer, WelcomeSpent


async def ask(company: Company) -> tuple[str, ...]:
    company.will(follow_user=["zhangsan"])
    return await company.wecom.contacts.staff()


async def test_customers_are_asked_for_with_the_contact_app_and_staff_with_ours() -> None:
    company = Company()
    await ask(company)
    assert company.token_used() == "contact-token-1"
    company.will(userid="zhangsan", name="张三", department=[1, 2])
    await company.wecom.directory.get("zhangsan")
    assert company.token_used() == "app-token-1"


async def test_twenty_calls_at_once_ask_for_one_token() -> None:
    company = Company()
    await asyncio.gather(*(ask(company) for _ in range(20)))
    assert company.paths().count("gettoken") == 1


@pytest.mark.parametrize("code", [40014, 42001])
async def test_a_token_that_died_early_is_replaced_once(code: int) -> None:
    company = Company()
    await ask(company)
    company.dead["contact-token-1"] = code
    await asyncio.gather(*(ask(company) for _ in range(5)))
    assert company.paths().count("gettoken") == 2
    assert company.token_used() == "contact-token-2"


async def test_a_second_dead_token_is_a_refusal_and_not_a_loop() -> None:
    company = Company()
    company.dead = {f"contact-token-{number}": 42001 for number in range(1, 9)}
    with pytest.raises(ProviderRefused) as refused:
        await ask(company)
    assert refused.value.provider_code == "42001"
    assert company.paths().count("externalcontact/get_follow_user_list") == 2


@pytest.mark.parametrize(
    "code,outcome",
    [
        (84061, NotACustomer),
        (84084, NotACustomer),
        (40096, UnknownToProvider),
        (40003, UnknownToProvider),
        (41051, WelcomeSpent),
        (60020, NotAuthorised),
        (60011, NotAuthorised),
        (48002, NotAuthorised),
        (41096, NotReached),
        (41063, NotReached),
        (45009, NotReached),
        (45033, NotReached),
        (-1, Trouble),
        (90000, ProviderRefused),
    ],
)
async def test_each_code_becomes_a_word_of_ours(code: int, outcome: type[Exception]) -> None:
    company = Company()
    company.will_refuse(code)
    with pytest.raises(outcome) as raised:
        await company.wecom.contacts.staff()
    assert type(raised.value) is outcome
    assert len(company.asked) == 2


@pytest.mark.parametrize(
    "junk",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b"\xff",
        {"errcode": "0", "follow_user": []},
        {"errcode": 0, "follow_user": [""]},
        {"errcode": 0, "follow_user": ["a\u0000b"]},
        {"errcode": 0, "follow_user": "zhangsan"},
        {"errcode": 0, "follow_user": [7]},
    ],
)
async def test_junk_is_trouble(junk: Any) -> None:
    company = Company()
    company.answers.append(junk)
    with pytest.raises(Trouble):
        await company.wecom.contacts.staff()


@settings(deadline=None)
@given(raw=st.binary(max_size=200) | st.from_regex(rb'\{"errcode":.{0,40}\}'))
async def test_no_answer_whatever_crashes_a_call(raw: bytes) -> None:
    company = Company()
    company.answers.append(raw)
    try:
        await company.wecom.contacts.staff()
    except (Trouble, ProviderRefused):
        return


async def test_an_error_keeps_its_hint_and_loses_every_secret() -> None:
    company = Company()
    company.will_refuse(40058, "bad token contact-token-1 given")
    with pytest.raises(ProviderRefused) as refused:
        await company.wecom.contacts.staff()
    message = refused.value.provider_message
    assert message.startswith("bad token … given, hint: [1588070216_61_9e1f]")
    assert "192.0.2.7" in message
    assert "more info" not in str(refused.value)


async def test_a_wrong_secret_is_not_repeated_in_the_refusal() -> None:
    company = Company()

    def refuse(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(
            200, json={"errcode": 40001, "errmsg": f"bad {request.url.params['corpsecret']}{HINT}"}
        )

    http = httpx2.AsyncClient(transport=httpx2.MockTransport(refuse))
    wecom = type(company.wecom)(KNOWN, http, lambda: company.now)
    with pytest.raises(NotAuthorised) as refused:
        await wecom.contacts.staff()
    assert "s3cret" not in str(refused.value)


async def test_no_secret_reaches_a_log(caplog: pytest.LogCaptureFixture) -> None:
    company = Company()
    with caplog.at_level(logging.DEBUG):
        await ask(company)
        company.dead["contact-token-1"] = 42001
        await ask(company)
    assert "gettoken" in caplog.text
    assert "s3cret" not in caplog.text
    assert "-token-" not in caplog.text


def test_credentials_do_not_show_their_secrets() -> None:
    assert "s3cret" not in repr(KNOWN)


def test_a_long_error_is_cut() -> None:
    assert len(told("x" * 5_000, ())) == 300


async def test_pages_are_walked_to_the_end() -> None:
    pages = {None: Page((1, 2), "a"), "a": Page((3,), "b"), "b": Page((4,), None)}

    async def fetch(cursor: str | None) -> Page[int]:
        return pages[cursor]

    assert [item async for item in every(fetch)] == [1, 2, 3, 4]


async def test_a_page_that_comes_back_ends_in_trouble() -> None:
    async def fetch(cursor: str | None) -> Page[int]:
        return Page((1,), "again")

    with pytest.raises(Trouble):
        async for _item in every(fetch):
            pass


async def test_a_walk_ends_in_trouble_where_cursors_never_do() -> None:
    async def fetch(cursor: str | None) -> Page[int]:
        return Page((1,), str(int(cursor or 0) + 1))

    with pytest.raises(Trouble, match="more than 5 pages"):
        async for _item in every(fetch, pages_most=5):
            pass


async def test_a_walk_of_as_many_pages_as_there_may_be_comes_to_its_end() -> None:
    async def fetch(cursor: str | None) -> Page[int]:
        following = int(cursor or 0) + 1
        return Page((following,), str(following) if following < 5 else None)

    assert [item async for item in every(fetch, pages_most=5)] == [1, 2, 3, 4, 5]


async def test_a_question_is_asked_again_after_silence() -> None:
    company = Company()
    company.silent = 1
    assert await ask(company) == ("zhangsan",)
    assert company.paths() == ["gettoken", "gettoken", "externalcontact/get_follow_user_list"]


async def test_a_deed_and_a_login_code_are_sent_once_whatever_happens() -> None:
    company = Company()
    await ask(company)
    for deed in (company.wecom.ways.delete, company.wecom.broadcasts.remind):
        company.silent = 1
        with pytest.raises(Trouble):
            await deed("id-1")
        assert company.silent == 0
    company.will(userid="zhangsan")
    await company.wecom.directory.get("zhangsan")
    company.silent = 1
    with pytest.raises(Trouble):
        await company.wecom.logins.exchange("c0de")
    assert company.paths()[-1] == "auth/getuserinfo"
    assert company.paths().count("auth/getuserinfo") == 1


async def test_an_id_that_cannot_exist_is_not_asked_for() -> None:
    company = Company()
    with pytest.raises(BadInput):
        await company.wecom.contacts.ids_of("x" * 65)
    with pytest.raises(BadInput):
        await company.wecom.contacts.ids_of("")
    assert company.asked == []
