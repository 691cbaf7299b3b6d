"""Money, moments and shares as people read them."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from headwater.web.kit.wording import _, language

SHANGHAI = ZoneInfo("Asia/Shanghai")
MINUS = "\u2212"
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def spoken(row: object, field: str) -> str:
    """A row's text in the reader's language: `title` is its title_zh or its title_en."""
    chosen, other = ("en", "zh") if language() == "en" else ("zh", "en")
    return str(getattr(row, f"{field}_{chosen}") or getattr(row, f"{field}_{other}"))


def yuan(fen: int) -> str:
    """Fen as ¥1,234.56, with the minus outside."""
    sign = MINUS if fen < 0 else ""
    return f"{sign}¥{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def yuan_parts(fen: int) -> tuple[str, str, str]:
    """Sign, whole yuan and cents, for a price whose parts differ in size."""
    return MINUS if fen < 0 else "", f"{abs(fen) // 100:,}", f"{abs(fen) % 100:02d}"


def yuan_round(fen: int) -> str:
    """Fen as ¥1,235, for figures where a fen says nothing."""
    sign = MINUS if fen <= -50 else ""
    return f"{sign}¥{(abs(fen) + 50) // 100:,}"


def moment(at: datetime) -> str:
    """A moment on the shop's clock, to the minute."""
    local = at.astimezone(SHANGHAI)
    return f"{day(local)} {local:%H:%M}"


def clock(at: datetime) -> str:
    """The time of day on the shop's clock."""
    return f"{at.astimezone(SHANGHAI):%H:%M}"


def day(at: datetime | date) -> str:
    """A day on the shop's calendar."""
    local = at.astimezone(SHANGHAI) if isinstance(at, datetime) else at
    if language() == "en":
        return f"{local.day} {MONTHS[local.month - 1]} {local.year}"
    return f"{local.year}年{local.month}月{local.day}日"


def relative(at: datetime, now: datetime) -> str:
    """How long ago, while that is easier to grasp than a date: up to a week."""
    seconds = int((now - at).total_seconds())
    days = (now.astimezone(SHANGHAI).date() - at.astimezone(SHANGHAI).date()).days
    if seconds < 0 or days > 7:
        return moment(at) if seconds < 0 else day(at)
    if seconds < 60:
        return _("刚刚")
    if seconds < 3600:
        return _("{count} 分钟前", count=seconds // 60)
    if days == 0:
        return _("{count} 小时前", count=seconds // 3600)
    return _("昨天") if days == 1 else _("{count} 天前", count=days)


def percent(share: float, digits: int = 1) -> str:
    """A share of one as a percentage."""
    return f"{share * 100:.{digits}f}%".replace("-", MINUS)


def number(value: float, digits: int = 0) -> str:
    """A count with its thousands apart."""
    return f"{value:,.{digits}f}".replace("-", MINUS)


def compact(value: float) -> str:
    """A large figure in few signs: 123.5万, or 1.2M in English; a giant by its power of ten."""
    if abs(value) >= 1e13:
        digits, power = f"{value:.1e}".split("e+")
        return f"{digits}×10{power.lstrip('0').translate(_RAISED)}".replace("-", MINUS)
    steps = (
        [(1e9, "B"), (1e6, "M"), (1e3, "k")] if language() == "en" else [(1e8, "亿"), (1e4, "万")]
    )
    for step, name in steps:
        if abs(value) >= step:
            return f"{value / step:.1f}{name}".replace(".0", "").replace("-", MINUS)
    return number(value)


def stamp(at: datetime) -> str:
    """A moment for machines, in the `datetime` attribute of a time element."""
    return at.isoformat(timespec="seconds")


def masked_phone(phone: str) -> str:
    """A phone number of which only its owner recognises the rest."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 8 else "****"
