"""Credentials of the outside: one JSON file, the same shape for Tencent and for the sandbox."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from headwater.base.errors import BadInput
from headwater.connect.callbacks import CallbackKeys
from headwater.connect.mini_program import MiniProgramCredentials
from headwater.connect.object_storage import CosCredentials
from headwater.connect.official_account import OfficialAccountCredentials
from headwater.connect.sms import SmsCredentials
from headwater.connect.tencent_ads import AdsCredentials
from headwater.connect.wechat_pay import (
    MerchantKey,
    PlatformKeys,
    WechatPayCredentials,
)
from headwater.connect.wecom import WecomCredentials
from headwater.web.kit.building import Templates

Credentials = dict[str, Any]

SETTING = "HEADWATER_CREDENTIALS_FILE"
# Whose name stands inside a sealed push.
PUSH_RECEIVERS = {"official_account": "appid", "mini_program": "appid", "wecom": "corpid"}


def read(file: Path) -> Credentials:
    """Read the credentials file; see docs/tencent.md for its fields."""
    try:
        return understood(file.read_bytes(), str(file))
    except FileNotFoundError as error:
        raise BadInput(SETTING, f"there is no file {file}") from error
    except OSError as error:
        raise BadInput(SETTING, f"{file} cannot be read ({error.strerror})") from error


def understood(raw: bytes, file: str) -> Credentials:
    """Read credentials, and say what is missing or wrong before anybody relies on them."""
    try:
        read = msgspec.json.decode(raw, type=Credentials)
        _use(read)
    except KeyError as error:
        raise BadInput(SETTING, f"{file} lacks {error}") from error
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise BadInput(SETTING, f"{file} holds no credentials: {error}") from error
    return read


def _use(known: Credentials) -> None:
    """Take everything out once, so that what is missing is said at the start."""
    pay = wechat_pay(known, "")
    MerchantKey(pay.merchant_private_key)
    PlatformKeys(pay.platform_keys)
    official_account(known)
    sms(known)
    templates(known)
    pushes(known)
    mini_program(known)
    program_templates(known)
    wecom(known)
    cos(known)
    ads(known)
    identity(known)


def wechat_pay(known: Credentials, public_url: str) -> WechatPayCredentials:
    """Pick what WeChat Pay needs; notices come to our own hooks."""
    pay = known["pay"]
    keys = dict(pay.get("platform_keys", {}))
    if pay.get("platform_public_key_id"):
        keys[pay["platform_public_key_id"]] = pay["platform_public_key_pem"]
    if pay.get("platform_certificate_serial"):
        keys[pay["platform_certificate_serial"]] = pay["platform_certificate_pem"]
    return WechatPayCredentials(
        mchid=pay["mchid"],
        appid=known["official_account"]["appid"],
        merchant_serial=pay["merchant_serial"],
        merchant_private_key=pay["merchant_private_key_pem"],
        apiv3_key=pay["apiv3_key"],
        platform_keys=keys,
        notify_url=f"{public_url}/hooks/wechat-pay/payments",
        refund_notify_url=f"{public_url}/hooks/wechat-pay/refunds",
        answer_serial=pay.get("platform_public_key_id"),
        base_url=pay.get("base_url", "https://api.mch.weixin.qq.com"),
        mini_program_appid=known.get("mini_program", {}).get("appid"),
        app_appid=pay.get("app_appid"),
        previous_apiv3_keys=tuple(pay.get("previous_apiv3_keys", ())),
    )


def pushes(known: Credentials) -> dict[str, tuple[CallbackKeys, ...]]:
    """Pick what each push address shares with Tencent, the newest first, then the `previous`."""
    found = {}
    for channel, receiver in PUSH_RECEIVERS.items():
        section = known.get(channel, {})
        given = [section, *section.get("previous", [])] if section.get("token") else []
        found[channel] = tuple(
            CallbackKeys(
                each["token"],
                each.get("encoding_aes_key", ""),
                section[receiver],
                section.get("takes_plain", False) is True,
            )
            for each in given
        )
    return found


def wecom(known: Credentials) -> WecomCredentials | None:
    """Pick what WeCom needs, if the company uses it."""
    company = known.get("wecom", {})
    if not company.get("corpid"):
        return None
    return WecomCredentials(
        corpid=company["corpid"],
        agentid=int(company["agentid"]),
        secret=company["secret"],
        contact_secret=company["contact_secret"],
        api_url=company.get("base_url", "https://qyapi.weixin.qq.com"),
        login_url=company.get("login_url", "https://open.weixin.qq.com"),
    )


def cos(known: Credentials) -> CosCredentials | None:
    """Pick the bucket for pictures, if there is one that is to be used."""
    bucket = known.get("cos", {})
    if not bucket.get("bucket") or bucket.get("is_used") is False:
        return None
    for name in ("secret_id", "secret_key", "region"):
        if not bucket.get(name):
            raise KeyError(f"cos.{name}")
    return CosCredentials.known(bucket)


def ads(known: Credentials) -> AdsCredentials | None:
    """Pick what Tencent Ads needs, if the company advertises there."""
    given = known.get("ads", {})
    if not given.get("client_id"):
        return None
    addresses = {
        field: given[name]
        for field, name in (
            ("api_url", "base_url"),
            ("authorize_url", "authorize_url"),
            ("token_url", "token_url"),
        )
        if given.get(name)
    }
    return AdsCredentials(
        client_id=str(given["client_id"]),
        client_secret=given["client_secret"],
        account_id=int(given["account_id"]),
        **addresses,
    )


def identity(known: Credentials) -> tuple[str, ...]:
    """Name who we are outside; these never change while the house stands, as secrets may."""
    program, company = known.get("mini_program", {}), known.get("wecom", {})
    return (
        known["pay"]["mchid"],
        known["official_account"]["appid"],
        program.get("appid", ""),
        company.get("corpid", ""),
    )


def official_account(known: Credentials) -> OfficialAccountCredentials:
    """Pick what the official account needs."""
    account = known["official_account"]
    return OfficialAccountCredentials(
        appid=account["appid"],
        secret=account["secret"],
        api_url=account.get("api_base_url", "https://api.weixin.qq.com"),
        login_url=account.get("open_base_url", "https://open.weixin.qq.com"),
    )


def mini_program(known: Credentials) -> MiniProgramCredentials | None:
    """Pick what the mini program needs, if the brand has one."""
    program = known.get("mini_program", {})
    if not program.get("appid"):
        return None
    return MiniProgramCredentials(
        appid=program["appid"],
        secret=program["secret"],
        api_url=program.get("api_base_url", "https://api.weixin.qq.com"),
    )


def program_templates(known: Credentials) -> dict[str, str]:
    """Pick the ids of the mini program's templates, by the names that our messages use."""
    return dict(known.get("mini_program", {}).get("template_ids", {}))


def sms(known: Credentials) -> SmsCredentials:
    """Pick what Tencent Cloud SMS needs."""
    texts = known["sms"]
    return SmsCredentials(
        secret_id=texts["secret_id"],
        secret_key=texts["secret_key"],
        sdk_app_id=texts["sdk_app_id"],
        sign_name=texts["sign_name"],
        base_url=texts.get("base_url", "https://sms.tencentcloudapi.com"),
    )


def templates(known: Credentials) -> Templates:
    """Pick the ids of the approved templates."""
    approved = known["official_account"]["template_ids"]
    return Templates(
        login_sms=known["sms"]["template_ids"]["login_code"],
        order_paid=approved["order_paid"],
        order_ready=approved["order_ready"],
        refunded=approved["refunded"],
        member_care=approved["member_care"],
    )
