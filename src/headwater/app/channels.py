"""Channels: which ways out this installation has, by the credentials it was given."""

from __future__ import annotations

from headwater.base.db import SYSTEM
from headwater.gate import rules
from headwater.gate.rules import Channel
from headwater.web.kit.building import Building


async def open_channels(building: Building) -> None:
    """Tell the gate by which id each channel reaches members; telling it again is harmless."""
    channel = Channel("official_account", "open_id", building.appid)
    async with building.transaction(SYSTEM) as db:
        await rules.open_channel(db, channel, building.now())
