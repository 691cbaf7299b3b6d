"""How api.e.qq.com says no: status 200, a number, and words in two languages."""

from __future__ import annotations

import secrets
from typing import Any

# Source: developers.e.qq.com/v3.0/docs/errors, read 2026-11. 12001, 12002 and 18001 were not in
# the part that could be read: their numbers are a guess, their texts are of the FAQ.
TEXTS = {
    10000: ("We are unable to process your request at this time.", "系统繁忙，请稍后重试"),
    11000: ("Access token is expired.", "您的 access_token 已过期"),
    11002: ("Access token is invalid.", "您的 access_token 无效"),
    11007: ("The client_id is invalid.", "应用 id 无效"),
    11009: ("Authorization code is expired.", "授权码过期，请重新发起授权流程"),
    11010: ("Refresh token is malformed.", "refresh_token 格式错误"),
    11011: ("Authorization code is malformed.", "授权码格式错误"),
    11012: ("Refresh token is expired.", "refresh_token 过期，请重新发起授权流程"),
    11013: ("Authorization code can only be used once.", "授权码只能使用一次"),
    11014: ("The API you requested is out of the scope of authority.", "请求的接口超出了授权范围"),
    11017: ("Application has reached the request limit per minute.", "应用请求已达分钟频次上限"),
    11018: ("Application has reached the request limit per day.", "应用请求已达天频次上限"),
    12000: (
        "Your request is missing a required parameter which is one of access_token, timestamp "
        "and nonce.",
        "缺少必填参数 access_token、timestamp 或 nonce",
    ),
    12001: ("The timestamp is invalid.", "timestamp 与服务器时间相差超过 300 秒"),
    12002: ("The nonce has been used before.", "nonce 已被使用过"),
    18001: ("The parameter is invalid.", "参数错误"),
}


class AdsError(Exception):
    """A number of the platform; `more` names the parameter."""

    def __init__(self, code: int, more: str = "") -> None:
        self.code = code
        self.message, self.message_cn = TEXTS[code]
        self._more = more
        super().__init__(f"{code} {self.message} {more}".rstrip())

    @property
    def body(self) -> dict[str, Any]:
        """The answer as the wire carries it."""
        tail = f" {self._more}." if self._more else ""
        trace = f" trace_id: {secrets.token_hex(16)}"
        return {
            "code": self.code,
            "message": self.message + tail + trace,
            "message_cn": self.message_cn + tail + trace,
        }
