"""How api.weixin.qq.com says no: status 200, a number and a text with a request id."""

from __future__ import annotations

import secrets
from typing import Any


class WeixinError(Exception):
    """An errcode of the platform."""

    def __init__(self, errcode: int, errmsg: str) -> None:
        self.errcode = errcode
        self.errmsg = errmsg
        super().__init__(f"{errcode} {errmsg}")

    @property
    def body(self) -> dict[str, Any]:
        """The answer as the wire carries it."""
        rid = "-".join(secrets.token_hex(4) for _ in range(3))
        return {"errcode": self.errcode, "errmsg": f"{self.errmsg} rid: {rid}"}
