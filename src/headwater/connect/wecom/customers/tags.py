"""The company's own tags for customers, in groups; developer.work.weixin.qq.com, path 92117."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from headwater.base.errors import BadInput
from headwater.connect.wecom import bounds
from headwater.connect.wecom.api import Nothing, WecomApi, WireId, Words, filled


@dataclass(frozen=True)
class Tag:
    """One tag by which a guide sorts customers."""

    tag_id: str
    name: str


@dataclass(frozen=True)
class TagGroup:
    """Tags that belong together."""

    group_id: str
    name: str
    tags: tuple[Tag, ...]


class _Tag(msgspec.Struct):
    id: WireId
    name: Words
    deleted: bool = False


class _Group(msgspec.Struct):
    group_id: WireId
    group_name: Words
    tag: list[_Tag] = []
    deleted: bool = False


class _Groups(msgspec.Struct):
    tag_group: list[_Group] = []


class _Added(msgspec.Struct):
    tag_group: _Group


class Tags:
    """Reads and writes the company's tags; our own app's changes are not pushed back to us."""

    def __init__(self, api: WecomApi) -> None:
        self._api = api

    async def groups(self, group_ids: tuple[str, ...] = ()) -> tuple[TagGroup, ...]:
        """List groups with their tags, all where none is named; reading again is harmless."""
        body = {"group_id": list(group_ids)} if group_ids else {}
        path = "/cgi-bin/externalcontact/get_corp_tag_list"
        wire = await self._api.post(path, body, _Groups)
        return tuple(_group(each) for each in wire.tag_group if not each.deleted)

    async def add(self, group_name: str, names: tuple[str, ...]) -> TagGroup:
        """Add tags to the group of this name, which is made where it is missing.

        A repeat is refused for a tag that is there already, and adds nothing.
        """
        if not names:
            raise BadInput("names", "at least one tag")
        body = {
            "group_name": _named("group_name", group_name),
            "tag": [{"name": _named("names", name)} for name in names],
        }
        path = "/cgi-bin/externalcontact/add_corp_tag"
        return _group((await self._api.post(path, body, _Added)).tag_group)

    async def rename(self, any_id: str, name: str) -> None:
        """Give a tag or a group another name; a repeat gives the same one."""
        body = {"id": any_id, "name": _named("name", name)}
        await self._api.post("/cgi-bin/externalcontact/edit_corp_tag", body, Nothing)

    async def remove(self, tag_ids: tuple[str, ...] = (), group_ids: tuple[str, ...] = ()) -> None:
        """Remove tags, or whole groups, from every customer; a repeat finds nothing to remove."""
        if not tag_ids and not group_ids:
            raise BadInput("tag_ids", "at least one tag or group")
        body = filled({"tag_id": list(tag_ids) or None, "group_id": list(group_ids) or None})
        await self._api.post("/cgi-bin/externalcontact/del_corp_tag", body, Nothing)


def _named(field: str, name: str) -> str:
    if not name.strip():
        raise BadInput(field, "must not be empty")
    return bounds.characters(field, name, bounds.TAG_NAME_CHARACTERS)


def _group(wire: _Group) -> TagGroup:
    tags = tuple(Tag(each.id, each.name) for each in wire.tag if not each.deleted)
    return TagGroup(wire.group_id, wire.group_name, tags)
