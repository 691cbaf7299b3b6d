"""Tags: the groups that a mass send chooses and a personal menu matches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from headwater.base.errors import BadInput
from headwater.connect.sending import Identifier
from headwater.connect.weixin_api import WeixinApp

NAME_BYTES: Final = 30
PEOPLE_A_CALL: Final = 50


@dataclass(frozen=True)
class Tag:
    """A group of followers; the platform's own tags have the ids 0, 1 and 2."""

    id: int
    name: str
    count: int


@dataclass(frozen=True)
class TaggedPage:
    """Some of the people who carry a tag, and where the next page begins."""

    openids: tuple[str, ...]
    next_openid: str | None


class _Tag(msgspec.Struct):
    id: int
    name: str
    count: int = 0


class _Made(msgspec.Struct):
    tag: _Tag


class _Tags(msgspec.Struct):
    tags: list[_Tag]


class _TagIds(msgspec.Struct):
    tagid_list: list[int] = []


class _Openids(msgspec.Struct):
    openid: list[Identifier] = []


class _Page(msgspec.Struct):
    count: int = 0
    data: _Openids | None = None
    next_openid: str = ""


@dataclass(frozen=True)
class Tags:
    """The tags of one official account, a hundred at most."""

    app: WeixinApp

    async def create(self, name: str) -> Tag:
        """Make a tag; a repeat is refused, because the name is taken."""
        body = {"tag": {"name": _checked(name)}}
        return _tag((await self.app.post("/cgi-bin/tags/create", body, _Made)).tag)

    async def list(self) -> list[Tag]:
        """List all tags; listing again changes nothing."""
        wire = await self.app.get("/cgi-bin/tags/get", _Tags)
        return [_tag(each) for each in wire.tags]

    async def rename(self, tag_id: int, name: str) -> None:
        """Rename a tag; a repeat may be refused, because the name is taken by now."""
        await self.app.do("/cgi-bin/tags/update", {"tag": {"id": tag_id, "name": _checked(name)}})

    async def delete(self, tag_id: int) -> None:
        """Delete a tag; a repeat is refused, because it is gone."""
        await self.app.do("/cgi-bin/tags/delete", {"tag": {"id": tag_id}})

    async def tag(self, tag_id: int, openids: Sequence[str]) -> None:
        """Give up to fifty people a tag; a repeat changes nothing."""
        body = {"tagid": tag_id, "openid_list": _a_call(openids)}
        await self.app.do("/cgi-bin/tags/members/batchtagging", body)

    async def untag(self, tag_id: int, openids: Sequence[str]) -> None:
        """Take a tag from up to fifty people; a repeat changes nothing."""
        body = {"tagid": tag_id, "openid_list": _a_call(openids)}
        await self.app.do("/cgi-bin/tags/members/batchuntagging", body)

    async def of(self, openid: str) -> tuple[int, ...]:
        """List the tags of one person; listing again changes nothing."""
        wire = await self.app.post("/cgi-bin/tags/getidlist", {"openid": openid}, _TagIds)
        return tuple(wire.tagid_list)

    async def people(self, tag_id: int, after: str = "") -> TaggedPage:
        """List who carries a tag; listing again changes nothing."""
        body = {"tagid": tag_id, "next_openid": after}
        wire = await self.app.post("/cgi-bin/user/tag/get", body, _Page)
        openids = tuple(wire.data.openid) if wire.data else ()
        return TaggedPage(openids, wire.next_openid if openids else None)


def _checked(name: str) -> str:
    if not 1 <= len(name.encode("utf-8", "replace")) <= NAME_BYTES:
        raise BadInput("name", f"from 1 to {NAME_BYTES} bytes")
    return name


def _a_call(openids: Sequence[str]) -> list[str]:
    if not 1 <= len(openids) <= PEOPLE_A_CALL:
        raise BadInput("openids", f"from 1 to {PEOPLE_A_CALL}")
    return list(openids)


def _tag(wire: _Tag) -> Tag:
    return Tag(wire.id, wire.name, wire.count)
