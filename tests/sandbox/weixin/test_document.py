"""The page about the weixin host says what the host holds people to."""

from __future__ import annotations

from pathlib import Path

from headwater.sandbox.weixin.limits import LIMITS

DOCUMENT = Path(__file__).parents[3] / "docs" / "sandbox-weixin.md"


def test_every_limit_stands_there_with_its_number() -> None:
    lines = DOCUMENT.read_text(encoding="utf-8").splitlines()
    rows = {line.split("`")[1]: line for line in lines if line.startswith("| `")}
    missing = [
        name
        for name, limit in LIMITS.items()
        if f"| {limit.most:,}" not in rows.get(name, "")
        or f"| {limit.errcode} |" not in rows.get(name, "")
        or limit.source not in rows.get(name, "")
    ]
    assert missing == []
