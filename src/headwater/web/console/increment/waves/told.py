"""Told: what rollouts, their stores and their weeks are called on the desk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headwater.increment.errors import Why
from headwater.increment.rollouts import plans
from headwater.web.console.words import Face
from headwater.web.kit.filters import day, yuan
from headwater.web.kit.wording import _, language, mark

_ROLLOUTS = {
    "planned": Face(mark("已计划"), "", "edit"),
    "launched": Face(mark("进行中"), "brand", "route"),
    "stopped": Face(mark("已停止"), "bad", "close"),
    "read": Face(mark("已读完"), "ok", "check"),
}
_CHOICES = {"drawn": mark("抽签"), "picked": mark("人挑的店")}
_ROLES = {
    "forbidden": mark("不能做"),
    "forced": mark("必须做"),
    "contaminated": mark("不比较"),
}
_STRATA = {
    "none": mark("不分层"),
    "city": mark("按城市"),
    "format": mark("按店型"),
    "region": mark("按大区"),
}
_STAGES = {"done": mark("已开始"), "running": mark("本周进行中"), "planned": mark("将要开始")}


def state(code: str) -> Face:
    """How waves of stores stand."""
    return _ROLLOUTS.get(code, Face(code))


def choice(code: str) -> str:
    """Whether chance chose the stores, or somebody did."""
    return _(_CHOICES.get(code, code))


def role(code: str) -> str:
    """Which part a store has that was not drawn."""
    return _(_ROLES.get(code, code))


def strata(code: str) -> str:
    """Within what stores were drawn."""
    return _(_STRATA.get(code, code))


def stage(code: str) -> str:
    """What a store's week is on the board."""
    return _(_STAGES.get(code, code))


def money_off(plan: Mapping[str, Any]) -> str:
    """What checkouts give off in stores that have started; nothing where they give nothing."""
    given = plans.money_off_of(plan)
    if given is None:
        return ""
    floor, off, until = yuan(given.floor_fen), yuan(given.off_fen), day(given.last_on)
    return _("满 {floor} 减 {off}，到 {until}", floor=floor, off=off, until=until)


def why(reason: Why) -> str:
    """Say what figures lack in the reader's language."""
    return reason.said_in(language())
