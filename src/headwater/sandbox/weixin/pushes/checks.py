"""Checking a merchant's address as the console does: a signed GET that must come back."""

from __future__ import annotations

import secrets
from datetime import datetime
from urllib.parse import urlencode

from headwater.sandbox.outgoing import Outgoing
from headwater.sandbox.weixin.apps import App
from headwater.sandbox.weixin.pushes.crypto import signature


async def complaint(outgoing: Outgoing, app: App, url: str, now: datetime) -> str | None:
    """What the console would say against this address, None when it takes it."""
    timestamp, nonce = str(int(now.timestamp())), str(secrets.randbelow(10**9))
    echo = str(secrets.randbelow(10**19))
    query = {
        "signature": signature(app.token, timestamp, nonce),
        "echostr": echo,
        "timestamp": timestamp,
        "nonce": nonce,
    }
    answer = await outgoing.get(f"{url}{'&' if '?' in url else '?'}{urlencode(query)}")
    if answer is None:
        return "请求URL超时"
    if answer.status_code != 200 or answer.content != echo.encode():
        return "token验证失败"
    return None
