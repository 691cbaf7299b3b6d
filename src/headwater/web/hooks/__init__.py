"""Hooks: what the outside tells us, verified over raw bytes before a word of it is believed."""

from headwater.web.hooks.pushes import door as pushes
from headwater.web.hooks.wechat_pay import door as wechat_pay

ROUTES = [*wechat_pay.routes, *pushes.routes]

__all__ = ["ROUTES"]
