"""How api.weixin.qq.com says no: status 200, a number and a text with a request id."""

from __future__ import annotations

import secrets
from typing import Any


class WeixinError(Exception):
    """An errcode of the platform; a few of them carry more than their text."""

    def __init__(self, errcode: int, errmsg: str, **more: Any) -> None:
        self.errcode = errcode
        self.errmsg = errmsg
        self.more = more
        super().__init__(f"{errcode} {errmsg}")

    @property
    def body(self) -> dict[str, Any]:
        """The answer as the wire carries it."""
        rid = "-".join(secrets.token_hex(4) for _ in range(3))
        return {"errcode": self.errcode, "errmsg": f"{self.errmsg} rid: {rid}", **self.more}


def done(**more: Any) -> dict[str, Any]:
    """The usual good answer."""
    return {"errcode": 0, "errmsg": "ok", **more}
