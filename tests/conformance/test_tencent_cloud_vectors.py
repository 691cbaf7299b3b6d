"""The published example of Tencent Cloud's signature method v3 (TC3-HMAC-SHA256).

Source: the worked example of Tencent Cloud's API 3.0 documentation, with its printed sample keys.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from headwater.connect.sms import tc3_authorization

PAYLOAD = rb'{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}'
SIGNED = {"content-type": "application/json; charset=utf-8", "host": "cvm.tencentcloudapi.com"}
AT = datetime.fromtimestamp(1551113065, UTC)
SIGNATURE = "72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168"


def sign(payload: bytes = PAYLOAD, at: datetime = AT, host: str = SIGNED["host"]) -> str:
    return tc3_authorization(
        "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE",
        "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE",
        "cvm",
        SIGNED | {"host": host},
        payload,
        at,
    )


def test_the_published_example_signs_to_its_published_value() -> None:
    assert sign() == (
        "TC3-HMAC-SHA256 "
        "Credential=AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE/2019-02-25/cvm/tc3_request, "
        f"SignedHeaders=content-type;host, Signature={SIGNATURE}"
    )


@pytest.mark.parametrize(
    "other",
    [
        sign(payload=PAYLOAD + b" "),
        sign(at=datetime.fromtimestamp(1551113066, UTC)),
        sign(host="sms.tencentcloudapi.com"),
    ],
)
def test_another_body_moment_or_host_signs_otherwise(other: str) -> None:
    assert SIGNATURE not in other
