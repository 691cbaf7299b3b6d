"""The simulated bucket against junk: unsigned, half signed, malformed, too deep, too old."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as some
from tests.sandbox.merchant import NOON, Town

from headwater.sandbox.cos import aws, forms
from headwater.sandbox.cos.asked import Asked, Keys, place_of
from headwater.sandbox.cos.errors import CosError
from headwater.sandbox.cos.host import shown
from headwater.sandbox.cos.native import check as check_native
from headwater.sandbox.cos.objects import LONGEST_KEY_BYTES, Objects

KEYS = Keys("AKIDsomebody", "secret", "headwater-1250000000", "ap-shanghai")
HEADER = (
    "AWS4-HMAC-SHA256 Credential=AKIDsomebody/20261122/ap-shanghai/s3/aws4_request, "
    f"SignedHeaders=host, Signature={'0' * 64}"
)


def asked(**changes: Any) -> Asked:
    plain: dict[str, Any] = {
        "method": "GET",
        "raw_path": "/a.txt",
        "query": (),
        "headers": {"host": "cos.example"},
        "body": b"",
        "now": NOON,
    }
    return Asked(**plain | changes)


async def ask(town: Town, method: str, path: str, **more: Any) -> httpx2.Response:
    return await town.http.request(
        method, town.sandbox.credentials["cos"]["base_url"] + path, **more
    )


@pytest.mark.parametrize(
    "headers,code",
    [
        ({}, "AccessDenied"),
        ({"Authorization": "Basic abc"}, "AccessDenied"),
        ({"Authorization": "AWS4-HMAC-SHA256"}, "AccessDenied"),
        ({"Authorization": HEADER}, "InvalidAccessKeyId"),
        ({"Authorization": "q-sign-algorithm=md5"}, "AccessDenied"),
        ({"Authorization": "q-sign-algorithm=sha1&q-ak=x"}, "InvalidAccessKeyId"),
    ],
)
async def test_nothing_opens_without_a_signature(
    town: Town, headers: dict[str, str], code: str
) -> None:
    for method in ("GET", "PUT", "DELETE"):
        answer = await ask(town, method, "/a.txt", headers=headers)
        assert (answer.status_code, f"<Code>{code}</Code>" in answer.text) == (403, True)
    assert (await ask(town, "HEAD", "/a.txt", headers=headers)).status_code == 403


@pytest.mark.parametrize(
    "headers,query",
    [
        ({"authorization": HEADER, "x-amz-date": "20261122T040000Z"}, ()),
        ({"authorization": HEADER, "x-amz-date": "today"}, ()),
        ({"authorization": HEADER.replace("/s3/", "/sts/")}, ()),
        ({"authorization": HEADER.replace("SignedHeaders=host", "SignedHeaders=range")}, ()),
        ({}, (("X-Amz-Signature", "0" * 64),)),
        ({}, (("X-Amz-Signature", "0"), ("X-Amz-Credential", "AKIDsomebody/1/2/3"))),
    ],
)
def test_half_a_signature_is_none(
    headers: dict[str, str], query: tuple[tuple[str, str], ...]
) -> None:
    with pytest.raises(CosError):
        aws.check(asked(headers={"host": "cos.example", **headers}, query=query), KEYS)


def test_a_request_is_too_old_after_a_quarter_of_an_hour() -> None:
    plain = {"host": "cos.example", "authorization": HEADER, "x-amz-content-sha256": aws.UNSIGNED}
    for late, code in ((900, "SignatureDoesNotMatch"), (901, "RequestTimeTooSkewed")):
        headers = {**plain, "x-amz-date": "20261122T040000Z"}
        with pytest.raises(CosError) as refused:
            aws.check(asked(headers=headers, now=NOON + timedelta(seconds=late)), KEYS)
        assert refused.value.code == code


@pytest.mark.parametrize(
    "policy",
    [
        b"",
        b"[]",
        b'{"expiration": "soon", "conditions": []}',
        b'{"expiration": "2026-11-22T05:00:00Z"}',
        b'{"expiration": "2026-11-22T05:00:00Z", "conditions": ' + b"[" * 3_000,
        b"\xff\xfe",
    ],
)
def test_a_policy_that_is_none_is_refused(policy: bytes) -> None:
    for encoded in (base64.b64encode(policy).decode(), "*" + policy.decode("latin-1")):
        with pytest.raises(CosError) as refused:
            forms.check({"policy": encoded}, 1, KEYS, NOON)
        assert refused.value.code == "InvalidPolicyDocument"


def signed(conditions: list[Any], **fields: str) -> dict[str, str]:
    text = json.dumps({"expiration": "2026-11-22T05:00:00Z", "conditions": conditions})
    encoded = base64.b64encode(text.encode()).decode()
    scope = "20261122/ap-shanghai/s3/aws4_request"
    signature = aws.signature(KEYS, scope, encoded)
    credential = f"AKIDsomebody/{scope}"
    made = {"policy": encoded, "x-amz-credential": credential, "x-amz-signature": signature}
    return {**made, **fields}


def test_a_policy_ends_at_its_end_and_not_before() -> None:
    fields = signed(
        [{"key": "a"}, {"x-amz-credential": "AKIDsomebody/20261122/ap-shanghai/s3/aws4_request"}],
        key="a",
    )
    forms.check(fields, 1, KEYS, NOON + timedelta(minutes=59, seconds=59))
    with pytest.raises(CosError):
        forms.check(fields, 1, KEYS, NOON + timedelta(hours=1))


async def test_a_form_that_is_none_is_refused_in_xml(town: Town) -> None:
    for kind in ("multipart/form-data", "multipart/form-data; boundary=x"):
        answer = await ask(town, "POST", "/", content=b"junk", headers={"content-type": kind})
        assert (answer.status_code, "MalformedPOSTRequest" in answer.text) == (400, True)


@pytest.mark.parametrize("claimed", ["0" * 40, "é", "签"])
def test_a_signature_in_any_letters_is_refused_and_breaks_nothing(claimed: str) -> None:
    end = str(int(NOON.timestamp()) + 9)
    said = {"q-sign-algorithm": "sha1", "q-ak": KEYS.secret_id, "q-signature": claimed}
    said |= dict.fromkeys(("q-sign-time", "q-key-time"), f"0;{end}")
    form = {name: value for name, value in signed([]).items() if name != "x-amz-signature"}
    query = {
        "X-Amz-Algorithm": aws.ALGORITHM,
        "X-Amz-Credential": f"{KEYS.secret_id}/20261122/ap-shanghai/s3/aws4_request",
        "X-Amz-Date": "20261122T040000Z",
        "X-Amz-Expires": "9",
        "X-Amz-SignedHeaders": "host",
        "X-Amz-Signature": claimed,
    }
    checks: tuple[Callable[[], None], ...] = (
        lambda: check_native(asked(query=tuple(said.items())), KEYS),
        lambda: aws.check(asked(query=tuple(query.items())), KEYS),
        lambda: forms.check(form | said, 1, KEYS, NOON),
        lambda: forms.check(form | {"x-amz-signature": claimed}, 1, KEYS, NOON),
    )
    for check in checks:
        with pytest.raises(CosError) as refused:
            check()
        assert refused.value.code == "SignatureDoesNotMatch"


@pytest.mark.parametrize("condition", [["eq", "$key", "b"], ["ends-with", "$key", "a"], 7, [], {}])
def test_a_condition_that_is_not_met_or_not_understood_is_refused(condition: Any) -> None:
    with pytest.raises(CosError):
        forms.check(signed([condition], key="a"), 1, KEYS, NOON)


@given(header=some.text(), query=some.lists(some.tuples(some.text(), some.text())))
def test_no_junk_in_a_signature_is_more_than_refused(
    header: str, query: list[tuple[str, str]]
) -> None:
    for text in (header, "AWS4-HMAC-SHA256 " + header, "q-sign-algorithm=sha1&" + header):
        given_so = asked(headers={"host": "x", "authorization": text}, query=tuple(query))
        for check in (aws.check, check_native):
            with pytest.raises(CosError):
                check(given_so, KEYS)


def test_the_longest_name_is_kept_and_one_byte_more_is_not() -> None:
    objects = Objects()
    assert objects.put("a" * LONGEST_KEY_BYTES, b"x", {}, NOON).etag
    for key in ("a" * (LONGEST_KEY_BYTES + 1), ""):
        with pytest.raises(CosError):
            objects.put(key, b"x", {}, NOON)


def test_a_body_that_is_not_what_its_digest_says_is_refused() -> None:
    objects = Objects()
    for claimed in ("1B2M2Y8AsgTpgAmY7PhCfg==", "not base64"):
        with pytest.raises(CosError):
            objects.put("a", b"x", {"content-md5": claimed}, NOON)
    objects.put("a", b"", {"content-md5": "1B2M2Y8AsgTpgAmY7PhCfg=="}, NOON)


@pytest.mark.parametrize(
    "host,path,place",
    [
        (
            "headwater-1250000000.cos.ap-shanghai.myqcloud.com",
            "/a/b",
            ("headwater-1250000000", "a/b"),
        ),
        ("other-1.cos.ap-shanghai.myqcloud.com", "/a", ("other-1", "a")),
        ("127.0.0.1:8206", "/headwater-1250000000/a", ("headwater-1250000000", "a")),
        ("127.0.0.1:8206", "/a", ("headwater-1250000000", "a")),
        ("cos.sandbox", "/%E5%9B%BE", ("headwater-1250000000", "图")),
    ],
)
def test_a_bucket_is_named_by_the_host_or_where_that_is_a_number_by_the_path(
    host: str, path: str, place: tuple[str, str]
) -> None:
    found = place_of(asked(headers={"host": host}, raw_path=path), KEYS.bucket)
    assert found == place


def test_a_reader_is_told_what_it_asked_to_be_told_and_no_more() -> None:
    kept = Objects().put("a.txt", b"a", {}, NOON)
    named = 'attachment; filename="茶.txt"'
    query = (("response-content-disposition", named), ("response-set-cookie", "a=b"))
    answer = shown(asked(query=query), kept)
    assert answer.headers["content-disposition"].encode("latin-1").decode() == named
    assert "set-cookie" not in answer.headers
    for broken in ("a\r\nb: c", "a\0"):
        with pytest.raises(CosError) as refused:
            shown(asked(query=(("response-content-type", broken),)), kept)
        assert refused.value.code == "InvalidArgument"
