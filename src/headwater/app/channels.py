"""Channels: which ways out this installation has, by the credentials it was given."""

from __future__ import annotations

from headwater.app.ads.audiences import CHANNEL as AUDIENCE
from headwater.app.senders import SUBSCRIPTION, WELCOME
from headwater.base.db import SYSTEM
from headwater.gate import rules
from headwater.gate.rules import Channel
from headwater.web.kit.building import Building


async def open_channels(building: Building) -> None:
    """Tell the gate by which id each channel reaches members; telling it again is harmless."""
    channels = [Channel("official_account", "open_id", building.appid)]
    if building.wecom is not None:
        channels.append(Channel(WELCOME, "wecom_external_id", building.wecom.corpid))
    if building.program is not None:
        channels.append(Channel(SUBSCRIPTION, "open_id", building.program.appid))
    if building.ads is not None:
        channels.append(Channel(AUDIENCE, "phone", ""))
    async with building.transaction(SYSTEM) as db:
        for channel in channels:
            await rules.open_channel(db, channel, building.now())
