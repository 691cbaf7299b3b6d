"""The company's customer tags: groups of them, and their marks on customers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec

from headwater.sandbox.credentials import letters
from headwater.sandbox.shelf import Shelf
from headwater.sandbox.wecom.api import Answer, Api, Call, at_most, contact_api, stamp
from headwater.sandbox.wecom.contacts.relations import Relations
from headwater.sandbox.wecom.corp import Corp
from headwater.sandbox.wecom.errors import WecomError

# Source: developer.work.weixin.qq.com/document/path/92117, read 2026-11.
MOST_TAGS = 10_000
LONGEST_NAME = 30
EVENT = "change_external_tag"


@dataclass(frozen=True)
class Tag:
    """A tag within its group."""

    id: str
    group_id: str
    name: str
    order: int
    made_at: datetime
    is_deleted: bool = False


@dataclass(frozen=True)
class Group:
    """A group of tags; it goes with its last tag."""

    id: str
    name: str
    order: int
    made_at: datetime
    is_deleted: bool = False


class NewTag(msgspec.Struct):
    name: str = ""
    order: int = 0


class AddTags(msgspec.Struct):
    group_id: str = ""
    group_name: str = ""
    order: int = 0
    tag: list[NewTag] = []
    agentid: int | None = None


class EditTag(msgspec.Struct):
    id: str = ""
    name: str = ""
    order: int | None = None
    agentid: int | None = None


class Wanted(msgspec.Struct):
    """Tags by id, groups by id."""

    tag_id: list[str] = []
    group_id: list[str] = []
    agentid: int | None = None


class MarkTags(msgspec.Struct):
    userid: str = ""
    external_userid: str = ""
    add_tag: list[str] = []
    remove_tag: list[str] = []


class Tags:
    """All tags of the company."""

    def __init__(self, corp: Corp, relations: Relations) -> None:
        self._seed = corp.ground.seed
        self._corp = corp
        self._relations = relations
        self._tags = Shelf(corp.ground.journal, "wecom_tag", Tag, lambda one: one.id)
        self._groups = Shelf(corp.ground.journal, "wecom_tag_group", Group, lambda one: one.id)

    def apis(self) -> list[Api]:
        """Tags and their marks."""
        return [
            contact_api("get_corp_tag_list", self._list),
            contact_api("add_corp_tag", self._add),
            contact_api("edit_corp_tag", self._edit),
            contact_api("del_corp_tag", self._delete),
            contact_api("mark_tag", self._mark),
        ]

    def find(self, tag_id: str) -> Tag | None:
        """A tag that is still there."""
        tag = self._tags.get(tag_id)
        return None if tag is None or tag.is_deleted else tag

    def group_of(self, tag: Tag) -> Group:
        """The tag's group."""
        return self._groups.rows[tag.group_id]

    def groups(self) -> list[tuple[Group, list[Tag]]]:
        """All groups with their tags, the highest order first."""
        living = [one for one in self._groups.everything() if not one.is_deleted]
        return [(group, self._within(group.id)) for group in _ordered(living)]

    def add(self, group_name: str, names: list[str], now: datetime) -> Group:
        """What an admin does in the console; that is told, other than a call."""
        group = self._group(AddTags(group_name=group_name), now)
        for name in names:
            tag = self._new(group, NewTag(name), now)
            self._announce("create", tag.id, "tag", now)
        return group

    def _announce(self, change: str, number: str, kind: str, now: datetime) -> None:
        fields = {"Event": EVENT, "ChangeType": change, "Id": number, "TagType": kind}
        self._corp.callbacks.announce(fields, now)

    def _list(self, call: Call) -> Answer:
        asked = call.read(Wanted)
        tag_groups = {tag.group_id for one in asked.tag_id if (tag := self.find(one)) is not None}
        found = []
        for group, tags in self.groups():
            # With tag ids, groups are ignored; that is how the platform reads both.
            if asked.tag_id and group.id in tag_groups:
                found.append(_shown(group, [one for one in tags if one.id in asked.tag_id]))
            elif not asked.tag_id and (not asked.group_id or group.id in asked.group_id):
                found.append(_shown(group, tags))
        return {"tag_group": found}

    def _add(self, call: Call) -> Answer:
        asked = call.read(AddTags)
        if not asked.tag:
            raise WecomError(40063, "tag")
        names = [one.name for one in asked.tag]
        at_most(asked.group_name, LONGEST_NAME, "group_name")
        for name in names:
            if not name:
                raise WecomError(40063, "tag.name")
            at_most(name, LONGEST_NAME, "tag.name")
        living = sum(1 for one in self._tags.everything() if not one.is_deleted)
        if living + len(names) > MOST_TAGS:
            raise WecomError(40126)
        group = self._group(asked, call.now)
        taken = {one.name for one in self._within(group.id)}
        if taken & set(names) or len(set(names)) < len(names):
            raise WecomError(40071)
        self._groups.put(group)
        return {"tag_group": _shown(group, [self._new(group, one, call.now) for one in asked.tag])}

    def _group(self, asked: AddTags, now: datetime) -> Group:
        living = [one for one in self._groups.everything() if not one.is_deleted]
        if asked.group_id:
            found = next((one for one in living if one.id == asked.group_id), None)
            if found is None:
                raise WecomError(40068)
            return found
        if not asked.group_name:
            raise WecomError(40063, "group_name")
        same = next((one for one in living if one.name == asked.group_name), None)
        if same is not None:
            return same
        number = "et" + letters(self._seed, 30, "tag group", len(self._groups))
        return self._groups.put(Group(number, asked.group_name, asked.order, now))

    def _new(self, group: Group, asked: NewTag, now: datetime) -> Tag:
        number = "et" + letters(self._seed, 30, "tag", len(self._tags))
        return self._tags.put(Tag(number, group.id, asked.name, asked.order, now))

    def _edit(self, call: Call) -> Answer:
        asked = call.read(EditTag)
        at_most(asked.name, LONGEST_NAME, "name")
        tag, group = self.find(asked.id), self._groups.get(asked.id)
        if tag is not None:
            others = {one.name for one in self._within(tag.group_id) if one.id != tag.id}
            if asked.name in others:
                raise WecomError(40071)
            order = tag.order if asked.order is None else asked.order
            self._tags.put(replace(tag, name=asked.name or tag.name, order=order))
        elif group is not None and not group.is_deleted:
            if asked.name in {one.name for one, _ in self.groups() if one.id != group.id}:
                raise WecomError(40071)
            order = group.order if asked.order is None else asked.order
            self._groups.put(replace(group, name=asked.name or group.name, order=order))
        else:
            raise WecomError(40068)
        return {}

    def _delete(self, call: Call) -> Answer:
        asked = call.read(Wanted)
        if not asked.tag_id and not asked.group_id:
            raise WecomError(40063, "tag_id, group_id")
        tags = [self.find(one) for one in asked.tag_id]
        known = {group.id for group, _ in self.groups()}
        if None in tags or not set(asked.group_id) <= known:
            raise WecomError(40068)
        inside = [tag for number in asked.group_id for tag in self._within(number)]
        for tag in [*(one for one in tags if one is not None), *inside]:
            self._tags.put(replace(tag, is_deleted=True))
        for group, left in self.groups():
            if not left:
                self._groups.put(replace(group, is_deleted=True))
        return {}

    def _mark(self, call: Call) -> Answer:
        asked = call.read(MarkTags)
        if not asked.add_tag and not asked.remove_tag:
            raise WecomError(40063, "add_tag, remove_tag")
        relation = self._relations.asked_for(asked.userid, asked.external_userid)
        if any(self.find(one) is None for one in (*asked.add_tag, *asked.remove_tag)):
            raise WecomError(40068)
        self._relations.save(relation, tags=marked(relation.tags, asked.add_tag, asked.remove_tag))
        return {}

    def _within(self, group_id: str) -> list[Tag]:
        living = [one for one in self._tags.everything() if not one.is_deleted]
        return _ordered([one for one in living if one.group_id == group_id])


def marked(tags: tuple[str, ...], add: list[str], remove: list[str]) -> tuple[str, ...]:
    """Tags with some more and some less."""
    kept = (one for one in (*tags, *add) if one not in remove)
    return tuple(dict.fromkeys(kept))


def _ordered(rows: list[Any]) -> list[Any]:
    return sorted(rows, key=lambda one: -one.order)


def _shown(group: Group, tags: list[Tag]) -> dict[str, Any]:
    return {
        "group_id": group.id,
        "group_name": group.name,
        "create_time": stamp(group.made_at),
        "order": group.order,
        "tag": [
            {
                "id": one.id,
                "name": one.name,
                "create_time": stamp(one.made_at),
                "order": one.order,
            }
            for one in tags
        ],
    }
