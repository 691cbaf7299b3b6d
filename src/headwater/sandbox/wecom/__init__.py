"""The WeCom host: qyapi.weixin.qq.com, strict, with the members and customers behind it."""

from headwater.sandbox.wecom.acts import Acts
from headwater.sandbox.wecom.corp import CannotDo
from headwater.sandbox.wecom.host import GUIDE_COOKIE, WecomHost, plug

__all__ = ["GUIDE_COOKIE", "Acts", "CannotDo", "WecomHost", "plug"]
