"""Text messages: one phone, one template, one signature that the cloud can check."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import pytest
from tests.connect.provider import NOON

from headwater.base.errors import BadInput, Trouble
from headwater.connect.errors import ProviderRefused
from headwater.connect.sms import SmsCredentials, SmsSender, tc3_authorization

KNOWN = SmsCredentials(
    secret_id="AKIDexample",
    secret_key="k3y",
    sdk_app_id="1400006666",
    sign_name="活水",
    base_url="https://sms.example:8443",
)
SENT = {"Response": {"SendStatusSet": [{"Code": "Ok", "SerialNo": "5000:1"}], "RequestId": "r"}}


class Cloud:
    """Answers one thing, and remembers the request."""

    def __init__(self, answer: Any, status: int = 200) -> None:
        self.answer, self.status = answer, status
        self.asked: list[httpx2.Request] = []
        http = httpx2.AsyncClient(transport=httpx2.MockTransport(self.handle))
        self.sender = SmsSender(KNOWN, http, lambda: NOON)

    def handle(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        body = self.answer if isinstance(self.answer, bytes) else json.dumps(self.answer).encode()
        return httpx2.Response(self.status, content=body)

    async def send(self, phone: str = "+8613800138000") -> str:
        return await self.sender.send(phone, "449739", ["123456", "5"])


async def test_a_message_names_phone_template_and_values() -> None:
    cloud = Cloud(SENT)
    assert await cloud.send() == "5000:1"
    (request,) = cloud.asked
    assert json.loads(request.content) == {
        "PhoneNumberSet": ["+8613800138000"],
        "SmsSdkAppId": "1400006666",
        "SignName": "活水",
        "TemplateId": "449739",
        "TemplateParamSet": ["123456", "5"],
    }
    assert request.headers["X-TC-Action"] == "SendSms"
    assert request.headers["X-TC-Version"] == "2021-01-11"
    assert request.headers["X-TC-Timestamp"] == str(int(NOON.timestamp()))


async def test_the_signature_covers_what_is_really_sent() -> None:
    cloud = Cloud(SENT)
    await cloud.send()
    (request,) = cloud.asked
    assert request.headers["Authorization"] == tc3_authorization(
        "AKIDexample",
        "k3y",
        "sms",
        {
            "content-type": request.headers["Content-Type"],
            "host": "sms.example:8443",
            "x-tc-action": "sendsms",
        },
        request.content,
        NOON,
    )
    assert request.headers["Host"] == "sms.example:8443"


@pytest.mark.parametrize(
    "phone", ["13800138000", "+0138", "+86 13800138000", "+86138x", "+8613800138000\n"]
)
async def test_a_phone_in_another_spelling_is_not_sent(phone: str) -> None:
    cloud = Cloud(SENT)
    with pytest.raises(BadInput):
        await cloud.send(phone)
    assert cloud.asked == []


@pytest.mark.parametrize(
    "response,code",
    [
        ({"Error": {"Code": "AuthFailure.SignatureFailure", "Message": "m"}}, "AuthFailure"),
        (
            {"SendStatusSet": [{"Code": "LimitExceeded.PhoneNumberDailyLimit"}]},
            "LimitExceeded",
        ),
    ],
)
async def test_a_refusal_keeps_the_providers_code(response: Any, code: str) -> None:
    with pytest.raises(ProviderRefused) as refused:
        await Cloud({"Response": response}).send()
    assert refused.value.provider_code.startswith(code)


@pytest.mark.parametrize(
    "answer,status",
    [
        ({"Response": {"Error": {"Code": "InternalError.Timeout", "Message": "m"}}}, 200),
        ({"Response": {"Error": {"Code": "RequestLimitExceeded", "Message": "m"}}}, 200),
        ({"Response": {}}, 200),
        ({"Response": {"SendStatusSet": []}}, 200),
        ({}, 200),
        (b"", 200),
        (b"\xff[", 200),
        (SENT, 500),
    ],
)
async def test_a_busy_cloud_and_junk_are_trouble(answer: Any, status: int) -> None:
    with pytest.raises(Trouble):
        await Cloud(answer, status).send()


def test_credentials_do_not_show_their_key() -> None:
    assert "k3y" not in repr(KNOWN)
