"""Who follows the account; names and pictures are not given since the end of 2021."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Final

import msgspec

from headwater.base.errors import BadInput
from headwater.connect.sending import Identifier
from headwater.connect.weixin_api import WeixinApp

BATCH_MOST: Final = 100
REMARK_CHARACTERS: Final = 30

_Seconds = Annotated[int, msgspec.Meta(ge=0, le=9_999_999_999)]


@dataclass(frozen=True)
class Follower:
    """What the platform says of one person; `unionid` needs a bound open platform.

    `came_by` is the platform's own word (ADD_SCENE_QR_CODE and others), which may be a new one.
    """

    openid: str
    is_following: bool
    unionid: str | None
    followed_at: datetime | None
    remark: str
    tag_ids: tuple[int, ...]
    came_by: str
    scene: str | None


@dataclass(frozen=True)
class FollowerPage:
    """Up to ten thousand open ids, and where the next page begins."""

    total: int
    openids: tuple[str, ...]
    next_openid: str | None


class _Follower(msgspec.Struct):
    openid: Identifier
    subscribe: int = 0
    unionid: str = ""
    subscribe_time: _Seconds = 0
    remark: str = ""
    tagid_list: list[int] = []
    subscribe_scene: str = ""
    qr_scene: int = 0
    qr_scene_str: str = ""


class _Followers(msgspec.Struct):
    user_info_list: list[_Follower]


class _Openids(msgspec.Struct):
    openid: list[Identifier] = []


class _Page(msgspec.Struct):
    total: int
    count: int
    data: _Openids | None = None
    next_openid: str = ""


@dataclass(frozen=True)
class Followers:
    """The people who follow one official account."""

    app: WeixinApp

    async def get(self, openid: str) -> Follower:
        """Look at one person; who does not follow has nothing but the open id."""
        return _follower(
            await self.app.get("/cgi-bin/user/info", _Follower, openid=openid, lang="zh_CN")
        )

    async def get_many(self, openids: Sequence[str]) -> list[Follower]:
        """Look at up to a hundred people at once; looking again changes nothing."""
        if not 1 <= len(openids) <= BATCH_MOST:
            raise BadInput("openids", f"from 1 to {BATCH_MOST}")
        body = {"user_list": [{"openid": each, "lang": "zh_CN"} for each in openids]}
        wire = await self.app.post("/cgi-bin/user/info/batchget", body, _Followers)
        return [_follower(each) for each in wire.user_info_list]

    async def page(self, after: str | None = None) -> FollowerPage:
        """List followers from the one after this; listing again changes nothing."""
        query = {"next_openid": after} if after else {}
        wire = await self.app.get("/cgi-bin/user/get", _Page, **query)
        openids = tuple(wire.data.openid) if wire.data else ()
        return FollowerPage(wire.total, openids, wire.next_openid if openids else None)

    async def set_remark(self, openid: str, remark: str) -> None:
        """Write a note beside a follower's name; a repeat writes the same again."""
        if len(remark) >= REMARK_CHARACTERS:
            raise BadInput("remark", f"fewer than {REMARK_CHARACTERS} characters")
        body = {"openid": openid, "remark": remark}
        await self.app.do("/cgi-bin/user/info/updateremark", body)


def _follower(wire: _Follower) -> Follower:
    scene = wire.qr_scene_str or (str(wire.qr_scene) if wire.qr_scene else None)
    followed_at = datetime.fromtimestamp(wire.subscribe_time, UTC) if wire.subscribe_time else None
    return Follower(
        openid=wire.openid,
        is_following=wire.subscribe == 1,
        unionid=wire.unionid or None,
        followed_at=followed_at,
        remark=wire.remark,
        tag_ids=tuple(wire.tagid_list),
        came_by=wire.subscribe_scene,
        scene=scene,
    )
