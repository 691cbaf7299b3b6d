"""The exact form of a bill: a byte-order mark, CRLF, a backtick at each value, money in yuan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from headwater.sandbox.pay.wire import SHANGHAI

FEE_PER_THOUSAND = 6
RATE = "0.60%"

Row = Mapping[str, str]


def bill_bytes(head: str, rows: Sequence[Row], sums_head: str, sums: Sequence[str]) -> bytes:
    """The file as it is sent; the rows are written in the order of the head.

    A published bill, written so, has the very SHA1 that the real server gave for it; with another
    line end, or without the mark at the front, it has not.
    """
    columns = head.split(",")
    values = [_line([row[column] for column in columns]) for row in rows]
    return (
        "\ufeff" + "".join(f"{one}\r\n" for one in (head, *values, sums_head, _line(sums)))
    ).encode()


def escaped(text: str) -> str:
    """What a merchant wrote, without anything that would break a row."""
    plain = text.replace("\\", "\\\\").replace('"', '\\"').replace(",", "\\ ")
    return plain.replace("\r", "\\r").replace("\n", "\\n")


def yuan(fen: int) -> str:
    """Fen as a bill writes money."""
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def fee_yuan(fen: int) -> str:
    """A fee has five decimals in a bill."""
    return yuan(fen) + "000"


def fee_of(fen: int) -> int:
    """What the platform keeps of an amount: six per thousand, half a fen rounds up."""
    return (fen * FEE_PER_THOUSAND + 500) // 1_000


def clock(moment: datetime | None) -> str:
    """A moment as a bill writes it."""
    return "" if moment is None else moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


def day_of(moment: datetime) -> date:
    """The platform's day of a moment."""
    return moment.astimezone(SHANGHAI).date()


def start_of(day: date) -> datetime:
    """The moment at which a day of the platform begins."""
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)


def _line(values: Sequence[str]) -> str:
    return "`" + ",`".join(values)
