"""Money is integer fen; what is split adds up again."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal


def spread(total_fen: int, weights: Sequence[int]) -> list[int]:
    """Split an amount over weights so that the parts add up to the whole.

    Largest remainders get the odd fen (Hamilton's method): refunding every line then returns
    exactly what was paid. All weights zero splits evenly. The earlier part wins a tie.
    """
    if not weights:
        if total_fen:
            raise ValueError("an amount cannot be spread over nothing")
        return []
    whole = sum(weights)
    if whole == 0:
        weights, whole = [1] * len(weights), len(weights)
    sign, total = (-1, -total_fen) if total_fen < 0 else (1, total_fen)
    parts = [total * weight // whole for weight in weights]
    odd = total - sum(parts)
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for index in by_remainder[:odd]:
        parts[index] += 1
    return [sign * part for part in parts]


def share_of(amount_fen: int, parts_per_10_000: int) -> int:
    """Take a share of an amount, given in ten-thousandths, rounded down to the fen."""
    return amount_fen * parts_per_10_000 // 10_000


def fen(yuan: str | Decimal) -> int:
    """Read an amount in yuan, of at most two decimals, as fen.

    Raises ValueError for anything that is not an exact number of fen.
    """
    try:
        scaled = Decimal(yuan) * 100
    except ArithmeticError as error:
        raise ValueError(f"not an amount: {yuan!r}") from error
    if not scaled.is_finite() or scaled != scaled.to_integral_value():
        raise ValueError(f"not an amount in yuan and fen: {yuan!r}")
    return int(scaled)


def fen_rounded(amount: float | Decimal) -> int:
    """Round a foreign amount in whole units to fen, half up, as its receipts did."""
    return int((Decimal(str(amount)) * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def yuan(amount_fen: int) -> str:
    """Write fen as yuan: -¥1,234.56, with the minus outside."""
    sign = "-" if amount_fen < 0 else ""
    whole, cents = divmod(abs(amount_fen), 100)
    return f"{sign}¥{whole:,}.{cents:02d}"
