"""The published examples of COS's own signature against the sandbox's code.

Source: Tencent Cloud, "请求签名" (product/436/7778) and "POST Object" (product/436/14690).
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from headwater.sandbox.cos.asked import Asked, Keys
from headwater.sandbox.cos.errors import CosError
from headwater.sandbox.cos.forms import policy_signature
from headwater.sandbox.cos.native import check, http_string, sign_key, signature

FILE = Path(__file__).parent / "vectors/cos.json"
VECTORS: dict[str, Any] = {
    one["id"]: one for one in json.loads(FILE.read_text(encoding="utf-8"))["vectors"]
}
REQUESTS = [name for name in VECTORS if name != "cos.sign.post-policy"]


def keys(given: dict[str, Any]) -> Keys:
    known = given.get("secret_id", "AKID")
    return Keys(known, given["secret_key"], "examplebucket-1250000000", "ap-beijing")


def asked(name: str, **changes: Any) -> Asked:
    """The example as it would come over the wire."""
    given, expected = VECTORS[name]["inputs"], VECTORS[name]["expected"]
    headers = {one.lower(): value for one, value in given["headers"].items()}
    said = {
        "q-sign-algorithm": "sha1",
        "q-ak": given.get("secret_id", "AKID"),
        "q-sign-time": given["key_time"],
        "q-key-time": given["key_time"],
        "q-header-list": ";".join(sorted(headers)),
        "q-url-param-list": ";".join(sorted(given["params"])),
        "q-signature": expected["signature"],
    }
    headers["authorization"] = urlencode(said, safe=";")
    begins = int(given["key_time"].partition(";")[0])
    plain = {
        "method": given["method"],
        "raw_path": quote(given["uri_pathname"]),
        "query": tuple(given["params"].items()),
        "headers": headers,
        "body": b"",
        "now": datetime.fromtimestamp(begins + 60, UTC),
    }
    return Asked(**plain | changes)


@pytest.mark.parametrize("name", REQUESTS)
def test_each_published_request_is_believed(name: str) -> None:
    check(asked(name), keys(VECTORS[name]["inputs"]))


@pytest.mark.parametrize("name", REQUESTS)
def test_every_step_of_the_published_chain_comes_out(name: str) -> None:
    given, expected = VECTORS[name]["inputs"], VECTORS[name]["expected"]
    text = http_string(given["method"], given["uri_pathname"], given["params"], given["headers"])
    made = {
        "http_string": text,
        "sha1_http_string": hashlib.sha1(text.encode()).hexdigest(),
        "sign_key": sign_key(given["secret_key"], given["key_time"]),
        "signature": signature(given["secret_key"], given["key_time"], given["key_time"], text),
    }
    assert {one: made[one] for one in made if one in expected} == {
        one: expected[one] for one in made if one in expected
    }


@pytest.mark.parametrize("name", REQUESTS)
@pytest.mark.parametrize("what", ["method", "path", "header", "key", "early", "late", "unsigned"])
def test_a_published_request_changed_in_one_place_is_refused(name: str, what: str) -> None:
    given = VECTORS[name]["inputs"]
    begins, ends = (int(one) for one in given["key_time"].split(";"))
    plain = asked(name)
    changes: dict[str, dict[str, Any]] = {
        "method": {"method": "DELETE"},
        "path": {"raw_path": plain.raw_path + "x"},
        "header": {"headers": {**plain.headers, "host": "other.cos.ap-beijing.myqcloud.com"}},
        "key": {},
        "early": {"now": datetime.fromtimestamp(begins - 1, UTC)},
        "late": {"now": datetime.fromtimestamp(ends + 1, UTC)},
        "unsigned": {"headers": {**plain.headers, "authorization": "q-sign-algorithm=sha1"}},
    }
    holder = keys(given)
    if what == "key":
        holder = Keys(holder.secret_id, holder.secret_key + "x", holder.bucket, holder.region)
    with pytest.raises(CosError):
        check(asked(name, **changes[what]), holder)


@pytest.mark.parametrize("name", REQUESTS)
def test_the_first_and_the_last_second_are_within_the_time(name: str) -> None:
    given = VECTORS[name]["inputs"]
    for second in given["key_time"].split(";"):
        check(asked(name, now=datetime.fromtimestamp(int(second), UTC)), keys(given))


def test_the_published_policy_signs_to_its_published_value() -> None:
    vector = VECTORS["cos.sign.post-policy"]
    given, expected = vector["inputs"], vector["expected"]
    assert sign_key(given["secret_key"], given["key_time"]) == expected["sign_key"]
    signed = policy_signature(given["secret_key"], given["key_time"], given["string_to_sign"])
    assert signed == expected["signature"]
