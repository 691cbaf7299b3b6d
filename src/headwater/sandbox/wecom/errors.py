"""How qyapi.weixin.qq.com says no: status 200, a number, a text with a hint and an address."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

# The numbers are those of developer.work.weixin.qq.com/document/path/90313; programs go by them,
# for the platform says that its texts may change.
TEXTS = {
    -1: "system busy",
    40001: "invalid credential",
    40003: "invalid userid",
    40004: "invalid media type",
    40005: "invalid type",
    40007: "invalid media_id",
    40008: "invalid message type",
    40013: "invalid corpid",
    40014: "invalid access_token",
    40029: "invalid code",
    40031: "invalid user list",
    40050: "chatid not exist",
    40056: "invalid agentid",
    40058: "invalid Request Parameter",
    40063: "some parameters are empty",
    40066: "invalid party list",
    40068: "invalid tagid",
    40071: "tag name already exist",
    40088: "jobid not exist",
    40096: "invalid external userid",
    40097: "user has not resigned",
    40126: "corp tag count out of limit",
    40128: "transfer customer too frequently in 90 days",
    40129: "customer is being transferred",
    40130: "handover user is same as takeover user",
    41001: "access_token missing",
    41002: "corpid missing",
    41004: "corpsecret missing",
    41008: "auth code missing",
    41009: "userid missing",
    41035: "missing external userid",
    41037: "missing contact way type",
    41038: "missing contact way scene",
    41039: "invalid contact way type",
    41040: "invalid contact way scene",
    41041: "contact way user count out of limit",
    41042: "invalid contact way style",
    41043: "missing contact way config_id",
    41044: "invalid contact way config_id",
    41045: "contact way count out of limit",
    41046: "missing group msgid",
    41047: "invalid group msgid",
    41048: "no customer to send",
    41049: "missing welcome code",
    41050: "invalid welcome code",
    41051: "externaluser has started chatting",
    41057: "corp not bind weixin developer account",
    41059: "missing moment_id",
    41060: "invalid moment_id",
    41061: "moment was not posted by this userid",
    41062: "moment has not been posted by userid yet",
    41064: "attachment count out of limit",
    41065: "invalid attachment type",
    41067: "invalid moment type",
    41072: "invalid attachment scene",
    41089: "moment text and attachment both empty",
    41093: "group msg has been cancelled",
    41094: "remind group msg out of limit",
    41096: "welcome msg is being distributed",
    42001: "access_token expired",
    42052: "msgid expired",
    43001: "require GET method",
    43002: "require POST method",
    44001: "empty media data",
    44004: "empty content",
    45001: "media size out of limit",
    45002: "content size out of limit",
    45009: "api freq out of limit",
    45033: "api concurrent out of limit",
    46004: "user not exist",
    48002: "api forbidden for this app",
    60020: "not allow to access from your ip",
    60111: "userid not found",
    60123: "invalid party id",
    81013: "user & party & tag all invalid",
    84061: "not external contact",
    90500: "the owner of this chat is not resigned",
    90501: "chat is not external group chat",
    90507: "invalid new owner",
}
MORE = "https://open.work.weixin.qq.com/devtool/query?e="


class WecomError(Exception):
    """An errcode of the platform; `more` is what its text says beyond the usual."""

    def __init__(self, errcode: int, more: str = "") -> None:
        self.errcode = errcode
        self.errmsg = f"{TEXTS[errcode]}, {more}" if more else TEXTS[errcode]
        super().__init__(f"{errcode} {self.errmsg}")

    def body(self, ip: str, now: datetime) -> dict[str, Any]:
        """The answer as the wire carries it."""
        hint = f"{int(now.timestamp())}{secrets.randbelow(10**15):015d}"
        text = f"{self.errmsg}, hint: [{hint}], from ip: {ip}, more info at {MORE}{self.errcode}"
        return {"errcode": self.errcode, "errmsg": text}
