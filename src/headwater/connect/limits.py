"""How much the platforms allow, as dated data with its source; the pace is kept in `pace`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

# What is counted: calls, calls that were refused, or calls under way at one moment.
Counts = Literal["calls", "refusals", "at once"]
# "ask" is the one door through which calls leave; "platform" means that we only know of it.
KeptBy = Literal["ask", "tokens", "caller", "platform"]


@dataclass(frozen=True)
class Limit:
    """What a platform allows, where that is written, and when it was read there."""

    name: str
    most: int
    per_seconds: int
    source: str
    as_of: date
    kept_by: KeptBy = "platform"
    counts: Counts = "calls"
    # Calls to these paths are counted together; a limit that is not kept at the door names none.
    paths: tuple[str, ...] = ()


_MINUTE: Final = 60
_HOUR: Final = 3_600
_DAY: Final = 86_400
_MONTH: Final = 31 * _DAY
_READ: Final = date(2026, 11, 22)
_REFUNDS: Final = ("/v3/refund/domestic/refunds",)

_PAY: Final = "pay.weixin.qq.com/doc/v3/merchant/4012556457"
_RATES: Final = "pay.weixin.qq.com/wiki/doc/api/wxpay/ch/pages/ico-guide/chapter1_5.shtml"
_WEIXIN: Final = "developers.weixin.qq.com/"
_STABLE: Final = _WEIXIN + "doc/service/api/base/api_getstableaccesstoken"
_LOGIN: Final = _WEIXIN + "miniprogram/dev/OpenApiDoc/user-login/code2Session.html"
_CODES: Final = _WEIXIN + ("miniprogram/dev/server/API/qrcode-link/qr-code/api_getunlimitedqrcode")
_CHECKS: Final = _WEIXIN + ("minigame/dev/api-backend/open-api/sec-check/security.msgSecCheck.html")
_LINKS: Final = _WEIXIN + "miniprogram/dev/OpenApiDoc/qrcode-link/url-link/generateUrlLink.html"
_ACCOUNT: Final = _WEIXIN + "doc/offiaccount/"
_MASS: Final = _ACCOUNT + "Message_Management/Batch_Sends_and_Originality_Checks.html"
_TEMPLATE: Final = _ACCOUNT + "Message_Management/Template_Message_Interface.html"
_SERVICE: Final = _ACCOUNT + "Customer_Service/Customer_Service_Messages.html"
_ADS: Final = "developers.e.qq.com/tools/faq/oauth"
_WECOM: Final = "developer.work.weixin.qq.com/document/path/"
# Two answers of the platform's own staff; the documents name no number.
_TAGS: Final = _WEIXIN + "community/enterprisewechat/doc/000468ae128c80562b7cda83b58400"
_REMARKS: Final = _WEIXIN + "community/enterprisewechat/doc/000ee4c8db8c00de438cfcece51400"

# Sorted by provider, then by name.
_ROWS: Final = (
    Limit(
        "mini_program.checks",
        4_000,
        _MINUTE,
        _CHECKS,
        _READ,
        "ask",
        paths=("/wxa/msg_sec_check",),
    ),
    Limit("mini_program.checks_a_day", 2_000_000, _DAY, _CHECKS, _READ),
    Limit(
        "mini_program.codes",
        5_000,
        _MINUTE,
        _CODES,
        _READ,
        "ask",
        paths=("/wxa/getwxacodeunlimit",),
    ),
    Limit(
        "mini_program.links",
        500_000,
        _DAY,
        _LINKS,
        _READ,
        "ask",
        paths=("/wxa/generate_urllink", "/wxa/generatescheme"),
    ),
    Limit("mini_program.logins_of_a_person", 100, _MINUTE, _LOGIN, _READ),
    Limit(
        "official_account.mass_calls",
        60,
        _MINUTE,
        _MASS,
        _READ,
        "ask",
        paths=("/cgi-bin/message/mass/send", "/cgi-bin/message/mass/sendall"),
    ),
    Limit("official_account.mass_to_a_person", 4, _MONTH, _MASS, _READ, "caller"),
    Limit("official_account.replies_to_a_message", 5, 48 * _HOUR, _SERVICE, _READ, "caller"),
    Limit("official_account.replies_to_a_scan", 3, _MINUTE, _SERVICE, _READ, "caller"),
    Limit("official_account.templates", 100_000, _DAY, _TEMPLATE, _READ),
    Limit("tencent_ads.calls", 1_000, _MINUTE, _ADS, _READ),
    Limit("tencent_ads.reads_a_day", 20_000, _DAY, _ADS, _READ),
    Limit("tencent_ads.writes_a_day", 10_000, _DAY, _ADS, _READ),
    Limit("wechat_pay.queries", 300, 1, _RATES, _READ),
    Limit("wechat_pay.refunds", 150, 1, _PAY, _READ, "ask", paths=_REFUNDS),
    # Who asks sooner is told to slow down, and asks again with the same number.
    Limit("wechat_pay.refunds_of_an_order", 1, _MINUTE, _PAY, _READ),
    Limit("wechat_pay.refused_refunds", 6, 1, _PAY, _READ, "ask", "refusals", _REFUNDS),
    Limit(
        "wecom.agent_tickets",
        100,
        _HOUR,
        _WECOM + "96909",
        _READ,
        "ask",
        paths=("/cgi-bin/ticket/get",),
    ),
    # As many as the month has days, shared by the company and its staff; HQ may set 7 a week.
    Limit("wecom.broadcasts_to_a_customer", 28, _MONTH, _WECOM + "92135", _READ),
    Limit("wecom.calls", 10_000, _MINUTE, _WECOM + "90454", _READ),
    Limit("wecom.calls_an_hour", 150_000, _HOUR, _WECOM + "90454", _READ),
    Limit(
        "wecom.company_tickets",
        400,
        _HOUR,
        _WECOM + "96909",
        _READ,
        "ask",
        paths=("/cgi-bin/get_jsapi_ticket",),
    ),
    Limit("wecom.groups_to_a_taker", 300, _DAY, _WECOM + "96333", _READ),
    Limit("wecom.messages_to_a_member", 30, _MINUTE, _WECOM + "90454", _READ),
    Limit(
        "wecom.remarks_at_once",
        5,
        0,
        _REMARKS,
        _READ,
        "ask",
        "at once",
        ("/cgi-bin/externalcontact/remark",),
    ),
    Limit("wecom.reminders_of_a_broadcast", 3, _DAY, _WECOM + "97610", _READ),
    Limit(
        "wecom.tags_at_once",
        5,
        0,
        _TAGS,
        _READ,
        "ask",
        "at once",
        ("/cgi-bin/externalcontact/mark_tag",),
    ),
    Limit("wecom.temporary_ways", 100_000, _DAY, _WECOM + "96311", _READ),
    Limit("wecom.transfers_of_a_customer", 2, 90 * _DAY, _WECOM + "96325", _READ),
    Limit("weixin.forced_tokens", 20, _DAY, _STABLE, _READ, "tokens"),
    Limit("weixin.forced_tokens_apart", 1, 30, _STABLE, _READ, "tokens"),
    Limit(
        "weixin.stable_tokens",
        10_000,
        _MINUTE,
        _STABLE,
        _READ,
        "ask",
        paths=("/cgi-bin/stable_token",),
    ),
    Limit("weixin.stable_tokens_a_day", 500_000, _DAY, _STABLE, _READ),
)
LIMITS: Final[Mapping[str, Limit]] = {row.name: row for row in _ROWS}


def at_the_door(path: str, counts: Counts) -> list[Limit]:
    """List the limits that are kept for calls to this path before they leave."""
    return [
        row for row in _ROWS if row.kept_by == "ask" and row.counts == counts and path in row.paths
    ]
