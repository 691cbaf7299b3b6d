"""The WeCom host: qyapi.weixin.qq.com, strict, with the members and customers behind it."""

from headwater.sandbox.wecom.acts import Acts
from headwater.sandbox.wecom.corp import CannotDo
from headwater.sandbox.wecom.host import WecomHost, plug

__all__ = ["Acts", "CannotDo", "WecomHost", "plug"]
