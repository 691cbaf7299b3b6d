"""SMS over Tencent Cloud's API, with its signature checked."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from tests.sandbox.merchant import Town

from headwater.sandbox.sms import CloudError, check_signature

# The worked example of Tencent Cloud's signature method v3, with the sample keys printed there.
EXAMPLE_ID = "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE"
EXAMPLE_KEY = "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"
EXAMPLE_AT = datetime.fromtimestamp(1_551_113_065, UTC)
EXAMPLE_BODY = (
    rb'{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}'
)
EXAMPLE_HEADERS = {
    "content-type": "application/json; charset=utf-8",
    "host": "cvm.tencentcloudapi.com",
    "x-tc-timestamp": "1551113065",
    "authorization": f"TC3-HMAC-SHA256 Credential={EXAMPLE_ID}/2019-02-25/cvm/tc3_request, "
    "SignedHeaders=content-type;host, "
    "Signature=72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168",
}


def example(body: bytes = EXAMPLE_BODY, at: datetime = EXAMPLE_AT, **headers: str) -> None:
    check_signature(EXAMPLE_ID, EXAMPLE_KEY, EXAMPLE_HEADERS | headers, body, at)


def test_the_published_example_is_accepted() -> None:
    example()


def test_the_published_example_changed_is_refused() -> None:
    with pytest.raises(CloudError, match="SignatureFailure"):
        example(body=EXAMPLE_BODY + b" ")
    with pytest.raises(CloudError, match="SignatureFailure"):
        example(host="sms.tencentcloudapi.com")
    with pytest.raises(CloudError, match="SignatureExpire"):
        example(at=EXAMPLE_AT + timedelta(seconds=301))
    with pytest.raises(CloudError, match="InvalidAuthorization"):
        example(authorization="")


def authorization(town: Town, body: bytes, timestamp: str, host: str) -> str:
    sms = town.sandbox.credentials["sms"]
    day = datetime.fromtimestamp(int(timestamp), UTC).strftime("%Y-%m-%d")
    hashed = hashlib.sha256(body).hexdigest()
    head = f"content-type:application/json\nhost:{host}\nx-tc-action:sendsms\n"
    canonical = f"POST\n/\n\n{head}\ncontent-type;host;x-tc-action\n{hashed}"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    message = f"TC3-HMAC-SHA256\n{timestamp}\n{day}/sms/tc3_request\n{digest}"
    key = ("TC3" + sms["secret_key"]).encode()
    for part in (day, "sms", "tc3_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, message.encode(), hashlib.sha256).hexdigest()
    return (
        f"TC3-HMAC-SHA256 Credential={sms['secret_id']}/{day}/sms/tc3_request, "
        f"SignedHeaders=content-type;host;x-tc-action, Signature={signature}"
    )


async def send(town: Town, **changes: Any) -> dict[str, Any]:
    sms = town.sandbox.credentials["sms"]
    plain = {
        "PhoneNumberSet": ["+8613900001111"],
        "SmsSdkAppId": sms["sdk_app_id"],
        "SignName": sms["sign_name"],
        "TemplateId": sms["template_ids"]["login_code"],
        "TemplateParamSet": ["482913"],
    }
    body = json.dumps(plain | changes).encode()
    timestamp = str(int(town.clock().timestamp()))
    headers = {
        "Content-Type": "application/json",
        "X-TC-Action": "SendSms",
        "X-TC-Version": "2021-01-11",
        "X-TC-Region": "ap-guangzhou",
        "X-TC-Timestamp": timestamp,
        "Authorization": authorization(town, body, timestamp, httpx2.URL(sms["base_url"]).host),
    }
    answer = await town.http.post(sms["base_url"] + "/", content=body, headers=headers)
    said: dict[str, Any] = answer.json()["Response"]
    assert said["RequestId"]
    return said


async def texts(town: Town, number: str = "13900001111") -> list[str]:
    answer = await town.side("GET", f"/texts/{number}")
    return [text["title"] for text in answer.json()["texts"]]


async def test_a_code_reaches_a_phone_that_nobody_knew(town: Town) -> None:
    (status,) = (await send(town))["SendStatusSet"]
    assert (status["Code"], status["PhoneNumber"], status["Fee"]) == ("Ok", "+8613900001111", 1)
    assert status["SerialNo"]
    (text,) = await texts(town)
    assert text.startswith("【活水】482913")


async def test_a_text_reaches_the_person_whose_number_it_is(town: Town) -> None:
    number = town.sandbox.people.get("p1").phone_number
    await send(town, PhoneNumberSet=[number])
    answer = await town.side("GET", "/people/p1/messages")
    assert len(answer.json()["texts"]) == 1


async def test_each_number_gets_its_own_status(town: Town) -> None:
    statuses = (await send(town, PhoneNumberSet=["13900001111", "12345"]))["SendStatusSet"]
    assert [status["Code"] for status in statuses] == [
        "Ok",
        "InvalidParameterValue.IncorrectPhoneNumber",
    ]


@pytest.mark.parametrize(
    "change, code",
    [
        ({"TemplateId": "1"}, "FailedOperation.TemplateIncorrectOrUnapproved"),
        ({"SignName": "别人"}, "FailedOperation.SignatureIncorrectOrUnapproved"),
        (
            {"TemplateParamSet": []},
            "FailedOperation.TemplateParamSetNotMatchApprovedTemplate",
        ),
    ],
)
async def test_what_was_not_approved_is_not_sent(
    town: Town, change: dict[str, Any], code: str
) -> None:
    (status,) = (await send(town, **change))["SendStatusSet"]
    assert status["Code"] == code
    assert await texts(town) == []


async def test_a_wrong_application_or_key_sends_nothing(town: Town) -> None:
    refused = await send(town, SmsSdkAppId="1400000000")
    assert refused["Error"]["Code"] == "UnauthorizedOperation.SmsSdkAppIdVerifyFail"
    kept = dict(town.sandbox.credentials["sms"])
    town.sandbox.credentials["sms"]["secret_key"] = "x" * 32
    try:
        assert (await send(town))["Error"]["Code"] == "AuthFailure.SignatureFailure"
    finally:
        town.sandbox.credentials["sms"] = kept
    assert await texts(town) == []
