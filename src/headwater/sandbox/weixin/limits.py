"""What the weixin hosts count, as dated data: sizes, numbers and rates with where they are from."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from headwater.sandbox.weixin.errors import WeixinError

SHANGHAI = ZoneInfo("Asia/Shanghai")
MINUTE, DAY = 60, 86_400
AS_OF = "2026-11-22"
DOCS = "developers.weixin.qq.com/doc/offiaccount/"
PROGRAM_DOCS = "developers.weixin.qq.com/miniprogram/dev/"

CLEARED_A_MONTH = 10


@dataclass(frozen=True)
class Limit:
    """So many and no more; with `per_seconds` it is a rate, without it a size or a number."""

    most: int
    errcode: int
    errmsg: str
    source: str
    per_seconds: int | None = None
    as_of: str = AS_OF


def _size(most: int, errcode: int, errmsg: str, source: str) -> Limit:
    return Limit(most, errcode, errmsg, source)


def _rate(most: int, per_seconds: int, source: str) -> Limit:
    if per_seconds == MINUTE:
        said = (45011, "api minute-quota reach limit mustslower retry next minute")
    else:
        said = (45009, "reach max api daily quota limit")
    return Limit(most, *said, source, per_seconds)


_TAGS = DOCS + "User_Management/User_Tag_Management.html"
_MENU = DOCS + "Custom_Menus/Creating_Custom-Defined_Menu.html"
_MASS = DOCS + "Message_Management/Batch_Sends_and_Originality_Checks.html"
_MEDIA = DOCS + "Asset_Management/New_temporary_materials.html"
_DRAFT = DOCS + "Draft_Box/Add_draft.html"
_TOKEN = PROGRAM_DOCS + "OpenApiDoc/mp-access-token/getStableAccessToken.html"
_CODE = PROGRAM_DOCS + "OpenApiDoc/qrcode-link/qr-code/getUnlimitedQRCode.html"
_LINK = PROGRAM_DOCS + "OpenApiDoc/qrcode-link/url-link/generateUrlLink.html"
_SHIPPING = PROGRAM_DOCS + "platform-capabilities/business-capabilities/order-shipping/"
_CHECK = PROGRAM_DOCS + "OpenApiDoc/sec-center/sec-check/msgSecCheck.html"
_QR = DOCS + "Account_Management/Generating_a_Parametric_QR_Code.html"

_DAYS = DOCS + "Message_Management/API_Call_Limits.html"
# Calls a day by the path of the call, for an account that is new on the platform.
_DAILY = {
    "draft/add": 1_000,
    "draft/batchget": 1_000,
    "draft/count": 1_000,
    "draft/delete": 1_000,
    "draft/get": 500,
    "draft/update": 1_000,
    "freepublish/batchget": 100,
    "freepublish/delete": 10,
    "freepublish/get": 100,
    "freepublish/getarticle": 100,
    "freepublish/submit": 100,
    "media/get": 200_000,
    "media/upload": 100_000,
    "menu/create": 1_000,
    "menu/delete": 1_000,
    "menu/get": 10_000,
    "message/custom/send": 500_000,
    "qrcode/create": 100_000,
    "token": 2_000,
    "user/get": 500,
    "user/info": 5_000_000,
    "user/info/updateremark": 10_000,
}

LIMITS: Mapping[str, Limit] = {
    **{path: _rate(most, DAY, _DAYS) for path, most in _DAILY.items()},
    "article.author": _size(16, 45110, "author size out of limit", _DRAFT),
    "article.content": _size(20_000, 45002, "content size out of limit", _DRAFT),
    "article.digest": _size(128, 45004, "description size out of limit", _DRAFT),
    "article.source_url": _size(1_024, 45005, "url size out of limit", _DRAFT),
    "article.title": _size(32, 45003, "title size out of limit", _DRAFT),
    "articles.news": _size(8, 45008, "article size out of limit", _DRAFT),
    "check.text": _size(2_500, 45002, "content size out of limit", _CHECK),
    "code.minute": Limit(5_000, 45009, "reach max api minute quota limit", _CODE, MINUTE),
    "code.scene": _size(
        32, 40169, "invalid length for scene, or the data is not json string", _CODE
    ),
    "custom.text": _size(2_048, 45002, "content size out of limit", "community, in bytes"),
    "link.day": _rate(500_000, DAY, _LINK),
    "link.query": _size(1_024, 40212, "invalid query", _LINK),
    "login.minute": _rate(100, MINUTE, PROGRAM_DOCS + "api-backend/open-api/login/"),
    "mass.clientmsgid": _size(64, 45067, "clientmsgid size out of limit", _MASS),
    "mass.day": _rate(100, DAY, _DAYS),
    "mass.minute": _rate(60, MINUTE, _MASS),
    "mass.month": _size(4, 45028, "has no masssend quota", _MASS),
    "mass.openids": _size(10_000, 40032, "invalid openid list size", _MASS),
    "mass.preview.day": _rate(100, DAY, _MASS),
    "media.image": _size(10 << 20, 45001, "media size out of limit", _MEDIA),
    "media.thumb": _size(64 << 10, 45001, "media size out of limit", _MEDIA),
    "media.uploadimg": _size(1 << 20, 40009, "invalid image size", _MEDIA),
    "media.video": _size(10 << 20, 45001, "media size out of limit", _MEDIA),
    "media.voice": _size(2 << 20, 45001, "media size out of limit", _MEDIA),
    "menu.buttons": _size(3, 40016, "invalid button size", _MENU),
    "menu.key": _size(128, 40019, "invalid button key size", _MENU),
    "menu.name": _size(16, 40018, "invalid button name size", _MENU),
    "menu.sub_buttons": _size(5, 40023, "invalid sub button size", _MENU),
    "menu.sub_name": _size(60, 40025, "invalid sub button name size", _MENU),
    "menu.url": _size(1_024, 40020, "invalid button url size", _MENU),
    "phone_number.minute": _rate(100_000, MINUTE, "not published; only a guard here"),
    "qr.lives": _size(2_592_000, 40052, "invalid action info", _QR),
    "qr.scene_str": _size(64, 40053, "invalid action info", _QR),
    "shipping.item": _size(120, 10060009, "商品描述太长", _SHIPPING),
    # One page says ten packages, another fifteen: whoever keeps to ten is safe with both.
    "shipping.packages": _size(10, 10060024, "物流信息列表太长", _SHIPPING),
    "subscribe.day": _rate(30_000_000, DAY, PROGRAM_DOCS + "api-backend/open-api/"),
    "tag.name": _size(30, 45158, "tag name length overlimit", _TAGS),
    "tags": _size(100, 45056, "too many tag now, no need to add new", _TAGS),
    "tags.batch": _size(50, 40032, "invalid openid list size", _TAGS),
    "tags.of_a_user": _size(20, 45059, "too many tags for this user", _TAGS),
    "template.day": _rate(100_000, DAY, DOCS + "Message_Management/Template_Message_Interface"),
    "token.day": _rate(500_000, DAY, _TOKEN),
    "token.forced": _rate(20, DAY, _TOKEN),
    "token.minute": _rate(10_000, MINUTE, _TOKEN),
    "user.remark": _size(30, 40097, "invalid args", DOCS + "User_Management/"),
    "users.batch": _size(100, 40032, "invalid openid list size", DOCS + "User_Management/"),
    "users.page": _size(10_000, 40032, "invalid openid list size", DOCS + "User_Management/"),
}


def most(name: str) -> int:
    """How many there may be."""
    return LIMITS[name].most


def refuse(name: str) -> WeixinError:
    """What the platform says once a limit is passed."""
    limit = LIMITS[name]
    return WeixinError(limit.errcode, limit.errmsg)


def within(name: str, size: int) -> None:
    """Refuse what is larger than the table allows."""
    if size > LIMITS[name].most:
        raise refuse(name)


class Meters:
    """Counts calls per minute and per day of Shanghai, as the quotas of the platform do."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], tuple[int, int]] = defaultdict(lambda: (0, 0))
        self._cleared: Counter[tuple[str, str]] = Counter()

    def called(self, path: str, appid: str, now: datetime) -> None:
        """Count a call of the API, if its calls a day are counted at all."""
        name = path.removeprefix("/cgi-bin/")
        if name in _DAILY:
            self.spend(name, appid, now)

    def clear(self, appid: str, now: datetime) -> None:
        """Begin all counts of an app anew, ten times a month."""
        month = now.astimezone(SHANGHAI).strftime("%Y-%m")
        if self._cleared[appid, month] >= CLEARED_A_MONTH:
            raise WeixinError(48006, "forbid to clear quota because of reaching the limit")
        self._cleared[appid, month] += 1
        for name, key in [one for one in self._counts if one[1] == appid]:
            del self._counts[name, key]

    def spend(self, name: str, key: str, now: datetime) -> None:
        """Count one call, or refuse it when the table's number is used up."""
        limit = LIMITS[name]
        assert limit.per_seconds is not None, f"{name} is a size, not a rate"
        ahead = SHANGHAI.utcoffset(now.astimezone(SHANGHAI).replace(tzinfo=None))
        assert ahead is not None
        window = int(now.timestamp() + ahead.total_seconds()) // limit.per_seconds
        counted_in, count = self._counts[name, key]
        count = count if counted_in == window else 0
        if count >= limit.most:
            raise refuse(name)
        self._counts[name, key] = (window, count + 1)
