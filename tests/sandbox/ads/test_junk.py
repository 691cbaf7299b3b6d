"""Whatever comes in, the ads host answers in its own way and does not break."""

from __future__ import annotations

import pytest
from tests.sandbox.ads.advertiser import Advertiser

PATHS = (
    "user_action_sets/add",
    "user_actions/add",
    "custom_audiences/add",
    "custom_audience_files/add",
)
READ = (
    "user_action_sets/get",
    "custom_audiences/get",
    "custom_audience_files/get",
    "daily_reports/get",
    "hourly_reports/get",
)
JUNK: list[bytes] = [b"", b"null", b"[]", b"{", b"\xff\xfe", b"[" * 2_000, b'{"actions": 7}']


@pytest.mark.parametrize("body", JUNK, ids=range(len(JUNK)))
async def test_a_body_of_junk_is_refused(brand: Advertiser, body: bytes) -> None:
    for path in PATHS:
        answer = await brand.http.post(brand.url(path), params=brand.common(), content=body)
        assert (answer.status_code, answer.json()["code"]) == (200, 18001), path


@pytest.mark.parametrize("text", ["[", "{}", "[[]]", "-1", "\x00", '{"start_date": 7}'])
async def test_a_query_of_junk_is_refused_or_ignored(brand: Advertiser, text: str) -> None:
    names = ("page", "type", "level", "date_range", "group_by", "filtering", "audience_id")
    for path in READ:
        said = await brand.get(path, **dict.fromkeys(names, text))
        assert said["code"] in (0, 18001), path
