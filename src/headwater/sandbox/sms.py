"""The SMS host: SendSms of Tencent Cloud, with its TC3 signature checked by our own code."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from headwater.sandbox.hosts import Ground, Host, Others
from headwater.sandbox.people import Message, People

ALGORITHM = "TC3-HMAC-SHA256"
VERSION = "2021-01-11"
CLOCK_WINDOW_SECONDS = 300
TEMPLATES = {"login_code": "{1}为您的登录验证码，5分钟内有效，请勿告诉他人。"}

_AUTHORIZATION = re.compile(
    r"TC3-HMAC-SHA256\s+Credential=([^/,\s]+)/(\d{4}-\d\d-\d\d)/([a-z]+)/tc3_request,\s*"
    r"SignedHeaders=([a-z0-9;-]+),\s*Signature=([0-9a-f]{64})"
)
_MOBILE = re.compile(r"(?:\+86|0086|86)?(1[3-9][0-9]{9})")


class CloudError(Exception):
    """Tencent Cloud says no, in its own code."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(f"{code} {message}")


class SendSms(msgspec.Struct, rename="pascal"):
    """The parameters of SendSms."""

    phone_number_set: Annotated[list[str], Meta(min_length=1, max_length=200)]
    sms_sdk_app_id: str
    template_id: str
    sign_name: str = ""
    template_param_set: list[str] = []
    session_context: str = ""


@dataclass(frozen=True)
class Account:
    """Who may send: the cloud key, the SMS application, its signature and templates."""

    secret_id: str
    secret_key: str
    sdk_app_id: str
    sign_name: str
    template_ids: dict[str, str]


class SmsHost(Host):
    """sms.tencentcloudapi.com: everything is POST to the root, the action is in a header."""

    def __init__(self, account: Account, people: People, now: Callable[[], datetime]) -> None:
        self._account = account
        self._people = people
        self._now = now
        self._texts = {account.template_ids[name]: text for name, text in TEMPLATES.items()}

    def app(self) -> Starlette:
        """The host as an ASGI application."""
        return Starlette(routes=[Route("/", self._answer, methods=["POST"])])

    async def _answer(self, request: Request) -> Response:
        body, request_id = await request.body(), secrets.token_hex(16)
        try:
            said = self._send(request.headers, body, self._now())
        except CloudError as error:
            said = {"Error": {"Code": error.code, "Message": error.message}}
        answer = {"Response": {**said, "RequestId": request_id}}
        return Response(msgspec.json.encode(answer), media_type="application/json")

    def _send(self, headers: Mapping[str, str], body: bytes, now: datetime) -> dict[str, Any]:
        check_signature(self._account.secret_id, self._account.secret_key, headers, body, now)
        if headers.get("x-tc-action") != "SendSms":
            raise CloudError("InvalidAction", "The request action is invalid.")
        if headers.get("x-tc-version") != VERSION:
            raise CloudError("NoSuchVersion", "The version does not exist.")
        try:
            asked = msgspec.json.decode(body, type=SendSms)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise CloudError("InvalidParameter", str(error)) from None
        if asked.sms_sdk_app_id != self._account.sdk_app_id:
            raise CloudError("UnauthorizedOperation.SmsSdkAppIdVerifyFail", "SmsSdkAppId 校验失败")
        return {"SendStatusSet": [self._one(asked, one, now) for one in asked.phone_number_set]}

    def _one(self, asked: SendSms, number: str, now: datetime) -> dict[str, Any]:
        code, message = "Ok", "send success"
        mobile = _MOBILE.fullmatch(number)
        try:
            if mobile is None:
                raise CloudError("InvalidParameterValue.IncorrectPhoneNumber", "手机号格式错误")
            words = self._words(asked)
            self._people.text(mobile[1], Message("sms", words, (), None, now))
        except CloudError as error:
            code, message = error.code, error.message
        is_sent = code == "Ok" and mobile is not None
        return {
            "SerialNo": secrets.token_hex(16) if is_sent else "",
            "PhoneNumber": f"+86{mobile[1]}" if mobile else number,
            "Fee": 1 if is_sent else 0,
            "SessionContext": asked.session_context,
            "Code": code,
            "Message": message,
            "IsoCode": "CN" if mobile else "",
        }

    def _words(self, asked: SendSms) -> str:
        text = self._texts.get(asked.template_id)
        if text is None:
            raise CloudError("FailedOperation.TemplateIncorrectOrUnapproved", "模板未审批")
        if asked.sign_name != self._account.sign_name:
            raise CloudError("FailedOperation.SignatureIncorrectOrUnapproved", "签名未审批")
        wanted = len(set(re.findall(r"\{\d+\}", text)))
        if len(asked.template_param_set) != wanted:
            code = "FailedOperation.TemplateParamSetNotMatchApprovedTemplate"
            raise CloudError(code, "请求内容与审核通过的模板内容不匹配")
        values = asked.template_param_set
        filled = re.sub(r"\{(\d+)\}", lambda place: values[int(place[1]) - 1], text)
        return f"【{asked.sign_name}】{filled}"


def plug(ground: Ground, others: Others) -> SmsHost:
    """The SMS host of this sandbox."""
    part = ground.credentials["sms"]
    account = Account(**{name: value for name, value in part.items() if name != "base_url"})
    return SmsHost(account, ground.people, ground.now)


def check_signature(
    secret_id: str, secret_key: str, headers: Mapping[str, str], body: bytes, now: datetime
) -> None:
    """Refuse a request to the root that the holder of the key did not sign just now."""
    given = _AUTHORIZATION.fullmatch(headers.get("authorization", ""))
    if given is None or not {"content-type", "host"} <= set(given[4].split(";")):
        raise CloudError("AuthFailure.InvalidAuthorization", "Authorization is not well formed.")
    timestamp = headers.get("x-tc-timestamp", "")
    if not re.fullmatch(r"[0-9]{1,12}", timestamp):
        raise CloudError("MissingParameter", "X-TC-Timestamp is missing.")
    if abs(now.timestamp() - int(timestamp)) > CLOCK_WINDOW_SECONDS:
        raise CloudError("AuthFailure.SignatureExpire", "The signature has expired.")
    if given[1] != secret_id:
        raise CloudError("AuthFailure.SecretIdNotFound", "The SecretId is not found.")
    day = datetime.fromtimestamp(int(timestamp), UTC).strftime("%Y-%m-%d")
    wanted = _signature(secret_key, given[3], given[4], headers, body)
    if given[2] != day or not hmac.compare_digest(wanted, given[5]):
        raise CloudError("AuthFailure.SignatureFailure", "The signature is not correct.")


def _signature(
    secret_key: str, service: str, signed: str, headers: Mapping[str, str], body: bytes
) -> str:
    canonical_headers = "".join(
        f"{name}:{headers.get(name, '').strip().lower()}\n" for name in signed.split(";")
    )
    digest = hashlib.sha256(body).hexdigest()
    canonical = f"POST\n/\n\n{canonical_headers}\n{signed}\n{digest}"
    timestamp = headers["x-tc-timestamp"]
    day = datetime.fromtimestamp(int(timestamp), UTC).strftime("%Y-%m-%d")
    scope = f"{day}/{service}/tc3_request"
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    key = f"TC3{secret_key}".encode()
    for part in (day, service, "tc3_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, f"{ALGORITHM}\n{timestamp}\n{scope}\n{hashed}".encode(), "sha256").hex()
