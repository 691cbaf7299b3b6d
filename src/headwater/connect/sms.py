"""Text messages through Tencent Cloud, signed with TC3-HMAC-SHA256.

The signature is method v3 of tencentcloud.com/document/product/382/40466; SendSms is of 2021-01-11.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import httpx2
import msgspec

from headwater.base.errors import BadInput, Trouble
from headwater.base.times import Clock
from headwater.connect.errors import ProviderRefused
from headwater.connect.sending import ask, understood

WHOM: Final = "Tencent Cloud SMS"

_PHONE: Final = re.compile(r"\+[1-9][0-9]{6,14}")
_CONTENT_TYPE: Final = "application/json; charset=utf-8"
_TRY_AGAIN: Final = ("InternalError", "RequestLimitExceeded", "ResourceUnavailable")


@dataclass(frozen=True)
class SmsCredentials:
    """Our account at Tencent Cloud and the signature that messages begin with."""

    secret_id: str
    secret_key: str = field(repr=False)
    sdk_app_id: str
    sign_name: str
    region: str = "ap-guangzhou"
    base_url: str = "https://sms.tencentcloudapi.com"


class _Error(msgspec.Struct, rename="pascal"):
    code: str
    message: str = ""


class _Status(msgspec.Struct, rename="pascal"):
    code: str
    message: str = ""
    serial_no: str = ""


class _Response(msgspec.Struct, rename="pascal"):
    error: _Error | None = None
    send_status_set: list[_Status] = []


class _Answer(msgspec.Struct, rename="pascal"):
    response: _Response


class SmsSender:
    """Sends approved templates to one phone at a time."""

    def __init__(self, credentials: SmsCredentials, http: httpx2.AsyncClient, now: Clock) -> None:
        self._credentials = credentials
        self._http = http
        self._now = now

    async def send(self, phone: str, template_id: str, values: Sequence[str]) -> str:
        """Send one message to a number like +8613800138000 and give its serial.

        A repeat sends and costs a second message, so silence (Trouble) is not repeated blindly.
        """
        if not _PHONE.fullmatch(phone):
            raise BadInput("phone", "must be an international number that begins with +")
        payload = msgspec.json.encode(
            {
                "PhoneNumberSet": [phone],
                "SmsSdkAppId": self._credentials.sdk_app_id,
                "SignName": self._credentials.sign_name,
                "TemplateId": template_id,
                "TemplateParamSet": list(values),
            }
        )
        answer = await ask(self._http, self._signed_request(payload), WHOM)
        if answer.is_client_error:
            raise ProviderRefused(f"HTTP_{answer.status_code}", "")
        return _serial(understood(_Answer, answer.content, WHOM).response)

    def _signed_request(self, payload: bytes) -> httpx2.Request:
        url = self._credentials.base_url.rstrip("/") + "/"
        request = self._http.build_request("POST", url, content=payload)
        at = self._now()
        signed = {
            "content-type": _CONTENT_TYPE,
            "host": request.headers["host"],
            "x-tc-action": "SendSms",
        }
        request.headers.update(
            {
                "Content-Type": _CONTENT_TYPE,
                "X-TC-Action": "SendSms",
                "X-TC-Version": "2021-01-11",
                "X-TC-Region": self._credentials.region,
                "X-TC-Timestamp": str(int(at.timestamp())),
                "Authorization": tc3_authorization(
                    self._credentials.secret_id,
                    self._credentials.secret_key,
                    "sms",
                    signed,
                    payload,
                    at,
                ),
            }
        )
        return request


def tc3_authorization(
    secret_id: str,
    secret_key: str,
    service: str,
    signed: Mapping[str, str],
    payload: bytes,
    at: datetime,
) -> str:
    """Sign a POST to the root of a Tencent Cloud service; the day in the key is the day in UTC."""
    names = ";".join(sorted(signed))
    lines = "".join(f"{name}:{signed[name].strip().lower()}\n" for name in sorted(signed))
    request = f"POST\n/\n\n{lines}\n{names}\n{hashlib.sha256(payload).hexdigest()}"
    day = at.astimezone(UTC).strftime("%Y-%m-%d")
    scope = f"{day}/{service}/tc3_request"
    digest = hashlib.sha256(request.encode()).hexdigest()
    key = f"TC3{secret_key}".encode()
    for step in (day, service, "tc3_request"):
        key = hmac.digest(key, step.encode(), "sha256")
    text = f"TC3-HMAC-SHA256\n{int(at.timestamp())}\n{scope}\n{digest}"
    signature = hmac.new(key, text.encode(), "sha256").hexdigest()
    return (
        f"TC3-HMAC-SHA256 Credential={secret_id}/{scope}, "
        f"SignedHeaders={names}, Signature={signature}"
    )


def _serial(response: _Response) -> str:
    if response.error is not None:
        if response.error.code.startswith(_TRY_AGAIN):
            raise Trouble(f"{WHOM} is busy ({response.error.code})")
        raise ProviderRefused(response.error.code, response.error.message)
    if len(response.send_status_set) != 1:
        raise Trouble(f"{WHOM} did not say what became of the message")
    (status,) = response.send_status_set
    if status.code != "Ok":
        raise ProviderRefused(status.code, status.message)
    return status.serial_no
