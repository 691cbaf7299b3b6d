"""Hooks: what the outside tells us, verified over raw bytes before a word of it is believed."""

from headwater.web.hooks.wechat_pay import door

ROUTES = door.routes

__all__ = ["ROUTES"]
