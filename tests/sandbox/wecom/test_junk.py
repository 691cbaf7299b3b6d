"""Whatever comes in, the WeCom host answers in its own way and does not break."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.sandbox.wecom.company import Company

JUNK: list[bytes] = [
    b"",
    b"null",
    b"[]",
    b'"text"',
    b"{",
    b"\xff\xfe",
    b'{"cursor": "\\u0000", "limit": -1}',
    b'{"userid": {"a": 1}, "external_userid": 7, "text": [], "user": "zhangmin"}',
    b'{"limit": 99999999999999999999999}',
    b"[" * 2_000,
    b'{"conclusions": ' + b'{"a": ' * 2_000 + b"1" + b"}" * 2_001,
]
NAMES = {
    "userid": "zhangmin",
    "external_userid": "wmnobody",
    "msgid": "none",
    "moment_id": "none",
    "config_id": "none",
    "chat_id": "none",
    "cursor": "none",
    "limit": 1,
}


async def answer(company: Company, method: str, path: str, body: bytes, secret: str) -> Any:
    query = {"access_token": await company.token(secret), "jobid": "x", "code": "x"}
    url = company.wecom["base_url"] + path
    said = await company.http.request(method, url, params=query, content=body)
    assert said.status_code == 200
    return said.json()


@pytest.mark.parametrize("body", JUNK, ids=range(len(JUNK)))
async def test_junk_is_answered_with_a_number(company: Company, body: bytes) -> None:
    for api in company.host.house.apis():
        if api.right == "none":
            continue
        secret = "secret" if api.right == "app" else "contact_secret"
        said = await answer(company, api.method, api.path, body, secret)
        assert isinstance(said["errcode"], int), api.path
        assert said["errcode"] == 0 or "hint: [" in said["errmsg"], api.path


async def test_names_of_nobody_are_answered_with_a_number(company: Company) -> None:
    for api in company.host.house.apis():
        if api.method == "POST" and api.right == "contacts":
            body = json.dumps(NAMES).encode()
            said = await answer(company, "POST", api.path, body, "contact_secret")
            assert isinstance(said["errcode"], int), api.path
