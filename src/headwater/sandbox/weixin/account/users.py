"""Followers of the account: who they are, since when, how they came."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec

from headwater.sandbox.hosts import Ground
from headwater.sandbox.people import NoSuchPerson, Person
from headwater.sandbox.shelf import Shelf
from headwater.sandbox.weixin.apps import App
from headwater.sandbox.weixin.calls import Call
from headwater.sandbox.weixin.errors import WeixinError, done
from headwater.sandbox.weixin.limits import most, refuse, within


@dataclass(frozen=True)
class Following:
    """What the account knows of one follower."""

    person_id: str
    since: datetime
    scene: str = "ADD_SCENE_QR_CODE"
    qr_scene: int = 0
    qr_scene_str: str = ""
    remark: str = ""
    tags: tuple[int, ...] = ()


class One(msgspec.Struct):
    openid: str
    lang: str = "zh_CN"


class Several(msgspec.Struct):
    user_list: list[One]


class Remark(msgspec.Struct):
    openid: str
    remark: str


class Followers:
    """Everybody who follows, found by open id."""

    def __init__(self, ground: Ground, app: App) -> None:
        self.app = app
        self._people = ground.people
        self._faults = ground.faults
        self._began_at = ground.now()
        self._known = Shelf(ground.journal, "weixin_follower", Following, lambda one: one.person_id)

    def of(self, person: Person) -> Following:
        """What is kept of a person; people of the first day follow since the sandbox began."""
        return self._known.get(person.id) or Following(person.id, self._began_at)

    def keep(self, known: Following) -> None:
        """Remember what changed."""
        self._known.put(known)

    def came(self, person: Person, now: datetime, scene: str, qr: int | str | None) -> None:
        """Somebody follows from now on; the remark of an earlier time is still there."""
        number, text = (qr, "") if isinstance(qr, int) else (0, qr or "")
        remark = self.of(person).remark
        self.keep(Following(person.id, now, scene, number, text, remark))

    def person(self, openid: str) -> Person:
        """Whoever has this open id, following or not."""
        try:
            return self._people.behind(openid, self.app.appid)
        except NoSuchPerson:
            raise WeixinError(40003, "invalid openid") from None

    def follower(self, openid: str) -> Person:
        """Whoever has this open id, if they follow."""
        person = self.person(openid)
        if not person.follows:
            raise WeixinError(43004, "require subscribe")
        return person

    def everybody(self) -> list[Person]:
        """All followers, the earliest first."""
        return [one for one in self._people.everybody() if one.follows]

    def openid(self, person: Person) -> str:
        """How the account knows the person."""
        return self._people.openid(person, self.app.appid)

    def info(self, call: Call) -> dict[str, Any]:
        """user/info: no nickname and no picture since the end of 2021."""
        return self._shown(call.query.get("openid", ""))

    def batch(self, call: Call) -> dict[str, Any]:
        """user/info/batchget: up to a hundred at once."""
        asked = call.read(Several).user_list
        if not asked:
            raise refuse("users.batch")
        within("users.batch", len(asked))
        return {"user_info_list": [self._shown(one.openid) for one in asked]}

    def page(self, call: Call) -> dict[str, Any]:
        """user/get: open ids in order, from behind the one that is named."""
        openids = [self.openid(one) for one in self.everybody()]
        after = call.query.get("next_openid", "")
        if after and after not in openids:
            raise WeixinError(40003, "invalid openid")
        start = openids.index(after) + 1 if after else 0
        listed = openids[start : start + most("users.page")]
        answer: dict[str, Any] = {"total": len(openids), "count": len(listed)}
        if listed:
            answer["data"] = {"openid": listed}
        return answer | {"next_openid": listed[-1] if listed else ""}

    def set_remark(self, call: Call) -> dict[str, Any]:
        """user/info/updateremark: the account's own name for somebody."""
        asked = call.read(Remark)
        within("user.remark", len(asked.remark))
        self.keep(replace(self.of(self.follower(asked.openid)), remark=asked.remark))
        return done()

    def _shown(self, openid: str) -> dict[str, Any]:
        person = self.person(openid)
        if not person.follows:
            return {"subscribe": 0, "openid": openid, "tagid_list": []}
        known = self.of(person)
        answer = {
            "subscribe": 1,
            "openid": openid,
            "subscribe_time": int(known.since.timestamp()),
            "unionid": person.unionid,
            "remark": known.remark,
            "groupid": known.tags[0] if known.tags else 0,
            "tagid_list": list(known.tags),
            "subscribe_scene": known.scene,
            "qr_scene": known.qr_scene,
            "qr_scene_str": known.qr_scene_str,
        }
        if self._faults.drawn("hide_unionid") > 0:
            del answer["unionid"]
        return answer
